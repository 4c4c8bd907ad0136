# SPDX-License-Identifier: GPL-2.0-only
"""fuzz.py FAULTS DIR: is each fault found, reduced and named?

FAULTS is lab/mutants/combined/faults. DIR has NUMBER-SEED.json, what `ffascope --json fuzz' printed with the fault switched
on; 0 is the right proxy. Prints a line for each file.
"""
import json
import sys
from pathlib import Path


def read_faults(path):
    faults = {}
    for line in open(path):
        words = line.split("#")[0].split()
        if words:
            faults[int(words[0])] = words[1:]
    return faults


def registers(finding):
    """How many fields and reserved registers the words of the finding name; the halves of a register are one."""
    return len({word.split("=")[0].split("[")[0].lstrip("wx") if word[0] in "wx" and word[1].isdigit() else word.split("=")[0]
                for word in finding["words"].split()})


def wrong(finding, fault):
    _, call, kind, when, most = fault
    name = finding["call"].removeprefix("FFA_").removeprefix("NOTIFICATION_")
    if call not in ("*", name):
        return f"a finding of {name}"
    if finding["kind"] != kind or finding["when"] not in when.split("|"):
        return f"{finding['kind']}, {finding['when']}"
    if registers(finding) > int(most):
        return f"{registers(finding)} registers"
    return None


def main():
    faults, failed = read_faults(sys.argv[1]), 0
    for path in sorted(Path(sys.argv[2]).glob("*-*.json")):
        number, seed = map(int, path.stem.split("-"))
        try:
            found = json.loads(path.read_text())
        except ValueError:
            print(f"FAILED  fault {number}, seed {seed}: fuzz printed no JSON")
            failed = 1
            continue
        name = faults[number][0] if number else "none"
        bad = [f"{wrong(f, faults[number])}: {f['text']}" if number else f["text"] for f in found["findings"]
               if not number or wrong(f, faults[number])]
        if number and not found["findings"]:
            bad = ["not found"]
        what = f"fault {number} ({name}), seed {seed}, {found['made']} calls, {len(found['findings'])} findings"
        print(f"{'FAILED' if bad else 'ok    '}  {what}")
        for line in bad[:4] if bad else [f["text"] for f in found["findings"][:1]]:
            print("        " + line)
        failed |= bool(bad)
    return failed


sys.exit(main())
