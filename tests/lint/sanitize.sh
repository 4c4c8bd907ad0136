#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs all native tests with AddressSanitizer and UndefinedBehaviorSanitizer, and counts the lines of cli/ that they
# execute. coverage-exclude.txt names the files that talk to the kernel, which the VM tests cover.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

LEAST=90
CC=gcc own_build sanitize all -Db_sanitize=address,undefined -Db_lundef=false -Db_coverage=true \
	-Dc_args=-fno-sanitize-recover=all
find "$SCRATCH/sanitize" -name '*.gcda' -delete
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
# A test may close or replace the files that gcov writes to; that is not the test's failure.
export GCOV_ERROR_FILE=/dev/null
meson test -C "$SCRATCH/sanitize" --no-rebuild --print-errorlogs --timeout-multiplier 20 --num-processes "$JOBS" |
	grep -v ' OK '

if ! command -v gcovr >/dev/null; then
	echo 'no gcovr on this machine: lines are not counted'
	exit 0
fi
excluded=()
while read -r file; do
	[[ -z $file || $file == '#'* ]] || excluded+=(--exclude "$file")
done <tests/lint/coverage-exclude.txt
gcovr --root . --object-directory "$SCRATCH/sanitize" --filter 'cli/' "${excluded[@]}" --sort-percentage \
	--fail-under-line "$LEAST" "$SCRATCH/sanitize" >"$SCRATCH/coverage.table" 2>"$SCRATCH/coverage.err" && status=0 || status=$?
cat "$SCRATCH/coverage.table"
exit "$status"
