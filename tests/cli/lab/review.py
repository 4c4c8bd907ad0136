#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""review.py FFASCOPE ROOT: the table of `ffalab review' on made-up results of examples/proxy-series.

The sweeps are put together from examples/baselines: each commit replaces one call of stock's by forward's. A faultless
series has a row a commit with exactly the bits that its message claims; a planted fault is named at its commit.
"""
import copy
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FFASCOPE, ROOT = sys.argv[1], Path(sys.argv[2])
SERIES = sorted((ROOT / "examples/proxy-series").glob("0*.patch"))
CALLS = ["INFO_GET_64", "BITMAP_CREATE", "BITMAP_DESTROY", "BIND", "UNBIND", "SET", "GET", "INFO_GET"]
# What README.md of the series says each patch checks, of the bits that a sweep tries.
BITS = {"INFO_GET_64": ["x1-x7", "x8-x17"], "BITMAP_CREATE": ["w1[31:16]", "w3-w7"], "BITMAP_DESTROY": ["w1[31:16]", "w2-w7"],
        "BIND": ["w2[31:1]", "w5-w7"], "UNBIND": ["w2", "w5-w7"], "SET": ["w2[31:1]", "w5-w7"],
        "GET": ["w2[31:3]", "w2[1]", "w3-w7"], "INFO_GET": ["w1-w7"]}
failed = 0


def check(what, ok, show=""):
    global failed
    if not ok:
        failed = 1
        print(f"FAILED  {what}\n{show}")


def message(path):
    """Subject and body as git has them."""
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    subject = re.search(r"^Subject: (.*(?:\n .*)*)", head, re.M).group(1).replace("\n ", " ")
    return re.sub(r"^\[[^]]*\] ", "", subject) + "\n\n" + body.split("\n---\n")[0]


def load(name):
    return json.loads((ROOT / f"examples/baselines/{name}.json").read_text(encoding="utf-8"))


def call_of(sweep, name):
    return next(call for call in sweep["calls"] if call["call"] == "FFA_NOTIFICATION_" + name)


def sweeps():
    """The sweep of the base and of each commit."""
    now, final = load("stock"), load("forward")
    yield copy.deepcopy(now)
    for name in CALLS:
        now["calls"] = [call_of(final, name) if call["call"].endswith("NOTIFICATION_" + name) else call for call in now["calls"]]
        yield copy.deepcopy(now)


def set_class(sweep, name, wanted, kind):
    for probe in call_of(sweep, name)["probes"]:
        if wanted(probe["reg"], probe["bit"]):
            probe["class"] = kind


def review(folder, states, *options, statuses=None, messages=None):
    """Write what lab/lib/review.sh writes, and run the table. Return exit status and output."""
    for i, sweep in enumerate(states):
        path = folder / f"{i:03d}"
        path.mkdir()
        text = (messages or {}).get(i) or (message(SERIES[i - 1]) if i else "Linux")
        (path / "commit").write_text(f"{i:040x}\n{text}\n", encoding="utf-8")
        status = (statuses or {}).get(i, "done")
        (path / "status").write_text(status + "\n", encoding="utf-8")
        if status != "done":
            (path / "build.log").write_text("ffa.c:7:1: warning: unused variable 'x'\nffa.c:9:1: error: expected ';'\n", encoding="utf-8")
            continue
        (path / "sweep.json").write_text(json.dumps(sweep), encoding="utf-8")
        last = next((folder / f"{j:03d}/sweep.json" for j in range(i - 1, -1, -1) if (folder / f"{j:03d}/sweep.json").exists()), None)
        if last:
            diff = subprocess.run([FFASCOPE, "--json", "diff", last, path / "sweep.json"], check=True, capture_output=True, text=True)
            (path / "diff.json").write_text(diff.stdout, encoding="utf-8")
    done = subprocess.run([sys.executable, ROOT / "lab/review/review.py", folder, *options], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def rows(output):
    """The lines below each row, by number."""
    found, number = {}, None
    for line in output.splitlines():
        if m := re.match(r" *(base|\d+) [0-9a-f-]", line):
            number = 0 if m.group(1) == "base" else int(m.group(1))
        found.setdefault(number, []).append(line.strip())
    return found


def in_folder(test):
    with tempfile.TemporaryDirectory() as folder:
        test(Path(folder))


def faultless(folder):
    mail, html = folder.parent / (folder.name + ".mail"), folder.parent / (folder.name + ".html")
    status, output = review(folder, sweeps(), "--mail", mail, "--html", html)
    check("a faultless series has exit status 0", status == 0, output)
    for number, name in enumerate(CALLS, 1):
        lines = rows(output)[number]
        bits = [m.group(1) for line in lines if (m := re.match(rf"NOTIFICATION_{name} (.*): (?:blocked|secure|accepted) -> enforced$", line))]
        check(f"commit {number} has exactly its bits", bits == BITS[name], "\n".join(lines))
        others = [line for line in lines if "->" in line and f"NOTIFICATION_{name} " not in line]
        check(f"commit {number} changes no other call", not others, "\n".join(others))
    lines = mail.read_text(encoding="utf-8").splitlines()
    check("the mail has 72 columns", lines and max(map(len, lines)) <= 72, max(lines, key=len))
    check("the page has each commit", html.read_text(encoding="utf-8").count("<h2") == 9)
    mail.unlink()
    html.unlink()


# A fault at a commit: number, how it changes the sweep from there on, what the row must say.
FAULTS = {
    "a mask without its highest bit": (4, lambda s: set_class(s, "BIND", lambda reg, bit: (reg, bit) == ("w2", 31), "accepted"),
                                       "BIND w2[31] is accepted, not enforced"),
    "unused registers left out": (2, lambda s: set_class(s, "BITMAP_CREATE", lambda reg, bit: reg > "w2", "secure"),
                                  "BITMAP_CREATE w3-w7 is secure, not enforced"),
    "a call left in the list of unsupported ones": (6, lambda s: call_of(s, "SET").update(call_of(load("stock"), "SET")),
                                                    "SET w5-w7 is blocked, not enforced"),
    "one of two flags left out": (7, lambda s: set_class(s, "GET", lambda reg, bit: (reg, bit) == ("w2", 1), "secure"),
                                  "GET w2[1] is secure, not enforced"),
    "a check of another call lost": (3, lambda s: set_class(s, "INFO_GET_64", lambda reg, bit: reg == "x8", "accepted"),
                                     "REGRESSION NOTIFICATION_INFO_GET_64 x8: enforced -> accepted"),
}


def planted(folder, number, fault, says):
    states = list(sweeps())
    for sweep in states[number:]:
        fault(sweep)
    status, output = review(folder, states)
    text = " ".join(rows(output).get(number, []))
    check(f"'{says}' is said at commit {number}", status == 1 and says in text and f"look at {number}" in output, output)


def unbuildable(folder):
    status, output = review(folder, sweeps(), statuses={2: "build-failed", 5: "boot-failed"})
    lines = rows(output)
    check("a commit that does not build is a row with the compiler's error", status == 1 and "BUILD FAILED" in lines[2][0]
          and any("expected ';'" in line for line in lines[2]), output)
    check("the next one is compared with the last that ran", any("BITMAP_CREATE w3-w7: blocked -> enforced" in line for line in lines[3]),
          output)
    check("a call that came with the failed commit is pointed at", any("NOTIFICATION_BITMAP_CREATE changes too" in line for line in lines[3]),
          output)


def unclaimed(folder):
    told = message(SERIES[3]).replace("  - w5-w7, unused.\n", "")
    status, output = review(folder, sweeps(), messages={4: told})
    check("a check that the message does not name is pointed at",
          status == 1 and "does not name NOTIFICATION_BIND w5-w7" in " ".join(rows(output)[4]), output)
    check("only there", "look at 4\n" in output, output)


def without_register(folder):
    told = message(SERIES[3]).replace("w2[31:1], reserved", "bits 31:1, reserved, of the flags").replace("  - w5-w7", "  - w5 to w7")
    status, output = review(folder, sweeps(), messages={4: told})
    check("bits without a register are those of a register that is checked", status == 0, output)


in_folder(faultless)
for title, (at, change, words) in FAULTS.items():
    in_folder(lambda folder, at=at, change=change, words=words: planted(folder, at, change, words))
in_folder(unbuildable)
in_folder(unclaimed)
in_folder(without_register)
sys.exit(failed)
