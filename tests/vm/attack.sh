#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Attacks the module on kernel sanitize (KASAN, UBSAN, lockdep, sleep-in-atomic checks, kmemleak): random requests from
# many threads, with signals, changing memory and faults in allocations and copies; users without permission; bursts of
# notifications; unloading while in use; unbinding OP-TEE's driver. The kernel must print no report, each outcome must be
# one that ffascope.h lists, and the lines of kmod/ must be reached.
#
# IOCTLS and SEED can be set. `ffalab test attack' makes ten million requests, `ffalab test vm' 30,000. The latter skips
# the test if the kernel is not built, except with CI=true when the kernels stock and forward are built.
. "${BASH_SOURCE[0]%/*}/lib.sh"

if [[ ${FFALAB_LONG:-} == yes ]]; then
	IOCTLS=${IOCTLS:-10000000}
elif [[ " ${FFALAB_BUILT:-} " != *' sanitize '* &&
	(${CI:-} != true || " ${FFALAB_BUILT:-} " != *' forward '*' stock '*) ]]; then
	echo 'kernel sanitize is not built (ffalab build sanitize)'
	exit 77
fi
IOCTLS=${IOCTLS:-30000}
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
readonly LEAST=85 # percent of the lines of each file
echo "$IOCTLS ioctls, seed $SEED"

cat >"$WORK/guest.sh" <<'GUEST'
ioctls=$1 seed=$2
dmesg -n 1 # refusals print hundreds of messages, and the console is slow
cat /proc/kmsg >/share/kmsg &
part() { echo "== $1"; echo "ffascope-test: $1" >/dev/kmsg; }
ended() { echo "$1 status $2"; }
leaks() { # Scan twice, because kmemleak does not report recently allocated memory.
	for i in 1 2; do sleep 6; echo scan >/sys/kernel/debug/kmemleak; done
	cat /sys/kernel/debug/kmemleak >>/share/leaks
}

# Copy the .gcno files now: the module may be rebuilt while this runs.
mkdir /share/gcov
for data in $(find /sys/kernel/debug/gcov -name '*.gcda'); do
	readlink "${data%.gcda}.gcno"
done >/share/gcov/notes
echo end >>/share/gcov/notes

# Faults hit only threads that request them, without messages because there are many. With /proc/PID/make-it-fail
# every second allocation and every fourth copy fails, with fail-nth exactly one.
for what in failslab fail_page_alloc fail_usercopy; do
	dir=/sys/kernel/debug/$what
	for pair in task-filter:Y probability:50 interval:1 times:-1 verbose:0 ignore-gfp-wait:N ignore-gfp-highmem:N \
		min-order:0 cache-filter:N; do
		[ ! -e $dir/${pair%%:*} ] || echo "${pair#*:}" >$dir/${pair%%:*}
	done
done
echo 25 >/sys/kernel/debug/fail_usercopy/probability

part promises
/tests/module-abi | grep -v '^ok'
/tests/module-abi "$(grep -hv 0x0000 /sys/bus/arm_ffa/devices/*/partition_id | head -n 1)" | grep -v '^ok'

part notifications
: >/tmp/typing
while [ -e /tmp/typing ]; do echo >>/share/keys; usleep 10000; done &
/tests/attack notes 16 "$seed"; ended notes $?
rm /tmp/typing

part users
/tests/attack user 6000 "$seed"; ended user $?

part attack
/tests/attack $((ioctls - ioctls / 5)) "$seed"; ended attack $?
leaks

part unload
/tests/attack unload 10 "$seed" /ffalab/ffascope.ko; ended unload $?
rmmod ffascope && insmod /ffalab/ffascope.ko unsafe=1 || echo 'FAILED  to load the module with unsafe=1'

part unsafe
/tests/attack $((ioctls / 5)) $((seed + 1)) unsafe; ended unsafe $?
leaks
part coverage
for data in $(find /sys/kernel/debug/gcov -name '*.gcda'); do
	cat "$data" >"/share/gcov/${data##*/}"
done

# Unbind and bind OP-TEE's driver with a notification requested, only twice: this stack eventually hangs in the driver
# (pages that OP-TEE has not returned are shared with it again, which EL2 refuses). The module is not the cause.
part unbind
/tests/attack notes 8 "$seed" >/dev/null 2>&1 &
(
	for i in 1 2; do
		echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/unbind; sleep 1
		echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/bind; sleep 1
	done
	: >/tmp/bound
) 2>/dev/null &
tries=30
while [ ! -e /tmp/bound ] && [ $tries -gt 0 ]; do sleep 1; tries=$((tries - 1)); done
if [ ! -e /tmp/bound ]; then
	echo "OP-TEE's driver hangs"
	for task in $(grep -l '^State:.D' /proc/[0-9]*/task/*/status); do
		task=${task%/status}
		{ echo "== $task $(cat $task/comm)"; cat $task/stack; } >>/share/stacks 2>/dev/null
	done
fi
sleep 3
dmesg >/share/dmesg
echo end
GUEST

take_notes() {
	until grep -qsx end "$WORK/gcov/notes"; do sleep 0.5; done
	grep '\.gcno$' "$WORK/gcov/notes" | xargs cp -t "$WORK/gcov"
}

touch "$WORK/keys"
take_notes &
notes=$!
status=0
"$FFALAB" run --kernel sanitize --secure-input "$WORK/keys" --share "$WORK" --timeout $((900 + IOCTLS / 500)) \
	-- sh /share/guest.sh "$IOCTLS" "$SEED" >"$WORK/out" || status=$?
kill "$notes" 2>/dev/null || true
cat "$WORK/out"
equals 'the run in the VM' 0 "$status"
check 'the run is complete' grep -qx end "$WORK/out"
check 'the module behaves as ffascope.h states' test "$(grep -c ' passed, 0 failed$' "$WORK/out")" = 2
for part in notes user attack unload unsafe; do
	equals "$part" 0 "$(sed -n "s/^$part status //p" "$WORK/out")"
done
if [[ -e $WORK/stacks ]]; then
	awk -v RS='== ' '/ffa_|optee|ffascope/' "$WORK/stacks" | sed -n 1,80p
	equals 'tasks that hang in the module' 0 "$(grep -c '\[ffascope\]' "$WORK/stacks")"
fi
equals 'ioctls made' "$IOCTLS" "$(awk '/ ioctls in / { n += $1 } END { print n + 0 }' "$WORK/out")"

# Kernel reports. An injected fault in vmalloc() prints a stack, one in kmemleak's own allocations a line; these are no
# reports.
reports() { grep -nE 'KASAN|UBSAN|\bBUG\b|WARNING|INFO: |Unable to handle|Oops|ODEBUG|corruption|\bstalls?\b|DEBUG_LOCKS|refcount_t|scheduling while|inconsistent|kmemleak: ' "$1" |
	grep -vE 'kmemleak: Kernel memory leak detector initialized|kmemleak: Automatic memory scanning|kmemleak: Cannot allocate a scan area'; }
: >"$WORK/dmesg.all"
cat "$WORK/kmsg" "$WORK/dmesg" >"$WORK/dmesg.all" 2>/dev/null || true
check 'the log was read' grep -q 'ffascope-test: unbind' "$WORK/dmesg.all"
if reports "$WORK/dmesg.all" >"$WORK/reports"; then
	head -n 40 "$WORK/reports"
	first=$(head -n 1 "$WORK/reports" | cut -d: -f1)
	sed -n "$first,$((first + 60))p" "$WORK/dmesg.all"
fi
equals 'reports of the kernel' 0 "$(wc -l <"$WORK/reports")"
if grep -q ffascope "$WORK/leaks"; then
	head -n 60 "$WORK/leaks"
fi
check 'kmemleak has scanned' test -f "$WORK/leaks"
equals 'leaks in the module' 0 "$(grep -c ffascope "$WORK/leaks" || true)"
equals 'leaks elsewhere' 0 "$(grep -c '^unreferenced' "$WORK/leaks" || true)"

# covered FILE PERCENT: prints the line coverage and the lines not reached; fails below this many percent.
covered() {
	local name=$1
	awk -F: -v name="$name" -v least="$2" '
		$1 ~ /[0-9]/ && $1 !~ /#|=/ { hit++; next }
		$1 ~ /#####|=====/ { miss++; lines = lines sprintf(" %d", $2) }
		END {
			percent = hit + miss ? 100 * hit / (hit + miss) : 0
			printf "kmod/%s: %d of %d lines reached, %.1f %%; not%s\n", name, hit, hit + miss, percent, miss ? lines : "hing left out"
			exit percent < least
		}' "$WORK/gcov/$name.gcov"
}
# gcov expects the sources beside its data.
cp -t "$WORK/gcov" "${BASH_SOURCE[0]%/*}"/../../kmod/*.[ch]
(cd "$WORK/gcov" && aarch64-linux-gnu-gcov -- *.gcda >/dev/null 2>gcov.err) || cat "$WORK/gcov/gcov.err"
for source in main.c driver.c; do
	check "$source is reached" covered "$source" "$LEAST"
done
# Random descriptors share nothing: memory.sh reaches the rest.
for source in buffers.c pages.c; do
	check "$source is reached" covered "$source" 45
done
finish
