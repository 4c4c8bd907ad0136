# SPDX-License-Identifier: GPL-2.0-only
"""mutants.py SWEEP EXPECT: does the sweep name exactly the faulty bits of a mutant, and nothing else?

EXPECT is described in lab/mutants/README.md: lines "CALL REGISTER HIGH:LOW CLASS" and "CALL control VERDICT"; what no
line names is enforced, and so its control is forwarded.
"""
import json
import sys

CONTROL = {"blocked": "rejected", "answered": "answered"}


def read_expect(path):
    """Classes by (call, register, bit), and verdicts of controls by call."""
    bits, controls = {}, {}
    for line in open(path):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[1] == "control":
            controls[words[0]] = words[2]
            continue
        high, low = map(int, words[2].split(":"))
        for bit in range(low, high + 1):
            bits[words[0], words[1], bit] = words[3]
    return bits, controls


def main():
    sweep = json.load(open(sys.argv[1]))
    bits, controls = read_expect(sys.argv[2])
    wrong, seen, findings = [], set(), set()

    for call in sweep["calls"]:
        name = call["call"]
        want = CONTROL.get(controls.get(name), "forwarded")
        got = call["control"] and call["control"]["verdict"]
        if got != want:
            wrong.append(f"{name}: the control is {got}, not {want}")
        default = "blocked" if controls.get(name) == "blocked" else "enforced"
        for probe in call["probes"]:
            key = name, probe["reg"], probe["bit"]
            seen.add(key)
            want = bits.get(key, default)
            if probe["class"] != want:
                wrong.append(f"{name} {probe['reg']}[{probe['bit']}] is {probe['class']}, not {want}")
            if probe["class"] not in ("enforced", "blocked"):
                findings.add(name)
    wrong += [f"{call} {reg}[{bit}] was not tried" for call, reg, bit in bits if (call, reg, bit) not in seen]

    # The lines for people are about the same calls.
    told = {finding["call"] for finding in sweep["findings"]}
    if told != findings:
        wrong.append(f"findings are about {sorted(told)}, the bits of {sorted(findings)}")

    for line in wrong[:10]:
        print("        " + line)
    if len(wrong) > 10:
        print(f"        and {len(wrong) - 10} more")
    for finding in sweep["findings"][:4]:
        print("        named: " + finding["text"])
    return 1 if wrong else 0


sys.exit(main())
