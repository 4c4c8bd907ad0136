#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The shell with a device: verdicts, other verbs in between, recordings; and Ctrl-C in a long repeat on a terminal.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/lines" <<'LINES'
call ID_GET
expect forwarded SUCCESS
let id = id
cpu all
call NOTIFICATION_GET receiver=$id
expect rejected
cpu any
repeat 3000
	call ID_GET
	expect forwarded
end
!record /share/recording
call SPM_ID_GET
expect DENIED
call NOTIFICATION_GET receiver=0
sweep NOTIFICATION_GET
describe ID_GET
call ID_GET
LINES
cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
state() { cat $T/tracing_on $T/buffer_size_kb $T/events/hypervisor/*/enable | tr '\n' ' '; }
before=$(state)
ffascope shell </share/lines >/share/lines.out 2>/share/lines.err; echo "lines $?"
[ "$(state)" = "$before" ] && echo "state same"
ffascope replay /share/recording | grep -c '^FFA_' | sed 's/^/replayed /'
GUEST
"$FFALAB" run --share "$WORK" --timeout 120 -- sh /share/guest.sh >"$WORK/out"
cat "$WORK/out"
equals 'status after a failed expectation' 'lines 1' "$(grep '^lines' "$WORK/out")"
check 'the trace is restored' grep -q '^state same' "$WORK/out"
equals 'the recording ends when another verb starts' 'replayed 2' "$(grep '^replayed' "$WORK/out")"
equals 'expectations that hold' 3 "$(grep -c '^holds' "$WORK/lines.out")"
check 'an expectation that does not hold' grep -q '^does not hold: the status is SUCCESS (0)' "$WORK/lines.out"
check 'a repeat prints a summary' grep -q '^ *3000  FFA_ID_GET  forwarded, SUCCESS' "$WORK/lines.out"
check 'a sweep between calls' grep -q 'FFA_NOTIFICATION_GET' "$WORK/lines.out"
check 'a call after the sweep' test "$(tail -n 4 "$WORK/lines.out" | head -n 1)" = 'FFA_ID_GET (0x84000069)'

if ! command -v tmux >/dev/null; then
	echo 'no tmux: skipped Ctrl-C'
	exit $((FAILED ? FAILED : 77))
fi
tm() { tmux -S "$WORK/tmux" "$@"; }
screen() { tm capture-pane -p -J | sed 's/ *$//' | grep -v '^$'; }
# until TEXT: wait until the last line of the screen contains it.
until_seen() {
	local i
	for ((i = 0; i < 1200; i++)); do
		! screen 2>/dev/null | tail -n "${2:-1}" | grep -qF "$1" || return 0
		sleep 0.1
	done
	echo "not seen: $1"
	screen
	return 1
}
trap 'tm kill-server 2>/dev/null; rm -rf "$WORK"' EXIT
# The VM has no terminfo, so use a dumb terminal.
tm -f /dev/null new-session -d -x 100 -y 30 "env TERM=dumb '$FFALAB' shell; echo left \$?; sleep 1000"
until_seen '#' && tm send-keys 'cat /sys/kernel/tracing/remotes/hypervisor/tracing_on; ffascope shell' Enter
check 'the prompt appears' until_seen 'ffascope>'
for line in 'repeat 1000000000' 'call ID_GET' 'end'; do
	tm send-keys -l "$line"
	tm send-keys Enter
done
sleep 3
tm send-keys C-c
check 'Ctrl-C ends a repeat' until_seen 'ffascope>'
check 'the repeat reports that it was stopped' until_seen 'stopped' 2
check 'the completed calls are summarised' until_seen 'FFA_ID_GET  forwarded, SUCCESS' 6
tm send-keys 'call ID_GET' Enter
check 'the next call has its verdict' until_seen 'time' 2
tm send-keys 'expect forwarded' Enter
check 'the expectation holds' until_seen 'holds' 2
tm send-keys C-d
sleep 1
# shellcheck disable=SC2016 # for the shell in the VM
tm send-keys 'echo tracing $(cat /sys/kernel/tracing/remotes/hypervisor/tracing_on)' Enter
check 'the trace is off again' until_seen 'tracing 0' 3
tm send-keys 'exit' Enter
check 'the VM ends' until_seen 'left 0'
finish
