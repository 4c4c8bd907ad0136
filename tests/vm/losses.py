# SPDX-License-Identifier: GPL-2.0-only
"""losses.py RECORDING VERDICTS EL3-LOG: every lost event is reported, on the lab kernel `printk' beside flood.c.

The EL3 log says how many events each call made: EL2 prints one text per call, one more per decision, and two around
each SMC of its own. flood.c numbers its markers. So both say which events are missing between the two markers of a
batch. RECORDING has the events that were read, each with the number of those that the kernel lost before it. That
number must cover all that are missing, and a call with a missing event must be unknown.
Exits 1 if a loss is not reported, or if nothing was lost.
"""
import json
import struct
import sys
from collections import Counter

from witness import PARTITION_INFO_GET, VERSION, read_log

BATCH, CALLS, EVENTS = 2, 3, 4
CALL = struct.Struct("<36Q2Q2I")
EVENT = struct.Struct("<QQIIIBBH")
SELFTEST = 3
FEATURES = 0x84000064
# x0 of the answer to a call that is no FF-A call to EL2; TF-A gives it too.
NOT_KNOWN = 0xFFFFFFFFFFFFFFFF
# Of a marker of flood.c.
NUMBER_BITS = 32


def chunks(path):
    """Yield type and content of each chunk (ffascope-recording.5)."""
    data, at = open(path, "rb").read(), 16
    while at < len(data):
        kind, length = struct.unpack_from("<2I", data, at)
        yield kind, data[at + 16:at + 16 + length]
        at += 16 + length


def batches(path):
    """Yield the header, calls and events of each batch; leave the calibration out."""
    head = calls = None
    for kind, content in chunks(path):
        if kind == BATCH:
            head = struct.unpack_from("<2I2QqQQ2I", content)
        elif kind == CALLS and head:
            calls = list(CALL.iter_unpack(content))
        elif kind == EVENTS and head:
            yield head, calls, list(EVENT.iter_unpack(content))
            head = None


def events_of(regs, answer, by_number, from_el2):
    """Count the events that a call made, from the EL3 log: enter, exit, and the texts of lab/kernels/printk."""
    if answer == NOT_KNOWN and regs[17] not in by_number:
        return 2
    if regs[0] == PARTITION_INFO_GET:
        key = (regs[0], *[x & 0xFFFFFFFF for x in regs[1:6]])
        smcs = from_el2[key] > 0
        from_el2[key] -= smcs
        return 4 + 4 * smcs
    smcs = len(by_number.get(regs[17], []))
    if regs[0] == VERSION:
        return 4 + 4 * smcs
    # FEATURES is passed through without a text.
    return 4 + (1 if regs[0] == FEATURES else 2) * smcs


def main():
    recording, live, log = sys.argv[1:]
    by_number, from_el2 = read_log(log)
    verdicts = (json.loads(line) for line in open(live))
    count, problems = Counter(), []
    for (cpu, _, begin, until, offset, _, guard, _, _), calls, events in batches(recording):
        events = [e for e in events if begin < e[0] <= until and e[2] == cpu]
        lost = sum(e[3] for e in events)
        count["batches"] += 1
        count["batches with a loss"] += lost > 0
        count["events reported as lost"] += lost
        missing = 0
        for call in calls:
            regs, begin_ns, end_ns = call[:18], call[36] + offset, call[37] + offset
            verdict = next(verdicts)
            assert [int(x, 16) for x in verdict["in"]] == list(regs), "the verdicts are of other calls"
            want = events_of(regs, call[18], by_number, from_el2)
            # The guard separates the call from its neighbours.
            got = sum(begin_ns - guard <= e[0] <= end_ns + guard for e in events)
            count["calls"] += 1
            count["unknown: " + verdict["reason"] if verdict["verdict"] == "unknown" else "known"] += 1
            if got < want:
                missing += want - got
                count["calls with a missing event"] += 1
                if verdict["verdict"] != "unknown":
                    problems.append(f"{want - got} of {want} events are missing: {verdict}")
            elif got > want:
                count["calls with more events"] += 1
        numbers = [e[1] for e in events if e[5] == SELFTEST and e[1] >> NUMBER_BITS == cpu]
        markers = numbers[-1] - numbers[0] + 1 - len(numbers) if numbers else 0
        count["missing events of calls"] += missing
        count["missing markers of another user"] += markers
        if missing + markers > lost and begin:
            problems.append(f"{missing} events of calls and {markers} markers are missing, {lost} are reported: "
                            f"CPU {cpu}, from {begin}")

    print(", ".join(f"{what} {n}" for what, n in sorted(count.items())))
    for text in problems[:20]:
        print("WRONG  ", text)
    print(f"in all {count['missing events of calls'] + 3 * count['missing markers of another user']} events are missing, "
          f"three of each marker")
    ok = not problems and count["batches with a loss"] and count["calls with a missing event"]
    print("losses: ok" if ok else "losses: FAILED")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
