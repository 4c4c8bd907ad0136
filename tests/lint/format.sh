#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The C code looks as .clang-format says. The module has the kernel's style, which checkpatch.pl looks at.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Each version lays out a few things in its own way; this is the one of Debian 12.
VERSION=14
need clang-format
if [[ $(clang-format --version) != *"version $VERSION."* ]]; then
	echo "clang-format $VERSION is wanted, this is $(clang-format --version)"
	exit 77
fi
sources 'cli/*.[ch]' 'bpf/*.[ch]' 'tests/*.[ch]' | xargs clang-format --dry-run --Werror
