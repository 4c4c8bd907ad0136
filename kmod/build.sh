#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# build.sh KERNEL-BUILD-TREE SOURCE COPY OUTPUT: builds the module out of a copy of its source.
set -eu
kernel=$1 source=$2 copy=$3 output=$4

if [ ! -f "$kernel/Makefile" ]; then
	echo "$kernel: no kernel build tree; name one with -Dkernel-build=DIR" >&2
	exit 1
fi
mkdir -p "$copy"
cp "$source/ffascope.c" "$source/ffascope.h" "$source/Kbuild" "$copy/"
make -C "$kernel" M="$(cd "$copy" && pwd)" modules
cp "$copy/ffascope.ko" "$output"
