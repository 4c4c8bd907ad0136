# shellcheck shell=bash disable=SC2034,SC2153 # the parts use each other's variables
# SPDX-License-Identifier: GPL-2.0-only
# Debian's binary kernels: fetched, unpacked, and booted as they are. Only ffascope's module is built here, against
# the headers that belong to the kernel.

# The kernel's release, as in /lib/modules, for the flavour in K_BINARY.
debian_release() { printf '%s-%s\n' "$DEBIAN_KERNEL" "$K_BINARY"; }

# The pinned packages that make up the kernel, one a line. The tools of linux-kbuild run on this machine.
debian_packages() {
	local release arch
	release=$(debian_release)
	arch=$(dpkg --print-architecture)
	printf '%s\n' "linux-binary-$release" "linux-modules-$release" "linux-headers-$release" \
		"linux-headers-$DEBIAN_KERNEL-common" "linux-kbuild-$DEBIAN_KERNEL:$arch" "libc6:$arch"
}

debian_key() {
	local name
	{
		debian_packages | while read -r name; do printf '%s %s\n' "$name" "${PIN_VERSION[${name%:*}]:-}"; done
		echo "$KERNEL_MODULES"
		declare -f debian_unpack debian_wrap_modpost
	} | sha256sum | cut -c1-64
}

# debian_unpack FOLDER DEB...: the parts of the packages that the lab needs, as FOLDER/usr. Of the 4000 modules only
# those that it loads.
debian_unpack() {
	local into=$1 deb name
	local -a patterns
	shift
	for name in $KERNEL_MODULES; do
		patterns+=("*/$name.ko.xz")
	done
	for deb; do
		echo "unpacking ${deb##*/}"
		case ${deb##*/} in
		linux-modules-*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$into" --wildcards "${patterns[@]}" ;;
		*) dpkg-deb -x "$deb" "$into" ;;
		esac
	done
	find "$into/usr/lib/modules" -name '*.ko.xz' -exec xz -d {} +
	debian_wrap_modpost "$into"
}

# modpost of linux-kbuild needs the C library of its own Debian release, which may be newer than this machine's.
debian_wrap_modpost() {
	local root=$1 dir loader
	dir=$root/usr/lib/linux-kbuild-$DEBIAN_KERNEL/scripts/mod
	loader=$(find "$root/usr/lib" -name 'ld-linux-*.so.*' -type f -print -quit)
	[[ -n $loader && -x $dir/modpost.real-lsb-64 ]]
	rm "$dir/modpost"
	cat >"$dir/modpost" <<-EOT
		#!/bin/sh
		exec '$loader' --library-path '${loader%/*}' '$dir/modpost.real-lsb-64' "\$@"
	EOT
	chmod +x "$dir/modpost"
}

# debian_install KEY: fetches the packages into trees/K_TREE and publishes the kernel.
debian_install() {
	local key=$1 tree=$CACHE/trees/$K_TREE out=$CACHE/kernels/$K_NAME name release
	local -a debs=() packages
	release=$(debian_release)
	mapfile -t packages < <(debian_packages)
	fetch_pinned_debs "${packages[@]}"
	for name in "${packages[@]}"; do
		fetch_pinned "$name"
		debs+=("$REPLY")
	done
	rm -rf "$tree" "$out"
	mkdir -p "$tree" "$out/modules"
	step "Unpacking Debian's kernel $release" "kernel-$K_NAME" debian_unpack "$tree" "${debs[@]}"
	cp "$tree/usr/lib/modules/$release/vmlinuz" "$out/Image"
	cp "$tree/usr/src/linux-headers-$release/.config" "$out/config"
	find "$tree/usr/lib/modules" -name '*.ko' -exec cp -t "$out/modules" {} +
	stamp_write "$out/stamp" "$key"
}

# debian_make_module FOLDER: builds the module in FOLDER against the headers. What their compiler, gcc 14, has and an
# older one lacks is switched off; so are type information and signature, which need tools of that release. ftrace needs
# every function aligned to 8 bytes, and an older gcc does not align functions with the attribute cold (init and exit).
debian_make_module() {
	local headers=$CACHE/trees/$K_TREE/usr/src/linux-headers
	local -a options=(CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_MODULE_SIG_ALL=)
	"${CROSS}gcc" -fmin-function-alignment=8 -E -x c - </dev/null >/dev/null 2>&1 ||
		options+=(CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= 'KCFLAGS=-D__cold__=__unused__')
	make -C "$headers-$DEBIAN_KERNEL-common" O="$headers-$(debian_release)" M="$1" ARCH=arm64 \
		CROSS_COMPILE="$CROSS" CC="${CROSS}gcc" "${options[@]}" modules
}
