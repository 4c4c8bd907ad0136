#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Encodes and decodes the vectors of another implementation (vectors.txt)."""
import json
import os
import pathlib
import subprocess
import sys

PROGRAM = sys.argv[1]
# Calls of FF-A 1.3, and SMC64 forms that are new in it: no implementation has public vectors of them yet.
WITHOUT = {"ABORT", "ABORT_64", "ERROR_64", "INTERRUPT_64", "MEM_PERM_GET_64", "MSG_WAIT_64",
           "NORMAL_WORLD_RESUME_64", "NOTIFICATION_BIND2", "NOTIFICATION_GET2", "NOTIFICATION_SET2",
           "NOTIFICATION_UNBIND2", "NS_RES_INFO_GET", "RUN_64", "YIELD_64"}
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def run(*args):
    return json.loads(subprocess.run([PROGRAM, "--json", *args], env=ENVIRONMENT, check=True,
                                     capture_output=True, text=True).stdout)


def numbers(words):
    values = [int(w, 0) for w in words]
    return values + [0] * (18 - len(values))


def without_canaries(values, fid):
    """x8 to x17 of an SMC32 call hold canaries."""
    return values if fid & 1 << 30 else values[:8] + [0] * 10


def names():
    listed = subprocess.run([PROGRAM, "--json", "list"], env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return {json.loads(line)["call"].removeprefix("FFA_") for line in listed.stdout.splitlines()}


def main():
    wrong = count = 0
    seen = set()
    for line in (pathlib.Path(__file__).resolve().parent / "vectors.txt").read_text().splitlines():
        if line.startswith("#") or not line:
            continue
        count += 1
        words, registers = (part.split() for part in line.split(" : "))
        wanted = numbers(registers)
        seen.add(words[0])
        encoded = run("call", "--dry-run", *words)["in"]
        encoded = without_canaries([int(w, 16) for w in encoded], wanted[0])
        if encoded != wanted:
            wrong += 1
            print(f"{line}\n  encoded {' '.join(map(hex, encoded))}")
        decoded = run("decode", *map(hex, wanted))
        again = run("call", "--dry-run", words[0], *decoded["words"].split())["in"]
        if without_canaries([int(w, 16) for w in again], wanted[0]) != wanted:
            wrong += 1
            print(f"{line}\n  decoded {decoded['words']}")
        for word in words[1:]:
            name, value = word.split("=", 1)
            if value == "0" or name == "version" or name[1:].split("[")[0].isdigit():
                continue
            if name not in decoded["words"]:
                wrong += 1
                print(f"{line}\n  {name} is not in {decoded['words']}")
    print(f"{count} vectors of {len(seen)} calls, {wrong} wrong")
    missing = names() ^ seen ^ WITHOUT
    if missing:
        print("neither or both in vectors.txt and in WITHOUT:", *sorted(missing))
    return bool(wrong or missing)


sys.exit(main())
