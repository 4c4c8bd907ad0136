# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# The VM's user space: busybox, the static ffascope, its module, and the initramfs.

SYSROOT_PACKAGES=(libbpf-dev libelf-dev zlib1g-dev libjson-c-dev libedit-dev libncurses-dev libbsd-dev libmd-dev)

sysroot_make() {
	local tmp=$CACHE/.new-sysroot
	rm -rf "$tmp"
	mkdir -p "$tmp"
	fetch_debs bookworm "$tmp" "${SYSROOT_PACKAGES[@]}"
	fetch_debs trixie "$tmp" busybox-static
	# Everything is linked statically; symlinks to absent shared libraries would only confuse the linker.
	find "$tmp" -name '*.so*' -delete
	rm -rf "$CACHE/sysroot-arm64"
	mv "$tmp" "$CACHE/sysroot-arm64"
}

sysroot_build_locked() {
	local key=$1
	if stamp_is "$CACHE/sysroot-arm64.stamp" "$key"; then
		return 0
	fi
	apt_lists
	step "Fetching the arm64 libraries and busybox" sysroot sysroot_make
	stamp_write "$CACHE/sysroot-arm64.stamp" "$key"
}

sysroot_build() {
	local key
	key=$(hash_text "${SYSROOT_PACKAGES[*]}" "$(declare -f sysroot_make)")
	if stamp_is "$CACHE/sysroot-arm64.stamp" "$key"; then
		return 0
	fi
	with_lock sysroot sysroot_build_locked "$key"
}

# Read by meson; a change reconfigures the build.
cross_file() {
	local root=$CACHE/sysroot-arm64
	cat <<-EOF
		[binaries]
		c = ['ccache', '${CROSS}gcc']
		ar = '${CROSS}ar'
		strip = '${CROSS}strip'
		objcopy = '${CROSS}objcopy'
		pkgconfig = 'pkg-config'
		[host_machine]
		system = 'linux'
		cpu_family = 'aarch64'
		cpu = 'armv8-a'
		endian = 'little'
		[properties]
		sys_root = '$root'
		pkg_config_libdir = '$root/usr/lib/aarch64-linux-gnu/pkgconfig'
		[built-in options]
		c_args = ['-isystem', '$root/usr/include', '-isystem', '$root/usr/include/aarch64-linux-gnu']
		c_link_args = ['-L$root/usr/lib/aarch64-linux-gnu', '-L$root/lib/aarch64-linux-gnu']
	EOF
}

# Each checkout has its own build folders, because several may share the cache.
checkout_id() { hash_text "$ROOT" | cut -c1-8; }

tool_configure() {
	local dir=$1
	cross_file >"$dir.cross"
	rm -rf "$dir"
	CCACHE_DIR="$CACHE/ccache" meson setup "$dir" "$ROOT" --cross-file "$dir.cross" -Dstatic=true --buildtype=release
}

tool_build_locked() {
	local dir=$1 key
	key=$(cross_file | hash_of /dev/stdin)
	if ! stamp_is "$dir.stamp" "$key" || [[ ! -f $dir/build.ninja ]]; then
		rm -f "$dir.stamp"
		step "Configuring ffascope for arm64" tool-configure tool_configure "$dir"
		stamp_write "$dir.stamp" "$key"
	fi
	# Print nothing if there is nothing to do.
	if CCACHE_DIR=$CACHE/ccache ninja -C "$dir" -n ffascope vm-programs 2>/dev/null | grep -q 'no work to do' &&
		[[ -f $dir/ffascope.stripped && ! $dir/ffascope -nt $dir/ffascope.stripped ]]; then
		return 0
	fi
	step "Building ffascope for arm64" tool-build tool_make "$dir"
}

tool_make() {
	CCACHE_DIR=$CACHE/ccache ninja -C "$1" -j"$JOBS" ffascope vm-programs
	"${CROSS}strip" -o "$1/ffascope.stripped.new" "$1/ffascope"
	mv "$1/ffascope.stripped.new" "$1/ffascope.stripped"
}

# tool_build: the path of the static arm64 ffascope in REPLY.
tool_build() {
	local dir
	dir=$CACHE/build/arm64-$(checkout_id)
	with_lock "tool-$(checkout_id)" tool_build_locked "$dir"
	REPLY=$dir/ffascope.stripped
}

# module_make SOURCE DIR: builds the modules in the folder SOURCE for the selected kernel, in the folder DIR.
module_make() {
	local source=$1 dir=$2
	rsync -a --delete-excluded --delete --include='*.[ch]' --include=Kbuild --include=Makefile --exclude='*' \
		"$source/" "$dir/"
	if [[ -n $K_BINARY ]]; then
		debian_make_module "$dir"
		return
	fi
	kernel_tree_patch_for_module
	# Kernels with gcov count executed lines; others ignore the variable.
	kernel_make M="$dir" GCOV_PROFILE=y modules
}

# A tree shared by several kernels may be configured for another one.
kernel_tree_patch_for_module() {
	[[ -z $K_FROM ]] || return 0
	if ! stamp_is "$CACHE/trees/$K_TREE/.ffalab-key" "$(<"$CACHE/kernels/$K_NAME/stamp")"; then
		rm -f "$CACHE/trees/$K_TREE/.ffalab-key"
		kernel_tree_patch
		"$(kernel_maker)"
		stamp_write "$CACHE/trees/$K_TREE/.ffalab-key" "$(<"$CACHE/kernels/$K_NAME/stamp")"
	fi
}

# module_build_locked: builds ffascope.ko for the selected kernel and sets MODULE to its path. The caller holds the tree's
# lock and has built its kernel.
module_build_locked() {
	local key
	MODULE=$CACHE/build/module-$(checkout_id)-$K_NAME.ko
	key=$(hash_text "$(hash_of "$ROOT/kmod") $(<"$CACHE/kernels/$K_NAME/stamp") $(declare -f debian_make_module)")
	if stamp_is "$MODULE.stamp" "$key"; then
		return 0
	fi
	rm -f "$MODULE.stamp"
	step "Building the module for kernel $K_NAME" "module-$K_NAME" module_make "$ROOT/kmod" "$MODULE.d"
	cp "$MODULE.d/ffascope.ko" "$MODULE.new"
	mv "$MODULE.new" "$MODULE"
	stamp_write "$MODULE.stamp" "$key"
}

# initrd_write FILE FOLDER [TOOL]: writes the VM's root as an initramfs, with FOLDER's files as /ffalab.
initrd_write() {
	local out=$1 files=$2 tool=${3:-} root=$2.root terminal
	mkdir -p "$root"/{bin,usr/bin,dev,proc,sys,run,tmp,root,share,etc,ffalab}
	cp "$CACHE/sysroot-arm64/usr/bin/busybox" "$root/bin/busybox"
	cp "$LAB/guest/init" "$root/init"
	cp "$LAB/guest/profile" "$root/etc/profile"
	cp -r "$files"/* "$root/ffalab/"
	if [[ -n $tool ]]; then
		cp "$tool" "$root/usr/bin/ffascope"
		# The programs of tests/vm.
		mkdir "$root/tests"
		find "${tool%/*}/tests/vm" -maxdepth 1 -type f -executable -exec cp -t "$root/tests" {} +
		"${CROSS}strip" "$root"/tests/*
	fi
	if [[ -d $ROOT/examples ]]; then
		cp -r "$ROOT/examples" "$root/examples"
		rm -f "$root/examples/meson.build"
	fi
	# For programs that want to know the terminal; libtinfo looks here first.
	mkdir -p "$root/etc/terminfo"
	for terminal in dumb linux vt100 vt220 xterm xterm-256color screen screen-256color tmux-256color; do
		[[ ! -f /lib/terminfo/${terminal:0:1}/$terminal ]] ||
			install -D -m 644 "/lib/terminfo/${terminal:0:1}/$terminal" "$root/etc/terminfo/${terminal:0:1}/$terminal"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
	printf 'root:x:0:\n' >"$root/etc/group"
	(cd "$root" && find . -print0 | cpio --null --create --format=newc --owner=0:0 --quiet) >"$out"
	rm -rf "$root"
}
