#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A run restores the trace however it ends, and invalid input changes nothing.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
state() {
	cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable | tr '\n' ' '
}
same() { # NAME: compare the state with the one before
	[ "$(state)" = "$before" ] && echo "$1 same" || echo "$1 CHANGED from $before to $(state)"
}
before=$(state)
ffascope call id-get >/dev/null; same exit
for sig in INT TERM HUP; do
	# A shell starts background jobs with SIGINT ignored.
	/tests/with-signals ffascope call --count 1000000 notification-get receiver=0 >/dev/null 2>&1 &
	pid=$!
	while [ "$(cat $T/tracing_on)" = 0 ]; do :; done
	kill -$sig $pid
	wait $pid
	echo "status-$sig $?"
	same signal-$sig
done
ffascope call --count 1000000 notification-get receiver=0 >/dev/null 2>&1 &
pid=$!
while [ "$(cat $T/tracing_on)" = 0 ]; do :; done
ffascope call id-get 2>/tmp/second; echo "second $?"
grep -q "process $pid" /tmp/second && echo "names-first yes"
grep -q "With --no-trace the calls can be made now" /tmp/second && echo "names-no-trace yes"
ffascope call --no-trace id-get >/dev/null 2>&1; echo "second-no-trace $?"
kill -9 $pid
wait $pid
[ "$(state)" = "$before" ] && echo "killed same" || echo "killed changed"
ffascope call id-get >/dev/null
same repaired
ls /run/ffascope | tr '\n' ' ' | sed 's/^/left /'; echo

# Another user's settings are preserved.
echo 64 >$T/buffer_size_kb
echo 1 >$T/events/hypervisor/hyp_exit/enable
echo 1 >$T/tracing_on
before=$(state)
ffascope call --count 3000 id-get >/tmp/busy; echo "busy $?"
sed -n 's/^ *\([0-9]*\)  forwarded.*/busy-forwarded \1/p; s/^ *\([0-9]*\)  unknown.*/busy-unknown \1/p' /tmp/busy
same settings-of-others
echo 0 >$T/tracing_on; echo 0 >$T/trace; echo 0 >$T/events/enable; echo 7 >$T/buffer_size_kb
before=$(state)

bad() { # NAME ARGUMENTS...: status and first line of the message
	name=$1; shift
	ffascope "$@" >/tmp/out 2>/tmp/err
	echo "$name $? $(head -n 1 /tmp/err)"
	[ "$(state)" = "$before" ] || echo "$name-state CHANGED"
}
bad unknown-call call notification-bitmap-creat
bad unknown-field call notification-bitmap-create vmid=0
bad too-wide call notification-bitmap-create vm-id=0x10000
bad bit-range call notification-bitmap-create 'w1[3:16]=1'
bad no-consent call notification-unbind sender=1 bitmap=1
bad no-device --device /dev/nothing call id-get
bad no-cpu call --cpu 99 id-get
bad other-device --device /dev/null call id-get
bad no-tracefs --tracefs /nowhere call id-get
bad no-record call --record /nowhere/file id-get
bad full-record call --record /dev/full id-get
bad truncated replay /tmp/cut
ffascope call --record /tmp/whole id-get >/dev/null
head -c 300 /tmp/whole >/tmp/cut
bad truncated replay /tmp/cut
bad foreign replay /bin/busybox
su_path=/tmp/user; mkdir -p $su_path
cat >/tmp/asuser <<'EOS'
ffascope call id-get >/tmp/out 2>/tmp/err
echo "no-rights $? $(head -n 1 /tmp/err)"
EOS
chmod 777 /tmp /tmp/asuser; rm -f /tmp/out /tmp/err
/tests/as-user sh /tmp/asuser
[ "$(state)" = "$before" ] || echo "no-rights-state CHANGED"
GUEST
"$FFALAB" run --share "$WORK" -- sh /share/guest.sh >"$WORK/out"
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
# says NAME STATUS WORDS: the message contains the words
says() {
	local line
	line=$(sed -n "s/^$1 //p" "$WORK/out" | tail -n 1)
	if [[ $line == "$2 "*"$3"* ]]; then
		printf 'ok      %s: %s\n' "$1" "$line"
	else
		printf 'FAILED  %s: expected status %s and "%s" in: %s\n' "$1" "$2" "$3" "$line"
		FAILED=1
	fi
}

is exit same
for sig in INT:130 TERM:143 HUP:129; do
	is "status-${sig%:*}" "${sig#*:}"
	is "signal-${sig%:*}" same
done
is second 3
is names-first yes
is names-no-trace yes
is second-no-trace 4
is killed changed
is repaired same
is left 'lock '
busy() { sed -n "s/^busy-$1 //p" "$WORK/out" | awk '{ n += $1 } END { print n + 0 }'; }
equals 'the calls beside another user have verdicts' 3000 $(($(busy forwarded) + $(busy unknown)))
few_unknown 'few of them are unknown' 3000 "$(busy unknown)"
is busy "$(($(busy unknown) ? 4 : 0))"
is settings-of-others same
says unknown-call 2 'Nearest: FFA_NOTIFICATION_BITMAP_CREATE'
says unknown-field 2 'its fields are vm-id vcpu-count'
says too-wide 2 'does not fit its 16 bits'
says bit-range 2 'the higher bit comes first'
says no-consent 2 '--allow-state-change'
says no-device 3 'the module is not loaded'
says no-cpu 2 '/sys/devices/system/cpu/online'
says other-device 3 'Load the module of this version'
says no-tracefs 3 '--tracefs'
says no-record 5 '/nowhere/file'
says full-record 5 'No space left'
says truncated 5 'cut off'
says foreign 5 'not an ffascope recording'
says no-rights 3 'Run as root'
check 'no invalid input changed the trace' test -z "$(grep -- '-state CHANGED' "$WORK/out")"
finish
