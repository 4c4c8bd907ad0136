#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs all native tests with AddressSanitizer and UndefinedBehaviorSanitizer.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

CC=gcc own_build sanitize all -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=all
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
meson test -C "$SCRATCH/sanitize" --no-rebuild --print-errorlogs --timeout-multiplier 20 --num-processes "$JOBS" |
	grep -v ' OK '
