#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Line coverage of cli/ by the native tests. coverage-exclude.txt names the files that talk to the kernel, which the VM
# tests cover.
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
# Ignore test results, which have their own tiers: a test that replaces open() fails here because gcov cannot write.
meson test -C "$SCRATCH/coverage" --no-rebuild --num-processes "$JOBS" --timeout-multiplier 20 \
	>"$SCRATCH/coverage.tests" 2>&1 || true
gcovr --root . --object-directory "$SCRATCH/coverage" --filter 'cli/' "${excluded[@]}" --sort-percentage \
	--fail-under-line "$LEAST" "$SCRATCH/coverage" >"$SCRATCH/coverage.table" 2>"$SCRATCH/coverage.err" && status=0 || status=$?
cat "$SCRATCH/coverage.table"
exit "$status"
