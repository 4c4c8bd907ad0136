#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The cost of trace for a driver's direct message to OP-TEE, and whether every call that two processes make at full speed
# on two CPUs is shown or counted as lost. CALLS (per process) and REQUESTS can be set. Times are printed only, because
# the machines are noisy.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-5000} REQUESTS=${REQUESTS:-1500}

cat >"$WORK/guest.sh" <<'GUEST'
calls=$1 requests=$2
watch() { # FILE OPTION...: trace in the background
	out=$1; shift
	rm -f /tmp/notes
	ffascope --color=never trace "$@" >"$out" 2>/tmp/notes &
	trace=$!
	while ! grep -q watching /tmp/notes 2>/dev/null; do kill -0 $trace || exit 1; sleep 0.05; done
}
end() {
	sleep 0.5
	kill -TERM $trace
	wait $trace 2>/dev/null
}
/tests/tee-calls 200 >/dev/null
for i in 1 2 3; do
	echo "off $(/tests/tee-calls "$requests")"
	watch /dev/null
	echo "on $(/tests/tee-calls "$requests")"
	end
done

watch /tmp/trace --task ffascope --buffer 16384
ffascope call --no-trace --guard 1 --cpu 0 --count "$calls" id-get >/dev/null 2>&1 & one=$!
ffascope call --no-trace --guard 1 --cpu 1 --count "$calls" notification-bitmap-create vm-id=1 >/dev/null 2>&1 & two=$!
wait $one $two
end
# Leave out the calibration of each process, but for the one FFA_ID_GET that it makes.
grep ' cpu[0-9 ]* *ffascope/' /tmp/trace | grep 'FFA_ID_GET: \|FFA_NOTIFICATION_BITMAP_CREATE ' >/tmp/calls
grep -c 'FFA_ID_GET: forwarded' /tmp/calls | sed 's/^/forwarded /'
grep -c 'FFA_NOTIFICATION_BITMAP_CREATE .*: rejected' /tmp/calls | sed 's/^/rejected /'
grep -c ': unknown' /tmp/calls | sed 's/^/unknown /'
grep -c . /tmp/calls | sed 's/^/shown /'
# No call may have the opposite verdict, however many events were lost.
grep -c 'FFA_ID_GET: rejected\|FFA_NOTIFICATION_BITMAP_CREATE .*: forwarded\|: answered' /tmp/calls | sed 's/^/wrong /'
sed -n 's/^ *\([0-9]*\)  lost, /lost \1 /p' /tmp/trace
GUEST
"$FFALAB" run --kernel "${KERNEL:-forward}" --firmware quiet --share "$WORK" --timeout 580 -- \
	sh /share/guest.sh "$CALLS" "$REQUESTS" >"$WORK/out" || { cat "$WORK/out"; echo 'FAILED  the run in the VM'; exit 1; }
cat "$WORK/out"

value() { sed -n "s/^$1 //p" "$WORK/out"; }
best() { sed -n "s/^$1 .* $2 \([0-9]*\) ns.*/\1/p" "$WORK/out" | sort -n | head -n 1; }
for what in least median; do
	off=$(best off "$what") on=$(best on "$what")
	echo "a request, $what of the best of three runs: $off ns without trace, $on ns with it:" \
		"$((1000 * (on - off) / off))/1000 more (target: 150/1000)"
done
lost=$(sed -n 's/^lost \([0-9]*\) calls, the ring buffer.*/\1/p' "$WORK/out")
more=$(($(value shown) + ${lost:-0} - 2 * CALLS))
check 'every call is shown or counted as lost' test "$more" -ge 0 -a "$more" -le 2
equals 'none has a wrong verdict' 0 "$(value wrong)"
equals 'every call that is shown has a verdict or is unknown' "$(value shown)" \
	$(($(value forwarded) + $(value rejected) + $(value unknown)))
finish
