#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The lab's own SPMC (lab/spmc) in OP-TEE's place: what it makes testable, compared with its log and the monitor's.
# FFALAB_LONG=yes makes 10,000 notifications, 5,000 conversations and 5,000 random calls instead of some hundred, and
# tries the scripts that bring the VM down.
. "${BASH_SOURCE[0]%/*}/lib.sh"

HERE=${BASH_SOURCE[0]%/*}
EXAMPLES=$HERE/../../examples
SEED=${SEED:-$RANDOM}
NOTIFICATIONS=300 MESSAGES=60 CALLS=400 ROUNDS=40
[[ ${FFALAB_LONG:-} != yes ]] || NOTIFICATIONS=10000 MESSAGES=1700 CALLS=5000 ROUNDS=400
cp "$EXAMPLES"/smoke/{spmc-*,from-below}.ffa "$EXAMPLES"/findings/*.ffa "$WORK"

cat >"$WORK/guest.sh" <<'GUEST'
notifications=$1 messages=$2 calls=$3 seed=$4 rounds=$5
cd /share
# watch FILE: starts a trace into the file, and waits until it watches.
watch() {
	rm -f /tmp/notes
	ffascope --json trace >"$1" 2>/tmp/notes & trace=$!
	while ! grep -q watching /tmp/notes 2>/dev/null; do kill -0 $trace || exit 1; sleep 0.05; done
}
order() { ffascope call --no-trace --allow-state-change MSG_SEND_DIRECT_REQ receiver=0x8003 "$@" >/dev/null 2>&1; }
echo "version $(dmesg | sed -n 's/.*ARM FF-A: Firmware version \(.*\) found/\1/p')"
echo "errors $(dmesg -r | grep -c '^<[0-3]>.*ARM FF-A')"
rmmod ffascope; insmod /ffalab/ffascope.ko unsafe=1
for f in spmc-conversation spmc-notifications from-below; do
	ffascope run --allow-state-change $f.ffa >/tmp/out 2>&1
	echo "$f $? $(sed -n 's/^# Totals: //p' /tmp/out)"
	grep '^not ok\|^#   ' /tmp/out
done
echo "sweep $(ffascope sweep --allow-state-change notification-set | grep -c 'forwarded to the secure world: SUCCESS')"
/tests/spmc-traffic notifications "$notifications" 0x8001

# A driver shares memory and sends indirect messages. The proxy forwards MSG_SEND2 without the message.
watch memory.json
insmod /ffalab/spmc-memory.ko "rounds=$rounds" messages=1
sleep 1; kill $trace; wait $trace
rmmod spmc-memory
dmesg | sed -n 's/.*spmc-memory: //p' | tail -n 20

# Conversations on busy CPUs: two tasks with contexts of their own, and one that moves between the CPUs.
order w3=3 w4=5 w6=1 "w7=$seed"
order w3=6 w4=0xc400006f w5=0xffffffff
watch trace.json
/tests/load & load=$!
/tests/spmc-traffic messages "$messages" 0x8001 0 >/tmp/m0 & one=$!
/tests/spmc-traffic messages "$messages" 0x8001 1 >/tmp/m1 & two=$!
/tests/spmc-traffic messages "$messages" 0x8002 >/tmp/m2 & three=$!
while kill -0 $three 2>/dev/null; do
	for mask in 1 2; do taskset -p $mask $three; usleep 3000; done >/dev/null 2>&1
done &
wait $one $two $three
sleep 1
kill $trace; wait $trace
grep -h . /tmp/m0 /tmp/m1 /tmp/m2
order w3=13 w4=1

/tests/random-calls "$calls" "$seed" /share/recording >/share/calls.json; echo "random $?"
kill $load
order w3=13
# A secure world that clears x8-x17, as EL2 does: the registers are no evidence then.
for first in 8 12 16; do
	count=$((first == 16 ? 2 : 4))
	ffascope call --no-trace --allow-state-change MSG_SEND_DIRECT_REQ_64 receiver=0x8003 \
		"x3=$((1 | first << 8 | count << 16))" x4=0 x5=0 x6=0 x7=0 >/dev/null 2>&1
done
order w3=6 w4=0 w5=0xffffffff
echo "junk $(ffascope --json call features feature=id-get 2>/tmp/junk | sed -n 's/.*"verdict":"\([a-z]*\)".*"evidence":\(\[[^]]*\]\).*/\1 \2/p')"
cat /tmp/junk
order w3=13

# A secure world that does not answer until its watchdog ends that.
hang() { order w3=4 w4=300; order w3=6 "w4=$1" w5=1; }
said() { sed -n 's/.*"verdict":"\([a-z]*\)".*"status":"\([A-Z_]*\)".*"time_ns":{"total":\([0-9]*\)[0-9]\{8\},.*/\1 \2 \3/p' | tail -n 1; }
hang 0x84000065
echo "hang-call $(ffascope --json call --allow-state-change rx-release 2>&1 | said)"
hang 0x84000065
echo "hang-shell $(echo 'call rx-release' | ffascope --json shell --allow-state-change 2>&1 | said)"
watch /tmp/hang.json
hang 0xc400006f
/tests/spmc-traffic messages 1 0x8002 >/dev/null
sleep 1; kill $trace; wait $trace
echo "hang-trace $(grep '"0x8002"' /tmp/hang.json | said)"
echo "splats $(dmesg | grep -c 'WARNING:\|BUG:\|Call trace')"
GUEST
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out" | tail -n 1)"; }

echo "seed $SEED"
traffic() {
	"$FFALAB" run --kernel forward --secure-world spmc --el3-log "$WORK/el3" --secure-log "$WORK/below" \
		--share "$WORK" --module "$HERE/spmc-memory" --timeout 900 -- \
		sh /share/guest.sh "$NOTIFICATIONS" "$MESSAGES" "$CALLS" "$SEED" "$ROUNDS" >"$WORK/out"
}
check 'the run in the VM' traffic
cat "$WORK/out"
is version 1.2
is errors 0
is spmc-conversation '0 pass:8 fail:0 skip:0'
is spmc-notifications '0 pass:10 fail:0 skip:0'
is from-below '0 pass:17 fail:0 skip:0'
is sweep 1
is junk 'forwarded ["trace"]'
equals 'all 64 notifications, as many as arm_ffa takes at a time' '55 9' "$(sed -n 's/^held //p' "$WORK/out" | xargs)"
is notifications "$NOTIFICATIONS lost 0 doubled 0 misplaced 0"
equals 'all messages were answered' 3 "$(grep -c "^messages $MESSAGES wrong 0" "$WORK/out")"
is random 0
is 'indirect messages' '0 answers 0 error -22'
is rounds "$ROUNDS failed 0 shared 0"
for how in call shell trace; do
	is "hang-$how" 'forwarded ABORTED 3'
done
is splats 0
check 'the two logs agree' python3 "$HERE/spmc.py" logs "$WORK/el3" "$WORK/below"
check 'each conversation is one in the trace' python3 "$HERE/spmc.py" talks "$WORK/trace.json" "$WORK/below" $((MESSAGES * 3))
check 'memory is shared once and reclaimed once' python3 "$HERE/spmc.py" memory "$WORK/memory.json" "$WORK/el3" \
	"$WORK/below" "$ROUNDS"
check 'the log agrees with the verdicts' python3 "$HERE/spmc.py" calls "$WORK/calls.json" "$WORK/below" "$CALLS"

# One line about a boot: version, errors of arm_ffa, and the results of a script.
cat >"$WORK/boot.sh" <<'GUEST'
version=$(dmesg | sed -n 's/.*ARM FF-A: Firmware version \(.*\) found/\1/p')
errors=$(dmesg -r | grep -c '^<[0-3]>.*ARM FF-A')
rmmod ffascope; insmod /ffalab/ffascope.ko unsafe=1
[ $# = 0 ] || result=" $(ffascope run --allow-state-change "/share/$1.ffa" 2>/dev/null | sed -n 's/^# Totals: //p')"
[ ! -f /ffalab/spmc-memory.ko ] || insmod /ffalab/spmc-memory.ko rounds=20 messages=20
echo "$version $errors$result$(dmesg | sed -n 's/.*spmc-memory: / /p' | tr -d '\n')"
GUEST
module=()
boots() { # DESCRIPTION EXPECTED SECURE-WORLD KERNEL SCRIPT...
	equals "$1" "$2" "$("$FFALAB" run --kernel "$4" --secure-world "$3" --share "$WORK" "${module[@]}" --timeout 120 -- \
		sh /share/boot.sh "${@:5}")"
}
boots 'FF-A 1.1' '1.1 0' spmc-1.1 stock
module=(--module "$HERE/spmc-memory")
boots 'without a hypervisor in between' \
	'1.2 0 pass:5 fail:0 skip:0 indirect messages 20 answers 20 error 0 rounds 20 failed 0 shared 0' spmc no-el2 spmc-native
module=()
if [[ ${FFALAB_LONG:-} == yes || " ${FFALAB_BUILT:-} " == *' policy-7.4 '* ]]; then
	boots 'the proxy of Linux 7.4' '1.2 0 pass:10 fail:0 skip:0' spmc policy-7.4 spmc-notifications
fi

# bad SCRIPT STATUS: brings the VM down.
bad() {
	local status=0
	"$FFALAB" run --secure-world spmc --share "$WORK" --timeout 60 -- sh -c \
		"rmmod ffascope; insmod /ffalab/ffascope.ko unsafe=1; ffascope run --allow-state-change /share/$1.ffa" \
		>"$WORK/out" 2>"$WORK/err" || status=$?
	equals "$1 brings the VM down" "$2" "$status"
}
if [[ ${FFALAB_LONG:-} == yes ]]; then
	bad reclaim-fragment-size 125
	check 'it is a panic of the hypervisor' grep -q 'HYP panic' "$WORK/err"
	bad reclaim-fragment-empty 124
fi
finish
