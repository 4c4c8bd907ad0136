#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What a sweep costs beside the same calls in a bare loop in the module, with tracing on and drained by cat(1): at most
# twice as much is wanted. Counted from the first call to the last verdict, or the last event read; what comes before is
# printed too. The times are printed and decide nothing: these machines are noisy.
. "${BASH_SOURCE[0]%/*}/lib.sh"

for kernel in stock forward; do
	"$FFALAB" run --kernel "$kernel" --firmware quiet --timeout 300 -- /tests/sweep-cost 8 </dev/null >"$WORK/$kernel"
	sed "s/^/        $kernel: /" "$WORK/$kernel"
	sweep=$(sed -n 's/^sweep:.* batches, \([0-9]*\) us;.*/\1/p' "$WORK/$kernel")
	loop=$(sed -n 's/^loop:.* calls, \([0-9]*\) us;.*/\1/p' "$WORK/$kernel")
	echo "        $kernel: a sweep costs $((100 * sweep / loop)) % of the bare loop (at most 200 % is wanted)"
	check "$kernel: the sweep tells all" test -z "$(grep 'not whole' "$WORK/$kernel")"
done
finish
