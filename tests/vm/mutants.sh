#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Proxies with one fault each: sweep names exactly the faulty bits. MUTANTS lists the mutants to run, or "all"; the
# default is a sample of five that differ in kind of fault and of finding. BUILD_LIMIT is the expected build time in
# seconds; a slower build is reported but does not fail the test.
. "${BASH_SOURCE[0]%/*}/lib.sh"

HERE=$(cd "${BASH_SOURCE[0]%/*}" && pwd -P)
ROOT=${HERE%/tests/vm}
BUILD_LIMIT=${BUILD_LIMIT:-90}
SAMPLE='helper-every-second-register create-vm-id-cut-to-16-bits bind-wrong-half get-checked-after-forward
	info-get-64-unchecked'

names=${MUTANTS:-$SAMPLE}
if [[ $names == all ]]; then
	names=$(cd "$ROOT/lab/mutants" && printf '%s\n' */expect | sed 's,/expect,,')
fi

# The first build also builds the kernel tree that all mutants share.
first=$(set -- $names && echo "$1")
begin=$SECONDS
"$FFALAB" build "$ROOT/lab/mutants/$first" >"$WORK/build" 2>&1 || { cat "$WORK/build"; exit 1; }
echo "        shared tree, built with $first: $((SECONDS - begin)) s"

count=0 slowest=0
for name in $names; do
	mutant=$ROOT/lab/mutants/$name
	begin=$SECONDS
	if ! "$FFALAB" build "$mutant" >"$WORK/build" 2>&1; then
		cat "$WORK/build"
		check "$name: builds" false
		continue
	fi
	took=$((SECONDS - begin))
	((took <= slowest)) || slowest=$took
	((took <= BUILD_LIMIT)) || echo "slow    $name: the build took $took s, the limit is $BUILD_LIMIT s"

	status=0
	"$FFALAB" run --kernel "$mutant" --timeout 120 -- ffascope --json sweep --allow-state-change \
		</dev/null >"$WORK/sweep" 2>"$WORK/err" || status=$?
	if ((status != 0 && status != 4)) || grep -q 'not restored' "$WORK/err"; then
		cat "$WORK/err"
		check "$name: the sweep ends with status 0 or 4, not $status, and restores everything" false
		continue
	fi
	check "$name (build $took s)" python3 "$HERE/mutants.py" "$WORK/sweep" "$mutant/expect"
	count=$((count + 1))
done
echo "        $count mutants swept, the slowest build took $slowest s"
finish
