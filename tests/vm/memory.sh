#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Memory transactions through arm_ffa's buffers, with the lab's SPMC, which does what EL2 needs for a RECLAIM (OP-TEE does
# not). FFALAB_LONG=yes shares and reclaims 1,000 times and kills a process in mid-transaction 100 times. The monitor's
# log must agree with the program's counts.
. "${BASH_SOURCE[0]%/*}/lib.sh"

ROUNDS=42 KILLS=5
[[ ${FFALAB_LONG:-} != yes ]] || ROUNDS=1000 KILLS=100

cp "${BASH_SOURCE[0]%/*}/../../examples/smoke/memory.ffa" "$WORK"
cat >"$WORK/guest.sh" <<'GUEST'
ffascope run --allow-state-change /share/memory.ffa >/tmp/out 2>&1; echo "script $? $(sed -n 's/^# Totals: //p' /tmp/out)"
grep -A6 '^not ok' /tmp/out; cat /tmp/out >/share/script
share() { ffascope --json call --allow-state-change mem-share receiver=0x8001 pages=3 access=rw "$@"; }
share | grep -c '"status":"SUCCESS"' | sed 's/^/reclaimed /'
share --no-reclaim >/tmp/kept; echo "left $(ffascope doctor --only module | grep -c 'effect: 3 pages')"
handle=$(sed -n 's/.*"out":\["0x84000061","0x0","\(0x[0-9a-f]*\)".*/\1/p' /tmp/kept)
ffascope call --allow-state-change mem-reclaim "handle=$handle" >/dev/null; echo "returned $(ffascope doctor --only module | grep -c effect)"
share --count 5 --no-trace >/dev/null; echo "many $?"
for call in mem-share mem-lend_64; do
	ffascope sweep --allow-state-change --buffer "$call" receiver=0x8001 >/tmp/out; echo "sweep-$call $?"
	cat /tmp/out >>/share/sweep; grep 'has to refuse\|not be reclaimed' /tmp/out
done
/tests/module-memory 0x8001 "$1" "$2"; echo "memory $?"
echo "named $(dmesg | grep -c 'ffascope: memory handle')"
ffascope doctor --only module | grep -o '[0-9]* pages of programs that ended' | sed 's/^/kept /'
dmesg | grep -c 'WARNING:\|BUG:\|Call trace' | sed 's/^/splats /'
GUEST
"$FFALAB" run --kernel "${KERNEL:-forward}" --unsafe --secure-world spmc --el3-log "$WORK/el3" --share "$WORK" \
	-- sh /share/guest.sh "$ROUNDS" "$KILLS" >"$WORK/out" || true
cat "$WORK/out"
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is script '0 pass:8 fail:0 skip:0'
is reclaimed 2
is left 1
is returned 0
is many 4
is sweep-mem-share 0
is sweep-mem-lend_64 0
grep probes: "$WORK/sweep"
is memory 0
is named 1
is kept '512 pages of programs that ended'
is splats 0

# Each transaction that succeeded at EL3 was reclaimed there: the unfinished one has not succeeded. A CPU's answer is the
# next line of that CPU from the secure world.
ended() {
	awk -v calls="$1" '
		$10 == "|" && $11 == "ns" { asked[$1] = $2 ~ calls }
		$10 == "|" && $11 == "s" { n += asked[$1] && $2 == "0x84000061"; asked[$1] = 0 }
		END { print n + 0 }' "$WORK/el3"
}
given=$(ended '^0x[8c]400007[23b]$')
check "$given transactions succeeded at EL3" test "$given" -gt "$((ROUNDS + KILLS))"
equals 'reclaimed at EL3' "$given" "$(ended '^0x84000077$')"
finish
