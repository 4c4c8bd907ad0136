#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Runs the *.ffa scripts beside this file. Its exit status is kselftest's: 0 pass, 1 fail, 4 skip. Arguments are options of
# `ffascope run'; kselftest takes them from KSELFTEST_FFASCOPE_SH_ARGS, for instance --allow-state-change.
KSFT_FAIL=1
KSFT_SKIP=4

cd "$(dirname "$0")" || exit $KSFT_FAIL
skip() {
	printf 'TAP version 13\n1..0 # SKIP %s\n' "$1"
	exit $KSFT_SKIP
}
[ "$(id -u)" -eq 0 ] || skip "must be run as root"
command -v ffascope >/dev/null || skip "ffascope is not installed"
[ -e /dev/ffascope ] || modprobe -q ffascope || skip "the module ffascope is not available"
set -- "$@" ./*.ffa
for script; do :; done
[ -e "$script" ] || skip "there is no *.ffa script beside ffascope.sh"

# A script that takes pending notifications away from arm_ffa, for instance, runs with the user's consent only.
if ffascope run --check "$@" 2>&1 >/dev/null | grep -q 'Use --allow-state-change'; then
	skip 'the scripts change state: set KSELFTEST_FFASCOPE_SH_ARGS=--allow-state-change to run them'
fi

ffascope run "$@"
case $? in
0) exit 0 ;;
3) exit $KSFT_SKIP ;;
*) exit $KSFT_FAIL ;;
esac
