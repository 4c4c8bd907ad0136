#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Sweeps of both kernels compared with the EL3 log; and a user of notifications, OP-TEE's driver, finds its state
# unchanged.
. "${BASH_SOURCE[0]%/*}/lib.sh"
HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)

cat >"$WORK/guest.sh" <<'GUEST'
kernel=$1
driver=/sys/bus/arm_ffa/drivers/optee
# OP-TEE's test watchdog raises a notification each second once its driver has started; the driver answers with a call
# for the bottom half. These count notifications that arrived and those that the driver handled:
trace=/sys/kernel/tracing
echo 'p:bottom_half optee_do_bottom_half' >$trace/kprobe_events
echo 1 >$trace/events/kprobes/bottom_half/enable
taken() { awk '$1 == "bottom_half" { print $2 }' $trace/kprobe_profile; }
arrived() { awk '/ARM-FFA-SRI/ { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i; print n }' /proc/interrupts; }
notified() { # NAME COUNT: more than COUNT arrived, the driver handles new ones, and none is left pending
	tries=0
	from=$(taken)
	while { [ "$(arrived)" -le "$2" ] || [ "$(taken)" -le "$from" ]; } && [ $tries -lt 200 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ "$(arrived)" -gt "$2" ] && echo "$1-notified yes" || echo "$1-notified no"
	[ "$(taken)" -gt "$from" ] && echo "$1-taken yes" || echo "$1-taken no"
	sleep 0.3
	ffascope --json call --no-trace --allow-state-change notification-info-get-64 | sed -E 's/.*"status":"?([A-Z_]*|null).*/\1/' | sed "s/^/$1-pending /"
}
if [ $kernel = forward ]; then
	notified before 0
fi
ffascope --json sweep --allow-state-change --save /share/saved >/share/json; echo "sweep $?"
cmp /share/saved /share/json && echo "saved same"
ffascope sweep --allow-state-change --baseline "/examples/baselines/$kernel.json" >/share/text; echo "baseline $?"
ffascope sweep --allow-state-change --policy strict >/dev/null; echo "strict $?"
ffascope sweep --allow-state-change --policy spec >/dev/null; echo "spec $?"
awk 'length > 100 { n++ } END { print "wide", n + 0 }' /share/text
[ $kernel = forward ] || exit 0
# The driver kept running during the sweep and continues to work.
notified swept "$(arrived)"
# After a signal in mid-sweep, the notifications that the sweep bound are free for the next one.
for i in 1 2 3 4 5; do
	ffascope sweep --allow-state-change --guard 100000 notification-unbind >/dev/null 2>&1 &
	pid=$!
	while [ "$(cat /sys/kernel/tracing/remotes/hypervisor/tracing_on)" = 0 ] && kill -0 $pid; do :; done
	usleep $((i * 7000))
	kill -INT $pid
	wait $pid
done
ffascope --json sweep --allow-state-change notification-bind notification-unbind >/tmp/again; echo "again $?"
grep -o '"control":{[^}]*"status":"[A-Z_]*"' /tmp/again | sed 's/.*"status":"//; s/"//' | tr '\n' ' ' | sed 's/^/bound /'; echo
# Bits that another user holds are left alone.
ffascope call --allow-state-change notification-bind sender=0x8001 receiver=0 bitmap=0x80000000 >/dev/null
ffascope sweep --allow-state-change notification-unbind >/tmp/others; echo "others $?"
grep -c "another user's state" /tmp/others | sed 's/^/others-told /'
ffascope --json call --allow-state-change notification-unbind sender=0x8001 receiver=0 bitmap=0x80000000 >/dev/null
# Without the driver nothing is bound, so DESTROY succeeds; the bitmap must be created again. Not traced: memory that the
# driver could not reclaim may be given to the trace, which cannot use it.
count=$(arrived)
echo arm-ffa-1 >$driver/unbind; echo "unbind $?"
dmesg -c >/dev/null
# The watchdog panics (assertion in notif_send_async) if it finds a new bitmap before the driver has told it which
# notification it uses. So act right after a watchdog notification, and then tell it, as the driver does.
tries=0 was=$(arrived)
while [ "$(arrived)" = "$was" ] && [ $tries -lt 500 ]; do usleep 10000; tries=$((tries + 1)); done
ffascope --json sweep --no-trace --allow-state-change notification-bitmap-destroy notification-bitmap-create |
	sed -E 's/"(probes|values)":\[[^]]*\]//g' | grep -o '"status":"[A-Z_]*"' | tr -d '\n' | sed 's/^/free /'; echo
ffascope call --no-trace --allow-state-change msg-send-direct-req receiver=0x8001 data0=5 >/dev/null 2>&1
# In the background: if the driver cannot share its memory, this write never returns.
echo arm-ffa-1 >$driver/bind &
notified after "$count"
dmesg | grep -c 'optee: initialized driver' | sed 's/^/bind /'
dmesg | grep -c 'Failed to initialize async notifications' | sed 's/^/bind-failed /'
dmesg | grep 'tee_shm_alloc_kernel_buf failed' && exit 99
exit 0
GUEST

sweep() { # KERNEL
	mkdir "$WORK/$1"
	cp "$WORK/guest.sh" "$WORK/$1/"
		# OP-TEE's driver cannot reclaim all memory that it shares when it is unbound (mem_reclaim: -95 in dmesg). It may
		# get such a page again, which it cannot share. Sweeps are not the cause, so retry with another VM.
	for try in 1 2 3 4; do
		status=0
		"$FFALAB" run --kernel "$1" --el3-log "$WORK/$1/el3" --share "$WORK/$1" --timeout 300 -- \
			sh /share/guest.sh "$1" </dev/null >"$WORK/$1/out" 2>"$WORK/$1/err" || status=$?
		((status == 99)) || break
		echo "        try $try: the driver was handed memory that is still shared"
	done
	if ((status != 0)); then
		cat "$WORK/$1/err"
		check "the run of kernel $1" false
		finish
	fi
	python3 "$HERE/sweep.py" "$WORK/$1/json" "$WORK/$1/el3" >"$WORK/$1/cells"
	kernel=$1
}
is() { equals "$kernel: $1" "$2" "$(sed -n "s/^$1 //p" "$WORK/$kernel/out")"; }
cell() { equals "$kernel: $1" "$2" "$(sed -n "s/^FFA_NOTIFICATION_$1 //p" "$WORK/$kernel/cells")"; }
calls='BITMAP_CREATE:176 BITMAP_DESTROY:208 BIND:127 UNBIND:128 SET:127 GET:190 INFO_GET:224'

sweep stock
for call in $calls; do
	cell "${call%:*}" "rejected blocked=${call#*:} contradicted=0"
done
cell INFO_GET_64 'forwarded accepted=640 secure=448 contradicted=0'
is sweep 0
is saved same
is baseline 0
is strict 1
is spec 1
is wide 0

sweep forward
for call in $calls INFO_GET_64:1088; do
	cell "${call%:*}" "forwarded enforced=${call#*:} contradicted=0"
done
is sweep 0
is saved same
is baseline 0
is strict 0
is spec 1
is wide 0
is before-notified yes
is before-taken yes
is before-pending NO_DATA
is swept-notified yes
is swept-taken yes
is swept-pending NO_DATA
is free '"status":"SUCCESS""status":"DENIED"'
is unbind 0
is bind 1
is bind-failed 0
is after-notified yes
is after-taken yes
is after-pending NO_DATA
is again 0
is bound 'SUCCESS SUCCESS '
is others 4
is others-told 1

echo "        the log agrees with $(awk '$1 == "cells" { n += $2 } END { print n }' "$WORK"/*/cells) cells"
if [[ -n ${FFASCOPE:-} ]]; then
	"$FFASCOPE" diff "$WORK/stock/saved" "$WORK/forward/saved" | sed 's/^/        /'
fi
finish
