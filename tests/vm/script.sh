#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Scripts on the real stack: their reports and who can parse them, how they end, and their speed. Times are printed only,
# because the machines are noisy.
. "${BASH_SOURCE[0]%/*}/lib.sh"

COUNTS=${BASH_SOURCE[0]%/*}/../cli/script/counts.py
CACHE=${FFALAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ffalab}

cat >"$WORK/mixed.ffa" <<'SCRIPT'
test "passes"
	cpu all
	call ID_GET
	expect forwarded SUCCESS id=0 smcs=1
	cpu 1
	call NOTIFICATION_GET receiver=0
	expect rejected NOT_SUPPORTED w2[31:0]=0xffffffff smcs=0
	call SPM_ID_GET
	let spm = id
	call ID_GET
	expect id<$spm
end
test "fails"
	call ID_GET
	expect rejected INVALID_PARAMETERS
	call ID_GET
	expect forwarded
end
test "is skipped"
	require forwarding NOTIFICATION_GET
	call ID_GET
end
test "asks for a CPU that is not there"
	cpu 77
	call ID_GET
end
test "is refused by the module"
	call RXTX_UNMAP
end
SCRIPT
cat >"$WORK/long.ffa" <<'SCRIPT'
test "before"
	call ID_GET
	expect forwarded
end
test "long"
	repeat 1000000000
		call ID_GET
		expect SUCCESS
	end
	cleanup
		call SPM_ID_GET
		expect DENIED
	end
end
test "behind"
	call ID_GET
end
SCRIPT
printf 'call ID_GET\nexpect forwarded SUCCESS\n%.0s' {1..10000} >"$WORK/pairs.ffa"
printf 'call ID_GET\nexpect SUCCESS\n' >"$WORK/unknown.ffa"
printf 'call ID_GET\nexpect forwarded\n' >"$WORK/verdict.ffa"
printf 'call ID_GET\nexpect unknown SUCCESS\n' >"$WORK/expected.ffa"
# shellcheck disable=SC2016
printf 'let set = 1\ncall NOTIFICATION_GET receiver=0 sp=$set\n' >"$WORK/consent.ffa"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
cd /share
state() { cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable | tr '\n' ' '; }
before=$(state)
run() { # NAME ARGUMENTS...
	name=$1; shift
	ffascope run --allow-state-change "$@" >/share/$name.out 2>/share/$name.err
	echo "$name $?"
	[ "$(state)" = "$before" ] || echo "$name-state CHANGED"
}
run mixed --junit /share/mixed.xml --record /share/recording mixed.ffa
ffascope -v run --allow-state-change mixed.ffa >/share/verbose.out 2>/dev/null
ffascope --json run --allow-state-change mixed.ffa >/share/mixed.json
ffascope replay /tmp/none 2>/dev/null; ffascope replay --calls /share/recording | grep -c '^FFA_' | sed 's/^/replayed /'
run good verdict.ffa
run unknown --no-trace unknown.ffa
run verdict --no-trace verdict.ffa
run expected --no-trace expected.ffa
ffascope run consent.ffa >/share/consent.out 2>/share/consent.err; echo "consent $?"
for sig in INT TERM; do
	/tests/with-signals ffascope run long.ffa >/share/long-$sig.out 2>/dev/null &
	pid=$!
	while ! grep -qs '^ok 1' /share/long-$sig.out; do sleep 0.1; done
	sleep 1
	kill -$sig $pid
	wait $pid
	echo "long-$sig $?"
	[ "$(state)" = "$before" ] || echo "long-$sig-state CHANGED"
done
# Not on the host's file system, which is slow.
cp pairs.ffa /tmp
for i in 1 2 3 4 5; do
	# The kernel may still be detaching the previous process's links; wait, so that neither measurement includes that.
	sleep 1
	echo "count $(/tests/time-us ffascope call --count 10000 ID_GET | tail -n 1)"
	sleep 1
	echo "pairs $(/tests/time-us ffascope run /tmp/pairs.ffa | tail -n 1)"
done
ffascope run /tmp/pairs.ffa | grep '^ok 1 pairs$'
GUEST
"$FFALAB" run --share "$WORK" --timeout 300 -- sh /share/guest.sh >"$WORK/out"
cat "$WORK/out"

is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is mixed 3
is good 0
is unknown 4
is verdict 4
is expected 0
is consent 2
is long-INT 130
is long-TERM 143
is replayed 8
check 'the trace is restored' test -z "$(grep CHANGED "$WORK/out")"

report=$WORK/mixed.out
for line in 'ok 1 mixed: passes' 'not ok 2 mixed: fails' 'not ok 4 mixed: asks for a CPU that is not there' \
	'not ok 5 mixed: is refused by the module' '# mixed.ffa:15: expect rejected INVALID_PARAMETERS' \
	'#   does not hold: the verdict is forwarded; the status is SUCCESS (0)'; do
	check "$line" grep -qxF "$line" "$report"
done
check 'a skip says why' grep -q '^ok 3 mixed: is skipped # SKIP FFA_NOTIFICATION_GET is not forwarded' "$report"
verbose=$WORK/verbose.out
check 'a failure shows registers with -v only' grep -q '^#   came back x0  0000000084000061' "$verbose"
check 'a failure shows the events of its trap with -v' grep -q '^#   trace .*hyp_enter smc' "$verbose"
equals 'a forwarded call has four events' 4 "$(grep -cE '\+[0-9]+ ns hyp_(enter|exit)' "$verbose")"
equals 'without -v a failed expectation is five lines' 4 \
	"$(sed -n '/^# mixed.ffa:15: expect/,/^\(# mixed\|not ok\)/p' "$report" | grep -c '^#  ')"
equals 'the report has a refusal of the module once' 1 "$(grep -c 'the module refuses this call' "$report")"
check 'JUnit has the failure' grep -q 'does not hold: the verdict is forwarded' "$WORK/mixed.xml"
equals 'JUnit has no registers either' 0 "$(grep -c 'came back' "$WORK/mixed.xml" || true)"
equals 'JSON has each call, expectation and case' '7 6 5' \
	"$(grep -c '"fid"' "$WORK/mixed.json") $(grep -c '"held"' "$WORK/mixed.json") $(grep -c '"case"' "$WORK/mixed.json")"
check 'an aborted run ends with Bail out' grep -q '^Bail out! stopped by a signal' "$WORK/long-INT.out"
check 'its cleanup ran' grep -q 'long.ffa:12: expect DENIED' "$WORK/long-INT.out"
check 'the interrupted test failed' grep -q '^not ok 2 long: long' "$WORK/long-INT.out"

# The parser of 6.12 has another interface.
for kernel in "$CACHE"/src/linux-source-7*; do
	[[ -d $kernel/tools/testing/kunit ]] || continue
	equals "prove and the parser of ${kernel##*/} count the same" '{"passed": 1, "failed": 3, "skipped": 1}' \
		"$(python3 "$COUNTS" "$kernel" "$report")"
	for sig in INT TERM; do
		equals "prove and the parser count an aborted run the same" '{"passed": 1, "failed": 1, "skipped": 1}' \
			"$(python3 "$COUNTS" "$kernel" "$WORK/long-$sig.out")"
	done
done

best() { sed -n "s/^$1 \([0-9]*\) us.*/\1/p" "$WORK/out" | sort -n | head -n 1; }
check '10,000 pairs hold' grep -qx 'ok 1 pairs' "$WORK/out"
echo "10,000 pairs: $(best pairs) us, call --count 10000: $(best count) us:" \
	"$((100 * $(best pairs) / $(best count))) % (target: at most 150 %)"
finish
