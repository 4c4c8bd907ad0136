#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# How many lines of cli/ the native tests reach. What talks to the kernel is left out, by name, in coverage-exclude.txt: the tests in
# the VM are for that.
# shellcheck source=lib.sh
. "${BASH_SOURCE[0]%/*}/lib.sh"

LEAST=90
need gcovr
excluded=()
while read -r file; do
	[[ -z $file || $file == '#'* ]] || excluded+=(--exclude "$file")
done <tests/lint/coverage-exclude.txt

CC=gcc own_build coverage all -Db_coverage=true
find "$SCRATCH/coverage" -name '*.gcda' -delete
# How the tests end is a matter of their own tiers: here one fails that has an open() of its own, as gcov cannot write then.
meson test -C "$SCRATCH/coverage" --no-rebuild --num-processes "$JOBS" --timeout-multiplier 20 \
	>"$SCRATCH/coverage.tests" 2>&1 || true
gcovr --root . --object-directory "$SCRATCH/coverage" --filter 'cli/' "${excluded[@]}" --sort-percentage \
	--fail-under-line "$LEAST" "$SCRATCH/coverage" >"$SCRATCH/coverage.table" 2>"$SCRATCH/coverage.err" && status=0 || status=$?
cat "$SCRATCH/coverage.table"
exit "$status"
