#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ffalab bench turns samples into JSON, tables and a plot; lab/bench/README.md shows the kept figures.
# Usage: bench.sh ROOT-OF-THE-PROJECT
set -uo pipefail

root=$1
ffalab=$root/lab/ffalab
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	printf 'FAILED  %s\n' "$*"
	failed=1
}

# Samples like bench-cost's: bests of 3 and 1 give a ratio of 3, which misses 1.5; by hand costs 100 times as much.
mkdir "$work/samples"
cat >"$work/samples/cost-2" <<'SAMPLES'
cat.rejected 1
cat.rejected 2
cat.rejected 9
batch.rejected 3
batch.rejected 4
batch.rejected 40
by-hand.rejected 300
fresh-first 250000
memory-1000000-kib 6600
kernel 7.3.4-test
SAMPLES
printf 'loop-rate-4.rejected %s\n' 100 300 200 >"$work/samples/cpus-4"
printf 'native-describe %s\n' 5.5 5.2 6 >"$work/samples/native"
echo 0.25 >"$work/samples/load-begin"
echo 1.5 >"$work/samples/load-end"
python3 "$root/lab/bench/report.py" --json "$work/json" --svg "$work/svg" "$work/samples" >"$work/text" || fail 'report.py'

python3 - "$work/json" <<'PYTHON' || fail 'the JSON'
import json, sys
bench = json.load(open(sys.argv[1]))
def check(what, got, wanted):
    if got != wanted:
        print(f"{what}: {got!r} instead of {wanted!r}")
        sys.exit(1)
check("keys", sorted(bench), ["date", "ffalab-bench", "figures", "machine", "quick", "ratios"])
check("version", bench["ffalab-bench"], 1)
check("quick", bench["quick"], False)
check("load", bench["machine"]["load"], [0.25, 1.5])
check("kernel", bench["machine"]["kernel"], "7.3.4-test")
check("figure", bench["figures"]["batch.rejected"],
      {"unit": "us", "what": "a verdict in a batch, rejected", "samples": 3, "median": 4, "best": 3})
check("the best rate", bench["figures"]["loop-rate-4.rejected"]["best"], 300)
ratios = {ratio["name"]: ratio for ratio in bench["ratios"]}
check("missed", ratios["batch/cat.rejected"],
      {"name": "batch/cat.rejected", "what": "verdict in a batch, over cat: rejected", "median": 2, "best": 3,
       "target": {"at_most": 1.5}, "met": False})
check("met", ratios["by-hand/batch.rejected"]["met"], True)
check("memory", ratios["memory"]["met"], True)
check("describe", ratios["describe"]["met"], False)
check("what was not measured", "batch/cat.forwarded" in ratios, False)
PYTHON
grep -q '^verdict in a batch, over cat: rejected  *3.00  *2.00  *at most 1.5  *missed$' "$work/text" || fail 'the table'
python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' "$work/svg" || fail 'the plot is not XML'
grep -q '>250,000<' "$work/svg" || fail 'the plot lacks a label'

# The JSON gives the same tables and plot; other files are refused.
"$ffalab" bench --from "$work/json" --svg "$work/again.svg" >"$work/again" || fail 'bench --from'
cmp -s "$work/text" "$work/again" || fail 'bench --from prints a different table'
cmp -s "$work/svg" "$work/again.svg" || fail 'bench --from draws a different plot'
"$ffalab" bench --from "$0" >"$work/none" 2>&1 && fail 'bench --from accepted a script as figures'
echo '{}' >"$work/empty"
"$ffalab" bench --from "$work/empty" >"$work/none" 2>&1 && fail 'bench --from accepted an empty object as figures'
echo 'cat.rejected' >>"$work/samples/cost-2"
python3 "$root/lab/bench/report.py" "$work/samples" >"$work/none" 2>&1 && fail 'report.py accepted a line without a value as a sample'

# lab/bench/README.md shows the tables of lab/bench/figures.json, cost.svg is their plot.
if [[ -f $root/lab/bench/figures.json ]]; then
	"$ffalab" bench --from "$root/lab/bench/figures.json" --markdown --svg "$work/kept.svg" >"$work/kept" || fail 'the kept figures'
	sed -n '/^<!-- ffalab bench -->$/,/^<!-- end -->$/p' "$root/lab/bench/README.md" | sed '1d;$d' >"$work/quoted"
	cmp -s "$work/kept" "$work/quoted" || fail "the tables of lab/bench/README.md are not those of lab/bench/figures.json: $(diff "$work/kept" "$work/quoted" | head -n 5)"
	cmp -s "$work/kept.svg" "$root/lab/bench/cost.svg" || fail 'lab/bench/cost.svg is not the plot of lab/bench/figures.json'
else
	fail 'no lab/bench/figures.json'
fi
exit "$failed"
