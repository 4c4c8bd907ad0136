#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# cppcheck on the tool; tests/lint/cppcheck.txt lists suppressed checks with reasons.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

need cppcheck
sources 'cli/*.c' | cppcheck --quiet -j "$JOBS" --file-list=- --std=c11 --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --suppressions-list=tests/lint/cppcheck.txt \
	-I. -Icli -Ibpf -Ikmod -I"$BUILD" -D_GNU_SOURCE -D__linux__
