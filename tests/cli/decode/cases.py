#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares what decode prints for the inputs of cases.txt with the outputs there.

cases.py PROGRAM            status 1 if an output differs
cases.py PROGRAM --update   rewrites the outputs
"""
import os
import pathlib
import subprocess
import sys

CASES = pathlib.Path(__file__).resolve().parent / "cases.txt"
LEAST = 80


def parse(text):
    """Comments, and (name, options, input, output) of each case."""
    head, *rest = text.split("\n== ")
    for part in rest:
        name, *lines = part.rstrip("\n").split("\n")
        options = [o for line in lines if line.startswith("$ ") for o in line[2:].split(" | ")]
        given = [line[2:] for line in lines if line.startswith("< ") or line == "<"]
        wanted = [line[2:] for line in lines if line.startswith("> ") or line == ">"]
        yield name, options, given, wanted
    parse.head = head


def decode(program, options, lines):
    done = subprocess.run([program, "decode", *options], input="\n".join(lines) + "\n",
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                          capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n").split("\n")


def main():
    program, update = sys.argv[1], sys.argv[2:] == ["--update"]
    cases = list(parse("\n" + CASES.read_text()))
    written, wrong = [parse.head.strip("\n"), ""], 0
    for name, options, given, wanted in cases:
        got = decode(program, options, given)
        if got != wanted and not update:
            wrong += 1
            print(f"== {name}", *("- " + line for line in wanted), *("+ " + line for line in got), sep="\n")
        written += [f"== {name}"] + ([f"$ {' | '.join(options)}"] if options else [])
        written += [f"< {line}".rstrip() for line in given] + [f"> {line}".rstrip() for line in got] + [""]
    if update:
        CASES.write_text("\n".join(written))
    print(f"{len(cases)} cases, {wrong} wrong")
    return bool(wrong) or len(cases) < LEAST


sys.exit(main())
