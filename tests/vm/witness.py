# SPDX-License-Identifier: GPL-2.0-only
"""witness.py VERDICTS REGISTERS EL3-LOG CPUS CALLS TRACE REASON TRAPS: compares the verdicts of random-calls with the EL3 log.

TF-A logs each FF-A call that reaches EL3 with its registers: "SPM(cpu): x0 ... x7 | ns x8 ... x17". Each call carries
its own number in x17, which identifies its line. REGISTERS has the same calls judged from the registers alone. TRACE
is what the kernel traces: all, no-reissues (not EL2's own SMCs: those calls must be not-traced, and
only those), nothing, false (part of it is false: any number of verdicts can be unknown), or lossy (all, but events are
lost: any number can be unknown for that). Exits 1 if a verdict or what
the registers suggest is wrong, if too many are unknown for another reason (bounds.py), if none is unknown for REASON
where that is not empty, or if there are not CALLS calls. TRAPS has what QEMU's plugin counted; empty: it did not run. It must
agree with the log and the verdicts; where the trace is false, it must show calls that left EL2 without a verdict that says so.
"""
import json
import re
import sys
from collections import Counter, defaultdict

import third
from bounds import judge

LINE = re.compile(r"SPM\((\d+)\): ((?:0x[0-9a-f]+ ?){8})\| (ns|s) ((?:0x[0-9a-f]+ ?){10})")
SMC64 = 1 << 30
PARTITION_INFO_GET = 0x84000068
VERSION = 0x84000063
# Reasons that say nothing about the tool where the trace is as it is there.
EXPECTED = {"lossy": ("lost-events",)}
# Calls in a batch of random-calls.c; shares of calls that are disturbed, and that are unknown.
BATCH, DISTURBED, MAX_UNKNOWN = 40, 0.001, 0.005


def log_lines(path):
    """Yield CPU and registers of each call from the normal world."""
    with open(path, errors="replace") as lines:
        for line in lines:
            m = LINE.search(line)
            if m and m.group(3) == "ns":
                yield int(m.group(1)), [int(w, 16) for w in (m.group(2) + m.group(4)).split()]


def read_log(path):
    """Return the normal world's calls by the number in x17, and those that EL2 made itself."""
    by_number, from_el2 = {}, Counter()
    for cpu, regs in log_lines(path):
        by_number.setdefault(regs[17], []).append((cpu, regs))
        if not regs[17]:
            from_el2[tuple(regs[:6])] += 1
    return by_number, from_el2


def as_el3_sees(regs):
    """Apply what TF-A does to an SMC32 call: x1-x4 are truncated to 32 bits (std_svc_setup.c)."""
    seen = list(regs)
    seen[0] &= 0xFFFFFFFF
    if not seen[0] & SMC64:
        seen[1:5] = [x & 0xFFFFFFFF for x in seen[1:5]]
    return seen


def reached_el3(call, regs, by_number, from_el2):
    """Return how often the call reached EL3, after checking its registers and CPU."""
    if regs[0] == PARTITION_INFO_GET:
        # EL2 repeats this call with its own x0-x7. Proxies before Linux 6.18 leave some of the host's x8-x17 behind them.
        key = (regs[0], *[x & 0xFFFFFFFF for x in regs[1:6]])
        if from_el2[key]:
            from_el2[key] -= 1
            return 1
        return sum(tuple(logged[:6]) == key for _, logged in by_number.get(regs[17], []))
    lines = by_number.get(regs[17], [])
    for cpu, logged in lines:
        if logged != as_el3_sees(regs) or cpu != call["cpu"]:
            print(f"FAILED  the log has other registers or another CPU: {call['call']}\n"
                  f"  sent   {call['cpu']} {[hex(x) for x in regs]}\n  logged {cpu} {[hex(x) for x in logged]}")
            return -1
    return len(lines)


def is_line_of(line, call):
    """Is this line of the log the call's? EL2 repeats PARTITION_INFO_GET without its number."""
    regs = [int(x, 16) for x in call["in"]]
    if regs[0] == PARTITION_INFO_GET:
        return not line[17] and line[:6] == [regs[0], *[x & 0xFFFFFFFF for x in regs[1:6]]]
    return line[17] == regs[17]


def third_witness(live, log, path, trace):
    """Compare what the plugin counted with the log and the verdicts. Return whether they agree."""
    calls, lines, traps = defaultdict(list), defaultdict(list), third.read_traps(path)
    for text in open(live):
        call = json.loads(text)
        calls[call["cpu"]].append(call)
    for cpu, regs in log_lines(log):
        lines[cpu].append(regs)
    against, ok, total, left = Counter(), True, 0, 0
    for cpu, made in calls.items():
        numbers = {int(call["in"][17], 16) for call in made}
        first = next((i for i, regs in enumerate(lines[cpu]) if regs[17] in numbers), 0)
        try:
            pairs = third.traps_of_calls(made, traps[cpu], lines[cpu], first, is_line_of)
        except third.Disagreement as error:
            print(f"WRONG   plugin and EL3 log on CPU {cpu}: {error}")
            ok = False
            continue
        for call, (smcs, _) in zip(made, pairs, strict=True):
            total += 1
            left += smcs > 0
            if call["verdict"] == "unknown":
                against["unknown, left EL2" if smcs else "unknown, stayed at EL2"] += 1
            elif (call["verdict"] == "forwarded") != (smcs > 0) or (smcs and smcs != call["smcs"]):
                against["wrong"] += 1
                print(f"WRONG   the plugin saw {smcs} SMCs: {call}")
    print(f"plugin: {total} calls, {left} left EL2 and entered EL3; verdicts against it: {dict(against) or 'none'}")
    if trace == "false":
        # The negative control: only the plugin and the log know that these calls left EL2.
        ok = ok and against["unknown, left EL2"] > 0
    return ok and not against["wrong"]


def main():
    live, registers, log, cpus, calls, trace, reason, traps = sys.argv[1:]
    by_number, from_el2 = read_log(log)
    count, wrong, reasons = Counter(), 0, Counter()
    seen_cpus, identifiers, alone, unknown = set(), set(), Counter(), []

    for text, text_alone in zip(open(live), open(registers), strict=True):
        call, guess = json.loads(text), json.loads(text_alone)
        regs = [int(x, 16) for x in call["in"]]
        smcs = reached_el3(call, regs, by_number, from_el2)
        verdict = call["verdict"]
        count[verdict] += 1
        unknown.append(verdict == "unknown" and call["reason"] not in EXPECTED.get(trace, ("not-traced",)))
        seen_cpus.add(call["cpu"])
        identifiers.add(call["fid"])
        if verdict == "unknown":
            reasons[call["reason"]] += 1
            reissued = regs[0] in (PARTITION_INFO_GET, VERSION)
            if call["reason"] == "not-traced" and trace != "false" and (trace != "no-reissues" or not reissued):
                wrong += 1
                print(f"WRONG   not-traced: {text.strip()}")
        elif (regs[0] == PARTITION_INFO_GET and smcs > 0) != call["rebuilt"]:
            wrong += 1
            print(f"WRONG   rebuilt: {text.strip()}")
        elif smcs < 0 or (verdict == "forwarded") != (smcs > 0) or (smcs and call["smcs"] != smcs):
            wrong += 1
            print(f"WRONG   {text.strip()}\n  the monitor saw it {smcs} times")

        suggests = {None: None, "registers-suggest-el2": False, "registers-suggest-secure-world": True}
        said = suggests[guess["inferred"]]
        word = "silent" if said is None else "right" if said == (smcs > 0) else "wrong"
        alone[word] += 1
        if word == "wrong":
            print(f"WRONG   inferred: {text_alone.strip()}\n  the monitor saw it {smcs} times")

    total = sum(count.values())
    few, line = judge(unknown, DISTURBED, BATCH, MAX_UNKNOWN)
    print(f"calls {total} of {len(identifiers)} identifiers on {len(seen_cpus)} CPUs: "
          + ", ".join(f"{n} {v}" for v, n in sorted(count.items())))
    print(f"wrong {wrong}; {line}", dict(reasons) or "")
    print("judged from the registers alone: "
          + ", ".join(f"{word} {alone[word]} ({alone[word] / total:.1%})" for word in ("right", "wrong", "silent")))

    ok = not wrong and not alone["wrong"] and len(seen_cpus) == int(cpus) and total >= int(calls)
    if trace == "nothing":
        ok = ok and count["unknown"] == total == reasons["tracing-off"] and alone["right"]
    elif trace == "false":
        ok = ok and (not reason or reasons[reason])
    else:
        ok = ok and few and count["forwarded"] and count["rejected"]
    ok = (not traps or third_witness(live, log, traps, trace)) and ok
    print("ok" if ok else "FAILED")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
