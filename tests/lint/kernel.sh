#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The module: sparse, gcc's extra warnings, and the kernel's own checkpatch.pl. KERNEL_TREE is a built kernel tree.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

if [[ ! -f ${KERNEL_TREE:-/none}/vmlinux ]]; then
	echo "no kernel has been built yet; run \`ffalab build'"
	exit 77
fi
need sparse
need perl
"$KERNEL_TREE"/scripts/checkpatch.pl --strict --no-tree --terse --file kmod/*.[ch] --root "$KERNEL_TREE" \
	--ignore "$(grep -v '^#' tests/lint/checkpatch.txt | cut -d' ' -f1 | paste -sd, -)"

rm -rf "$SCRATCH/kmod"
cp -r kmod "$SCRATCH/kmod"
make -s -C "$KERNEL_TREE" M="$SCRATCH/kmod" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- W=1 C=2 \
	CHECK=sparse CF=-Wsparse-error modules 2>&1 | tee "$SCRATCH/kmod.log"
if grep -q 'not available or not up to date' "$SCRATCH/kmod.log"; then
	echo "sparse $(sparse --version) is too old for this kernel: nothing was checked"
fi
if grep -E 'warning|error' "$SCRATCH/kmod.log"; then
	exit 1
fi
# Global symbols share one name space with the whole kernel.
! aarch64-linux-gnu-nm "$SCRATCH/kmod/ffascope.ko" | grep -E ' [A-TV-Z] ' |
	grep -vE ' (__srcu_struct_)?ffascope_| (init|cleanup)_module$| __this_module$'
