#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The LAVA jobs of examples/ci/lava, run on LAVA's own dispatcher. One job by default, with a script of nine cases of which
# one fails; FFALAB_LONG=yes runs the others too: all passing on both devices, a panic in mid-run, and a missing module.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"

root=$(cd "$(dirname "$0")/../.." && pwd)
skip() {
	echo "skipped: $*"
	exit 77
}
unshare --map-root-user --mount true 2>/dev/null || skip "no user namespaces with mounts"
[[ " ${FFALAB_BUILT:-forward} " == *' forward '* || ${CI:-} == true ]] || skip "kernel forward is not built"

# lava NAME STATUS [ARGUMENT...]: runs a job; its results in WORK/NAME.
lava() {
	local name=$1 wanted=$2 status=0
	shift 2
	"$FFALAB" lava "$@" >"$WORK/$name" 2>"$WORK/$name.err" || status=$?
	if ((status == 123)) && grep -qE "apt offers no LAVA|Fetching LAVA's dispatcher failed" "$WORK/$name.err"; then
		skip "LAVA's packages cannot be had"
	fi
	equals "$name: exit status" "$wanted" "$status"
	((status == wanted)) || cat "$WORK/$name" "$WORK/$name.err"
}
counts() { equals "$1: $2" "$2" "$(grep -E '^[0-9]+ passed, ' "$WORK/$1")"; }
log_of() { sed -n "s/^ffalab: LAVA's log: //p" "$WORK/$1.err"; }

# Nine cases, the last one shorter than in the example, and one expectation that does not hold.
sed -e 's/repeat 1000/repeat 10/' -e '/^test "GET is forwarded/,/^end/s/expect forwarded SUCCESS smcs=1/expect rejected/' \
	"$root/examples/smoke/forward.ffa" >"$WORK/broken.ffa"
lava broken 1 "$WORK/broken.ffa"
counts broken '9 passed, 1 failed, 0 skipped'
check 'broken: the module is a case of its own' grep -qx 'pass  module-loads' "$WORK/broken"
equals 'broken: the case that fails' 'fail  broken-GET-is-forwarded-from-each-vCPU' "$(grep '^fail' "$WORK/broken")"
check 'broken: its reason is shown' grep -q 'does not hold: the verdict is forwarded' "$WORK/broken"
check "broken: LAVA's log is kept" test -s "$(log_of broken)"
check 'broken: LAVA links the case to its lines in the log' \
	grep -q '"case": "broken-GET-is-forwarded-from-each-vCPU".*"result": "fail", "starttc"' "$(log_of broken)"
[[ ${FFALAB_LONG:-} ]] || finish

SECONDS=0
lava qemu 0
printf '# the job for QEMU with all its files: %s s\n' "$SECONDS"
counts qemu '10 passed, 0 failed, 0 skipped'
lava board 0 --board
counts board '10 passed, 0 failed, 0 skipped'

# The kernel panics after the fourth case.
# shellcheck disable=SC2016 # the variable is of the job's shell
sed 's#| sh examples#| while read -r line; do echo "$line"; case $line in "ok 4 "*) sleep 10; echo c >/proc/sysrq-trigger ;; esac; done &#' \
	"$root/examples/ci/lava/qemu.yaml" >"$WORK/panic.yaml"
lava panic 1 --job "$WORK/panic.yaml"
counts panic '5 passed, 0 failed, 0 skipped'
check 'panic: the job is incomplete' grep -q '^the job is incomplete' "$WORK/panic"

sed 's#insmod ./ffascope.ko#insmod ./absent.ko#' "$root/examples/ci/lava/qemu.yaml" >"$WORK/absent.yaml"
lava absent 1 --job "$WORK/absent.yaml"
check 'absent: loading the module fails' grep -qx 'fail  module-loads' "$WORK/absent"
check 'absent: no case passes' test -z "$(grep '^pass' "$WORK/absent")"
check 'absent: each case fails, and why' grep -q 'fail  forward-' "$WORK/absent"
finish
