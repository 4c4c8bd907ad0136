#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A sweep of everything agrees with the EL3 log, with a second one, and with its probes made one by one on newly booted VMs.
# It needs four VMs for each kernel, so it runs with FFALAB_LONG=yes only. PROBES: how many; BOOTS: on how many VMs.
. "${BASH_SOURCE[0]%/*}/lib.sh"
HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
[[ ${FFALAB_LONG:-} ]] || exit 77
PROBES=${PROBES:-300} BOOTS=${BOOTS:-3}

cat >"$WORK/all.sh" <<'GUEST'
for i in 1 2; do
	from=$(cut -d ' ' -f 1 /proc/uptime)
	ffascope --json sweep --all --allow-state-change >/share/all-$i.json; echo "status-$i $?"
	echo "seconds-$i $from $(cut -d ' ' -f 1 /proc/uptime)"
done
ffascope doctor >/dev/null; echo "doctor $?"
# arm_ffa asks for the partitions when it is loaded; OP-TEE's driver answers a notification each second.
ffascope --json call partition-info-get count-only=1 | grep -c '"status":"SUCCESS"' | sed 's/^/partitions /'
GUEST
for kernel in ${KERNELS:-stock forward policy-7.4}; do
	dir=$WORK/$kernel
	mkdir "$dir"
	cp "$WORK/all.sh" "$dir/"
	"$FFALAB" run --kernel "$kernel" --unsafe --el3-log "$dir/el3" --share "$dir" --timeout 900 -- sh /share/all.sh \
		</dev/null >"$dir/out" || cat "$dir/out"
	sed "s/^/        $kernel: /" "$dir/out"
	equals "$kernel: the state afterwards" "doctor 0 partitions 1 " "$(grep -E '^(doctor|partitions) ' "$dir/out" | tr '\n' ' ')"
	check "$kernel: two sweeps in a row are equal" cmp "$dir/all-1.json" "$dir/all-2.json"
	check "$kernel: no unknown" test -z "$(grep -oE '"class":"unknown"' "$dir/all-1.json" | head -n 1)"
	python3 "$HERE/sweep.py" "$dir/all-1.json" "$dir/el3" >"$dir/cells"
	equals "$kernel: the EL3 log contradicts nothing" "" "$(grep -v 'contradicted=0$' "$dir/cells" | grep contradicted)"
	for ((boot = 1; boot <= BOOTS; boot++)); do
		python3 "$HERE/alone.py" plan "$dir/all-1.json" $((PROBES / BOOTS)) "$boot" >"$dir/alone.ffa"
		"$FFALAB" run --kernel "$kernel" --unsafe --share "$dir" --timeout 900 -- \
			sh -c 'ffascope --json run --allow-state-change /share/alone.ffa >/share/alone.json' </dev/null || true
		check "$kernel: probes alone on a new VM, $boot of $BOOTS" \
			python3 "$HERE/alone.py" check "$dir/all-1.json" $((PROBES / BOOTS)) "$boot" "$dir/alone.json"
	done
done
finish
