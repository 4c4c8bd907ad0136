#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The verdicts are right on every generation of proxy: random calls on each lab kernel, compared with the EL3 log
# (witness.sh). A sample of kernels with few calls; GENERATIONS=all takes every kernel and 5,000 calls of each. Kernels
# outside the sample that are not built yet are skipped.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-$([[ ${GENERATIONS:-} == all ]] && echo 5000 || echo 400)}

built() { "$FFALAB" kernels | awk -v name="$1" '$1 == name && $2 == "built" { found = 1 } END { exit !found }'; }

# generation KERNEL TRACE [VARIABLE=VALUE...]: what the kernel traces, as witness.py has it.
generation() {
	local kernel=$1 trace=$2 begin=$SECONDS
	shift 2
	if [[ ${SAMPLE:-} != yes && ${GENERATIONS:-} != all ]]; then
		printf 'left    %s (GENERATIONS=all takes it)\n' "$kernel"
		return
	fi
	if [[ ${SAMPLE:-} != yes ]] && ! built "$kernel"; then
		printf 'left    %s: not built\n' "$kernel"
		return
	fi
	check "$kernel: 0 wrong" env KERNEL="$kernel" TRACE="$trace" CALLS="$CALLS" TIMEOUT=900 "$@" \
		"${BASH_SOURCE[0]%/*}/witness.sh"
	echo "        $((SECONDS - begin)) s"
}

SAMPLE=yes generation proxy-1.1 all
SAMPLE=yes generation unbracketed no-reissues
SAMPLE=yes generation printk all
SAMPLE=yes generation android all
SAMPLE=yes generation no-trace nothing
generation stock all
generation forward all
generation policy-7.4 all
generation stock-7.2 all
generation no-fentry all
generation text all
generation android-6.12 all
generation android-6.1 all
generation android-unbracketed no-reissues
generation linux-6.12 nothing
generation debian nothing
generation debian-16k nothing
generation debian-rt nothing

# A loss counts on the event that is read next, which may be one of another user's, who overflows the buffer.
if [[ ${GENERATIONS:-} == all ]]; then
	CALLS=50000 SAMPLE=yes generation printk lossy USER_EVENTS=flood TIMEOUT=2500
fi
SAMPLE=yes generation printk all USER_EVENTS=yes
finish
