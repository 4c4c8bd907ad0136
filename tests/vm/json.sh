#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What each verb prints as JSON with a device fits json/format-1.schema.json. tests/cli/json does the rest.
. "${BASH_SOURCE[0]%/*}/lib.sh"

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)

cat >"$WORK/guest.sh" <<'GUEST'
tool() { ffascope --json "$@" </dev/null; }
tool call id-get
tool call spm-id-get --count 3
tool call version
tool call --no-trace id-get
tool call notification-bind sender=0x8001 receiver=0 bitmap=0x20 'w2[4]=1' --allow-state-change
tool call --via driver --allow-state-change notification-bind sender=0x8001 bitmap=0x20
tool call --via driver --allow-state-change notification-set receiver=0x8001 bitmap=0x20
tool call --via driver partition-info-get
tool call --via driver --allow-state-change msg-send-direct-req receiver=0x8001
tool notify bind --from 0x8001 --id 6 --duration 1
tool notify pending --allow-state-change
tool notify send --to 0x8001 --id 5
tool notify unbind --from 0x8001 --id 0 --allow-state-change
{
	tool notify listen --from 0x8001 --id 5 --duration 3 &
	sleep 1
	tool call --no-trace --via driver --allow-state-change msg-send-direct-req receiver=0x8001 data0=5 data1=5
	wait
}
tool trace --duration 2 --stack &
sleep 1
echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/unbind
echo arm-ffa-1 >/sys/bus/arm_ffa/drivers/optee/bind
wait
tool doctor --bundle /tmp/bundle.tar.gz
tool run --allow-state-change /examples/smoke/forward.ffa
printf 'let a = 5\ncall ID_GET\nexpect forwarded\nexpect SUCCESS id=7\nrequire module\n' | ffascope --json shell
tool sweep --allow-state-change --save /tmp/sweep.json
tool sweep --allow-state-change --baseline /tmp/sweep.json --policy spec
tool fuzz --count 200 notification-get
tool compare /tmp/sweep.json /tmp/bundle.tar.gz
GUEST
status=0
"$FFALAB" run --kernel forward --share "$WORK" --timeout 300 -- sh -c 'sh /share/guest.sh >/share/out 2>/share/err' \
	</dev/null || status=$?
check "the verbs ran (status $status)" test -s "$WORK/out"
check 'standard output fits the schema' python3 "$ROOT/tests/cli/json/validate.py" "$ROOT/json/format-1.schema.json" "$WORK/out"
check 'standard error fits the schema' python3 "$ROOT/tests/cli/json/validate.py" "$ROOT/json/format-1.schema.json" "$WORK/err"
for word in '"notify":"bind"' '"notify":"info"' '"notify":"notification"' '"via":"driver"' '"task":' '"by_call":' '"links"\|"checks":' \
	'"bundle":' '"case":' '"ok":' '"baseline":' '"columns":'; do
	check "an object with $word was printed" grep -q "$word" "$WORK/out"
done
finish
