#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# doctor in the lab VM: the checks, the state that a killed run leaves, and a bundle judged and replayed elsewhere.
. "${BASH_SOURCE[0]%/*}/lib.sh"

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
ffascope --json doctor --bundle /share/bundle.tar.gz >/share/doctor.json 2>/tmp/err
echo "status $? $(cat /tmp/err)"
cat $T/tracing_on $T/buffer_size_kb | tr '\n' ' ' | sed 's/^/untouched /'; echo
state() { ffascope --json doctor 2>/dev/null | sed 's/.*"check":"left-over-state","state":"\([a-z]*\)","needed_for":null,"found":"\([^"]*\)".*/\1 \2/'; }
ffascope call --count 1000000 notification-get receiver=0 >/dev/null 2>&1 &
pid=$!
while [ "$(cat $T/tracing_on)" = 0 ]; do :; done
echo "running $(state | sed "s/$pid/PID/")"
ffascope doctor --repair >/dev/null 2>/tmp/err
echo "busy $? $(sed "s/$pid/PID/" /tmp/err | head -n 1)"
kill -9 $pid
wait $pid
echo "killed $(state)"
ffascope doctor --repair 2>&1 >/dev/null | sed 's/^/repair /'
echo "repaired $(state)"
mkdir /tmp/elsewhere
mount --move /sys/kernel/tracing /tmp/elsewhere
ffascope --json doctor >/share/elsewhere.json 2>/dev/null
echo "elsewhere $?"
mount --move /tmp/elsewhere /sys/kernel/tracing
rmmod ffascope
ffascope --json doctor >/share/bare.json 2>/dev/null
echo "no-module $?"
GUEST
"$FFALAB" run --share "$WORK" -- sh /share/guest.sh >"$WORK/out" || cat "$WORK/out"

is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is status '0 '
is untouched '0 7 (unloaded) '
is running 'good ffascope, process PID, uses the trace now'
is busy "3 ffascope: another ffascope (process PID) uses the hypervisor's trace. Wait for it or end it, and try again"
is killed 'bad a killed run did not restore the trace settings'
is repair 'ffascope: restored the trace settings that a killed run had changed'
is repaired 'good none'
is elsewhere 0
is no-module 3

# checks FILE: prints the name and state of each
checks() {
	python3 -c 'import json, sys
for check in json.loads(open(sys.argv[1]).readline())["checks"]: print(check["check"], check["state"], sep=": ")' "$1"
}
equals 'all checks but those of notifications are good' 'notify-features: bad ' \
	"$(checks "$WORK/doctor.json" | grep -v -e ': good$' -e '^notify-.*: skipped$' | tr '\n' ' ')"
equals 'the mount point of tracefs makes no difference' "$(checks "$WORK/doctor.json")" "$(checks "$WORK/elsewhere.json")"
equals 'without the module the calls are missing' 'module: bad notify-driver: bad ' \
	"$(checks "$WORK/bare.json" | grep ': bad$' | tr '\n' ' ')"

mkdir "$WORK/unpacked"
tar -xzf "$WORK/bundle.tar.gz" -C "$WORK/unpacked"
equals 'the list matches the contents' "$(tar -tzf "$WORK/bundle.tar.gz" | sort)" \
	"$(python3 -c 'import json, sys
print("\n".join(sorted(json.loads(open(sys.argv[1]).readlines()[1])["files"])))' "$WORK/doctor.json")"
if [[ -n ${FFASCOPE:-} ]]; then
	"$FFASCOPE" --json doctor --root "$WORK/unpacked/root" >"$WORK/there.json" || true
	equals 'judging the bundle elsewhere gives the same result' "$(checks "$WORK/doctor.json")" "$(checks "$WORK/there.json")"
	"$FFASCOPE" replay --as=json --calls "$WORK/bundle.tar.gz" >"$WORK/replay.json" 2>/dev/null || true
	equals 'the recorded calls replay with verdicts' 'forwarded rejected ' \
		"$(sed -n 's/.*"verdict":"\([a-z]*\)".*/\1/p' "$WORK/replay.json" | sort -u | grep -v '^unknown' | tr '\n' ' ')"
	check 'the sweep replays' test "$(wc -l <"$WORK/replay.json")" -gt 100
	"$FFASCOPE" replay "$WORK/bundle.tar.gz" >"$WORK/replay.txt" 2>/dev/null || true
	sed -n '/^Linux /,$p' "$WORK/unpacked/sweep.txt" >"$WORK/sweep.txt"
	check 'the replayed matrix equals the one from the VM' grep -qF "$(grep -m 1 'INFO_GET_64' "$WORK/sweep.txt")" "$WORK/replay.txt"
fi
check 'the bundle contains no host path' test -z "$(grep -ral /share "$WORK/unpacked")"

# Before Linux 7.2 arm_ffa, built in, talks to the firmware before pKVM is up; as a module it comes later. FFALAB_LONG=yes
# tries both where they are built; they share a tree, so each needs a rebuild.
order() { # KERNEL EXPECTED OPTEE: the bad checks, and how many drivers of OP-TEE are ready
	"$FFALAB" kernels | awk -v name="$1" '$1 == name && $2 == "built" { found = 1 } END { exit !found }' || return 0
	rm -f "$WORK/order.json" "$WORK/kernel.log"
	check "$1: doctor ends" "$FFALAB" run --kernel "$1" --share "$WORK" --timeout 600 -- \
		sh -c 'dmesg >/share/kernel.log; ffascope --json doctor >/share/order.json; true' 2>/dev/null
	equals "$1: the bad checks" "$2" "$(checks "$WORK/order.json" | sed -n 's/: bad$//p' | tr '\n' ' ')"
	equals "$1: drivers of OP-TEE" "$3" "$(grep -c 'optee: initialized driver' "$WORK/kernel.log")"
}
if [[ -n ${FFALAB_LONG:-} ]]; then
	order linux-6.12 'hyp-trace ' 1
	order linux-6.12-builtin 'ffa-order hyp-trace ' 0
fi
finish
