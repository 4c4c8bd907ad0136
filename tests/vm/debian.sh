#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Debian's own kernels, which have no hypervisor tracing and arm_ffa as a module: each verb does there what it can, says
# what it lacks, and never gives a verdict. The kernel debian is always run; those that are not fetched yet are skipped.
# DEBIAN_KERNELS names those to run.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
uname -r | sed 's/^/release /'
ffascope --json doctor >/share/doctor.json 2>/share/notes; echo "doctor $?"
ffascope --json call id-get >/share/forwarded.json 2>>/share/notes; echo "forwarded $?"
ffascope --json call notification-bitmap-create >/share/refused.json 2>>/share/notes; echo "refused $?"
ffascope notify listen --from 0x8001 --id 5 --duration 2 >/share/listen 2>&1; echo "listen $?"
ffascope -v --json trace --no-trace --duration 20 --count 3 >/share/trace.json 2>>/share/notes &
trace=$!
while ! grep -q watching /share/notes; do kill -0 $trace || break; sleep 0.1; done
/tests/tee-calls 10 >/dev/null
wait $trace; echo "trace $?"
# OP-TEE's driver is not to be bound again: EL2 may refuse to share its pages once more (module-debian.sh), and its probe
# then hangs in tee_device_unregister().
rmmod optee
# Both orders of unloading while a file is open: ffascope stays; arm_ffa goes, because this file has made no request.
exec 3<>/dev/ffascope
rmmod ffascope 2>/dev/null; echo "unload-in-use $?"
rmmod ffa_module; echo "unload-driver $?"
ffascope --json call id-get >/share/no-driver.json 2>/share/no-driver; echo "no-driver $?"
exec 3>&-
rmmod ffascope; echo "unload $?"
insmod "$(find / -xdev -name 'ffa-module.ko*' 2>/dev/null | head -n 1)"; echo "driver-again $?"
modprobe ffascope unsafe=1; echo "load $?"
ffascope --json call id-get >/share/again.json 2>>/share/notes; echo "again $?"
rmmod ffascope; echo "unload-first $?"
rmmod ffa_module; echo "driver-last $?"
dmesg | grep -c 'WARNING:\|BUG:\|Call trace\|Unable to handle' | sed 's/^/splats /'
GUEST

built() { "$FFALAB" kernels | awk -v name="$1" '$1 == name && $2 == "built" { found = 1 } END { exit !found }'; }
is() { equals "$kernel: $1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }

# field FILE NAME: the value in the first JSON object of the file.
field() { python3 -c 'import json, sys; print(json.loads(open(sys.argv[1]).readline()).get(sys.argv[2]))' "$@"; }

for kernel in ${DEBIAN_KERNELS:-debian debian-16k debian-rt}; do
	if [[ -z ${DEBIAN_KERNELS:-} && $kernel != debian ]] && ! built "$kernel"; then
		echo "skipped $kernel: not fetched (ffalab build $kernel)"
		continue
	fi
	begin=$SECONDS
	"$FFALAB" run --kernel "$kernel" --share "$WORK" --timeout 300 -- sh /share/guest.sh >"$WORK/out" 2>"$WORK/err" ||
		cat "$WORK/err"
	is doctor 3
	is forwarded 4
	is refused 4
	for call in forwarded refused; do
		equals "$kernel: the verdict of a call that is $call" 'unknown tracing-off' \
			"$(field "$WORK/$call.json" verdict) $(field "$WORK/$call.json" reason)"
	done
	is listen 3
	check "$kernel: notify says why it cannot" grep -qi 'notification' "$WORK/listen"
	is trace 4
	check "$kernel: the function tracer hooks arm_ffa" grep -q 'arm_ffa is hooked through fprobe' "$WORK/notes"
	check "$kernel: doctor says so" python3 -c 'import json, sys
checks = json.loads(open(sys.argv[1]).readline())["checks"]
sys.exit(not any(c["check"] == "driver-hook" and "fprobe" in c["found"] for c in checks))' "$WORK/doctor.json"
	check "$kernel: trace --no-trace shows calls of OP-TEE's driver" grep -q '"call":"FFA_' "$WORK/trace.json"
	check "$kernel: none of them has a verdict" \
		python3 -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
calls = [line for line in lines if "call" in line]
sys.exit(not calls or any(line["verdict"] != "unknown" for line in calls))' "$WORK/trace.json"
	is unload-in-use 1
	is unload-driver 0
	is no-driver 4
	is unload 0
	is driver-again 0
	is load 0
	is again 4
	is unload-first 0
	is driver-last 0
	is splats 0
	echo "        $(sed -n 's/^release //p' "$WORK/out"): $((SECONDS - begin)) s"
done
finish
