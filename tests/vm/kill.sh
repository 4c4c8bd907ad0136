#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kill -9 at random moments of each verb that sets the trace, of `trace' while a driver talks to OP-TEE: what is left is
# put back by the next run or by `doctor --repair', no probe and no process stays, and the module unloads. KILLS says how
# often (12; a hundred and more show more).
. "${BASH_SOURCE[0]%/*}/lib.sh"

KILLS=${KILLS:-12} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $KILLS kills"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
state() { cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable | tr '\n' ' '; }
# Of the tool: it, and what keeps its links until they are let go.
ours() { for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = ffascope ] && echo ${p##*/}; done; }
gone() { # within ten seconds
	for i in $(seq 100); do
		[ -z "$(ours)" ] && return 0
		sleep 0.1
	done
	return 1
}
# Where BPF sits in the kernel: by kprobe, and by fentry on what prints the events.
hooks() {
	sed 's/^[0-9a-f]* *//' /sys/kernel/debug/kprobes/list
	grep -o '^remote_event_print_[a-z_]*' /sys/kernel/tracing/enabled_functions
}
unhooked() {
	for i in $(seq 100); do
		[ -z "$(hooks)" ] && return 0
		sleep 0.1
	done
	return 1
}
before=$(state)
verbs='call sweep shell trace'
round=0
while read -r delay; do
	set -- $verbs
	kinds=$#
	shift $((round % $#))
	round=$((round + 1))
	case $1 in
	call) ffascope call --count 1000000 notification-get receiver=0 >/dev/null 2>&1 & ;;
	sweep) ffascope sweep --allow-state-change >/dev/null 2>&1 & ;;
	shell) yes 'call id-get' | ffascope shell >/dev/null 2>&1 & ;;
	trace)
		/tests/tee-calls 1000000 >/dev/null 2>&1 &
		driver=$!
		ffascope trace >/tmp/trace 2>&1 &
		;;
	esac
	pid=$!
	sleep "$delay"
	# To look takes its time: early kills come unseen.
	case $delay in
	0.[0-4]*) ;;
	*)
		echo "hooks-$1 $(hooks | wc -l)"
		[ "$1" = trace ] && echo "seen $(grep -c FFA_ /tmp/trace)"
		;;
	esac
	echo "killed-$1"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ "$(state)" = "$before" ] || echo "dirty-$1"
	[ "$1" = trace ] && kill $driver && wait $driver 2>/dev/null
	if [ $((round / kinds % 2)) = 0 ]; then
		ffascope -q doctor --repair >/dev/null 2>/tmp/err
	else
		ffascope call id-get >/dev/null 2>/tmp/err
	fi
	[ -s /tmp/err ] && echo "said-$round $(head -n 1 /tmp/err)"
	[ "$(state)" = "$before" ] || echo "changed-$round ($1 after $delay s) from $before to $(state)"
done </share/delays
echo "rounds $round"
echo "left $(ls /run/ffascope | tr '\n' ' ')"
gone && echo "hung no" || echo "hung $(ours | tr '\n' ' ')"
unhooked && echo "hooked no" || echo "hooked $(hooks | tr '\n' ' ')"
rmmod ffascope && echo "unloaded yes"
insmod /ffalab/ffascope.ko && echo "loaded yes"
ffascope call id-get | sed -n '2s/^ */verdict /p'
GUEST
for ((i = 0; i < KILLS; i++)); do
	delay=$((RANDOM % 1600))
	printf '%d.%03d\n' $((delay / 1000)) $((delay % 1000))
done >"$WORK/delays"
"$FFALAB" run --share "$WORK" --timeout $((120 + 10 * KILLS)) -- sh /share/guest.sh >"$WORK/out" || cat "$WORK/out"

# rounds_of LINE: in how many rounds the guest said it, a number behind it not being 0
rounds_of() { grep -c "^$1\( [1-9].*\)\?$" "$WORK/out" || true; }
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is rounds "$KILLS"
check 'each was put back' test -z "$(grep '^changed-' "$WORK/out")"
check 'nothing was said of it' test -z "$(grep '^said-' "$WORK/out")"
for verb in call sweep shell trace; do
	printf '        %s: %d times, BPF was attached in %d of %d looked at, something was left %d times\n' "$verb" \
		"$(rounds_of "killed-$verb")" "$(rounds_of "hooks-$verb")" "$(grep -c "^hooks-$verb " "$WORK/out")" \
		"$(rounds_of "dirty-$verb")"
	# A few kills may all come before a verb has begun.
	((KILLS < 40)) || check "some of $verb left something to put back" test "$(rounds_of "dirty-$verb")" -gt 0
done
printf '        trace: calls of the driver were shown in %d rounds\n' "$(rounds_of seen)"
((KILLS < 40)) || check 'the driver was being watched' test "$(rounds_of seen)" -gt 0
check 'some kills left something to put back' grep -q '^dirty-' "$WORK/out"
grep -E '^(changed|said)' "$WORK/out" || true
is left 'lock '
is hung no
is hooked no
is unloaded yes
is loaded yes
is verdict 'forwarded to the secure world (1 SMC left EL2)'
finish
