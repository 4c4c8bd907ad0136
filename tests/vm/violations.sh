#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# trace --violations: a caller that sets x9 in CALLS calls is named with that count; OP-TEE's driver, busy at the same
# time, is not named.
. "${BASH_SOURCE[0]%/*}/lib.sh"

CALLS=${CALLS:-10000}

cat >"$WORK/guest.sh" <<'GUEST'
calls=$1
ffascope --json trace --violations --duration 45 >/share/violations.json 2>/tmp/notes &
trace=$!
while ! grep -q watching /tmp/notes 2>/dev/null; do kill -0 $trace || { cat /tmp/notes; exit 1; }; sleep 0.05; done
/tests/tee-calls 500 >/dev/null & tee=$!
ffascope call --no-trace --count "$calls" partition-info-get-regs x9=0xdead >/dev/null 2>/share/errors
wait $tee
wait $trace
echo "status $?"
ffascope trace --violations --duration 5 >/share/none.txt 2>/dev/null & trace=$!
sleep 1
/tests/tee-calls 100 >/dev/null
wait $trace
echo "none $?"
cat /share/none.txt
GUEST
"$FFALAB" run --kernel forward --share "$WORK" --timeout 300 -- sh /share/guest.sh "$CALLS" >"$WORK/out" 2>"$WORK/errors2" ||
	{ cat "$WORK/out" "$WORK/errors2"; echo 'FAILED  the run in the VM'; exit 1; }
cat "$WORK/out" "$WORK/errors"

is() { equals "$1" "$2" "$(sed -n "s/^$1 //p" "$WORK/out")"; }
is status 1
is none 0
cat >"$WORK/named.py" <<'NAMED'
import json, sys
for origin in json.load(open(sys.argv[1]))["by_driver"]:
    print(origin["driver"], origin["call"], origin["calls"], origin["violating"],
          *(f"{bits['bits']} {bits['first']}" for bits in origin["bits"]))
NAMED
equals 'the caller with x9 is named, with the right count' \
	"ffascope FFA_PARTITION_INFO_GET_REGS $CALLS $CALLS x9[63:0] 0xdead" \
	"$(python3 "$WORK/named.py" "$WORK/violations.json" | grep PARTITION_INFO_GET_REGS)"
# ffascope also sets reserved bits when it calibrates.
equals 'no other driver is named' ffascope "$(python3 "$WORK/named.py" "$WORK/violations.json" | cut -d ' ' -f 1 | sort -u)"
check "OP-TEE's driver was busy and is not named" python3 -c 'import json, sys
found = json.load(open(sys.argv[1]))
sys.exit(not (found["calls"] >= found["violating"] + 500))' "$WORK/violations.json"
finish
