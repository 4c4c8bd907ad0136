#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The time to a verdict, no loss over 100,000 calls, and the size of the program. Times are printed only, because the
# machines are noisy.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
us() { # NAME COMMAND...: prints the times to the first verdict and to the exit
	name=$1; shift
	/tests/time-us "$@" >/tmp/us
	sed -n "s/^first output after /$name /p; s/^\([0-9]* us\)\$/$name-end \1/p" /tmp/us
}
echo "size $(stat -c %s /usr/bin/ffascope)"
for i in 1 2 3 4 5; do
	# The kernel may still be detaching the previous process's links.
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
count() { sed -n "s/^ *\([0-9]*\)  $1.*/\1/p" "$WORK/out" | awk '{ n += $1 } END { print n + 0 }'; }
equals 'no events of 100,000 calls are lost' 0 "$(count 'unknown lost')"
equals 'each of them is rejected or unknown' 100000 $(($(count rejected) + $(count unknown)))
few_unknown 'few of them are unknown' 100000 "$(count unknown)"
echo "the first verdict of a process, the quickest of five: $(best first) us (target on an idle machine: 250000)," \
	"its end $(best first-end) us"
echo "a verdict with tracing on, the median of 200: $(sed -n 's/^latency median //p' "$WORK/out") (target: 5000)"
finish
