#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Verdicts of random calls on every CPU with every CPU busy, compared with the EL3 log, which is independent of the tool.
# CALLS and SEED can be set; KERNEL defaults to stock. TRACE says what that kernel traces (witness.py). USER_EVENTS=yes: another
# user has switched the trace on, with all events and the default buffer of 7 KB a CPU, which then cannot grow;
# flood: that user also overflows it (flood.c; with TRACE=lossy). REASON: some verdicts must be unknown for it; SAYS: a sentence of `call -v' about the evidence.
. "${BASH_SOURCE[0]%/*}/lib.sh"

# A third witness that knows neither trace nor firmware: QEMU's plugin (third.py). Longer runs give it to other kernels too.
PLUGIN=${PLUGIN:-$([[ -z ${KERNEL:-} ]] && echo yes || echo no)}
CALLS=${CALLS:-$([[ -n ${FFALAB_LONG:-} ]] && echo 20000 || echo 2400)} SEED=${SEED:-$((RANDOM * 32768 + RANDOM))} KERNEL=${KERNEL:-stock} SMP=${SMP:-2} TRACE=${TRACE:-all}

cat >"$WORK/guest.sh" <<'GUEST'
# Other work on every CPU: system calls, page faults and new processes; or that of flood.c.
[ "$4" = flood ] || for cpu in $(seq 1 "$3"); do
	while :; do dd if=/dev/zero of=/dev/null bs=4k count=500 2>/dev/null; ls -R /sys/kernel/debug >/dev/null 2>&1; done &
	load="$load $!"
done
if [ "$4" != no ]; then
	cd /sys/kernel/tracing/remotes/hypervisor
	echo 1 >events/enable
	echo 1 >tracing_on
	cd /
fi
ffascope -v call id-get >/dev/null 2>/share/notes
ffascope --json call partition-info-get count-only=1 >/share/reissued.json 2>/dev/null
if [ "$4" = flood ]; then
	/tests/flood /sys/kernel/tracing/remotes/hypervisor/write_event &
	load="$load $!"
fi
/tests/random-calls "$1" "$2" /share/recording >/share/live.json
status=$?
kill $load
ffascope --json replay --no-trace /share/recording >/share/registers.json
exit $status
GUEST
lab=(run)
traps=''
if [[ $PLUGIN == yes ]]; then
	traps=$WORK/traps
	lab=(coverage --output "$WORK/coverage" --traps "$traps")
fi
"$FFALAB" "${lab[@]}" --kernel "$KERNEL" --smp "$SMP" --firmware debug --el3-log "$WORK/el3" --share "$WORK" --timeout "${TIMEOUT:-$((300 + CALLS / 20))}" -- \
	sh /share/guest.sh "$CALLS" "$SEED" "$SMP" "${USER_EVENTS:-no}" || { echo "FAILED  the run in the VM (seed $SEED)"; exit 1; }

echo "seed $SEED"
case $TRACE in
all | lossy) want='"verdict":"forwarded".*"rebuilt":true' ;;
no-reissues) want='"verdict":"unknown".*"reason":"not-traced".*"inferred":"registers-suggest-secure-world"' ;;
nothing) want='"verdict":"unknown".*"reason":"tracing-off".*"inferred":"registers-suggest-secure-world"' ;;
false) want='"verdict":"\(forwarded\|unknown\)"' ;;
esac
grep -q "$want" "$WORK/reissued.json" || { echo "FAILED  a call that EL2 re-issues"; cat "$WORK/reissued.json"; exit 1; }
grep -qF -- "${SAYS:-}" "$WORK/notes" || { echo "FAILED  call -v does not say: $SAYS"; cat "$WORK/notes"; exit 1; }
python3 "${BASH_SOURCE[0]%/*}/witness.py" "$WORK/live.json" "$WORK/registers.json" "$WORK/el3" "$SMP" "$CALLS" "$TRACE" "${REASON:-}" "$traps"
[[ ${USER_EVENTS:-} != flood ]] || python3 "${BASH_SOURCE[0]%/*}/losses.py" "$WORK/recording" "$WORK/live.json" "$WORK/el3"
