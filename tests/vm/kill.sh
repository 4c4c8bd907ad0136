#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# SIGKILL at random times for each verb that sets up the trace, including `trace' while a driver uses OP-TEE. The next
# run or `doctor --repair' restores the settings, no probe and no process remains, and the module can be unloaded. KILLS
# is the number of kills per verb (12; use a hundred or more for good coverage).
. "${BASH_SOURCE[0]%/*}/lib.sh"

KILLS=${KILLS:-12} SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED, $KILLS kills"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
state() { cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable | tr '\n' ' '; }
# Processes of the tool: itself, and the one that detaches its links in the background.
ours() { for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)" = ffascope ] && echo ${p##*/}; done; }
gone() { # wait for at most ten seconds
	for i in $(seq 100); do
		[ -z "$(ours)" ] && return 0
		sleep 0.1
	done
	return 1
}
# Where BPF attaches: kprobes, and fentry on the function that prints the events.
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
	# Half of the delays begin when tracing is on, so that some kills leave settings behind on any machine.
	if [ $((round / kinds / 2 % 2)) = 0 ]; then
		until [ "$(cat $T/tracing_on)" = 1 ] || [ ! -e /proc/$pid/exe ]; do usleep 10000; done
	fi
	sleep "$delay"
	# Checking takes time, so only later kills are checked.
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

# rounds_of LINE: the number of rounds in which the guest printed LINE with a nonzero number
rounds_of() { grep -c "^$1\( [1-9].*\)\?$" "$WORK/out" || true; }
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is rounds "$KILLS"
check 'every round was restored' test -z "$(grep '^changed-' "$WORK/out")"
check 'no error was printed' test -z "$(grep '^said-' "$WORK/out")"
for verb in call sweep shell trace; do
	printf '        %s: %d times, BPF was attached in %d of %d checked, settings were left behind %d times\n' "$verb" \
		"$(rounds_of "killed-$verb")" "$(rounds_of "hooks-$verb")" "$(grep -c "^hooks-$verb " "$WORK/out")" \
		"$(rounds_of "dirty-$verb")"
	# With few kills, all of them may come before a verb has started.
	((KILLS < 40)) || check "some kills of $verb left settings to restore" test "$(rounds_of "dirty-$verb")" -gt 0
done
printf '        trace: calls of the driver were shown in %d rounds\n' "$(rounds_of seen)"
((KILLS < 40)) || check 'the driver was being traced' test "$(rounds_of seen)" -gt 0
check 'some kills left settings to restore' grep -q '^dirty-' "$WORK/out"
grep -E '^(changed|said)' "$WORK/out" || true
is left 'lock '
is hung no
is hooked no
is unloaded yes
is loaded yes
is verdict 'forwarded to the secure world (1 SMC left EL2)'
finish
