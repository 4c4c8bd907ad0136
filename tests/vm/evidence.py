# SPDX-License-Identifier: GPL-2.0-only
"""evidence.py FOLDER READER MODE: compares one evidence level with the EL3 log.

MODE is `verdicts' (every verdict given is correct, and both kinds occur), `no-calls', or the reason that every unknown
verdict must have. FOLDER holds the VM's output: live.json, registers.json, again.json, fresh.json, el3, notes,
doctor.json, out.
Exits 1 if a verdict or a guess from the registers is wrong, or if a verdict is given that the level cannot support.
"""
import json
import sys
from collections import Counter
from pathlib import Path

from bounds import judge, permitted

FOLDER, READER, MODE = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

LINE_START = "SPM("
PARTITION_INFO_GET = 0x84000068
LEVELS = {"fentry": "through BPF", "kprobe": "through BPF", "text": "as text", "none": "registers only"}
# At a level that has a trace (bounds.py): share of calls that are disturbed, and calls in a batch of random-calls.c. Times
# to the microsecond, and clocks that the calls alone compare, make more calls unknown than elsewhere.
DISTURBED, BATCH, MAX_UNKNOWN = 0.01, 40, 0.2
# Processes that make one call each, and the share of them that are disturbed; these kernels reject the call at EL2.
FRESH, FRESH_DISTURBED = 12, 0.05


def read_log():
    """Count the normal world's calls by x17, and the calls that EL2 made on behalf of another."""
    seen, own = Counter(), Counter()
    for line in (FOLDER / "el3").read_text(errors="replace").splitlines():
        head, bar, tail = line.partition(" | ns ")
        if not bar:
            continue
        regs = [int(w, 16) for w in head.partition(": ")[2].split() + tail.split()]
        seen[regs[17]] += 1
        if not regs[17]:
            own[tuple(regs[:6])] += 1
    return seen, own


def reached(regs, seen, own):
    if regs[0] == PARTITION_INFO_GET and not seen[regs[17]]:
        key = (regs[0], *[x & 0xFFFFFFFF for x in regs[1:6]])
        own[key] -= 1
        return own[key] >= 0
    return seen[regs[17]] > 0


def fail(text):
    print("FAILED ", text)
    sys.exit(1)


def statuses():
    return dict(line.split() for line in (FOLDER / "out").read_text().splitlines() if " " in line)


def checks():
    return {check["check"]: check for check in json.loads((FOLDER / "doctor.json").read_text())["checks"]}


def no_calls():
    notes = (FOLDER / "notes").read_text()
    if statuses()["call"] != "3" or "the module is not loaded" not in notes:
        fail(notes)
    driver = checks()["arm-ffa"]
    if driver["state"] != "bad" or "CONFIG_ARM_FFA_TRANSPORT" not in driver["fix"]:
        fail(driver)
    print("no call can be made, and doctor says why")


def main():
    if MODE == "no-calls":
        return no_calls()

    notes = (FOLDER / "notes").read_text()
    if f"trace read through: {READER}" not in notes or LEVELS[READER] not in notes:
        fail(f"read through {READER}: {notes}")
    if MODE != "verdicts" and "every verdict is unknown" not in json.loads((FOLDER / "doctor.json").read_text())["evidence_level"]:
        fail("doctor reports that verdicts are available")
    if statuses().get("left-on", "0") != "0":
        fail("tracing was left on")

    seen, own = read_log()
    count, reasons, guesses, unknown = Counter(), Counter(), Counter(), []
    for text, alone in zip(open(FOLDER / "live.json"), open(FOLDER / "registers.json"), strict=True):
        call, guess = json.loads(text), json.loads(alone)["inferred"]
        el3 = reached([int(x, 16) for x in call["in"]], seen, own)
        verdict = call["verdict"]
        count[verdict] += 1
        unknown.append(verdict == "unknown")
        if verdict == "unknown":
            reasons[call["reason"]] += 1
            if call["by"] or call["smcs"] is not None or call["time_ns"] is not None:
                fail(f"an unknown verdict has details that it cannot know: {text}")
        elif (verdict == "forwarded") != el3:
            fail(f"WRONG, the monitor {'saw' if el3 else 'did not see'} it: {text}")
        if guess and (guess == "registers-suggest-secure-world") != el3:
            fail(f"the guess from the registers is wrong (the monitor {'saw' if el3 else 'did not see'} it): {text}")
        guesses[guess] += 1

    print(" ", dict(count), dict(reasons), "registers:", dict(guesses))
    total = sum(count.values())
    if not total:
        fail((FOLDER / "errors").read_text() or "no calls were made")
    if MODE != "verdicts":
        if count["unknown"] != total or set(reasons) != {MODE}:
            fail(f"every verdict must be unknown: {MODE}")
        return None
    few, line = judge(unknown, DISTURBED, BATCH, MAX_UNKNOWN)
    print(" ", line)
    if not count["forwarded"] or not count["rejected"] or not few:
        fail("too few verdicts")
    if (FOLDER / "live.json").read_text() != (FOLDER / "again.json").read_text():
        fail("replaying the recording gives different verdicts")
    fresh = Counter(json.loads(line)["verdict"] for line in open(FOLDER / "fresh.json"))
    print("  one call per process:", dict(fresh))
    if fresh["rejected"] + fresh["unknown"] != FRESH or fresh["unknown"] > permitted(FRESH, FRESH_DISTURBED)[1]:
        fail("too many unknown verdicts with one call per process")
    return None


main()
