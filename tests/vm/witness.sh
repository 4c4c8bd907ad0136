#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Verdicts of random calls on every CPU with every CPU busy, compared with the EL3 log, which is independent of the tool.
# CALLS and SEED can be set; KERNEL defaults to stock.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-2400} SEED=${SEED:-$RANDOM$RANDOM} KERNEL=${KERNEL:-stock} SMP=${SMP:-2}

cat >"$WORK/guest.sh" <<'GUEST'
# Other work on every CPU: system calls, page faults and new processes.
for cpu in $(seq 1 "$3"); do
	while :; do dd if=/dev/zero of=/dev/null bs=4k count=500 2>/dev/null; ls -R /sys/kernel/debug >/dev/null 2>&1; done &
	load="$load $!"
done
/tests/random-calls "$1" "$2" /share/recording >/share/live.json
status=$?
kill $load
ffascope --json replay --no-trace /share/recording >/share/registers.json
exit $status
GUEST
"$FFALAB" run --kernel "$KERNEL" --smp "$SMP" --firmware debug --el3-log "$WORK/el3" --share "$WORK" --timeout 300 -- \
	sh /share/guest.sh "$CALLS" "$SEED" "$SMP" || { echo "FAILED  the run in the VM (seed $SEED)"; exit 1; }

echo "seed $SEED"
python3 "${BASH_SOURCE[0]%/*}/witness.py" "$WORK/live.json" "$WORK/registers.json" "$WORK/el3" "$SMP"
