#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Notifications through arm_ffa: bound, sent, relinquished however the process ends; and who rejects each step.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
P=$(grep -hv 0x0000 /sys/bus/arm_ffa/devices/*/partition_id | head -n 1)
echo "partition $P"
notify() { # NAME ARGUMENTS...: prints status, verdict and FF-A status of each operation; messages in /share/NAME.err
	name=$1; shift
	ffascope --json notify "$@" >/tmp/out 2>"/share/$name.err"
	echo "$name $? $(sed -n 's/.*"notify":"\(bind\|unbind\|send\|info\|get\)".*"verdict":"\([a-z]*\)".*"status":"\([A-Z_]*\)".*/\1 \2 \3/p' \
		/tmp/out | tr '\n' ' ')"
}
notify listen listen --from "$P" --id 5 --duration 1
notify twice listen --from "$P" --id 5 --duration 1
notify taken listen --from "$P" --id 0 --duration 1
notify per-vcpu bind --from "$P" --id 6 --per-vcpu --duration 1
notify send send --to "$P" --id 3
notify pending pending --allow-state-change
notify absent send --to 0x7123 --id 3
notify foreign unbind --from "$P" --id 0 --allow-state-change
notify no-trace bind --from "$P" --id 6 --duration 1 --no-trace
via() { # NAME ARGUMENTS...: prints status, verdict and FF-A status
	name=$1; shift
	ffascope --json call --via driver --allow-state-change "$@" >/tmp/out 2>"/share/$name.err"
	echo "$name $? $(sed -n 's/.*"verdict":"\([a-z]*\)".*"status":"\([A-Z_]*\)".*/\1 \2/p' /tmp/out)"
}
via via-bind notification-bind sender="$P" bitmap=0x20
[ "$1" = forward ] || exit 0
via via-message msg-send-direct-req receiver="$P" data0=0
via via-two-ids notification-bind sender="$P" bitmap=0x60
via via-wide msg-send-direct-req-64 receiver="$P"
via via-partitions partition-info-get

# A held notification is refused to others, and becomes free however its process ends.
for sig in KILL TERM INT; do
	/tests/with-signals ffascope notify listen --from "$P" --id 7 >/tmp/held 2>&1 &
	pid=$!
	until grep -q listening /tmp/held 2>/dev/null; do sleep 0.1; done
	echo "trace-while-listening $(cat $T/tracing_on)"
	notify held-$sig bind --from "$P" --id 7 --duration 1
	kill -$sig $pid
	wait $pid; echo "ended-$sig $?"
	notify after-$sig bind --from "$P" --id 7 --duration 1
done
grep -c '^0 arrived, 0 lost' /tmp/held | sed 's/^/said-at-the-end /'
/tests/module-abi "$P" >/share/abi; echo "abi $?"

# Tell OP-TEE to raise notification 5 (its driver's OPTEE_FFA_ENABLE_ASYNC_NOTIF), then type a key on its console.
if [ "$2" = keys ]; then
	ffascope --json notify listen --from "$P" --id 5 --count 1 --duration 60 >/tmp/got 2>/dev/null &
	until grep -q bind /tmp/got 2>/dev/null; do sleep 0.1; done
	via via-enable msg-send-direct-req receiver="$P" data0=5 data1=5
	echo >>/share/keys
	wait $!
	echo "round-trip $? $(sed -n 's/.*"notify":"\(notification\|end\)".*\("id":5\|"arrived":1,"lost":0\).*/\1 \2/p' /tmp/got | tr '\n' ' ')"
fi

# The module unloads after all its callbacks have run.
rmmod ffascope; echo "rmmod $?"
insmod /ffalab/ffascope.ko unsafe=1
notify foreign-unsafe unbind --from "$P" --id 0 --allow-state-change
notify unheld unbind --from "$P" --id 0 --allow-state-change
notify freed bind --from "$P" --id 0 --duration 1
dmesg | grep -c "WARNING:\|BUG:\|Call trace" | sed 's/^/splats /'
GUEST
# calls FID...: prints the number of these calls in the EL3 log
calls() {
	local fids
	fids=$(IFS='|' && echo "$*")
	grep -cE "SPM\([0-9]+\): ($fids) " "$WORK/el3" || true
}
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out" | tail -n 1)"; }
says() { check "$1 says: $2" grep -q -- "$2" "$WORK/$1.err"; }

keys=()
touch "$WORK/keys"
if "$FFALAB" help | grep -q -- --secure-input; then
	keys=(--secure-input "$WORK/keys")
fi
"$FFALAB" run --kernel forward --el3-log "$WORK/el3" "${keys[@]}" --share "$WORK" -- \
	sh /share/guest.sh forward ${keys:+keys} >"$WORK/out"
bound='bind forwarded SUCCESS unbind forwarded SUCCESS '
is listen "0 $bound"
says listen 'nothing arrived. Endpoint 0x8001 has to call FFA_NOTIFICATION_SET with w1 0x80010000 .* w3 0x20, w4 0x0 (notification 5)'
says listen 'doctor --notifications'
is twice "0 $bound"
is taken '3 bind forwarded DENIED '
says taken 'choose another --id'
is per-vcpu '3 bind forwarded DENIED '
is send '3 send forwarded NOT_SUPPORTED '
says send 'reached TrustZone, which does not implement it'
is pending '0 info forwarded NO_DATA get forwarded SUCCESS '
says pending 'reading clears'
is absent '3 '
says absent 'no device for partition 0x7123'
is foreign '3 '
says foreign 'modprobe ffascope unsafe=1'
is no-trace '4 bind unknown SUCCESS unbind unknown SUCCESS '
is via-bind '0 forwarded SUCCESS'
is via-message '0 forwarded SUCCESS'
is via-two-ids '2 '
says via-two-ids 'x3 would be 0x60, but arm_ffa always sends 0x20 there'
is via-wide '2 '
is via-partitions '4 unknown SUCCESS'
is trace-while-listening 0
for sig in KILL:137 TERM:143 INT:130; do
	is "held-${sig%:*}" '3 '
	says "held-${sig%:*}" 'another ffascope already uses notification 7'
	is "ended-${sig%:*}" "${sig#*:}"
	is "after-${sig%:*}" "0 $bound"
done
is said-at-the-end 1
if ((${#keys[@]})); then
	is via-enable '0 forwarded SUCCESS'
	is round-trip '0 notification "id":5 end "arrived":1,"lost":0 '
else
	echo 'skipped the round trip: this ffalab has no --secure-input'
fi
grep -v '^ok' "$WORK/abi" || true
is abi 0
is rmmod 0
is foreign-unsafe '0 unbind forwarded SUCCESS '
is unheld '3 '
says unheld 'notification 0'
is freed "0 $bound"
is splats 0
equals 'the EL3 log has the sent notification' 1 "$(calls 0x84000081)"

# The stock proxy blocks these calls, and arm_ffa returns its answer.
"$FFALAB" run --el3-log "$WORK/el3" --share "$WORK" -- sh /share/guest.sh stock >"$WORK/out"
is listen '3 bind rejected NOT_SUPPORTED '
says listen "the hypervisor's proxy blocks FFA_NOTIFICATION_BIND"
is send '3 send rejected NOT_SUPPORTED '
says send "the hypervisor's proxy blocks FFA_NOTIFICATION_SET"
is pending '3 info forwarded NO_DATA get rejected NOT_SUPPORTED '
says pending "the hypervisor's proxy blocks FFA_NOTIFICATION_GET"
is via-bind '3 rejected NOT_SUPPORTED'
equals 'the EL3 log has none of them' 0 "$(calls 0x8400007f 0x84000080 0x84000081 0x84000082)"
finish
