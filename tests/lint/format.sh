#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Checks that the C code follows .clang-format. The module has the kernel's style, which checkpatch.pl checks.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Versions of clang-format differ slightly; this is Debian 12's.
VERSION=14
need clang-format
if [[ $(clang-format --version) != *"version $VERSION."* ]]; then
	echo "clang-format $VERSION is required, this is $(clang-format --version)"
	exit 77
fi
sources 'cli/*.[ch]' 'bpf/*.[ch]' 'tests/*.[ch]' | xargs clang-format --dry-run --Werror
