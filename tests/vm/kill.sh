#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kill -9 at random moments: what is left is put back by the next run or by `doctor --repair', no process hangs, and the
# module unloads. KILLS says how often (12; a hundred and more show more).
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
before=$(state)
verbs='call sweep shell'
ffascope --help | grep -q '^  trace ' && verbs="$verbs trace"
round=0
while read -r delay; do
	set -- $verbs
	shift $((round % $#))
	round=$((round + 1))
	case $1 in
	call) ffascope call --count 1000000 notification-get receiver=0 >/dev/null 2>&1 & ;;
	sweep) ffascope sweep --allow-state-change >/dev/null 2>&1 & ;;
	shell) yes 'call id-get' | ffascope shell >/dev/null 2>&1 & ;;
	trace) ffascope trace >/dev/null 2>&1 & ;;
	esac
	pid=$!
	sleep "$delay"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ "$(state)" = "$before" ] || dirty=$((dirty + 1))
	if [ $((round % 2)) = 0 ]; then
		ffascope -q doctor --repair >/dev/null 2>/tmp/err
	else
		ffascope call id-get >/dev/null 2>/tmp/err
	fi
	[ -s /tmp/err ] && echo "said-$round $(head -n 1 /tmp/err)"
	[ "$(state)" = "$before" ] || echo "changed-$round ($1 after $delay s) from $before to $(state)"
done </share/delays
echo "rounds $round"
echo "dirty ${dirty:-0}"
echo "left $(ls /run/ffascope | tr '\n' ' ')"
gone && echo "hung no" || echo "hung $(ours | tr '\n' ' ')"
rmmod ffascope && echo "unloaded yes"
insmod /ffalab/ffascope.ko && echo "loaded yes"
ffascope call id-get | sed -n '2s/^ */verdict /p'
GUEST
for ((i = 0; i < KILLS; i++)); do
	printf '%d.%03d\n' $((RANDOM % 1200 / 1000)) $((RANDOM % 1000))
done >"$WORK/delays"
"$FFALAB" run --share "$WORK" --timeout $((120 + 10 * KILLS)) -- sh /share/guest.sh >"$WORK/out" || cat "$WORK/out"

is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is rounds "$KILLS"
check 'each was put back' test -z "$(grep '^changed-' "$WORK/out")"
check 'nothing was said of it' test -z "$(grep '^said-' "$WORK/out")"
check 'some kills left something to put back' test "$(sed -n 's/^dirty //p' "$WORK/out")" -gt 0
grep -E '^(changed|said|dirty)' "$WORK/out" || true
is left 'lock '
is hung no
is unloaded yes
is loaded yes
is verdict 'forwarded to the secure world (1 SMC left EL2)'
finish
