#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Compares the output of list, describe and decode with the files beside this script.

golden.py PROGRAM            compares; exits 1 with a diff if they differ
golden.py PROGRAM --update   rewrites the files; review the result with git diff
"""
import difflib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
WIDTHS = (80, 140)


def run(program, *args, stdin=None, **environment):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "80", **environment}
    done = subprocess.run([program, *args], input=stdin, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"ffascope {' '.join(args)}: status {done.returncode}\n{done.stdout.decode()}")
    return done.stdout


def cases(program):
    """Pairs of a file's path and what the program prints."""
    calls = [json.loads(line) for line in run(program, "--json", "list").splitlines()]
    for call in calls:
        name = call["call"]
        for width in WIDTHS:
            yield f"describe-{width}/{name}.txt", run(program, "describe", name,
                                                      COLUMNS=str(width))
    for line in run(program, "--json", "list", "--descriptors").splitlines():
        name = json.loads(line)["descriptor"]
        for width in WIDTHS:
            yield f"describe-{width}/{name}.txt", run(program, "describe", name, COLUMNS=str(width))
    yield "describe-mem-access.json", run(program, "--json", "describe", "mem-access")
    yield "describe-mem-transaction-1.0.txt", run(program, "--ffa", "1.0", "describe", "mem-transaction")
    some = "NOTIFICATION_SET"
    yield "describe-ascii.txt", run(program, "describe", some, LC_ALL="C")
    yield "describe-narrow.txt", run(program, "describe", "--width", "60", some)
    yield "describe-1.1.txt", run(program, "--ffa", "1.1", "describe", "NOTIFICATION_INFO_GET_64")
    yield "describe-color.txt", run(program, "--color=always", "describe", some)
    for name in some, "FEATURES", "VERSION", "PARTITION_INFO_GET_REGS":
        yield f"describe-{name.lower()}.json", run(program, "--json", "describe", name)
    yield "list.txt", run(program, "list")
    yield "list.json", run(program, "--json", "list")
    yield "list-changes-state-1.3.txt", run(program, "list", "--changes-state", "--since", "1.3")
    yield "list-bitmap.txt", run(program, "list", "notification-bitmap")

    lines = (HERE / "decode.in").read_bytes()
    yield "decode.txt", run(program, "decode", stdin=lines)
    yield "decode-1.2.txt", run(program, "--ffa", "1.2", "decode", stdin=lines)
    yield "decode.json", run(program, "--json", "decode", stdin=lines)
    yield "decode-words.txt", run(program, "decode", "0x84000081", "8001", "0x3ff04", "20")
    answers = (HERE / "answers.in").read_bytes().splitlines(keepends=True)
    text = parsed = b""
    for line in answers:
        result, words = line.decode().strip().split(": ")
        text += run(program, "decode", "--result", result, *words.split())
        text += run(program, "decode", "--result", result, stdin=words.encode())
        parsed += run(program, "--json", "decode", "--result", result, *words.split())
    yield "answers.txt", text
    yield "answers.json", parsed


def main():
    program, update = sys.argv[1], sys.argv[2:] == ["--update"]
    wrong = 0
    known = {HERE / name for name in ("decode.in", "answers.in", "meson.build")}
    known |= set(HERE.glob("*.py"))
    for name, got in cases(program):
        path = HERE / name
        known.add(path)
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(got)
            continue
        want = path.read_bytes() if path.exists() else b""
        if got == want:
            continue
        wrong += 1
        sys.stdout.writelines(difflib.unified_diff(
            want.decode().splitlines(keepends=True), got.decode().splitlines(keepends=True),
            name, "what ffascope prints"))
    # Files without a case.
    for path in HERE.rglob("*"):
        if path.is_file() and path not in known and "__pycache__" not in path.parts:
            print(f"{path.relative_to(HERE)}: no case has this name")
            wrong += 1
    if wrong:
        print(f"{wrong} files differ; if the change is intended, run golden.py PROGRAM --update")
    return bool(wrong)


sys.exit(main())
