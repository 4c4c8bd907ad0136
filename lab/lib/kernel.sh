# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Builds kernels: a tree per kernel, and a file in it is rewritten only if its content changes.

CROSS=aarch64-linux-gnu-

# kernel_select NAME|PATH: sets K_NAME (its name in the cache), K_DIR (its description), K_SOURCE (the package),
# K_TREE (the build tree's name), K_BOOTARGS, K_MACHINE and K_CPU (what its machine is given), K_NO_MODULE (it takes none),
# K_BINARY (the flavour of one of Debian's binary kernels, see debian.sh).
# A name with a slash is a path to a folder.
kernel_select() {
	local dir name=$1 like
	K_ARGUMENT=$name
	K_FROM='' K_BOOTARGS='' K_MACHINE='' K_CPU='' K_NO_MODULE='' K_BINARY=''
	if [[ $name == */* ]]; then
		dir=$(cd "$name" 2>/dev/null && pwd -P) ||
			die "$EXIT_USAGE" "no kernel folder $name"
		K_DIR=$dir
		K_NAME=$(basename "$dir")
		[[ $dir == "$LAB/kernels/$K_NAME" ]] || K_NAME+=-$(hash_text "$dir" | cut -c1-8)
	else
		K_DIR=$LAB/kernels/$name
		K_NAME=$name
		[[ -n $name && -d $K_DIR ]] ||
			die "$EXIT_USAGE" "no kernel named '$name'" "There are: $(kernel_names | xargs)."
	fi
	[[ ! -f $K_DIR/bootargs ]] || read -r K_BOOTARGS <"$K_DIR/bootargs"
	[[ ! -f $K_DIR/machine ]] || read -r K_MACHINE <"$K_DIR/machine"
	[[ ! -f $K_DIR/cpu ]] || read -r K_CPU <"$K_DIR/cpu"
	[[ ! -f $K_DIR/no-module ]] || K_NO_MODULE=yes
	if [[ -f $K_DIR/like ]]; then
		# Another kernel's build, on a machine that differs.
		read -r like <"$K_DIR/like"
		[[ -d $LAB/kernels/$like && ! -f $LAB/kernels/$like/like ]] ||
			die "$EXIT_FAILED" "$K_DIR/like names '$like', which is not a kernel with its own build"
		K_ARGUMENT=$like
		K_NAME=$like
		K_DIR=$LAB/kernels/$like
	fi
	K_SOURCE=$KERNEL_SOURCE
	[[ ! -f $K_DIR/source ]] || read -r K_SOURCE <"$K_DIR/source"
	K_TREE=$K_NAME
	[[ ! -f $K_DIR/tree ]] || read -r K_TREE <"$K_DIR/tree"
	if [[ -f $K_DIR/binary ]]; then
		read -r K_BINARY <"$K_DIR/binary"
		K_SOURCE=linux-binary-$DEBIAN_KERNEL
	fi
}

# kernel_select_source FOLDER: the same for a developer's own kernel tree.
kernel_select_source() {
	local dir
	dir=$(cd "$1" 2>/dev/null && pwd -P) || die "$EXIT_USAGE" "no folder $1"
	[[ -f $dir/Kbuild && -d $dir/arch/arm64/kvm ]] ||
		die "$EXIT_USAGE" "$1 is not a tree of Linux sources (no arch/arm64/kvm)"
	K_ARGUMENT='' K_BOOTARGS='' K_MACHINE='' K_CPU='' K_NO_MODULE='' K_BINARY=''
	K_FROM=$dir
	K_DIR=$LAB/kernels/stock
	K_NAME=source-$(hash_text "$dir" | cut -c1-8)
	if [[ -f $dir/${REVIEW_MARK:-} ]]; then
		# A tree of review: built in place.
		K_NAME=${dir##*/}
	fi
	K_TREE=$K_NAME
	K_SOURCE=''
	if kernel_before 6.12; then
		say "ffascope's module needs Linux 6.12 or later: the VM runs without it"
		K_NO_MODULE=yes
	fi
}

kernel_names() {
	local dir
	for dir in "$LAB"/kernels/*/; do
		basename "$dir"
	done
}

kernel_series() {
	[[ ! -f $K_DIR/series ]] || sed -E 's/[[:space:]]*(#.*)?$//; /^$/d' "$K_DIR/series"
}

# kernel_patch_path LINE: the file that a line of a series names, below the project's root or the kernel's folder.
kernel_patch_path() {
	local path
	for path in "$ROOT/$1" "$K_DIR/$1"; do
		if [[ -f $path ]]; then
			printf '%s\n' "$path"
			return
		fi
	done
	die "$EXIT_FAILED" "$K_DIR/series names $1, which is neither in the project nor beside the series"
}

# Everything that a built kernel depends on, as one word.
kernel_key() {
	local line path
	if [[ -n $K_BINARY ]]; then
		debian_key
		return
	fi
	{
		printf '%s %s\n' "$K_SOURCE" "${PIN_VERSION[$K_SOURCE]:-}"
		kernel_config_files | while read -r path; do hash_of "$path"; done
		while read -r line; do
			path=$(kernel_patch_path "$line") || exit
			sha256sum <"$path"
		done < <(kernel_series)
		declare -f kernel_make kernel_configure kernel_make_all
	} | sha256sum | cut -c1-64
}

kernel_config_files() {
	if [[ -n ${K_FRAGMENT:-} ]]; then
		printf '%s\n' "$K_FRAGMENT"
	else
		printf '%s\n' "$LAB/kernels/base.config"
		! kernel_before 7.2 || printf '%s\n' "$LAB/kernels/older.config"
	fi
	[[ ! -f $K_DIR/config ]] || printf '%s\n' "$K_DIR/config"
}

# kernel_before VERSION: is the selected kernel's source older than VERSION, as 7.2?
kernel_before() {
	local version=${K_SOURCE##*-}
	[[ -z $K_FROM ]] || version=$(awk '
		$1 == "VERSION" { version = $3 }
		$1 == "PATCHLEVEL" { print version "." $3; exit }' "$K_FROM/Makefile")
	[[ $version != "$1" && $(printf '%s\n' "$version" "$1" | sort -V | head -n 1) == "$version" ]]
}

# Unpacks a kernel source package into src/NAME.
kernel_unpack() {
	local deb=$1 name=$2 tmp=$CACHE/src/.new-$2
	rm -rf "$tmp"
	mkdir -p "$tmp"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.*' |
		tar -xJ -C "$tmp" --strip-components=1
	[[ -f $tmp/Kbuild ]]
	rm -rf "${CACHE:?}/src/$name"
	mv "$tmp" "$CACHE/src/$name"
}

# kernel_pristine NAME: makes sure that src/NAME holds the unpacked source; never written to afterwards.
kernel_pristine() {
	local name=$1
	[[ ! -d $CACHE/src/$name ]] || return 0
	fetch_pinned "$name"
	step "Unpacking $name" "unpack-$name" kernel_unpack "$REPLY" "$name"
}

# A new tree: a copy of stock's with its objects where that one is built from the same source, else of the pristine
# source. Source files are hard links to the pristine ones, so a changed file is replaced, never written to.
kernel_tree_new() {
	local tree=$1 source=$2 tmp=$CACHE/trees/.new-$1 from=$CACHE/src/$2
	rm -rf "$tmp"
	if [[ $tree != stock && $source == "$KERNEL_SOURCE" && -f $CACHE/trees/stock/.ffalab-key ]]; then
		from=$CACHE/trees/stock
	fi
	rsync -a --link-dest="$CACHE/src/$source/" "$from/" "$tmp/"
	mv "$tmp" "$CACHE/trees/$tree"
}

patched_files() { sed -nE 's/^(---|\+\+\+) [^/ ]+\/([^\t ]+).*/\2/p' "$@" | LC_ALL=C sort -u; }

# Brings the tree to "pristine plus series", rewriting only the files whose content differs.
kernel_tree_patch() {
	local tree=$CACHE/trees/$K_TREE pristine=$CACHE/src/$K_SOURCE work file line want
	local -a patches=()
	while read -r line; do
		patches+=("$(kernel_patch_path "$line")")
	done < <(kernel_series)
	work=$(mktemp -d "$CACHE/build/.patch.XXXXXX")
	if ((${#patches[@]} > 0)); then
		patched_files "${patches[@]}" | while read -r file; do
			[[ ! -f $pristine/$file ]] || install -D -m 644 "$pristine/$file" "$work/$file"
		done
		for file in "${patches[@]}"; do
			echo "applying ${file##*/}"
			patch -p1 --batch --forward --no-backup-if-mismatch -d "$work" <"$file"
		done
		patched_files "${patches[@]}" >"$work/.files"
	else
		: >"$work/.files"
	fi
	# Said before it is done: an interrupted run leaves the tree with more named than changed.
	touch "$tree/.ffalab-patched"
	LC_ALL=C sort -u "$work/.files" "$tree/.ffalab-patched" >"$tree/.ffalab-patched.new"
	mv "$tree/.ffalab-patched.new" "$tree/.ffalab-patched"
	while read -r file; do
		want=$pristine/$file
		if grep -qxF "$file" "$work/.files"; then
			want=$work/$file
		fi
		if [[ ! -f $want ]]; then
			rm -f "$tree/$file"
		elif ! cmp -s "$want" "$tree/$file"; then
			echo "writing $file"
			install -D -m 644 "$want" "$tree/$file.ffalab-new"
			mv -f "$tree/$file.ffalab-new" "$tree/$file"
		fi
	done <"$tree/.ffalab-patched"
	mv "$work/.files" "$tree/.ffalab-patched"
	rm -rf "$work"
}

# source_files FOLDER LIST: writes the source files of a developer's tree to LIST, NUL after each; without objects and generated files.
source_files() {
	if git -C "$1" rev-parse --show-prefix 2>/dev/null | grep -qx ''; then
		# Tracked or new, not ignored, not deleted.
		git -C "$1" ls-files -z --cached --others --exclude-standard | LC_ALL=C sort -zu >"$2.all"
		git -C "$1" ls-files -z --deleted | LC_ALL=C sort -zu >"$2.deleted"
		LC_ALL=C comm -z -23 "$2.all" "$2.deleted" >"$2"
		rm -f "$2.all" "$2.deleted"
	else
		(cd "$1" && find . \( -name .git -o -path ./include/config -o -path ./include/generated \
			-o -path './arch/*/include/generated' \) -prune -o \( -type f -o -type l \) \
			! -name '*.o' ! -name '*.o.d' ! -name '*.a' ! -name '*.ko' ! -name '*.mod' ! -name '*.mod.c' \
			! -name '.*.cmd' ! -name '.*.d' ! -name 'modules.order' ! -name 'modules.builtin*' \
			! -name '.config*' ! -path './vmlinux*' ! -path './.vmlinux*' ! -path './.tmp_*' \
			! -path './arch/*/boot/Image*' ! -path ./Module.symvers ! -path ./System.map -printf '%P\0') |
			LC_ALL=C sort -z >"$2"
	fi
}

# sources_may_be_linked FOLDER: a build writes generated files in place. A tree without git that was built in is copied,
# because its generated files look like sources.
sources_may_be_linked() {
	[[ ! -d $1/include/generated ]] || git -C "$1" rev-parse --git-dir >/dev/null 2>&1
}

# kernel_tree_link TREE: makes TREE from hard links, which is faster than copying. Returns 1 without a TREE if links are
# impossible, for example across filesystems.
kernel_tree_link() {
	local tree=$1 tmp=$CACHE/trees/.new-$K_TREE
	rm -rf "$tmp"
	mkdir -p "$tmp"
	source_files "$K_FROM" "$tmp/.ffalab-files"
	if ! (cd "$K_FROM" && xargs -0 cp --parents -dl -t "$tmp" <"$tmp/.ffalab-files"); then
		rm -rf "$tmp"
		return 1
	fi
	mv "$tmp" "$tree"
}

# Copies changed files from the developer's tree, with their times, and removes files that were deleted there. Nothing is
# ever written to the developer's tree, and none of our objects is removed.
kernel_tree_follow() {
	local tree=$CACHE/trees/$K_TREE file
	local -a link=()
	if sources_may_be_linked "$K_FROM"; then
		link=(--link-dest="$K_FROM/")
		[[ -d $tree ]] || ! kernel_tree_link "$tree" || return 0
	fi
	mkdir -p "$tree"
	touch "$tree/.ffalab-files"
	source_files "$K_FROM" "$tree/.ffalab-files.new"
	LC_ALL=C comm -z -23 "$tree/.ffalab-files" "$tree/.ffalab-files.new" | while IFS= read -r -d '' file; do
		rm -f "${tree:?}/$file"
	done
	rsync -a "${link[@]}" --from0 --files-from="$tree/.ffalab-files.new" "$K_FROM/" "$tree/"
	mv "$tree/.ffalab-files.new" "$tree/.ffalab-files"
}

kernel_make() {
	CCACHE_DIR="$CACHE/ccache" CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_MAXSIZE="${CCACHE_MAXSIZE:-4G}" \
		make -C "$CACHE/trees/$K_TREE" -j"$JOBS" ARCH=arm64 CROSS_COMPILE="$CROSS" \
		CC="ccache ${CROSS}gcc" \
		KBUILD_BUILD_TIMESTAMP='2026-01-01' KBUILD_BUILD_VERSION=1 \
		KBUILD_BUILD_USER=ffalab KBUILD_BUILD_HOST=ffalab "$@"
}

# Writes .config from our fragments and holds every option asked for against what came out.
kernel_configure() {
	local tree=$CACHE/trees/$K_TREE key want missing=0
	local -a files
	mapfile -t files < <(kernel_config_files)
	key=$(hash_of "${files[@]}")$(sha256sum <"$tree/Kconfig")
	if [[ -f $tree/.config ]] && stamp_is "$tree/.ffalab-config" "$key"; then
		return 0
	fi
	# The later fragment wins.
	cat "${files[@]}" | awk '
		/^CONFIG_[A-Z0-9_a-z]+=/ { split($0, part, "="); value[part[1]] = $0 }
		/^# CONFIG_[A-Z0-9_a-z]+ is not set/ { value[$2] = $2 "=n" }
		END { for (name in value) print value[name] }' | LC_ALL=C sort >"$tree/.ffalab-allconfig"
	kernel_make KCONFIG_ALLCONFIG="$tree/.ffalab-allconfig" allnoconfig
	while read -r want; do
		case $want in
		*=n) ! grep -q "^${want%=n}=" "$tree/.config" && continue ;;
		*) grep -qxF "$want" "$tree/.config" && continue ;;
		esac
		echo "option has no effect: $want ($(grep -E "^(# )?${want%%=*}[ =]" "$tree/.config" || echo unknown to this kernel))"
		missing=1
	done <"$tree/.ffalab-allconfig"
	if ((missing)); then
		rm -f "$tree/.config"
		echo "the kernel's configuration lacks these options: a dependency is missing, or the option does not exist"
		return 1
	fi
	stamp_write "$tree/.ffalab-config" "$key"
}

# Options that every kernel of the lab needs to reach its first command.
readonly KERNEL_ESSENTIAL=' 64BIT BLK_DEV_INITRD BINFMT_ELF BINFMT_SCRIPT TTY DEVTMPFS PROC_FS SYSFS TMPFS FUTEX
	MODULES VIRTUALIZATION KVM PCI PCI_HOST_GENERIC VIRTIO_PCI VIRTIO_CONSOLE '

# kernel_consequence OPTION: what a kernel of the lab cannot do without it.
kernel_consequence() {
	case $1 in
	NVHE_EL2_DEBUG | NVHE_EL2_TRACING) echo 'no hypervisor tracing: verdicts from registers' ;;
	ARM_FFA_TRANSPORT) echo "no FF-A driver: ffascope's module does not load" ;;
	TEE | OPTEE) echo 'no driver that makes FF-A calls' ;;
	KPROBE* | BPF_* | DEBUG_INFO_*) echo 'BPF may not attach: the trace is read as text' ;;
	FUNCTION_TRACER | DYNAMIC_FTRACE) echo 'BPF attaches by kprobe only' ;;
	NET | NET_9P* | NETWORK_FILESYSTEMS | 9P_FS) echo 'no --share' ;;
	HOTPLUG_CPU) echo 'CPUs cannot be switched off and on' ;;
	SERIAL_AMBA_PL011*) echo 'no early messages of a kernel that does not boot' ;;
	*) echo 'the kernel is built without it' ;;
	esac
}

# kernel_drop_options FRAGMENT OPTION...: removes options from a fragment of configuration; writes a warning for each,
# with its consequence, to the tree's .ffalab-warnings. Status 1 where no kernel boots without one of them.
kernel_drop_options() {
	local fragment=$1 option
	shift
	for option; do
		sed -i -E "/^(# )?CONFIG_${option}[ =]/d" "$fragment"
		if [[ $KERNEL_ESSENTIAL == *[[:space:]]"$option"[[:space:]]* ]]; then
			echo "this kernel does not support CONFIG_$option, which the lab requires"
			return 1
		fi
		printf 'CONFIG_%s not supported: %s\n' "$option" "$(kernel_consequence "$option")" \
			>>"$CACHE/trees/$K_TREE/.ffalab-warnings"
	done
}

# The same as kernel_make_all for a source that the lab's configuration was not written for: an option that this kernel
# does not have, or whose dependencies it lacks, is a warning.
kernel_make_other() {
	local tree=$CACHE/trees/$K_TREE try
	local -a files options
	mapfile -t files < <(kernel_config_files)
	K_FRAGMENT=$tree/.ffalab-fragment
	cat "${files[@]}" >"$K_FRAGMENT"
	: >"$tree/.ffalab-warnings"
	for try in 1 2 3 4 5; do
		! kernel_configure >"$tree/.ffalab-configure" 2>&1 || break
		cat "$tree/.ffalab-configure"
		mapfile -t options < <(sed -n 's/^option has no effect: CONFIG_\([A-Z0-9_a-z]*\).*/\1/p' "$tree/.ffalab-configure")
		((${#options[@]} > 0 && try < 5)) || return 1
		kernel_drop_options "$K_FRAGMENT" "${options[@]}"
	done
	grep -q '^CONFIG_NVHE_EL2_TRACING=y' "$tree/.config" ||
		kernel_drop_options "$K_FRAGMENT" NVHE_EL2_TRACING
	kernel_make Image modules
}

# The options that the selected kernel did not take, once after each build with a new configuration.
kernel_tell_warnings() {
	local line file=$CACHE/trees/$K_TREE/.ffalab-warnings
	[[ -s $file ]] || return 0
	while read -r line; do
		say "kernel $K_NAME: $line"
	done < <(sort -u "$file")
}

# The function that configures and builds the selected kernel. base.config is written for KERNEL_SOURCE.
kernel_maker() {
	if [[ -n $K_FROM || $K_SOURCE != "$KERNEL_SOURCE" ]]; then
		echo kernel_make_other
	else
		echo kernel_make_all
	fi
}

kernel_make_all() {
	kernel_configure
	kernel_make Image modules
}

# The modules that the VM loads before ffascope's, in this order, where they are not built in.
readonly KERNEL_MODULES='9pnet 9pnet_virtio netfs 9p ffa-core ffa-module tee optee'

# kernel_publish_modules TREE FOLDER: copies the KERNEL_MODULES that TREE has built to FOLDER, which it makes if there are
# any.
kernel_publish_modules() {
	local tree=$1 folder=$2 name file
	rm -rf "$folder"
	[[ -s $tree/modules.order ]] || return 0
	for name in $KERNEL_MODULES; do
		file=$(grep -E "(^|/)$name\.(o|ko)\$" "$tree/modules.order") || continue
		install -D -m 644 "$tree/${file%.*}.ko" "$folder/$name.ko"
	done
}

# kernel_publish KEY: the finished parts, where runs take them from.
kernel_publish() {
	local tree=$CACHE/trees/$K_TREE out=$CACHE/kernels/$K_NAME
	mkdir -p "$out"
	rm -f "$out/stamp"
	install -m 644 "$tree/arch/arm64/boot/Image" "$out/Image.new"
	mv "$out/Image.new" "$out/Image"
	install -m 644 "$tree/.config" "$out/config"
	kernel_publish_modules "$tree" "$out/modules"
	stamp_write "$out/stamp" "$1"
	stamp_write "$tree/.ffalab-key" "$1"
}

# kernel_build_locked: makes sure that kernels/K_NAME is up to date. The tree's lock is held.
kernel_build_locked() {
	local key tree=$CACHE/trees/$K_TREE
	local -a guard=()
	if [[ -n $K_FROM ]]; then
		kernel_follow_and_build
		return
	fi
	key=$(kernel_key)
	if [[ -d $tree ]] && stamp_is "$CACHE/kernels/$K_NAME/stamp" "$key"; then
		return 0
	fi
	if [[ -n $K_BINARY ]]; then
		debian_install "$key"
		return
	fi
	kernel_pristine "$K_SOURCE"
	if [[ ! -d $tree ]]; then
		# Hold stock's lock, so that its tree does not change while it is copied.
		[[ $K_TREE == stock || $K_SOURCE != "$KERNEL_SOURCE" ]] || guard=(with_lock kernel-stock)
		"${guard[@]}" step "Making a build tree for kernel $K_NAME" "kernel-$K_NAME" \
			kernel_tree_new "$K_TREE" "$K_SOURCE"
	fi
	rm -f "$tree/.ffalab-key"
	step "Patching kernel $K_NAME" "kernel-$K_NAME-patch" kernel_tree_patch
	step "Building kernel $K_NAME" "kernel-$K_NAME" "$(kernel_maker)"
	kernel_tell_warnings
	kernel_publish "$key"
}

# The developer may have changed anything: make finds out what.
kernel_follow_and_build() {
	local image=$CACHE/trees/$K_TREE/arch/arm64/boot/Image
	[[ $K_FROM == "$CACHE/trees/$K_TREE" ]] || step "Following $K_FROM" "kernel-$K_NAME" kernel_tree_follow
	step "Building the kernel of $K_FROM" "kernel-$K_NAME" "$(kernel_maker)"
	kernel_tell_warnings
	if ! cmp -s "$image" "$CACHE/kernels/$K_NAME/Image"; then
		kernel_publish "$(sha256sum <"$image" | cut -c1-64)"
	fi
}

# Trees other than stock's begin as a copy of it, where they are of the same source.
kernel_needs_stock() {
	[[ -z $K_FROM && $K_TREE != stock && $K_SOURCE == "$KERNEL_SOURCE" && ! -d $CACHE/trees/$K_TREE ]]
}

# kernel_with COMMAND...: builds the selected kernel and its module if need be (the module's path is in MODULE), and
# runs the command under the tree's lock.
kernel_with() {
	local name=$K_ARGUMENT
	if kernel_needs_stock; then
		kernel_select stock
		with_lock kernel-stock kernel_build_locked
		kernel_select "$name"
	fi
	with_lock "kernel-$K_TREE" kernel_with_locked "$@"
}

kernel_with_locked() {
	kernel_build_locked
	MODULE=''
	[[ -n ${VM_BARE:-}$K_NO_MODULE ]] || module_build_locked
	"$@"
}
