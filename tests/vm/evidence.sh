#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Evidence levels on machines with fewer features: each is a kernel of lab/kernels. Random calls are compared with the
# EL3 log: every verdict is correct, and no level gives a verdict that it cannot support.
# Kernels that are not built are skipped except for a sample; EVIDENCE=all builds them.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-400} SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
echo "seed $SEED"

cat >"$WORK/guest.sh" <<'GUEST'
how=$1 calls=$2 seed=$3
case $how in
hide-types) # Simulates a kernel without BTF.
	: >/tmp/empty
	mount --bind /tmp/empty /sys/kernel/btf/vmlinux
	;;
kprobe) export FFASCOPE_READER=kprobe ;;
android) # Android's layout; the BPF programs do not know these events.
	mkdir -p /tmp/tracefs/hypervisor
	mount --bind /sys/kernel/tracing/remotes/hypervisor /tmp/tracefs/hypervisor
	tracefs=/tmp/tracefs
	;;
esac
ffascope --json ${tracefs:+--tracefs $tracefs} doctor >/share/doctor.json 2>/dev/null
ffascope -v --json ${tracefs:+--tracefs $tracefs} call id-get >/share/one.json 2>/share/notes
echo "call $?"
# Each call is the first of its process, on a CPU that may not have trapped for a long time.
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	ffascope --json ${tracefs:+--tracefs $tracefs} call notification-bitmap-create vm-id=0 'w1[31:16]=1'
done >/share/fresh.json 2>/dev/null
/tests/random-calls "$calls" "$seed" /share/recording $tracefs >/share/live.json 2>/share/errors
echo "random $?"
ffascope --json replay --no-trace /share/recording >/share/registers.json 2>/dev/null
ffascope --json replay /share/recording >/share/again.json 2>/dev/null
cat /sys/kernel/tracing/remotes/hypervisor/tracing_on 2>/dev/null | sed 's/^/left-on /'
GUEST

built() { "$FFALAB" kernels | awk -v name="$1" '$1 == name && $2 == "built" { found = 1 } END { exit !found }'; }

# level NAME KERNEL HOW ARGUMENTS-OF-evidence.py...
level() {
	local name=$1 kernel=$2 how=$3 begin=$SECONDS
	shift 3
	if [[ ${SAMPLE:-} != yes && ${EVIDENCE:-} != all ]] && ! built "$kernel"; then
		printf 'skipped %s: kernel %s is not built (EVIDENCE=all builds it)\n' "$name" "$kernel"
		return
	fi
	rm -f "$WORK"/*.json "$WORK"/recording "$WORK"/notes
	"$FFALAB" run --kernel "$kernel" --firmware debug --el3-log "$WORK/el3" --share "$WORK" --timeout 300 -- \
		sh /share/guest.sh "$how" "$CALLS" "$SEED" >"$WORK/out" || { echo "FAILED  $name: the run in the VM"; FAILED=1; }
	check "$name" python3 "${BASH_SOURCE[0]%/*}/evidence.py" "$WORK" "$@"
	echo "        $((SECONDS - begin)) s"
}

# Arguments: the expected reader, then `verdicts' or the only permitted reason for unknown.
SAMPLE=yes level 'without types: text' stock hide-types text verdicts
SAMPLE=yes level 'kprobe, on request' stock kprobe kprobe verdicts
SAMPLE=yes level 'unprotected nVHE: no trap, no verdict' nvhe plain fentry no-events
SAMPLE=yes level 'without EL2: no trace, no verdict' no-el2 plain none tracing-off
SAMPLE=yes level 'without hypervisor tracing: no verdict' no-trace plain none tracing-off
SAMPLE=yes level "Android's events through BPF, without markers" android plain fentry verdicts
SAMPLE=yes level "Android's layout: text, without markers" android android text verdicts
level 'without fentry: kprobe' no-fentry plain kprobe verdicts
level 'without kprobes and types: text' text plain text verdicts
level 'without arm_ffa: no calls' no-ffa plain none no-calls
finish
