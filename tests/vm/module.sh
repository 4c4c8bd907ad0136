#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The module behaves as its header states, and unsafe=1 permits the remaining calls.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
/tests/module-abi >/share/abi 2>&1; echo "abi $?"
ffascope call --allow-state-change rx-release; echo "safe $?"
rmmod ffascope; echo "rmmod $?"
ffascope call id-get; echo "gone $?"
insmod /ffalab/ffascope.ko unsafe=1; echo "insmod $?"
ffascope call --allow-state-change rx-release; echo "unsafe $?"
dmesg | grep -c "ffascope: unsafe=1" | sed 's/^/warned /'
dmesg | grep -c "WARNING:\|BUG:\|Call trace" | sed 's/^/splats /'
GUEST
"$FFALAB" run --share "$WORK" -- sh /share/guest.sh >"$WORK/out" 2>"$WORK/err"
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }

grep -v '^ok' "$WORK/abi" || true
is abi 0
is safe 3
check 'the message says how to permit the call' grep -q 'modprobe ffascope unsafe=1' "$WORK/err"
is rmmod 0
is gone 3
check 'the message says that the module is not loaded' grep -q 'the module is not loaded' "$WORK/err"
is insmod 0
is unsafe 0
is warned 1
is splats 0
finish
