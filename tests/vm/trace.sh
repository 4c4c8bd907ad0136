#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Traces drivers' calls to TrustZone with every CPU busy, compares every call with the EL3 log, replays a recording on
# the host, and checks that nothing is left behind. REQUESTS (to OP-TEE, by each of two tasks), ROUNDS (of unbinding and
# binding its driver) and LEAST (minimum number of calls) can be set.
. "${BASH_SOURCE[0]%/*}/lib.sh"

REQUESTS=${REQUESTS:-250} ROUNDS=${ROUNDS:-2} LEAST=${LEAST:-500} SMP=${SMP:-2}

cat >"$WORK/guest.sh" <<'GUEST'
requests=$1 rounds=$2 cpus=$3
T=/sys/kernel/tracing/remotes/hypervisor
state() { cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable /sys/kernel/debug/kprobes/list | sed 's/^[0-9a-f]* *//'; }
before=$(state)
mark() { # NUMBER: makes a call with NUMBER in x17 on every CPU
	for cpu in $(seq 0 $((cpus - 1))); do ffascope call --no-trace --cpu "$cpu" id-get "x17=$1" >/dev/null 2>&1; done
}

ffascope --json trace --record /share/recording >/tmp/trace 2>/tmp/notes &
trace=$!
while ! grep -q watching /tmp/notes 2>/dev/null; do kill -0 $trace || exit 1; sleep 0.05; done

# Other work on every CPU: system calls, page faults and new processes.
for cpu in $(seq 1 "$cpus"); do
	while :; do dd if=/dev/zero of=/dev/null bs=4k count=500 2>/dev/null; ls -R /sys/kernel/debug >/dev/null 2>&1; done &
	load="$load $!"
done
mark 0xffa5c0be61
/tests/tee-calls "$requests" & one=$!
/tests/tee-calls $((requests / 10 + 1)) open & two=$!
/tests/tee-calls "$requests" & three=$!
# Migrate the tasks, including between the start and the end of a call.
while kill -0 $three 2>/dev/null; do
	for mask in 1 2; do taskset -p $mask $one; taskset -p $mask $three; done >/dev/null 2>&1
done &
ffascope call --no-trace --count 40 notification-bitmap-create vm-id=1 >/dev/null 2>&1
for character in a b c; do printf $character >>/share/typed; sleep 0.2; done
wait $one $two $three
# OP-TEE may be given a page again that it has not returned. EL2 refuses that, and the driver hangs.
for round in $(seq 1 "$rounds"); do
	{
		echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/unbind
		echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/bind
		: >/tmp/bound$round
	} &
	tries=100
	while [ ! -e /tmp/bound$round ] && [ $tries -gt 0 ]; do usleep 100000; tries=$((tries - 1)); done
	[ -e /tmp/bound$round ] || { echo "OP-TEE's driver hangs after $round times"; break; }
done
mark 0xffa5c0e44d
kill $load
sleep 1
kill -TERM $trace
wait $trace
echo "status $?"
cp /tmp/trace /share/trace
[ "$(state)" = "$before" ] && echo 'left nothing' || { echo 'left'; state; }
GUEST
: >"$WORK/typed"
"$FFALAB" run --kernel "${KERNEL:-forward}" --smp "$SMP" --firmware debug --el3-log "$WORK/el3" --secure-input "$WORK/typed" \
	--share "$WORK" --timeout 580 -- sh /share/guest.sh "$REQUESTS" "$ROUNDS" "$SMP" >"$WORK/out" 2>"$WORK/errors" ||
	{ cat "$WORK/out" "$WORK/errors"; echo 'FAILED  the run in the VM'; exit 1; }
cat "$WORK/out"

equals 'it ends with the signal that was sent' 143 "$(sed -n 's/^status //p' "$WORK/out")"
check 'the trace and the hooks are restored' grep -qx 'left nothing' "$WORK/out"
check 'the EL3 log confirms every verdict' \
	python3 "${BASH_SOURCE[0]%/*}/trace.py" "$WORK/trace" "$WORK/el3" "$SMP" "$LEAST"
for call in BIND UNBIND INFO_GET_64 GET; do
	check "NOTIFICATION_$call was seen" grep -q "\"call\":\"FFA_NOTIFICATION_$call\"" "$WORK/trace"
done
check 'the schedule receiver interrupt was seen' grep -q '"interrupt":"SRI"' "$WORK/trace"
LC_ALL=C "$FFASCOPE" --json replay "$WORK/recording" >"$WORK/again" || true
check 'replaying the recording gives the same bytes' cmp "$WORK/trace" "$WORK/again"
finish
