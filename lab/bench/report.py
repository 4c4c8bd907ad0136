# SPDX-License-Identifier: GPL-2.0-only
"""Makes JSON, tables and a plot from the samples of `ffalab bench'.

Usage: report.py [--quick] [--json FILE] [--svg FILE] [--markdown] FOLDER|FILE
FOLDER holds samples, one per line; FILE is the JSON of an earlier run. README.md describes each figure.
"""
import argparse
import collections
import json
import math
import os
import platform
import re
import statistics
import sys
import time

SCHEMA = 1
KINDS = ("rejected", "forwarded")

# name, unit, what
COSTS = (
    ("loop-off", "us", "bare call, tracing off"),
    ("loop-on", "us", "bare call, tracing on"),
    ("cat", "us", "bare call, and cat reads the trace"),
    ("batch", "us", "a verdict in a batch"),
    ("prompt", "us", "a verdict at the prompt"),
    ("by-hand", "us", "by hand: a process a call, awk"),
)
OTHERS = (
    ("batch-20us", "us", "a verdict in a batch, 20 us of guard"),
    ("read", "us", "bare call, a loop reads in place of cat"),
    ("slack-ns", "ns", "what the clocks may be apart, ns"),
    ("part-calls", "us", "of a verdict: the call, 3 us of guard"),
    ("part-mark", "us", "of a verdict: the marker"),
    ("part-drain", "us", "of a verdict: reading its events"),
    ("part-events", "", "events of a verdict"),
    ("part-join", "us", "of a verdict: events made traps"),
    ("part-settle", "us", "of a verdict: finding the trap, judging"),
    ("unknown", "", "verdicts that were unknown, a round"),
)
SINGLES = (
    ("fresh-first", "us", "a fresh process: until its verdict"),
    ("fresh-whole", "us", "a fresh process: until its end"),
    ("startup-whole", "us", "ffascope --version, in the VM"),
    ("request.off", "ns", "a request to OP-TEE by its driver"),
    ("request.traced", "ns", "a request to OP-TEE, watched by ffascope trace"),
    ("notify.round-trip", "ns", "a notification to lab/spmc's echo partition and back"),
    ("native-startup", "ms", "ffascope --version, on this machine"),
    ("native-describe", "ms", "ffascope describe, on this machine"),
    ("decode-rate", "lines/s", "ffascope decode, on this machine"),
    ("replay-rate", "calls/s", "ffascope replay, on this machine"),
    ("memory-1-kib", "KiB", "peak memory at 1 call"),
    ("memory-1000-kib", "KiB", "peak memory at 1,000 calls"),
    ("memory-1000000-kib", "KiB", "peak memory at 1,000,000 calls"),
    ("size-bytes", "B", "static program, stripped"),
)
RATES = (
    ("loop-rate", "bare calls on all CPUs at once"),
    ("verdict-rate", "verdicts on one of them"),
    ("all-rate", "verdicts on all, one CPU after the other"),
    ("at-once-rate", "verdicts on all at once"),
)
# The best rate is the highest, the best of everything else the lowest.
HIGH = re.compile(r"-rate(-\d)?(\.|$)")


def read_samples(folder):
    """All NAME VALUE lines in the folder's files."""
    samples = collections.defaultdict(list)
    words = {}
    for file in sorted(os.listdir(folder)):
        if not re.fullmatch(r"cost-\d|cpus-\d|notify-\d|native|load-begin|load-end", file):
            continue
        with open(os.path.join(folder, file), encoding="ascii") as lines:
            for line in lines:
                fields = line.split()
                if file.startswith("load"):
                    words[file] = float(fields[0])
                elif len(fields) != 2:
                    sys.exit(f"{file}: not a sample: {line.rstrip()}")
                elif fields[0] == "kernel":
                    words["kernel"] = fields[1]
                else:
                    samples[fields[0]].append(float(fields[1]))
    return samples, words


def significant(value, digits=4):
    """Round to three significant digits; the figures are not more precise."""
    if not value:
        return 0
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return int(rounded) if rounded == int(rounded) else rounded


def units():
    """Unit and meaning by name."""
    known = {}
    for name, unit, what in COSTS + OTHERS:
        for kind in KINDS:
            known[f"{name}.{kind}"] = (unit, f"{what}, {kind}")
    for name, unit, what in SINGLES:
        known[name] = (unit, what)
    for name, what in RATES:
        for cpus in range(1, 5):
            for kind in KINDS:
                known[f"{name}-{cpus}.{kind}"] = ("1/s", f"{what}, {cpus} CPUs, {kind}")
    return known


def figures_of(samples):
    """One figure for each known name that was measured."""
    figures = {}
    for name, (unit, what) in units().items():
        if name in samples:
            values = samples[name]
            best = max(values) if HIGH.search(name) else min(values)
            figures[name] = {
                "unit": unit,
                "what": what,
                "samples": len(values),
                "best": significant(best),
                "median": significant(statistics.median(values)),
            }
    return figures


def ratios_of(figures):
    """Ratios that have targets: of the best samples of one run, which decides, and of the medians."""
    ratios = []

    def add(name, what, over, under, **target):
        if over not in figures or under not in figures:
            return
        median = figures[over]["median"] / figures[under]["median"]
        best = figures[over]["best"] / figures[under]["best"]
        ratio = {"name": name, "what": what, "best": significant(best, 3), "median": significant(median, 3)}
        judge(ratio, best, target)
        ratios.append(ratio)

    def bound(name, what, figure, **target):
        if figure in figures:
            value = figures[figure]["best"]
            ratio = {"name": name, "what": what, "best": value, "median": figures[figure]["median"]}
            judge(ratio, value, target)
            ratios.append(ratio)

    for kind in KINDS:
        add(f"batch/cat.{kind}", f"verdict in a batch, over cat: {kind}", f"batch.{kind}", f"cat.{kind}", at_most=1.5)
        add(f"by-hand/batch.{kind}", f"by hand, over a verdict in a batch: {kind}", f"by-hand.{kind}", f"batch.{kind}",
            at_least=100)
        add(f"batch/loop-off.{kind}", f"verdict in a batch, over the bare call: {kind}", f"batch.{kind}",
            f"loop-off.{kind}")
        add(f"loop-on/loop-off.{kind}", f"tracing on, over off: {kind}", f"loop-on.{kind}", f"loop-off.{kind}")
        add(f"batch-20us/batch.{kind}", f"fixed guard of 20 us, over the guard that is needed: {kind}",
            f"batch-20us.{kind}", f"batch.{kind}")
    add("request.traced/request.off", "a request to OP-TEE, watched by trace over not", "request.traced", "request.off")
    bound("memory", "peak memory at 1,000,000 calls, KiB", "memory-1000000-kib", at_most=32 * 1024)
    bound("describe", "ffascope describe, ms", "native-describe", at_most=5)
    return ratios


def judge(ratio, value, target):
    ratio["target"] = target or None
    ratio["met"] = None
    if "at_most" in target:
        ratio["met"] = value <= target["at_most"]
    if "at_least" in target:
        ratio["met"] = value >= target["at_least"]


def measure(folder, quick):
    samples, words = read_samples(folder)
    figures = figures_of(samples)
    if not figures:
        sys.exit(f"{folder}: no samples there")
    return {
        "ffalab-bench": SCHEMA,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "quick": quick,
        "machine": {
            "arch": platform.machine(),
            "cpus": os.cpu_count(),
            "load": [words.get("load-begin"), words.get("load-end")],
            "kernel": words.get("kernel"),
        },
        "figures": figures,
        "ratios": ratios_of(figures),
    }


def read_json(path):
    with open(path, encoding="utf-8") as file:
        try:
            bench = json.load(file)
        except ValueError as error:
            sys.exit(f"{path}: not JSON: {error}")
    if not isinstance(bench, dict) or bench.get("ffalab-bench") != SCHEMA:
        sys.exit(f"{path}: not written by this version of `ffalab bench'")
    return bench


# ---- the table ----


def number(value):
    if value is None:
        return "-"
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def rows_of(bench):
    """Tables as (heading, rows); the first column is text."""
    figures = bench["figures"]

    def median(name):
        return number(figures[name]["median"]) if name in figures else "-"

    def best(name):
        return number(figures[name]["best"]) if name in figures else "-"

    def both(name):
        return [f"{best(f'{name}.{kind}')} ({median(f'{name}.{kind}')})" for kind in KINDS]

    costs = [[what, *both(name)] for name, _, what in COSTS + OTHERS[:2] if f"{name}.rejected" in figures]
    yield ["us: best sample (median)", *KINDS], costs

    ratios = []
    for ratio in bench["ratios"]:
        target = ratio["target"] or {}
        goal = f"at most {target['at_most']}" if "at_most" in target else ""
        goal = f"at least {target['at_least']}" if "at_least" in target else goal
        verdict = {True: "met", False: "missed", None: ""}[ratio["met"]]
        ratios.append([ratio["what"], number(ratio["best"]), number(ratio["median"]), goal, verdict])
    yield ["ratio, or figure with a target", "best", "median", "target", ""], ratios

    parts = [[what, *both(name)] for name, _, what in OTHERS[2:] if f"{name}.rejected" in figures]
    yield ["where the time goes, us: best (median)", *KINDS], parts

    rates = []
    for name, what in RATES:
        for kind in KINDS:
            row = [best(f"{name}-{cpus}.{kind}") for cpus in range(1, 5)]
            if set(row) != {"-"}:
                rates.append([f"{what}, {kind}", *row])
    yield ["calls or verdicts a second, best; CPUs", "1", "2", "3", "4"], rates

    singles = [[what, unit, best(name), median(name)] for name, unit, what in SINGLES if name in figures]
    yield ["else", "unit", "best", "median"], singles


def head_of(bench):
    machine = bench["machine"]
    load = " to ".join(str(value) for value in machine["load"])
    quick = ", --quick: too few samples to quote" if bench["quick"] else ""
    return (f"Linux {machine['kernel']} under QEMU's emulation on {machine['cpus']} CPUs ({machine['arch']}), "
            f"load {load}, {bench['date']}{quick}")


def text_table(bench, out):
    print(head_of(bench), file=out)
    for heading, rows in rows_of(bench):
        if not rows:
            continue
        table = [heading, *rows]
        widths = [max(len(row[i]) for row in table) for i in range(len(heading))]
        print(file=out)
        for row in table:
            cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
            print("  ".join(cells).rstrip(), file=out)


def markdown(bench, out):
    print(head_of(bench) + ".", file=out)
    for heading, rows in rows_of(bench):
        if rows:
            print(file=out)
            print("| " + " | ".join(heading) + " |", file=out)
            print("|---" + "|--:" * (len(heading) - 1) + "|", file=out)
            for row in rows:
                print("| " + " | ".join(row) + " |", file=out)


# ---- the plot ----

WIDTH, LEFT, RIGHT, BAR, GAP, TOP = 760, 230, 70, 13, 14, 64
PLOT = WIDTH - LEFT - RIGHT


def svg(bench):
    """Bars on a logarithmic scale; the two kinds differ in lightness and outline, not in hue."""
    figures = bench["figures"]
    names = [(name, what) for name, _, what in COSTS if f"{name}.rejected" in figures]
    if "fresh-first" in figures:
        names.append(("fresh-first", "a fresh process, until its verdict"))
    last = 0
    for name, _ in names:
        for key in (name, *(f"{name}.{kind}" for kind in KINDS)):
            last = max(last, figures.get(key, {"best": 0})["best"])
    decades = math.ceil(math.log10(last * 1.5))
    height = TOP + len(names) * (2 * BAR + GAP) + 40

    def x(value):
        return LEFT + max(math.log10(value), 0) / decades * PLOT

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        "<!-- SPDX-License-Identifier: GPL-2.0-only; made by `ffalab bench' -->",
        "<title>What a verdict costs</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        '<text x="12" y="22" font-size="15" font-weight="bold">What a verdict costs, in microseconds '
        '(best sample, logarithmic)</text>',
        '<rect x="12" y="34" width="22" height="11" fill="#333" stroke="#000"/>',
        '<text x="40" y="44">rejected at EL2</text>',
        '<rect x="160" y="34" width="22" height="11" fill="#fff" stroke="#000"/>',
        '<text x="188" y="44">forwarded to the secure world</text>',
    ]
    bottom = height - 32
    for decade in range(decades + 1):
        at = LEFT + decade / decades * PLOT
        lines.append(f'<line x1="{at:.1f}" y1="{TOP - 8}" x2="{at:.1f}" y2="{bottom}" stroke="#bbb"/>')
        lines.append(f'<text x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{10 ** decade:,}</text>')
    y = TOP
    for name, what in names:
        bars = [(kind, f"{name}.{kind}") for kind in KINDS if f"{name}.{kind}" in figures]
        bars = bars or [("rejected", name)]
        lines.append(f'<text x="{LEFT - 8}" y="{y + BAR + 4}" text-anchor="end">{what}</text>')
        for i, (kind, key) in enumerate(bars):
            value = figures[key]["best"]
            fill = "#333" if kind == "rejected" else "#fff"
            top = y + i * BAR if len(bars) > 1 else y + BAR / 2
            lines.append(f'<rect x="{LEFT}" y="{top}" width="{x(value) - LEFT:.1f}" height="{BAR - 2}" '
                         f'fill="{fill}" stroke="#000"/>')
            lines.append(f'<text x="{x(value) + 5:.1f}" y="{top + BAR - 3}" font-size="11">{number(value)}</text>')
        y += 2 * BAR + GAP
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--svg")
    parser.add_argument("source")
    args = parser.parse_args()
    bench = measure(args.source, args.quick) if os.path.isdir(args.source) else read_json(args.source)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(bench, file, indent=1)
            file.write("\n")
    if args.svg:
        with open(args.svg, "w", encoding="utf-8") as file:
            file.write(svg(bench))
    (markdown if args.markdown else text_table)(bench, sys.stdout)


main()
