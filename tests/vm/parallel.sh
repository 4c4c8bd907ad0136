#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Calls on all CPUs at the same time: each CPU's verdicts against the EL3 log, `call --cpus', and `parallel' in scripts.
# FFALAB_LONG=yes makes 200,000 random calls instead of 4,000.
. "${BASH_SOURCE[0]%/*}/lib.sh"

HERE=${BASH_SOURCE[0]%/*}
SEED=${SEED:-$RANDOM} COUNT=4000
[[ ${FFALAB_LONG:-} != yes ]] || COUNT=200000
cp "$HERE/../../examples/smoke/version-race.ffa" "$WORK"

cat >"$WORK/parallel.ffa" <<'SCRIPT'
test "each part has its own answers"
	parallel
		cpu 3
		repeat 50
			call ID_GET
			expect forwarded SUCCESS smcs=1
		end
		cpu all
		call NOTIFICATION_GET receiver=1
		expect rejected
		call FEATURES feature=sri
		expect forwarded SUCCESS
	end
	cpu all
	call ID_GET
	expect forwarded
end
test "an expectation that does not hold"
	parallel
		cpu 0
		call ID_GET
		cpu 1
		call ID_GET
		expect rejected
	end
end
SCRIPT
cat >"$WORK/guest.sh" <<'GUEST'
cd /share
/tests/random-calls "$1" "$2" /share/recording at-once >live.json 2>err; echo "random $?"
cat err
ffascope call --cpus 0,2-3 --count 500 --record counted notification-get receiver=1 >counted.txt 2>&1; echo "count $?"
ffascope replay counted >counted.again
ffascope --json call --cpus all id-get 2>/dev/null | sed 's/.*"cpu":\([0-9]*\).*/\1/' >all.txt
ffascope call --cpus 1,9 id-get >/tmp/out 2>&1; echo "absent $? $(grep -c 'CPU 9: not there' /tmp/out)"
# A stall of the machine makes verdicts unknown, so an expectation gets three chances.
for chance in 1 2 3; do
	ffascope run --record script parallel.ffa >script.txt 2>/dev/null; status=$?
	! grep -q pass:1 script.txt || break
done
echo "script $status $(sed -n 's/^# Totals: //p' script.txt)"
ffascope replay script >script.again 2>/dev/null; echo "again $?"
FFASCOPE_READER=kprobe ffascope call --cpus all --count 200 id-get >kprobe.txt 2>&1; echo "kprobe $?"
ffascope fuzz --cpus all --count 1000 --record fuzzed notification-get >fuzzed.txt 2>/dev/null; echo "fuzz $?"
ffascope replay fuzzed >fuzzed.again 2>/dev/null
rmmod ffascope; insmod /ffalab/ffascope.ko unsafe=1
ffascope run --allow-state-change version-race.ffa >race.txt 2>&1; echo "race $?"
echo "splats $(dmesg | grep -c 'WARNING:\|BUG:\|Call trace')"
GUEST
echo "seed $SEED"
"$FFALAB" run --kernel forward --smp 4 --el3-log "$WORK/el3" --share "$WORK" --timeout 900 -- sh /share/guest.sh "$COUNT" "$SEED" >"$WORK/out"
cat "$WORK/out"
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
# Status 4: nothing but unknown verdicts is in the way.
holds() { check "$1" grep -qx "$1 [04]" "$WORK/out"; }
is random 0
check 'the verdicts agree with the EL3 log' python3 "$HERE/witness.py" "$WORK/live.json" "$WORK/live.json" "$WORK/el3" 4 "$COUNT" all "" ""
holds count
equals 'the calls of each CPU are counted' '0:500 2:500 3:500 ' "$(grep -o 'CPU [0-9]*: [0-9]*' "$WORK/counted.txt" |
	awk '{ n[$2 + 0] += $3 } END { for (cpu in n) print cpu ":" n[cpu] }' | sort | tr '\n' ' ')"
check 'the replay of calls prints the same' cmp <(grep -v 'met a call' "$WORK/counted.txt") "$WORK/counted.again"
equals 'each CPU makes its call' '0 1 2 3 ' "$(tr '\n' ' ' <"$WORK/all.txt")"
is absent '2 1'
is script '1 pass:1 fail:1 skip:0'
is again 1
check 'the replay of a script prints the same' cmp "$WORK/script.txt" "$WORK/script.again"
holds kprobe
holds fuzz
check 'the replay of fuzz prints the same but for the time' cmp <(sed 's/ in [0-9.]* s,/,/' "$WORK/fuzzed.txt") "$WORK/fuzzed.again"
holds race
is splats 0
finish
