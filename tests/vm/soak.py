# SPDX-License-Identifier: GPL-2.0-only
"""soak.py EL3-LOG TOTALS ROUND...: compares the verdicts of one boot's rounds with the EL3 log.
soak.py --sum TOTALS CALLS: prints the totals; exits 1 if there are too few calls or too many unknown verdicts
(bounds.py).

A round is a file of soak.c's output named NAME.verdicts, given in the order in which the rounds ran. The log and the
rounds are in the same order and are read side by side. The counts are added to TOTALS (JSON), which all boots of one
soak share. Exits 1 if a verdict is wrong, a call is missing without a record, or nothing was compared.
"""
import json
import os
import sys
from collections import Counter

from bounds import permitted, runs
from witness import PARTITION_INFO_GET, as_el3_sees, log_lines

# Bits 63:48 of the numbers that soak.c receives.
MARK = 0x5EED
MAX_SHOWN = 20
# Calls of one request of soak.c.
MAX_BATCH = 128
# By whether the machine was otherwise idle: shares of calls that are disturbed, and that are unknown. Beside a load of 20
# none of 8,340 calls was disturbed. While another user suspends the trace, about fifty calls are unknown.
SHARES = {"quiet": (0.0001, 0.001), "load": (0.001, 0.01)}


class Log:
    """The EL3 log's lines by the number in x17, which increases from line to line."""

    def __init__(self, path):
        self.lines = log_lines(path)
        self.waiting = {}
        self.read_up_to = 0
        self.from_el2 = Counter()
        self.lost = []

    def read_behind(self, number):
        """Read until a later call has been seen."""
        while self.read_up_to <= number:
            line = next(self.lines, None)
            if line is None:
                self.read_up_to = 1 << 64
                return
            cpu, regs = line
            if regs[17] >> 48 == MARK:
                self.waiting.setdefault(regs[17], []).append((cpu, regs))
                self.read_up_to = max(self.read_up_to, regs[17])
            elif regs[17] == 0:
                self.from_el2[tuple(regs[:6])] += 1

    def calls(self, number):
        """Return the log lines of the call. Lines before them belong to calls without a record."""
        self.read_behind(number)
        self.lost += [n for n in self.waiting if n < number]
        for n in [n for n in self.waiting if n < number]:
            del self.waiting[n]
        return self.waiting.pop(number, [])

    def rest(self):
        """Lines left at the end also belong to calls without a record."""
        self.read_behind(1 << 64)
        self.lost += self.waiting


def smcs_of(log, number, cpu, regs):
    """Return how often the call reached EL3, or -1 if its registers or CPU differ there."""
    lines = log.calls(number)
    if regs[0] == PARTITION_INFO_GET:
        # EL2 repeats this call with its own registers.
        key = (regs[0], *[x & 0xFFFFFFFF for x in regs[1:6]])
        log.read_behind(number)
        if log.from_el2[key]:
            log.from_el2[key] -= 1
            return 1
        return 0
    seen = as_el3_sees(regs)
    return -1 if any(logged != seen or where != cpu for where, logged in lines) else len(lines)


def compare_round(path, log, shown):
    """Return the counts of a round."""
    found, unknown = Counter(), []
    with open(path) as lines:
        for line in lines:
            words = line.split()
            if words[0] == "end":
                found["said"], found["not made"], found["ns"] = map(int, words[1:])
                continue
            number, cpu, verdict, reason, smcs = int(words[0], 16), int(words[1]), *words[2:4], int(words[4])
            regs = [int(word, 16) for word in words[5:]]
            actual = smcs_of(log, number, cpu, regs)
            found["calls"] += 1
            found[verdict] += 1
            unknown.append(verdict == "unknown")
            if verdict == "unknown":
                found[f"unknown {reason}"] += 1
            elif actual < 0 or (verdict == "forwarded") != (actual > 0) or smcs != actual:
                found["wrong"] += 1
                if len(shown) < MAX_SHOWN:
                    shown.append(f"WRONG   {line.strip()}\n  the monitor saw it {actual} times")
    found["disturbances"] = runs(unknown)
    return found


def show_round(name, found):
    reasons = {key.split(" ", 1)[1]: n for key, n in found.items() if key.startswith("unknown ")}
    rate = found["calls"] / (found["ns"] / 1e9) if found["ns"] else 0
    share = found["unknown"] / found["calls"] if found["calls"] else 0
    print(f"{name:8} {found['calls']:8} calls {rate:7.0f}/s  wrong {found['wrong']}  lost {found['lost']}  "
          f"unknown {found['unknown']} ({share:.3%}) in {found['disturbances']} runs", reasons or "")


def sum_up(path, calls):
    totals = {name: Counter(found) for name, found in json.load(open(path)).items()}
    ok = True
    for name, found in totals.items():
        show_round(name, found)
    loaded = sum((found for name, found in totals.items() if name != "quiet"), Counter())
    for name, found in ("quiet", totals["quiet"]), ("load", loaded):
        most_runs, most_calls = permitted(found["calls"], SHARES[name][0], MAX_BATCH, SHARES[name][1])
        if found["disturbances"] > most_runs or found["unknown"] > most_calls:
            print(f"FAILED  with {name}: {found['unknown']} calls are unknown, in {found['disturbances']} runs; "
                  f"permitted are {most_calls} in {most_runs} runs")
            ok = False
    everything = sum(totals.values(), Counter())
    show_round("all", everything)
    if everything["calls"] < calls * 0.99:
        print(f"FAILED  {everything['calls']} calls were made, not {calls}")
        ok = False
    return 0 if ok else 1


def main():
    if sys.argv[1] == "--sum":
        return sum_up(sys.argv[2], int(sys.argv[3]))
    log_path, totals_path, *rounds = sys.argv[1:]
    log, shown, bad, together = Log(log_path), [], False, Counter()
    totals = {}
    if os.path.exists(totals_path):
        totals = json.load(open(totals_path))

    for path in rounds:
        name = os.path.basename(path).rsplit(".", 1)[0]
        found = compare_round(path, log, shown)
        if path == rounds[-1]:
            log.rest()
        found["lost"] = len(log.lost) + abs(found["said"] - found["calls"])
        log.lost = []
        show_round(name, found)
        bad |= bool(found["wrong"] or found["lost"])
        together += found
        totals[name] = dict(Counter(totals.get(name, {})) + found)

    print("\n".join(shown), end="\n" if shown else "")
    json.dump(totals, open(totals_path, "w"))
    return 1 if bad or not together["forwarded"] or not together["rejected"] else 0


if __name__ == "__main__":
    sys.exit(main())
