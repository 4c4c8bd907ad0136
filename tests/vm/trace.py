# SPDX-License-Identifier: GPL-2.0-only
"""trace.py TRACE EL3-LOG CPUS CALLS: compares each verdict of `ffascope --json trace' with the EL3 log.

TF-A logs each FF-A call that reaches EL3 with its registers: "SPM(cpu): x0 ... x7 | ns x8 ... x17". On every CPU a call
with a mark in x17 is made at the beginning and at the end. Between the marks, the CPU's forwarded calls in the order in
which they entered EL2 must match the CPU's lines exactly. Exits 1 if a verdict is wrong, if too many are unknown
(bounds.py), or if there are fewer than CALLS calls.
"""
import json
import re
import sys
from collections import Counter

from bounds import permitted

LINE = re.compile(r"SPM\((\d+)\): ((?:0x[0-9a-f]+ ?){8})\| (ns|s) ((?:0x[0-9a-f]+ ?){10})")
FIRST_MARK, LAST_MARK = 0xFFA5C0BE61, 0xFFA5C0E44D
SMC64 = 1 << 30
# Share of calls that are disturbed: the test moves the tasks from CPU to CPU, also during their calls.
DISTURBED = 0.02
# Function numbers of calls that EL2 makes itself, with its own buffers and registers; before it reclaims memory it
# retrieves the descriptor (arch/arm64/kvm/hyp/nvhe/ffa.c, do_ffa_mem_reclaim).
OF_EL2 = {n: {n} for n in (0x63, 0x66, 0x67, 0x68, 0x71, 0x72, 0x73, 0x7A, 0x7B)} | {0x77: {0x74, 0x7A, 0x65, 0x77}}


def as_el3_sees(regs):
    """Apply what TF-A does to an SMC32 call: x1-x4 are truncated to 32 bits (std_svc_setup.c)."""
    seen = list(regs)
    seen[0] &= 0xFFFFFFFF
    if not seen[0] & SMC64:
        seen[1:5] = [x & 0xFFFFFFFF for x in seen[1:5]]
    return seen


def between_marks(items, number):
    """The lines after the last start mark, up to the first end mark."""
    begin = max((i for i, item in enumerate(items) if number(item) == FIRST_MARK), default=None)
    end = min((i for i, item in enumerate(items) if number(item) == LAST_MARK), default=None)
    if begin is None or end is None:
        sys.exit("FAILED  a mark is missing")
    return items[begin + 1:end]


def read_log(path):
    lines = {}
    for line in open(path, errors="replace"):
        m = LINE.search(line)
        if m and m.group(3) == "ns":
            regs = [int(w, 16) for w in (m.group(2) + m.group(4)).split()]
            lines.setdefault(int(m.group(1)), []).append(regs)
    return lines


def is_line_of(call, line):
    of_el2 = OF_EL2.get(call["regs"][0] & 0xFFFF)
    if of_el2:
        return line[0] & 0xFFFF in of_el2
    return line == as_el3_sees(call["regs"])


def check_cpu(cpu, calls, lines):
    """Return the number of wrong verdicts and of lines without a call."""
    wrong, at, waiting = 0, 0, []
    for call in calls:
        if call["verdict"] == "unknown":
            # An unknown call may or may not have a line: it gets any line that no later call matches.
            waiting.append(call)
            continue
        for _ in range(call["smcs"]):
            while at < len(lines) and not is_line_of(call, lines[at]) and any(is_line_of(w, lines[at]) for w in waiting):
                at += 1
            if at == len(lines) or not is_line_of(call, lines[at]):
                wrong += 1
                print(f"WRONG   CPU {cpu}: {json.dumps({k: v for k, v in call.items() if k != 'regs'})}")
                print(f"  EL3 log: {[hex(x) for x in lines[at]] if at < len(lines) else 'nothing'}")
                if wrong > 5:
                    return wrong, 0
                break
            at += 1
    rest = [line for line in lines[at:] if not any(is_line_of(w, line) for w in waiting)]
    for line in rest[:3]:
        print(f"EXTRA   CPU {cpu}: {[hex(x) for x in line]}")
    return wrong, len(rest)


def main():
    trace, log, cpus, least = sys.argv[1:]
    calls, summary = {}, None
    for text in open(trace):
        call = json.loads(text)
        if "by_call" in call:
            summary = call
        if "verdict" not in call:
            continue
        call["regs"] = [int(x, 16) for x in call["in"]]
        calls.setdefault(call["cpu"], []).append(call)
        if call["verdict"] == "unknown" and call["begin_cpu"] != call["end_cpu"]:
            # It migrated, and the calling CPU is unknown: its line may be in the log of any CPU.
            other = call["begin_cpu"] if call["cpu"] == call["end_cpu"] else call["end_cpu"]
            calls.setdefault(other, []).append(call | {"elsewhere": True})
    lines = read_log(log)

    wrong = extra = 0
    count, reasons, names, moved, talks = Counter(), Counter(), Counter(), 0, set()
    for cpu, of_cpu in sorted(calls.items()):
        of_cpu.sort(key=lambda c: c["enter_ns"] or c["begin_ns"])
        of_cpu = between_marks(of_cpu, lambda c: c["regs"][17])
        bad, rest = check_cpu(cpu, of_cpu, between_marks(lines[cpu], lambda r: r[17]))
        wrong, extra = wrong + bad, extra + rest
        for call in of_cpu:
            if "elsewhere" in call:
                continue
            count[call["verdict"]] += 1
            names[call["call"]] += 1
            reasons[call["reason"]] += 1
            moved += call["begin_cpu"] != call["end_cpu"]
            talks.add(call["conversation"])

    del reasons[None]
    total = sum(count.values())
    print(f"calls {total} on {len(calls)} CPUs: " + ", ".join(f"{n} {v}" for v, n in sorted(count.items())))
    print(", ".join(f"{n} {name}" for name, n in names.most_common()))
    print(f"wrong {wrong}; log lines without a call {extra}; unknown {count['unknown']} "
          f"({count['unknown'] / max(total, 1):.2%}), {permitted(total, DISTURBED)[1]} permitted", dict(reasons) or "")
    print(f"migrated between start and end {moved}; conversations {len(talks - {None})}; "
          f"lost {summary['lost'] if summary else '?'}")
    ok = not wrong and not extra and summary and not summary["lost"] and len(calls) == int(cpus) \
        and count["unknown"] <= permitted(total, DISTURBED)[1] and total >= int(least) \
        and count["rejected"] and count["forwarded"]
    print("ok" if ok else "FAILED")
    return 0 if ok else 1


sys.exit(main())
