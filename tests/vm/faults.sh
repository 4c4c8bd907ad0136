#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Provokes faults around a run. Each has a defined outcome and none makes a verdict wrong: verdicts of random calls are
# compared with the EL3 log.
#
#   tracing switched off for good     later calls are unknown: tracing-off; status 4
#   the buffer emptied by another     the calls in it are unknown: lost-events
#   the buffer resized by another     the kernel refuses (EBUSY) while tracing is on; no effect
#   another reader while a run ends   the buffer size is restored once the reader has closed the file
#   tracefs unmounted in mid-run      status 5: the trace is not restored; the next run with tracefs restores it
#   disk full while recording         status 5; the printed output is correct, the trace is restored
#   no memory                         status 5 (or success); the trace is restored by the next run at the latest
#   unrelated signals                 no call is missing, no verdict is unknown because of them
#   a BPF ring buffer too small       calls whose events did not fit are unknown: lost-events
#   a step of the wall clock          no effect: times use the boot clock
#   a CPU goes offline                status 3, the CPU is named; calls already made keep their verdicts
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
state() { cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable | tr '\n' ' '; }
before=$(state)
echo "size $(cat $T/buffer_size_kb)"
same() { [ "$(state)" = "$before" ] && echo "$1-state same" || echo "$1-state CHANGED to $(state)"; }
begun() { while [ ! -s "$1" ] && [ -e /proc/$pid/exe ]; do usleep 20000; done; } # FILE: wait until it has output
n=0
# soaked NAME COMMAND...: makes random calls and runs the command once they have started.
soaked() {
	name=$1; shift; n=$((n + 1))
	$under /tests/soak 1500 $n 0x5eed00$(printf %02x $n)00000000 $ring >/share/$name.verdicts 2>/tmp/err &
	pid=$!
	begun /share/$name.verdicts
	"$@" 2>/dev/null
	wait $pid; echo "$name $? $(head -n 1 /tmp/err)"
}
off() { echo 0 >$T/tracing_on; }
emptied() { for i in 1 2 3 4 5 6; do echo 0 >$T/trace; usleep 100000; done; }
# Stop the run first: after it has ended, resizing the buffer is permitted.
resized() {
	for i in 1 2 3; do
		kill -STOP $pid
		[ "$(cat $T/tracing_on)" = 1 ] && echo tried && echo 8 >$T/buffer_size_kb && echo resized
		kill -CONT $pid
		usleep 20000
	done
}
# The kernel does not resize a buffer that is open for reading.
held() { (exec 3<$T/trace; until [ "$(cat $T/tracing_on)" = 0 ]; do usleep 10000; done; usleep 500000
	echo "held-size $(cat $T/buffer_size_kb)") & }
stepped() { date -s @$(($(date +%s) + 7200)) >/dev/null; usleep 500000; date -s @$(($(date +%s) - 9000)) >/dev/null; }

soaked plain :; same plain
soaked off off; same off
soaked emptied emptied; same emptied
soaked resized resized; same resized
soaked held held; same held
soaked clock stepped; same clock
ring=4096; soaked ring :; ring=; same ring
under=/tests/storm; soaked storm :; under=; same storm

mkdir /tmp/small; mount -t tmpfs -o size=64k none /tmp/small
ffascope --json call --count 3000 --record /tmp/small/rec id-get >/tmp/out 2>/tmp/err
echo "full $? $(cat /tmp/err)"
echo "full-right $(grep -c '"verdict":"forwarded"' /tmp/out) of $(wc -l </tmp/out)"
same full

# Lower the limit until the program no longer starts.
for kb in 40000 16000 12000 9000 8000 7000 6000 5000 4000 3000 2000; do
	(ulimit -v $kb; exec ffascope --json call --count 500 id-get) >/tmp/out 2>/tmp/err
	status=$?
	wrong=$(grep -vc '"verdict":"forwarded"' /tmp/out)
	[ $status -le 5 ] || [ $kb -le 4000 ] || echo "memory-signal $kb: $status"
	[ "$wrong" = 0 ] || [ $status != 0 ] || echo "memory-wrong $kb: $wrong"
	[ $status = 0 ] || [ -s /tmp/err ] || [ $kb -le 4000 ] || echo "memory-silent $kb: $status"
	statuses="$statuses $kb:$status"
done
echo "memory$statuses"
ffascope call id-get >/dev/null
same memory

rm /tmp/out
ffascope --json call --count 1000000 id-get >/tmp/out 2>/tmp/err &
pid=$!
begun /tmp/out
umount -l /sys/kernel/tracing
wait $pid; echo "unmounted $? $(cat /tmp/err | tr '\n' ' ')"
echo "unmounted-right $(grep -c '"verdict":"forwarded"' /tmp/out) of $(grep -vc '"verdict":"unknown"' /tmp/out)"
ffascope call id-get >/dev/null 2>/tmp/err; echo "no-tracefs $? $(head -n 1 /tmp/err)"
mount -t tracefs tracefs /sys/kernel/tracing
ffascope call id-get >/dev/null; same unmounted

rm /tmp/out
ffascope --json call --cpu 1 --count 1000000 id-get >/tmp/out 2>/tmp/err &
pid=$!
begun /tmp/out
echo 0 >/sys/devices/system/cpu/cpu1/online
wait $pid; echo "unplugged $? $(head -n 1 /tmp/err)"
echo "unplugged-right $(grep -c '"verdict":"forwarded"' /tmp/out) of $(grep -vc '"verdict":"unknown"' /tmp/out)"
same unplugged
dmesg | grep -c "WARNING:\|BUG:\|Call trace" | sed 's/^/splats /'
GUEST
"$FFALAB" run --smp 2 --firmware debug --el3-log "$WORK/el3" --share "$WORK" --timeout "${TIMEOUT:-600}" -- \
	sh /share/guest.sh >"$WORK/out" || { echo 'FAILED  the run in the VM'; cat "$WORK/out"; exit 1; }
got() { sed -n "s/^$1 //p" "$WORK/out"; }
says() { # NAME STATUS WORDS
	local line
	line=$(got "$1")
	if [[ $line == "$2 "*"$3"* ]]; then
		printf 'ok      %s: %s\n' "$1" "$line"
	else
		printf 'FAILED  %s: expected status %s and "%s" in: %s\n' "$1" "$2" "$3" "$line"
		FAILED=1
	fi
}
all_right() { # NAME: every verdict given is correct, and there is at least one
	local right all
	read -r right _ all <<<"$(got "$1-right")"
	if [[ $right == "$all" && $right != 0 ]]; then
		printf 'ok      %s: %s verdicts, all right\n' "$1" "$all"
	else
		printf 'FAILED  %s: %s verdicts of %s are right\n' "$1" "$right" "$all"
		FAILED=1
	fi
}
unknown() { grep -c " unknown ${2:-}" "$WORK/$1.verdicts" || true; }

soaks=(plain off emptied resized held clock ring storm)
files=("${soaks[@]/#/$WORK/}")
check 'every random call has a record, and no verdict is wrong' \
	python3 "${BASH_SOURCE[0]%/*}/soak.py" "$WORK/el3" "$WORK/totals" "${files[@]/%/.verdicts}"
for name in "${soaks[@]}"; do
	equals "$name: ends as usual" '0 ' "$(got "$name" | sed 's/storm: .*//')"
done
for name in "${soaks[@]}" full memory unmounted unplugged; do
	equals "$name: the trace is restored" same "$(got "$name-state")"
done
for name in plain resized held clock storm; do
	equals "$name: no verdict is unknown" 0 "$(unknown "$name")"
done
check 'off: only the calls after it are unknown' test "$(unknown off tracing-off)" -gt 0 -a "$(unknown off)" -lt 1500
check 'emptied: the calls in the buffer are unknown' test "$(unknown emptied lost-events)" -gt 0
check 'ring: the calls whose events did not fit are unknown' test "$(unknown ring lost-events)" -gt 0
check 'resized: the resize was attempted' grep -qx tried "$WORK/out"
equals 'resized: the kernel refuses it' '' "$(grep '^resized$' "$WORK/out")"
check 'held: half a second after the run the size is not restored yet' \
	test "$(got held-size | cut -d" " -f1)" -gt "$(got size | cut -d" " -f1)"
says full 5 'No space left'
all_right full
equals 'memory: no signal, no silence, nothing wrong' '' "$(grep -E '^memory-(signal|wrong|silent)' "$WORK/out")"
says memory '40000:0' '2000:'
says unmounted 5 'the next run'
all_right unmounted
says no-tracefs 3 'mount'
says unplugged 3 'CPU 1'
all_right unplugged
equals 'no kernel warning' 0 "$(got splats)"
finish
