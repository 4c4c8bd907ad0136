#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Memory transactions through arm_ffa's buffers, with the lab's SPMC, which does what EL2 needs for a RECLAIM (OP-TEE does
# not). FFALAB_LONG=yes shares and reclaims 1,000 times and kills a process in mid-transaction 100 times. The monitor's
# log must agree with the program's counts.
. "${BASH_SOURCE[0]%/*}/lib.sh"

ROUNDS=42 KILLS=5
[[ ${FFALAB_LONG:-} != yes ]] || ROUNDS=1000 KILLS=100

cat >"$WORK/guest.sh" <<'GUEST'
/tests/module-memory 0x8001 "$1" "$2"; echo "memory $?"
echo "named $(dmesg | grep -c 'ffascope: memory handle')"
ffascope doctor --only module | grep -o '[0-9]* pages of programs that ended' | sed 's/^/kept /'
dmesg | grep -c 'WARNING:\|BUG:\|Call trace' | sed 's/^/splats /'
GUEST
"$FFALAB" run --kernel "${KERNEL:-forward}" --unsafe --secure-world spmc --el3-log "$WORK/el3" --share "$WORK" \
	-- sh /share/guest.sh "$ROUNDS" "$KILLS" >"$WORK/out" || true
cat "$WORK/out"
is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is memory 0
is named 1
is kept '512 pages of programs that ended'
is splats 0

# Of the transactions that reached EL3, each but the unfinished one was reclaimed. The SPMC asks the hypervisor for each
# fragment, and the hypervisor asks for each fragment back.
calls() { grep -cE "^SPM\([0-9]\): 0x[8c]40000$1 .* \| $2 " "$WORK/el3" || true; }
given=$(($(calls 72 ns) + $(calls 73 ns)))
check "$given transactions reached EL3" test "$given" -gt "$((ROUNDS + KILLS))"
equals 'reclaimed at EL3' "$((given - 1))" "$(calls 77 ns)"
equals 'fragments sent and asked back' "$(calls 7b ns)" "$(calls 7a ns)"
finish
