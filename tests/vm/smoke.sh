#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Each smoke example gives the result that its first line states, on both kernels.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cp "${BASH_SOURCE[0]%/*}"/../../examples/smoke/*.ffa "$WORK"
cat >"$WORK/guest.sh" <<'GUEST'
cd /share
for f in stock forward android notifications-live; do
	ffascope run --allow-state-change $f.ffa >/tmp/out 2>&1
	echo "$f $? $(sed -n 's/^# Totals: //p' /tmp/out)"
	sed -n 's/^ok .*# SKIP /why /p; s/^#   does not hold: /why /p' /tmp/out | sort | uniq -c | sed "s/^/$f-/"
done
# A script that needs consent does not start without it.
ffascope run notifications-live.ffa >/dev/null 2>/tmp/err; echo "consent $?"
GUEST
for kernel in stock forward; do
	"$FFALAB" run --kernel "$kernel" --share "$WORK" --timeout 120 -- sh /share/guest.sh >"$WORK/$kernel"
	sed "s/^/$kernel: /" "$WORK/$kernel"
done

is() { equals "$1: $2" "$3" "$(sed -n "s/^$2 //p" "$WORK/$1")"; }
is stock stock '0 pass:7 fail:0 skip:0'
is stock forward '0 pass:0 fail:0 skip:9'
is stock android '0 pass:4 fail:0 skip:0'
is stock notifications-live '0 pass:0 fail:0 skip:5'
is forward stock '1 pass:3 fail:4 skip:0'
is forward forward '0 pass:9 fail:0 skip:0'
is forward android '1 pass:2 fail:2 skip:0'
is forward notifications-live '0 pass:5 fail:0 skip:0'
is forward consent 2
check 'forward is skipped on stock for the right reason' \
	grep -q 'forward- *9 why FFA_NOTIFICATION_GET is not forwarded: the hypervisor rejects it (NOT_SUPPORTED)' "$WORK/stock"
check 'stock fails on forward for the right reason, and for no other' \
	test -z "$(grep 'stock-.*why' "$WORK/forward" | grep -v 'the verdict is forwarded')"
check 'android fails on forward for the right reason' test -z "$(grep 'android-.*why' "$WORK/forward" | grep -v 'the verdict is forwarded')"
finish
