# SPDX-License-Identifier: GPL-2.0-only
"""alone.py plan SWEEP COUNT SEED: a script for `ffascope run' that makes probes of a sweep, drawn at random, one by one.
alone.py check SWEEP COUNT SEED RESULTS: compares what the script's calls gave (JSON) with the sweep.

What a probe removes is created before it, and what a probe changes is undone after it. SWEEP is JSON of `sweep --all'.
"""
import json
import random
import sys

CREATE, DESTROY, BIND, UNBIND, INFO, RELEASE = 0x8400007D, 0x8400007E, 0x8400007F, 0x84000080, 0x84000068, 0x84000065
UNDO = {CREATE: DESTROY, BIND: UNBIND, UNBIND: BIND, INFO: RELEASE, RELEASE: INFO}
# These remove what the other one creates, if the control of the sweep succeeded.
REMOVES = {UNBIND, RELEASE}
# The registers that a call shares with the one that undoes it.
SHARED = {CREATE: [1], DESTROY: [1], BIND: [1, 3, 4], UNBIND: [1, 3, 4], INFO: [], RELEASE: []}


def line(regs, words=""):
    return f"call {regs[0]:#x} " + " ".join(f"x{n}={regs[n]:#x}" for n in range(1, 18)) + f" {words}"


def undo(regs):
    fid = regs[0]
    back = [UNDO[fid]] + [0] * 17
    for reg in SHARED[fid]:
        back[reg] = regs[reg]
    return line(back)


def draw(sweep, count, seed):
    """(call, probe) of the sweep that have a verdict, in random order."""
    swept = [call for call in sweep["calls"] if call["control"]]
    all_probes = [(call, probe) for call in swept for probe in call["probes"] + call["values"]
                  if probe["class"] not in ("unknown", "skipped")]
    return random.Random(seed).sample(all_probes, min(count, len(all_probes)))


def registers(call, probe):
    regs = [int(x, 16) for x in call["control"]["in"]]
    if "value" not in probe:
        regs[int(probe["reg"][1:])] |= 1 << probe["bit"]
    return regs


def script(sweep, count, seed):
    """Lines of the script, and for each probe the number of its line."""
    lines, places = ["require module"], []
    for call, probe in draw(sweep, count, seed):
        regs = registers(call, probe)
        control = [int(x, 16) for x in call["control"]["in"]]
        removes = regs[0] in REMOVES and call["control"]["status"] == "SUCCESS"
        if removes:
            lines.append(undo(control))
        lines.append(line(regs, probe.get("value", "")))
        places.append(len(lines))
        if removes and probe["status"] != "SUCCESS":
            lines.append(line(control))
        if not removes and probe["status"] == "SUCCESS" and probe["verdict"] == "forwarded" and regs[0] in UNDO:
            lines.append(undo(regs))
    return lines, places


def check(sweep, count, seed, results):
    made = {}
    for text in open(results):
        result = json.loads(text)
        if "call" in result:
            made[result["line"]] = result
    wrong = missing = 0
    for (call, probe), place in zip(draw(sweep, count, seed), script(sweep, count, seed)[1]):
        alone = made.get(place)
        if not alone:
            missing += 1
            continue
        keys = ("verdict", "by", "status", "rebuilt")
        if any(alone.get(key) != probe.get(key) for key in keys if key in probe):
            wrong += 1
            what = probe.get("value") or f"{probe['reg']}[{probe['bit']}]"
            swept, single = ([result.get(key) for key in keys] for result in (probe, alone))
            print(f"{call['call']} {what}: {swept} in the sweep, {single} alone")
    print(f"{len(draw(sweep, count, seed))} probes, {wrong} differ, {missing} were not made")
    return bool(wrong or missing)


def main():
    what, path, count, seed = sys.argv[1:5]
    sweep = json.load(open(path))
    if what == "plan":
        print(*script(sweep, int(count), int(seed))[0], sep="\n")
        return 0
    return check(sweep, int(count), int(seed), sys.argv[5])


sys.exit(main())
