#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# fuzz finds, reduces and names faults that a sweep cannot see, and nothing on a right proxy. Its scripts fail where the
# fault is and pass where it is not. FFALAB_LONG=yes: all faults of lab/mutants/combined, with all calls and three seeds.
. "${BASH_SOURCE[0]%/*}/lib.sh"
HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
ROOT=${HERE%/tests/vm}
MUTANT=$ROOT/lab/mutants/combined

# Numbers of faults.
SAMPLE='2 20'
SEEDS=1 WHAT='--count 3000 notification-get' LIMIT=600
if [[ -n ${FFALAB_LONG:-} ]]; then
	SAMPLE=$(sed -nE 's/^([0-9]+)\t.*/\1/p' "$MUTANT/faults" | tr '\n' ' ')
	SEEDS='1 2 3' WHAT='--time 60' LIMIT=14400
fi
FAULTS=${FAULTS:-$SAMPLE}

cat >"$WORK/guest.sh" <<'GUEST'
fault() { ffascope call --no-trace --allow-state-change 0x840000f0 w1=$1 >/dev/null 2>&1; }
fuzz() { ffascope --json fuzz --allow-state-change "$@"; }
for seed in $2; do
	for number in 0 $1; do
		fault $number
		fuzz --seed $seed --save /tmp/$number-$seed $3 >/share/$number-$seed.json
		echo "status-$number-$seed $?"
	done
done
# A script of the first fault fails, and passes once the fault is gone.
first=${1%% *}
script=$(ls /tmp/$first-${2%% *}/*.ffa | head -n 1)
cp $script /share/first.ffa
fault $first
ffascope run --allow-state-change $script >/share/run; echo "with-fault $?"
fault 0
ffascope run --allow-state-change $script >/share/run; echo "without-fault $?"
# A recording is replayed to the same findings.
fault $first
fuzz --seed 9 --count 2000 --record /tmp/recording notification-get >/share/live
ffascope --json replay /tmp/recording >/share/replayed
cmp /share/live /share/replayed; echo "replay $?"
ffascope fuzz --ktap --count 500 notification-get >/share/ktap; echo "ktap $?"
# A proxy that forwards calls but not those that undo them.
fault 100
ffascope --json sweep --allow-state-change notification-bitmap-create notification-bind >/share/no-undo.sweep; echo "no-undo $?"
fault 0
exit 0
GUEST
status=0
"$FFALAB" run --kernel "$MUTANT" --share "$WORK" --timeout "$LIMIT" -- sh /share/guest.sh "$FAULTS" "$SEEDS" "$WHAT" \
	</dev/null >"$WORK/out" 2>"$WORK/err" || status=$?
if ((status != 0)); then
	cat "$WORK/out" "$WORK/err"
	check "the run (status $status)" false
fi
check "each fault is found, reduced and named" python3 "$HERE/fuzz.py" "$MUTANT/faults" "$WORK"
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
for seed in $SEEDS; do
	is "status-0-$seed" 0
	for number in $FAULTS; do
		is "status-$number-$seed" 1
	done
done
is no-undo 0
equals "what nothing undoes is swept, with a control that changes nothing" "vcpu-count=65535 enforced 176 bitmap=0 enforced 127" "$(python3 -c '
import json, sys
calls = json.load(sys.stdin)["calls"]
print(*(word for call in calls for word in [call["control_words"], *(f"{k} {n}" for k, n in call["summary"].items() if n)]))
' <"$WORK/no-undo.sweep")"
is with-fault 1
is without-fault 0
is replay 0
is ktap 1
check "KTAP has a case that failed" grep -q '^not ok 1 FFA_NOTIFICATION_GET' "$WORK/ktap"
finish
