# SPDX-License-Identifier: GPL-2.0-only
"""sweep.py SWEEP [EL3-LOG]: compares every cell of a sweep with the EL3 log, which is independent of the tool.

A probe that was enforced or blocked must not be in the log; one that was forwarded must be, with its bit set; and so
must a forwarded control. Of a call that EL2 rebuilds, the log has EL2's request: a bit that was passed on must be in
one of them, a dropped bit in none. Prints one line per call: name, verdict and status of the control, the number of probes of
each class, and the number of cells that the log contradicts.
"""
import json
import re
import sys
from collections import Counter

LINE = re.compile(r"SPM\(\d+\): ((?:0x[0-9a-f]+ ?){8})\| ns ((?:0x[0-9a-f]+ ?){10})")
SMC64 = 1 << 30
STOPPED, PASSED = {"enforced", "blocked"}, {"secure", "accepted", "absent"}


def read_log(path):
    lines = Counter()
    for line in open(path, errors="replace"):
        m = LINE.search(line)
        if m:
            lines[tuple(int(w, 16) for w in (m.group(1) + m.group(2)).split())] += 1
    return lines


def as_el3_sees(regs):
    """Apply what TF-A does to an SMC32 call: x1-x4 are truncated to 32 bits (std_svc_setup.c)."""
    seen = list(regs)
    if not seen[0] & SMC64:
        seen[1:5] = [x & 0xFFFFFFFF for x in seen[1:5]]
    return tuple(seen)


def contradicts(probe, regs, fid, log):
    reg, bit = int(probe["reg"][1:]), probe["bit"]
    if probe.get("rebuilt"):
        seen = any(line[0] == fid and line[reg] >> bit & 1 for line in log)
        return seen == (probe["class"] == "dropped") if probe["class"] in PASSED | {"dropped"} else False
    changed = list(regs)
    changed[reg] |= 1 << bit
    logged = log[as_el3_sees(changed)] > 0
    forwarded = probe["class"] in PASSED and probe["verdict"] == "forwarded"
    return probe["class"] in STOPPED and logged or forwarded and not logged


def contradictions(call, log):
    control = call["control"]
    regs = [int(x, 16) for x in control["in"]]
    wrong = 0
    if not control.get("rebuilt"):
        wrong = (control["verdict"] == "forwarded") != (log[as_el3_sees(regs)] > 0)
    return int(wrong) + sum(contradicts(probe, regs, regs[0], log) for probe in call["probes"])


def main():
    sweep = json.load(open(sys.argv[1]))
    log = read_log(sys.argv[2]) if len(sys.argv) > 2 else None
    cells = 0
    for call in sweep["calls"]:
        control = call["control"]
        if not control:
            print(call["call"], "skipped")
            continue
        classes = Counter(probe["class"] for probe in call["probes"])
        assert classes == +Counter(call["summary"])
        cells += len(call["probes"]) + 1
        print(call["call"], control["verdict"], *(f"{name}={n}" for name, n in sorted(classes.items())),
              "" if log is None else f"contradicted={contradictions(call, log)}")
    print("cells", cells)


main()
