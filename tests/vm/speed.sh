#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# How soon a verdict is there, that 100,000 of them lose nothing, and how big the program is. The times are printed
# and decide nothing: these machines are noisy.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
us() { # NAME COMMAND...: when its verdict was there, and when it had put all back and ended
	name=$1; shift
	/tests/time-us "$@" >/tmp/us
	sed -n "s/^first output after /$name /p; s/^\([0-9]* us\)\$/$name-end \1/p" /tmp/us
}
echo "size $(stat -c %s /usr/bin/ffascope)"
for i in 1 2 3 4 5; do
	# The kernel is still busy with what the process before left it to detach.
	sleep 1
	us first ffascope call notification-get receiver=0
done
echo 1 >/sys/kernel/tracing/remotes/hypervisor/tracing_on
for i in 1 2 3 4 5; do
	sleep 1
	us fresh-with-tracing-on ffascope call notification-get receiver=0
done
echo 0 >/sys/kernel/tracing/remotes/hypervisor/tracing_on
/tests/latency 200 >/tmp/latency && sed 's/^/latency /' /tmp/latency
/tests/time-us ffascope call --count 100000 notification-get receiver=0 >/tmp/many; echo "many-status $?"
cat /tmp/many
GUEST
"$FFALAB" run --share "$WORK" --timeout 300 -- sh /share/guest.sh >"$WORK/out"
cat "$WORK/out"

best() { sed -n "s/^$1 \([0-9]*\) us.*/\1/p" "$WORK/out" | sort -n | head -n 1; }

check 'the static program has at most 3 MB' test "$(sed -n 's/^size //p' "$WORK/out")" -le $((3 << 20))
check 'all of 100,000 calls are rejected' grep -q '^ *100000  rejected' "$WORK/out"
echo "the first verdict of a process, the quickest of five: $(best first) us (250000 are wanted on an idle machine)," \
	"its end $(best first-end) us"
echo "a verdict with tracing on, the median of 200: $(sed -n 's/^latency median //p' "$WORK/out") (5000 are wanted)"
finish
