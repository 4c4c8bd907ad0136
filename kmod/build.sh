#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build.sh KERNEL-BUILD-TREE SOURCE COPY OUTPUT: build the module from a copy of its source. On a machine that is not
# arm64, use a cross compiler of the kind that built the kernel tree. ARCH, CROSS_COMPILE and LLVM in the environment
# take precedence.
set -eu

refuse() {
	printf '%s\n' "$*" >&2
	exit 1
}

[ $# -eq 4 ] || refuse "usage: build.sh KERNEL-BUILD-TREE SOURCE COPY OUTPUT"
kernel=$1 source=$2 copy=$3 output=$4

[ -f "$kernel/Makefile" ] || refuse "$kernel: not a kernel build tree; set one with -Dkernel-build=DIR"
config=$kernel/include/config/auto.conf
[ -f "$config" ] || refuse "$kernel: not prepared for building modules; run 'make modules_prepare' there"
grep -qx CONFIG_ARM64=y "$config" || refuse "$kernel: not an arm64 kernel; FF-A requires arm64"
grep -qx 'CONFIG_ARM_FFA_TRANSPORT=[my]' "$config" ||
	refuse "$kernel: no FF-A driver; enable CONFIG_ARM_FFA_TRANSPORT"

if [ "$(uname -m)" != aarch64 ]; then
	export ARCH="${ARCH:-arm64}"
	if ! grep -qx CONFIG_CC_IS_CLANG=y "$config"; then
		export CROSS_COMPILE="${CROSS_COMPILE:-aarch64-linux-gnu-}"
	fi
fi
if grep -qx CONFIG_CC_IS_CLANG=y "$config"; then
	export LLVM="${LLVM:-1}"
fi

mkdir -p "$copy"
cp "$source"/*.[ch] "$source/Kbuild" "$copy/"
make -C "$kernel" M="$(cd "$copy" && pwd)" modules
cp "$copy/ffascope.ko" "$output"
