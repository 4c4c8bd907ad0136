#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The module behaves as its header states, and unsafe=1 permits the remaining calls.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/unsafe.ffa" <<'SCRIPT'
test "of a device that may be taken from arm_ffa"
	require unsafe
	call RX_RELEASE
	expect DENIED|SUCCESS
end
SCRIPT

cat >"$WORK/guest.sh" <<'GUEST'
required() { # NAME: the script's result, live and replayed
	ffascope run --allow-state-change --record /tmp/rec /share/unsafe.ffa >/tmp/live 2>/dev/null
	ffascope replay /tmp/rec >/tmp/again 2>/dev/null
	cmp -s /tmp/live /tmp/again || echo "the replay differs"
	echo "$1 $(sed -n 's/^\(ok 1\|not ok 1\) [^#]*/\1 /p' /tmp/live)"
}
required required-safe
/tests/module-abi >/share/abi 2>&1; echo "abi $?"
ffascope call --allow-state-change rx-release; echo "safe $?"
rmmod ffascope; echo "rmmod $?"
ffascope call id-get; echo "gone $?"
insmod /ffalab/ffascope.ko unsafe=1; echo "insmod $?"
ffascope call --allow-state-change rx-release; echo "unsafe $?"
required required-unsafe
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
is required-safe "ok 1 # SKIP the module is loaded without unsafe=1, which this needs: \`rmmod ffascope; modprobe ffascope unsafe=1'"
is required-unsafe 'ok 1 '
check 'a replay knows how the module was loaded' test -z "$(grep 'the replay differs' "$WORK/out")"
is warned 1
is splats 0
finish
