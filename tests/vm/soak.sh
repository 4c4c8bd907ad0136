#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Random calls on four CPUs while other work and disturbances run: each verdict is compared with the EL3 log, which is
# independent of the tool. CALLS and SEED can be set. `ffalab test soak' makes a million calls, `ffalab test vm' 5,000,
# or 25,000 with CI=true if both kernels are built: one boot, of the kernel that SEED chooses.
# A boot makes at most 25,000 calls, which keeps the logs small and limits how often OP-TEE's driver is rebound.
. "${BASH_SOURCE[0]%/*}/lib.sh"

if [[ ${FFALAB_LONG:-} == yes ]]; then
	CALLS=${CALLS:-1000000}
elif [[ ${CI:-} == true && " ${FFALAB_BUILT:-} " == *' forward '*' stock '* ]]; then
	CALLS=${CALLS:-25000}
fi
CALLS=${CALLS:-5000}
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
readonly A_BOOT=25000 ROUNDS=(quiet load suspend others unplug optee)
HERE=${BASH_SOURCE[0]%/*}

cat >"$WORK/guest.sh" <<'GUEST'
T=/sys/kernel/tracing/remotes/hypervisor
# While a round runs, run the command at most $1 times, starting after the tool has started.
times() {
	n=$1; shift
	while [ ! -s "/share/$name.verdicts" ] && [ -e /tmp/going ]; do usleep 50000; done
	while [ "$n" -gt 0 ] && [ -e /tmp/going ]; do "$@"; n=$((n - 1)); done
}
suspended() { # by another user of the trace
	usleep 400000; echo 0 >$T/tracing_on; usleep 20000; echo 1 >$T/tracing_on
}
unplugged() { # permanently: OP-TEE does not accept a CPU that returns
	usleep 700000; echo 0 >/sys/devices/system/cpu/cpu$cpu/online; cpu=$((cpu - 1))
}
rebound() {
	echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/unbind; usleep 200000
	echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/bind; usleep 200000
}
watched() { # other users of the trace: one polls, one tries to resize, one consumes events
	head -c 20000 $T/trace >/dev/null; echo 64 >$T/buffer_size_kb
	timeout 0.1 cat $T/trace_pipe >/dev/null; usleep 300000
}
round() { # NAME CALLS SEED FIRST
	: >/tmp/going
	case $1 in
	quiet) ;;
	*) /tests/load & load=$! ;;
	esac
	/tests/soak "$2" "$3" "$4" >"/share/$1.verdicts" 2>"/share/$1.err" &
	soak=$!
	case $1 in
	suspend) times $(($2 / 4000)) suspended & ;; # about fifty calls are unknown each time
	unplug) times 2 unplugged & ;;
	optee) { times 2 rebound; : >/tmp/bound; } & ;;
	others) times 10 watched & ;;
	*) : & ;;
	esac 2>/dev/null
	other=$!
	wait $soak; status=$?
	rm /tmp/going
	if [ "$1" = optee ]; then
			# OP-TEE may be given a page again that it has not returned. EL2 refuses that, the driver hangs and the
			# machine becomes unusable, so this is the last round.
		tries=100
		while [ ! -e /tmp/bound ] && [ $tries -gt 0 ]; do usleep 100000; tries=$((tries - 1)); done
		[ -e /tmp/bound ] || { echo "optee: its driver hangs"; hangs=yes; }
	else
		wait $other
	fi
	[ -z "$load" ] || kill "$load"
	load=
	[ $status = 0 ] || { echo "$1: status $status: $(cat "/share/$1.err")"; exit 1; }
	echo "$1 $(dmesg | grep -c "WARNING:\|BUG:\|Call trace")" >>/share/splats
	[ -n "$hangs" ] || { rmmod ffascope && insmod /ffalab/ffascope.ko; } || exit 1
}
calls=$((($1 + $# - 3) / ($# - 2))) seed=$2; shift 2 # of a round, rounded up
n=0 cpu=3
for name; do
	n=$((n + 1))
	round "$name" $calls $((seed + n)) 0x5eed00$(printf %02x $n)00000000
done
GUEST

# boot KERNEL CALLS SEED
boot() {
	local status=0
	local -a files=("${ROUNDS[@]/#/$WORK/}")
	rm -f "$WORK"/*.verdicts "$WORK"/splats
	echo "kernel $1, seed $3"
	"$FFALAB" run --kernel "$1" --smp 4 --firmware debug --el3-log "$WORK/el3" --share "$WORK" --timeout 3600 -- \
		sh /share/guest.sh "$2" "$3" "${ROUNDS[@]}" || { echo "FAILED  the run in the VM (seed $3)"; exit 1; }
	if grep -v ' 0$' "$WORK/splats"; then
		echo 'FAILED  the kernel printed a warning'
		FAILED=1
	fi
	python3 "$HERE/soak.py" "$WORK/el3" "$WORK/totals" "${files[@]/%/.verdicts}" || status=$?
	((status == 0)) || FAILED=1
}

KERNELS=(stock forward)
for ((made = 0, n = 0; made < CALLS; made += A_BOOT, n++)); do
	boot "${KERNELS[(SEED + n) % 2]}" $((CALLS - made < A_BOOT ? CALLS - made : A_BOOT)) $((SEED + n * 100))
done

python3 "$HERE/soak.py" --sum "$WORK/totals" "$CALLS" || FAILED=1
finish
