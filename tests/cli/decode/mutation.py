#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Random variants of dumps of known calls: other names, another order, registers left out, prefixes, several lines.

Each field of what decode makes of a variant is the right one, or it is null (not given); or the variant is passed
through. A field with another value is a failure.
"""
import json
import os
import random
import subprocess
import sys

PROGRAM, SEED = sys.argv[1], int(os.environ.get("SEED", "1"))
CALLS, VARIANTS = 100, 10000
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
NAMES = ["x{}", "X{}", "X{:02}", "a{}", "arg{}", "regs.x[{}]", "x[{}]", "res.a{}", ".x{}", "r{}", "regs[{}]"]
SIGNS = ["=", ": ", " : ", " = ", ":"]
PREFIXES = ["", "[   12.345678] ", "(XEN) d0v1 ffa: ", "E/TC:0 0 ", "VERBOSE: ", "<6>[ 1.5] optee: ret ", "kvm [71]: ",
            "  cat-12    [001] d..1.   7.25: smc: ", "DEBUG: trap on CPU 2, ", "\t"]


def run(lines):
    done = subprocess.run([PROGRAM, "--json", "decode"], input="\n".join(lines) + "\n", env=ENVIRONMENT, check=True,
                          capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def known_calls(rng):
    """Registers of calls, all eighteen, with what decode says of them when nothing is left out."""
    listed = subprocess.run([PROGRAM, "--json", "list"], env=ENVIRONMENT, check=True, capture_output=True, text=True)
    fids = [int(json.loads(line)["fid"], 16) for line in listed.stdout.splitlines()]
    calls = []
    while len(calls) < CALLS:
        fid = fids[len(calls) % len(fids)]
        width = 64 if fid & 1 << 30 else 32
        regs = [fid] + [rng.choice([0, 1, rng.getrandbits(4), rng.getrandbits(16), rng.getrandbits(width)])
                        for _ in range(17)]
        if not fid & 1 << 30:
            regs[8:] = [0] * 10
        calls.append(regs)
    whole = run([" ".join(map(hex, regs)) for regs in calls])
    return list(zip(calls, whole))


def variant(rng, regs):
    """Lines, with a blank line after them that ends the dump."""
    chosen = list(range(18 if regs[0] & 1 << 30 else 8))
    for _ in range(rng.choice([0, 0, 1, 2, 6])):
        if len(chosen) > 1:
            chosen.remove(rng.choice(chosen))
    prefix = rng.choice(PREFIXES)
    if rng.random() < 0.2:
        # A list cannot leave out registers but the last ones.
        last = max(1, len(chosen))
        marks = rng.choice(["0x{:x}", "0x{:016x}", "0x{:X}"])
        return [prefix + rng.choice([" ", ", ", ","]).join(marks.format(v) for v in regs[:last]), ""]
    order = rng.choice(["up", "down", "mixed"])
    if order == "down":
        chosen.reverse()
    elif order == "mixed":
        rng.shuffle(chosen)
    name, sign = rng.choice(NAMES), rng.choice(SIGNS)
    form = rng.choice(["0x{:x}", "0x{:016x}", "{:016x}", "0X{:X}"])
    between = rng.choice([" ", ", ", "  ", "; "])
    pairs = [name.format(n) + sign + form.format(regs[n]) for n in chosen]
    each = rng.choice([len(pairs), 1, 2, 3, 4])
    return [prefix + between.join(pairs[i:i + each]) for i in range(0, len(pairs), each)] + [""]


def main():
    rng = random.Random(SEED)
    calls = known_calls(rng)
    lines, wanted = [], []
    for n in range(VARIANTS):
        regs, whole = calls[n % CALLS]
        lines += variant(rng, regs)
        wanted.append(whole)
    right = missing = passed = wrong = index = 0
    records = run(lines)
    for whole in wanted:
        # A record for the dump, or a note for each line of it; then the blank line.
        got = []
        while records[index].get("line") != "":
            got.append(records[index])
            index += 1
        index += 1
        decoded = [record for record in got if "call" in record]
        if not decoded:
            passed += 1
            continue
        for record in decoded:
            bad = record["call"] != whole["call"] or any(
                value is not None and value != whole["fields"].get(name) for name, value in record["fields"].items())
            if bad:
                wrong += 1
                print("wrong:", record, "not", whole["fields"])
            elif None in record["fields"].values():
                missing += 1
            else:
                right += 1
    print(f"seed {SEED}: {right} right, {missing} with fields not given, {passed} passed through, {wrong} wrong")
    return bool(wrong) or right + missing < VARIANTS // 2


sys.exit(main())
