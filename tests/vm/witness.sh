#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Verdicts of random calls on every CPU with every CPU busy, compared with the EL3 log, which is independent of the tool.
# CALLS and SEED can be set; KERNEL defaults to stock. TRACE says what that kernel traces (witness.py). USER_EVENTS=yes: somebody
# else uses the trace already, with all events on and the default buffer of 7 KB a CPU, which then cannot grow.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-2400} SEED=${SEED:-$RANDOM$RANDOM} KERNEL=${KERNEL:-stock} SMP=${SMP:-2} TRACE=${TRACE:-all}

cat >"$WORK/guest.sh" <<'GUEST'
# Other work on every CPU: system calls, page faults and new processes.
for cpu in $(seq 1 "$3"); do
	while :; do dd if=/dev/zero of=/dev/null bs=4k count=500 2>/dev/null; ls -R /sys/kernel/debug >/dev/null 2>&1; done &
	load="$load $!"
done
if [ "$4" = yes ]; then
	cd /sys/kernel/tracing/remotes/hypervisor
	echo 1 >events/enable
	echo 1 >tracing_on
	cd /
fi
/tests/random-calls "$1" "$2" /share/recording >/share/live.json
status=$?
kill $load
ffascope --json replay --no-trace /share/recording >/share/registers.json
exit $status
GUEST
"$FFALAB" run --kernel "$KERNEL" --smp "$SMP" --firmware debug --el3-log "$WORK/el3" --share "$WORK" --timeout "${TIMEOUT:-300}" -- \
	sh /share/guest.sh "$CALLS" "$SEED" "$SMP" "${USER_EVENTS:-no}" || { echo "FAILED  the run in the VM (seed $SEED)"; exit 1; }

echo "seed $SEED"
python3 "${BASH_SOURCE[0]%/*}/witness.py" "$WORK/live.json" "$WORK/registers.json" "$WORK/el3" "$SMP" "$CALLS" "$TRACE"
