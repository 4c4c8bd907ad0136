#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# `ffalab bench' runs this in the VM. It prints one sample per line, "NAME VALUE". /share holds by-hand.awk.
# Usage: guest.sh cost|cpus|notify ROUNDS CALLS MANY
set -e
part=$1 rounds=$2 calls=$3 many=$4
cost=/tests/bench-cost
rejected='notification-get receiver=0'

if [ "$part" = cpus ]; then
	$cost cpus "$calls"
	exit
fi

if [ "$part" = notify ]; then
	/tests/spmc-traffic samples "$calls" 0x8001
	exit
fi

$cost rounds "$rounds" "$calls"
$cost parts $((4 * rounds)) 1000
$cost by-hand $((4 * rounds)) "$(grep -v '^#' /share/by-hand.awk)"
# A request to OP-TEE by its driver, with and without trace.
request() { # HOW
	/tests/tee-calls 300 | sed -n "s/.*median \([0-9]*\) ns.*/request.$1 \1/p"
}
/tests/tee-calls 100 >/dev/null
for _ in $(seq $((2 * rounds))); do
	request off
	rm -f /tmp/notes
	ffascope --json trace >/dev/null 2>/tmp/notes &
	while ! grep -q watching /tmp/notes 2>/dev/null; do
		kill -0 $!
		sleep 0.05
	done
	request traced
	kill -TERM $!
	{ wait $!; } 2>/dev/null || true
	# Wait until its hooks are detached.
	sleep 1
done
# shellcheck disable=SC2086 # words
{
	$cost run fresh "$rounds" ffascope call $rejected
	$cost run startup $((2 * rounds)) ffascope --version
	$cost run memory-1 1 ffascope call $rejected
	$cost run memory-1000 1 ffascope call --count 1000 $rejected
	[ "$many" -lt 1000000 ] || $cost run memory-1000000 1 ffascope call --count 1000000 $rejected
}
ffascope call --count "$((many / 10))" --record /share/recording id-get >/share/recorded
echo "size-bytes $(stat -c %s /usr/bin/ffascope)"
echo "kernel $(uname -r)"
