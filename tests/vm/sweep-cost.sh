#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The cost of a sweep relative to the same calls in a bare loop in the module, with tracing on and drained by cat(1). The
# target is at most twice. Measured from the first call to the last verdict or event; setup is printed separately. Times
# are printed only, because the machines are noisy.
. "${BASH_SOURCE[0]%/*}/lib.sh"

for kernel in stock forward; do
	"$FFALAB" run --kernel "$kernel" --firmware quiet --timeout 300 -- /tests/sweep-cost 8 </dev/null >"$WORK/$kernel"
	sed "s/^/        $kernel: /" "$WORK/$kernel"
	sweep=$(sed -n 's/^sweep:.* batches, \([0-9]*\) us;.*/\1/p' "$WORK/$kernel")
	loop=$(sed -n 's/^loop:.* calls, \([0-9]*\) us;.*/\1/p' "$WORK/$kernel")
	echo "        $kernel: a sweep costs $((100 * sweep / loop)) % of the bare loop (target: at most 200 %)"
	check "$kernel: the sweep is complete" test -z "$(grep 'not whole' "$WORK/$kernel")"
done
finish
