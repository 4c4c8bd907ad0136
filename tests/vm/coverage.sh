#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ffalab coverage: exact counts of a loop, the command apart from the boot, merging and comparing of two runs, and the
# counts of every block at EL2 against QEMU's own log of what it executes. The notification handlers are reached as
# lab/coverage/forward.floor asks.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# Calls that EL2 refuses in one function which nothing else in the VM makes it run.
refused=(ffascope -q call --allow-state-change --count 1000 notification-bitmap-destroy vm-id=1)
run() { "$FFALAB" coverage --kernel forward --timeout 300 "$@"; }

# calls FUNCTION FILE: how often it ran, in a tracefile.
calls() { sed -n "s/^FNDA:\([0-9]*\),$1\$/\1/p" "$2"; }
# line PATTERN FILE: the count of the source line that matches, of the function of the refused calls.
line() {
	local root=$1 pattern=$2 file=$3 number
	number=$(grep -nE "$pattern" "$root/arch/arm64/kvm/hyp/nvhe/ffa.c" | head -n 1 | cut -d: -f1)
	sed -n "s/^DA:$number,//p" "$file"
}

status=0
run --output "$WORK/report" --lcov "$WORK/one" --counts "$WORK/counts" -- "${refused[@]}" >"$WORK/out" || status=$?
equals 'the command gives its exit status' 0 "$status"
check 'and its output' grep -q '1000  rejected by' "$WORK/out"
equals 'a loop of 1,000 calls counts 1,000 runs of its function' 1000 "$(calls ffa_check_notification_bitmap_destroy "$WORK/one")"
root=$(sed -n 's|^SF:\(.*\)/arch/arm64/.*|\1|p' "$WORK/one")
equals 'and of its condition' 1000 "$(line "$root" 'ffa_check_unused_args_sbz\(ctxt, ffa_version, 3\)|static .*ffa_check_notification_bitmap_destroy' "$WORK/one")"
equals 'the boot is counted apart' 0 "$(calls hyp_ffa_init "$WORK/one")"
check 'the report quotes lines that were not reached' grep -qE '^ +[0-9]+ .*DECLARE_REG\(phys_addr_t, tx, ctxt, 1\);' "$WORK/report"
check 'and names branches of which one direction was not' grep -qE '^ +[0-9]+ (never|always) taken' "$WORK/report"

# QEMU's log of the blocks that it executes, without the shortcuts that it does not log.
slide=$(sed -n 's/^slide //p' "$WORK/counts")
read -r start end < <(sed -nE 's/.*text=([0-9a-f]+)-([0-9a-f]+).*/\1 \2/p' "${FFALAB_CACHE:-$HOME/.cache/ffalab}/build/coverage-forward.json.arguments")
range=$(python3 -c 'import sys; slide, start, end = (int(x, 16) for x in sys.argv[1:]); print(f"{(start + slide) % 2**64:#x}+{end - start:#x}")' "$slide" "$start" "$end")
FFALAB_QEMU="-d exec,nochain -dfilter $range -D $WORK/exec.log" run --output "$WORK/report" --lcov "$WORK/two" \
	--counts "$WORK/counts" --add "$WORK/one" --diff "$WORK/one" -- ffascope -q call --count 10 spm-id-get >/dev/null || true
check 'every block ran as often as QEMU logs' python3 "${BASH_SOURCE[0]%/*}/coverage.py" "$WORK/counts" "$WORK/exec.log"
equals 'counts of two runs are added' 1000 "$(calls ffa_check_notification_bitmap_destroy "$WORK/two")"
check 'the sum of both lacks nothing of the first' grep -q ' 0 lines and 0 more branches reached before, not now' "$WORK/report"

cp "${BASH_SOURCE[0]%.sh}.ffa" "$WORK/rest.ffa"
run --output "$WORK/report" --lcov "$WORK/three" --share "$WORK" -- sh -c '
	ffascope sweep --allow-state-change >/dev/null && ffascope run --allow-state-change /share/rest.ffa' >"$WORK/out" || cat "$WORK/out"
check 'a sweep and a script reach all of the notification handlers that is feasible' \
	python3 "$(dirname "$FFALAB")/coverage/floor.py" "$WORK/three" "$root/arch/arm64/kvm/hyp/nvhe/ffa.c" "$(dirname "$FFALAB")/coverage/forward.floor"
finish
