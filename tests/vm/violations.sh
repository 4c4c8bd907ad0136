#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# trace --violations: a driver that sets x9 in some of its CALLS calls is named with these counts, and so is ffascope itself;
# OP-TEE's driver, busy at the same time, is not named.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-10000} EVERY=4 OWN=1000

cat >"$WORK/guest.sh" <<'GUEST'
calls=$1 every=$2 own=$3
ffascope --json trace --violations --buffer 16384 --record /share/recording >/share/violations.json 2>/tmp/notes &
trace=$!
while ! grep -q watching /tmp/notes 2>/dev/null; do kill -0 $trace || { cat /tmp/notes; exit 1; }; sleep 0.05; done
/tests/tee-calls 500 >/dev/null & tee=$!
ffascope call --no-trace --count "$own" partition-info-get-regs x9=0xbeef >/dev/null 2>/share/errors
insmod /ffalab/junk-driver.ko "calls=$calls" "every=$every"; echo "insmod $?"
wait $tee
sleep 1
kill $trace
wait $trace
ffascope --json replay --as violations /share/recording >/share/again.json; echo "replayed $?"
ffascope trace --violations --duration 3 >/dev/null 2>/tmp/notes & trace=$!
while ! grep -q watching /tmp/notes 2>/dev/null; do kill -0 $trace || exit 1; sleep 0.05; done
rmmod junk_driver; insmod /ffalab/junk-driver.ko calls=10
wait $trace
echo "status $?"
ffascope trace --violations --duration 5 >/share/none.txt 2>/dev/null & trace=$!
sleep 1
/tests/tee-calls 100 >/dev/null
wait $trace
echo "none $?"
cat /share/none.txt
GUEST
"$FFALAB" run --kernel forward --share "$WORK" --module "${BASH_SOURCE[0]%/*}/junk-driver" --timeout 300 -- \
	sh /share/guest.sh "$CALLS" "$EVERY" "$OWN" >"$WORK/out" 2>"$WORK/errors2" ||
	{ cat "$WORK/out" "$WORK/errors2"; echo 'FAILED  the run in the VM'; exit 1; }
cat "$WORK/out" "$WORK/errors"

is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is status 1
is replayed 1
check 'a replay counts the same' cmp "$WORK/violations.json" "$WORK/again.json"
is none 0
cat >"$WORK/named.py" <<'NAMED'
import json, sys
for origin in json.load(open(sys.argv[1]))["by_driver"]:
    print(origin["driver"], origin["call"], origin["calls"], origin["violating"],
          *(f"{bits['bits']} {bits['first']}" for bits in origin["bits"]))
NAMED
named() { python3 "$WORK/named.py" "$WORK/violations.json"; }
equals 'the driver that sets x9 is named, with the right counts' \
	"junk_driver FFA_PARTITION_INFO_GET_REGS $CALLS $((CALLS / EVERY)) x9[63:0] 0xdead" "$(named | grep junk)"
equals 'ffascope is named for its own calls' \
	"ffascope FFA_PARTITION_INFO_GET_REGS $OWN $OWN x9[63:0] 0xbeef" "$(named | grep '^ffascope .*PARTITION_INFO_GET_REGS')"
check 'the stack has the driver and its module' grep -q '+0x[0-9a-f]* \[junk_driver\]' "$WORK/violations.json"
# ffascope also sets reserved bits when it calibrates.
equals 'no other driver is named' 'ffascope junk_driver' "$(named | cut -d ' ' -f 1 | sort -u | tr '\n' ' ' | sed 's/ $//')"
check "OP-TEE's driver was busy and is not named" python3 -c 'import json, sys
found = json.load(open(sys.argv[1]))
sys.exit(not (found["calls"] >= found["violating"] + 500))' "$WORK/violations.json"
finish
