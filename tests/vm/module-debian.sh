#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The module on Debian's own kernels, where arm_ffa is a module too: with 4 KiB and 16 KiB pages and with PREEMPT_RT. An
# open file that has made a request keeps arm_ffa loaded; without arm_ffa, and after its return, nothing breaks.
# Kernels that are not fetched yet are skipped; MODULE_KERNELS names those to run. arm_ffa is unloaded and loaded RELOADS
# times while files are open: 1,000 with FFALAB_LONG=yes, else 10.
. "${BASH_SOURCE[0]%/*}/lib.sh"

if [[ ${FFALAB_LONG:-} == yes ]]; then
	RELOADS=${RELOADS:-1000}
fi
RELOADS=${RELOADS:-10}

cat >"$WORK/guest.sh" <<'GUEST'
/tests/module-abi >/share/abi 2>&1; echo "abi $?"
/tests/module-held /sys/module/ffa_module/refcnt >/share/held; echo "held $?"
rmmod ffa_module; echo "removed $?"
/tests/module-held - >/share/gone; echo "without $?"
modprobe ffa-module 2>/dev/null || insmod "$(find / -xdev -name 'ffa-module.ko*' 2>/dev/null | head -n 1)"; echo "returned $?"
# OP-TEE's driver frees pages that EL2 keeps as shared, because OP-TEE does not let EL2 reclaim them ("optee: mem_reclaim:
# ... -95"). If arm_ffa gets such a page for its RX/TX buffers, EL2 refuses FFA_RXTX_MAP and arm_ffa has no devices.
if dmesg | tail -n 20 | grep -q 'failed to register FFA RxTx buffers'; then
	echo 'again refused'
else
	/tests/module-held /sys/module/ffa_module/refcnt >/share/again; echo "again $?"
fi
# Without OP-TEE's driver: after some reloads it gets no shared memory, for the same reason, and its probe then hangs in
# tee_device_unregister().
rmmod optee 2>/dev/null
/tests/module-reload "$1" 'modprobe ffa-module' >/share/reload 2>&1; echo "reloaded-ffa $?"
for i in $(seq 20); do rmmod ffascope && insmod /ffalab/ffascope.ko || break; done; echo "reloaded $i $?"
dmesg | grep -c 'WARNING:\|BUG:\|Call trace\|Unable to handle' | sed 's/^/splats /'
GUEST

built() { "$FFALAB" kernels | awk -v name="$1" '$1 == name && $2 == "built" { found = 1 } END { exit !found }'; }
is() { equals "$kernel: $1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }

ran=0
for kernel in ${MODULE_KERNELS:-debian debian-16k debian-rt}; do
	if [[ -z ${MODULE_KERNELS:-} ]] && ! built "$kernel"; then
		echo "skipped $kernel: not built (ffalab build $kernel)"
		continue
	fi
	ran=1
	rm -f "$WORK"/{abi,held,gone,again,reload}
	"$FFALAB" run --kernel "$kernel" --share "$WORK" --timeout $((300 + 2 * RELOADS)) -- sh /share/guest.sh "$RELOADS" >"$WORK/out" 2>"$WORK/err" ||
		cat "$WORK/err"
	for log in abi held gone again; do
		[[ ! -f $WORK/$log ]] || grep -v '^ok' "$WORK/$log" || true
	done
	for what in abi held removed without returned; do
		is "$what" 0
	done
	if grep -q '^again refused' "$WORK/out"; then
		echo "        $kernel: EL2 refused the buffers of the returned arm_ffa: not checked with it"
	else
		is again 0
	fi
	cat "$WORK/reload"
	is reloaded-ffa 0
	is reloaded '20 0'
	is splats 0
done
((ran)) || {
	echo 'none of the kernels is built'
	exit 77
}
finish
