# SPDX-License-Identifier: GPL-2.0-only
"""Compares what ffascope says with the log of lab/spmc, and that log with the monitor's.

spmc.py logs EL3-LOG SPMC-LOG             every call that TF-A passes on has the same registers in both logs
spmc.py talks TRACE SPMC-LOG COUNT        each direct message is one conversation of the trace, with the same steps
spmc.py calls VERDICTS SPMC-LOG COUNT     verdicts of random-calls: forwarded ones are in the log, others are not
spmc.py memory TRACE EL3-LOG SPMC-LOG ROUNDS
                                          trace and logs have the same memory handles, and each is reclaimed once

Lines of both logs: "SPM(cpu): x0 ... x7 | ns x8 ... x17"; SPMC instead of SPM in the SPMC's.
"""
import json
import re
import sys
from collections import Counter

from bounds import judge, permitted

LINE = re.compile(r"SPMC?\((\d+)\): ((?:0x[0-9a-f]+ ?){8})\| (ns|s) ((?:0x[0-9a-f]+ ?){10})")
SMC64 = 1 << 30
ERROR, INTERRUPT, YIELD, RUN = 0x84000060, 0x84000062, 0x8400006C, 0x8400006D
DIRECT = {0x8400006F, 0xC400006F}
CONTROL = 0x8003
MARK = 0x1234  # the fourth word of each message of spmc-traffic
SPMD = 0xFFFF
# Numbers of the calls that TF-A's SPMD passes to an SPMC (services/std_svc/spmd/spmd_main.c).
PASSED = {0x60, 0x61, 0x64, 0x65, 0x66, 0x67, 0x68, 0x6D, 0x6E, 0x6F, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
          0x7A, 0x7B, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0x82, 0x83, 0x84, 0x86, 0x8B, 0x8D, 0x8E}
# Those of them with one identifier only: TF-A answers the other one.
ONLY_32 = {0x60, 0x64, 0x65, 0x67, 0x68, 0x6D, 0x6E, 0x75, 0x76, 0x77, 0x7A, 0x7B, 0x7D, 0x7E, 0x7F, 0x80, 0x81, 0x82,
           0x84, 0x86}
ONLY_64 = {0x8B, 0x8D, 0x8E}
# Shares of calls that are disturbed (bounds.py): those of drivers are made with interrupts on, by tasks that can move.
DRIVERS_DISTURBED, DISTURBED = 0.02, 0.001
# Calls in a batch of random-calls.c, and the share of its calls that are unknown.
BATCH, MAX_UNKNOWN = 40, 0.005


def lines(path):
    """Yield CPU, world and the 18 registers of each line."""
    with open(path, errors="replace") as log:
        for text in log:
            m = LINE.search(text)
            if m:
                yield int(m.group(1)), m.group(3), [int(w, 16) for w in (m.group(2) + m.group(4)).split()]


def is_passed(regs):
    """Whether the SPMD passes this call on; it refuses direct messages in the name of the secure world."""
    number = regs[0] & 0xFFFF
    if number not in PASSED or number in (ONLY_64 if not regs[0] & SMC64 else ONLY_32):
        return False
    if number in (0x6F, 0x8D):
        sender, receiver = regs[1] >> 16 & 0xFFFF, regs[1] & 0xFFFF
        return not sender & 0x8000 and receiver not in SPMD_LPS
    return True


# SPMD logical partitions, 0xffc0 to 0xfffe (include/services/el3_spmd_logical_sp.h).
SPMD_LPS = range(0xFFC0, 0xFFFF)


def from_spmd(regs):
    return regs[0] == 0x8400006F and regs[1] >> 16 == SPMD


def logs(el3, spmc):
    """The same calls on each CPU in the same order."""
    wrong = total = 0
    above, below = {}, {}
    for cpu, world, regs in lines(el3):
        if world == "ns" and is_passed(regs):
            above.setdefault(cpu, []).append(regs)
    for cpu, world, regs in lines(spmc):
        if world == "ns" and not from_spmd(regs):
            below.setdefault(cpu, []).append(regs)
    for cpu in sorted(above.keys() | below.keys()):
        a, b = above.get(cpu, []), below.get(cpu, [])
        total += len(b)
        for i, (x, y) in enumerate(zip(a, b)):
            if x != y:
                wrong += 1
                print(f"WRONG   CPU {cpu}, call {i}\n  EL3  {[hex(w) for w in x]}\n  SPMC {[hex(w) for w in y]}")
                break
        # A call that is on its way at the end may be missing below.
        if not 0 <= len(a) - len(b) <= 1:
            wrong += 1
            print(f"WRONG   CPU {cpu}: {len(a)} calls at EL3, {len(b)} at the SPMC")
    print(f"calls in both logs {total}, wrong {wrong}")
    return not wrong and total > 0


def steps_below(path):
    """Conversations of the SPMC's log: by the message's number and sender, the kinds of its answers in order."""
    asked, opened, found = {}, {}, {}
    for cpu, world, regs in lines(path):
        if world == "ns":
            asked[cpu] = regs
            continue
        request = asked.pop(cpu, None)
        if not request:
            continue
        if request[0] in DIRECT and request[6] == MARK:
            if regs[0] == ERROR:
                continue
            key = (request[1] & 0xFFFF, request[3], request[5])
            found[key] = [regs[0]]
        elif request[0] == RUN:
            key = opened.get((request[1] >> 16, request[1] & 0xFFFF))
            if not key:
                continue
            found[key].append(regs[0])
        else:
            continue
        if regs[0] in (INTERRUPT, YIELD):
            opened[(regs[1] >> 16, regs[1] & 0xFFFF)] = key
    return found


def steps_seen(path):
    """The same of the trace, by conversation. Also the number of calls, and of unknown ones."""
    found, count, unknown = {}, 0, 0
    for text in open(path):
        call = json.loads(text)
        if "verdict" not in call:
            continue
        regs, out = [int(x, 16) for x in call["in"]], int(call["out"][0], 16)
        if regs[0] != RUN and (regs[0] not in DIRECT or regs[6] != MARK):
            continue
        count += 1
        unknown += call["verdict"] == "unknown"
        if call["verdict"] not in ("forwarded", "unknown"):
            print(f"WRONG   {text.strip()}")
            return None, count, unknown
        if out == ERROR:
            continue
        # A message that is answered at once is not part of a longer conversation.
        talk = found.setdefault(call["conversation"] or ("alone", count), [None, [], set()])
        if regs[0] in DIRECT:
            talk[0] = (regs[1] & 0xFFFF, regs[3], regs[5])
        talk[1].append((call["begin_ns"], out))
        talk[2].add(call["cpu"])
    # A task that moves between CPUs may have its calls printed in another order than it made them.
    return {number: (key, [out for _, out in sorted(steps)], cpus) for number, (key, steps, cpus) in found.items()}, \
        count, unknown


def lacking(steps, all_steps):
    """How many of all_steps the steps lack; None if they are others."""
    rest = iter(all_steps)
    if not all(step in rest for step in steps):
        return None
    return len(all_steps) - len(steps)


def talks(trace, spmc, count):
    below = steps_below(spmc)
    seen, calls, unknown = steps_seen(trace)
    if seen is None:
        return False
    wrong, moved, by_key, spare = 0, 0, {}, unknown
    for number, (key, steps, cpus) in seen.items():
        # An unknown call may be missing from its conversation.
        lack = lacking(steps, below.get(key, []))
        spare -= lack or 0
        if key in by_key or lack is None or spare < 0:
            wrong += 1
            if wrong < 4:
                print(f"WRONG   conversation {number} {key}: {[hex(s) for s in steps]}\n"
                      f"  the SPMC: {[hex(s) for s in below.get(key, [])]}")
        by_key[key] = steps
        moved += len(cpus) > 1
    missing = max(0, len(below.keys() - by_key.keys()) - spare)
    lengths = Counter(len(steps) - 1 for steps in by_key.values())
    print(f"conversations {len(by_key)}, on several CPUs {moved}, by interruptions "
          + " ".join(f"{n}:{lengths[n]}" for n in sorted(lengths)))
    most = permitted(calls, DRIVERS_DISTURBED)[1]
    print(f"calls {calls}, wrong conversations {wrong}, missing {missing}, unknown {unknown}, {most} permitted")
    return not wrong and not missing and len(by_key) >= count and unknown <= most


def calls(verdicts, spmc, count):
    """Each random call has its own number in x17."""
    below = Counter()
    for _, world, regs in lines(spmc):
        if world == "ns":
            below[regs[17]] += 1
    wrong, seen, total, unknown = 0, Counter(), 0, []
    for text in open(verdicts):
        call = json.loads(text)
        regs = [int(x, 16) for x in call["in"]]
        regs[0] &= 0xFFFFFFFF
        total += 1
        seen[call["verdict"]] += 1
        unknown.append(call["verdict"] == "unknown")
        if call["verdict"] == "unknown" or call.get("rebuilt"):
            continue
        here = below[regs[17]]
        expected = call["smcs"] if call["verdict"] == "forwarded" and is_passed(regs) else 0
        if here != expected:
            wrong += 1
            if wrong < 4:
                print(f"WRONG   the SPMC saw it {here} times, expected {expected}: {text.strip()}")
    few, line = judge(unknown, DISTURBED, BATCH, MAX_UNKNOWN)
    print(f"random calls {total}: " + ", ".join(f"{n} {v}" for v, n in sorted(seen.items())) + f"; wrong {wrong}; {line}")
    return not wrong and total >= count and few and seen["forwarded"] > 0


SUCCESS = 0x84000061
SHARES = {0x84000072, 0xC4000072, 0x84000073, 0xC4000073, 0x8400007B}  # LEND, SHARE and FRAG_TX
RECLAIM = 0x84000077


def answered(path):
    """Yield the registers of each request of a log and of its answer."""
    asked = {}
    for cpu, world, regs in lines(path):
        if world == "ns":
            asked[cpu] = regs
        elif cpu in asked:
            yield asked.pop(cpu), regs


def handles(pairs):
    """The handles that requests and their answers made, and those that they reclaimed."""
    made, reclaimed = [], []
    for regs, out in pairs:
        if out[0] == SUCCESS and regs[0] in SHARES:
            made.append(out[2] | out[3] << 32)
        elif out[0] == SUCCESS and regs[0] == RECLAIM:
            reclaimed.append(regs[1] | regs[2] << 32)
    return made, reclaimed


# By spmc-memory.c in each round: refused by EL2, then by the SPMC while the memory is in use, and when it no longer is.
REFUSED = (("rejected", "DENIED", 0), ("forwarded", "DENIED", RECLAIM), ("forwarded", "INVALID_PARAMETERS", RECLAIM))
MANY = 17  # regions after the rounds


def memory(trace, el3, spmc, rounds):
    pairs, seen, unknown = [], Counter(), 0
    for text in open(trace):
        call = json.loads(text)
        if "verdict" not in call:
            continue
        regs, out = ([int(x, 16) for x in call[name]] for name in ("in", "out"))
        if regs[0] not in SHARES and regs[0] != RECLAIM:
            continue
        pairs.append((regs, out))
        unknown += call["verdict"] == "unknown"
        # The proxy rebuilds whatever it forwards of these.
        if call["verdict"] == "forwarded" and not call["rebuilt"]:
            print(f"WRONG   {text.strip()}")
            return False
        seen[(call["verdict"], call["status"], RECLAIM if regs[0] == RECLAIM else 0)] += 1
    made, reclaimed = handles(pairs)
    good = len(made) == rounds + MANY and sorted(made) == sorted(reclaimed) and len(set(made)) == len(made)
    for path in el3, spmc:
        log_made, log_reclaimed = handles(answered(path))
        good &= made == [h for h in log_made if h in set(made)]
        good &= reclaimed == [h for h in log_reclaimed if h in set(made)]
    good &= all(rounds - unknown <= seen[kind] <= rounds for kind in REFUSED) and \
        unknown <= permitted(len(pairs), DRIVERS_DISTURBED)[1]
    print(f"memory calls {len(pairs)}, regions {len(made)}, reclaimed {len(reclaimed)}, unknown {unknown}; refused by EL2 "
          "and, in use and after RECLAIM, by the SPMC: " + ", ".join(str(seen[kind]) for kind in REFUSED))
    return good


def main():
    what, *words = sys.argv[1:]
    if what == "logs":
        good = logs(*words)
    elif what == "talks":
        good = talks(words[0], words[1], int(words[2]))
    elif what == "memory":
        good = memory(*words[:3], int(words[3]))
    else:
        good = calls(words[0], words[1], int(words[2]))
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
