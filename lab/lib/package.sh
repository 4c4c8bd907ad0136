# shellcheck shell=bash disable=SC2016,SC2034,SC2153 # the parts use each other's variables; inner shells have their own
# SPDX-License-Identifier: GPL-2.0-only
# Builds and tests the distributed artifacts: Debian packages in clean roots, and a tarball for machines without packages.

# package_options VERB ARGUMENT...: reads the options of both verbs.
package_options() {
	local verb=$1
	shift
	PKG_SUITE=trixie PKG_ARCH=arm64 PKG_OUTPUT='' PKG_KERNEL='' PKG_TREE=''
	while (($# > 0)); do
		case $verb$1 in
		*--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		package--suite) need_value "$1" $# && PKG_SUITE=$2 ;;
		package--arch) need_value "$1" $# && PKG_ARCH=$2 ;;
		tarball--kernel) need_value "$1" $# && PKG_KERNEL=$2 ;;
		tarball--kernel-build) need_value "$1" $# && PKG_TREE=$2 ;;
		*--output) need_value "$1" $# && PKG_OUTPUT=$2 ;;
		*-h | *--help)
			verb_usage
			exit 0
			;;
		*) usage_error "'$verb': unknown argument $1" ;;
		esac
		shift 2
	done
	case $PKG_SUITE in
	bookworm | trixie) ;;
	*) usage_error "--suite must be bookworm or trixie, not '$PKG_SUITE'" ;;
	esac
	case $PKG_ARCH in
	amd64 | arm64) ;;
	*) usage_error "--arch must be amd64 or arm64, not '$PKG_ARCH'" ;;
	esac
	[[ -z $PKG_KERNEL || -z $PKG_TREE ]] || usage_error "--kernel and --kernel-build exclude each other"
	[[ -z $PKG_TREE || -f $PKG_TREE/Makefile ]] || usage_error "--kernel-build: $PKG_TREE is not a kernel build tree"
	[[ -z $PKG_KERNEL ]] || kernel_select "$PKG_KERNEL"
}

project_version() { sed -nE "s/^ *version: '([0-9.]+)',$/\1/p" "$ROOT/meson.build"; }

# project_copy FOLDER: copies the project's sources without build output.
project_copy() {
	local list
	list=$(mktemp "$CACHE/build/.files.XXXXXX")
	source_files "$ROOT" "$list"
	mkdir -p "$1"
	rsync -a --from0 --files-from="$list" "$ROOT/" "$1/"
	rm -f "$list"
}

# ---- clean roots of Debian ----

# Namespaces for the roots; without root permissions, with the user's subordinate IDs (subuid(5)).
root_space() {
	local -a space=(unshare --mount --pid --fork --kill-child)
	((EUID == 0)) || space+=(--map-auto --map-root-user)
	"${space[@]}" "$@"
}

# root_in ROOT COMMAND...: runs the command in the root, isolated from this machine except for the network.
root_in() {
	local root=$1
	shift
	root_space sh -euc '
		root=$1
		shift
		cp -L /etc/resolv.conf "$root/etc/resolv.conf"
		mount -t proc proc "$root/proc"
		mount --rbind /sys "$root/sys"
		mount --rbind /dev "$root/dev"
		exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
			${https_proxy:+https_proxy="$https_proxy"} "$@"' sh "$root" "$@"
}

root_remove() { [[ ! -e $1 ]] || root_space rm -rf --one-file-system "$1"; }

root_base_make() {
	local uri include=()
	uri=$(apt_archive /etc/apt)
	[[ $uri != https:* ]] || include=(--include=ca-certificates)
	mmdebstrap --variant=minbase --architectures="$PKG_ARCH" "${include[@]}" "$PKG_SUITE" "$1.new.tar" "$uri"
	mv "$1.new.tar" "$1"
}

root_base_locked() {
	[[ -f $1 ]] || step "Making a root of Debian $PKG_SUITE for $PKG_ARCH" "root-$PKG_SUITE-$PKG_ARCH" root_base_make "$1"
}

# root_new FOLDER: creates a clean root of the requested suite and architecture.
root_new() {
	local base=$CACHE/roots/$PKG_SUITE-$PKG_ARCH.tar
	mkdir -p "$CACHE/roots"
	with_lock "root-$PKG_SUITE-$PKG_ARCH" root_base_locked "$base"
	root_remove "$1"
	mkdir -p "$1"
	root_space tar -xf "$base" --numeric-owner --exclude='./dev/*' -C "$1"
}

# Programs of another architecture run through QEMU; that must be registered with the kernel (binfmt_misc).
binfmt_ready() {
	local entry=/proc/sys/fs/binfmt_misc/qemu-aarch64
	[[ $PKG_ARCH != "$(dpkg --print-architecture)" ]] || return 0
	[[ $PKG_ARCH == arm64 ]] || die "$EXIT_FAILED" "packages for $PKG_ARCH are built on $PKG_ARCH machines only"
	! grep -qs '^enabled' "$entry" || return 0
	((EUID == 0)) || die "$EXIT_FAILED" "the kernel is not set up to run arm64 programs through QEMU" \
		"Run 'sudo systemctl restart systemd-binfmt' (or 'sudo update-binfmts --enable') and try again."
	mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
	# The same as systemd-binfmt writes. Flag F opens the interpreter now, so it works in roots that lack it.
	grep '^:' /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register
}

# ---- Debian packages ----

# package_readme ROOT N: runs block N of README.md's installation commands in a clean root.
package_readme() {
	root_space sh -euc 'mkdir "$1/build" && cp -r --no-preserve=ownership "$2" "$1/build/ffascope"' sh "$1" "$PKG_DIR/source"
	root_in "$1" sh -c 'cd /build/ffascope && lab/package/readme "$1"' sh "$2"
}

package_build() {
	root_space sh -euc 'mkdir "$1/source" && cp -r --no-preserve=ownership "$2" "$1/source/ffascope-$3"' sh \
		"$PKG_DIR/build" "$PKG_DIR/source" "$(project_version)"
	package_readme "$PKG_DIR/build" 1
	find "$PKG_DIR/build/build" -maxdepth 1 -name '*.deb' ! -name '*-dbgsym_*' -exec cp -t "$PKG_DIR/debs" {} +
	root_in "$PKG_DIR/build" sh -c 'cd /build/ffascope && lab/package/lint'
}

# Makes the source package, builds the packages from it again under other circumstances, and compares.
package_again() {
	root_in "$PKG_DIR/build" sh -c 'cd /source && /build/ffascope/lab/package/again "$@"' sh "$(project_version)" /build
	find "$PKG_DIR/build/source" -maxdepth 1 '(' -name '*.dsc' -o -name '*.tar.*' ')' -exec cp -t "$PKG_DIR/debs" {} +
}

package_install() {
	local -a pages=("$ROOT"/man/*.[1-9])
	root_space sh -euc 'mkdir "$1/packages" && cp "$2"/*.deb "$3" "$1/packages"' sh \
		"$PKG_DIR/install" "$PKG_DIR/debs" "$LAB/package/install"
	root_in "$PKG_DIR/install" sh -c 'cd /packages && ./install "$@"' sh "${pages[@]##*/}"
}

# Runs the installed program and both examples on the lab's firmware and kernel; the root is shared with the VM.
package_try() {
	"$LAB/ffalab" run --share "$PKG_DIR/install" --timeout 600 -- sh -euc '
		mount -t proc proc /share/proc
		for folder in /sys /sys/kernel/debug /sys/kernel/tracing /sys/fs/bpf /dev /run; do
			mount --bind "$folder" "/share$folder"
		done
		inside="chroot /share"
		$inside ffascope -v call id-get
		$inside ffascope --json call id-get | grep -q "\"verdict\":\"forwarded\""
		$inside /usr/local/bin/id-get | tee /tmp/c
		$inside python3 /usr/share/doc/ffascope/examples/uapi/id-get.py | tee /tmp/python
		grep -qx "x0 0x84000061" /tmp/c
		[ "$(head -n 4 /tmp/c)" = "$(cat /tmp/python)" ]
		for folder in /run /dev /sys/fs/bpf /sys/kernel/tracing /sys/kernel/debug /sys /proc; do
			umount -l "/share$folder"
		done'
}

package_remove() {
	root_in "$PKG_DIR/install" sh -euc '
		apt-get purge -y ffascope ffascope-dkms
		left=$(find / -xdev \( -path /proc -o -path /packages -o -path /var/lib/apt -o -path /sys -o -path /dev \) -prune \
			-o -name "*ffascope*" -print)
		[ -z "$left" ] || { echo "left behind: $left" && exit 1; }'
}

package_end() {
	step_stop
	root_remove "$PKG_DIR"
}

verb_package() {
	local about
	package_options package "$@"
	PKG_OUTPUT=${PKG_OUTPUT:-.}
	[[ -d $PKG_OUTPUT && -w $PKG_OUTPUT ]] || usage_error "--output: $PKG_OUTPUT is not a writable folder"
	cache_init
	HOST_MORE='mmdebstrap|mmdebstrap|clean roots of Debian'
	[[ $PKG_ARCH == "$(dpkg --print-architecture)" ]] ||
		HOST_MORE+=$'\nqemu-user-static|qemu-aarch64-static|roots of another architecture\narch-test|arch-test|roots of another architecture'
	host_ready
	binfmt_ready
	about="$PKG_SUITE, $PKG_ARCH"
	PKG_DIR=$(mktemp -d "$CACHE/build/package.XXXXXX")
	mkdir "$PKG_DIR/debs"
	trap package_end EXIT
	project_copy "$PKG_DIR/source"
	root_new "$PKG_DIR/build"
	step "Building the packages ($about)" "package-build-$PKG_SUITE-$PKG_ARCH" package_build
	step "Building them again from the source package" "package-again-$PKG_SUITE-$PKG_ARCH" package_again
	root_remove "$PKG_DIR/build"
	root_new "$PKG_DIR/install"
	step "Installing them in a clean root ($about)" "package-install-$PKG_SUITE-$PKG_ARCH" package_install
	if [[ $PKG_ARCH == arm64 ]]; then
		step "Trying them in the VM" "package-try-$PKG_SUITE-$PKG_ARCH" package_try
	fi
	step "Removing them again" "package-remove-$PKG_SUITE-$PKG_ARCH" package_remove
	root_new "$PKG_DIR/build"
	step "Building and installing without packages ($about)" "package-source-$PKG_SUITE-$PKG_ARCH" \
		package_readme "$PKG_DIR/build" 2
	cp -t "$PKG_OUTPUT" "$PKG_DIR"/debs/*
	(cd "$PKG_DIR/debs" && printf '%s\n' *)
}

# ---- the tarball ----

tarball_take_module() { cp "$MODULE" "$PKG_STAGE/ffascope.ko"; }

tarball_build_module() {
	"$ROOT/kmod/build.sh" "$PKG_TREE" "$ROOT/kmod" "$PKG_DIR/module" "$PKG_STAGE/ffascope.ko"
}

tarball_write() {
	local page
	install -m 755 "$1" "$PKG_STAGE/ffascope"
	cp "$ROOT/README.md" "$ROOT/LICENSE" "$PKG_STAGE/"
	mkdir "$PKG_STAGE/man" "$PKG_STAGE/kmod"
	for page in "$ROOT"/man/*.[1-9]; do
		# mandoc overstrikes bold and underlined text; remove that.
		mandoc -T ascii "$page" | sed 's/.\x08//g' >"$PKG_STAGE/man/${page##*/}.txt"
	done
	cp -r "$PKG_DIR/source/examples" "$PKG_STAGE/"
	rm -f "$PKG_STAGE/examples/meson.build"
	cp "$ROOT"/kmod/{Kbuild,build.sh,*.[ch]} "$PKG_STAGE/kmod/"
	tar -C "$PKG_DIR" -czf "$PKG_OUTPUT.new" --owner=0 --group=0 --numeric-owner --sort=name "${PKG_STAGE##*/}"
	mv "$PKG_OUTPUT.new" "$PKG_OUTPUT"
}

verb_tarball() {
	local tool name
	package_options tarball "$@"
	name=ffascope-$(project_version)-arm64
	PKG_OUTPUT=${PKG_OUTPUT:-$name.tar.gz}
	{ : >>"$PKG_OUTPUT.new"; } 2>/dev/null || usage_error "cannot write $PKG_OUTPUT"
	cache_init
	host_ready
	sysroot_build
	tool_build
	tool=$REPLY
	PKG_DIR=$(mktemp -d "$CACHE/build/tarball.XXXXXX")
	trap 'rm -rf "$PKG_DIR" "$PKG_OUTPUT.new"' EXIT
	PKG_STAGE=$PKG_DIR/$name
	mkdir "$PKG_STAGE"
	project_copy "$PKG_DIR/source"
	if [[ -n $PKG_KERNEL ]]; then
		kernel_with tarball_take_module
	elif [[ -n $PKG_TREE ]]; then
		step "Building the module for $PKG_TREE" tarball-module tarball_build_module
	fi
	tarball_write "$tool"
	say "written: $PKG_OUTPUT"
}
