# SPDX-License-Identifier: GPL-2.0-only
"""review.py FOLDER [--mail FILE] [--html FILE] [--color]: the table of a reviewed series. lab/lib/review.sh fills FOLDER.

FOLDER has a folder for each commit, named by its number, 000 for the base: commit (its ID, then its message), status
(done, does-not-apply, build-failed, boot-failed or sweep-failed), build.log, and when it ran sweep.json, diff.json (against
the last commit that was swept) and scripts (a line for each: its exit status and name). Exits 1 if a commit failed,
weakens a check, fails a script, or does not do what its message says.
"""
import argparse
import json
import re
import sys
import textwrap
from pathlib import Path

import claims
import page

MAIL_WIDTH = 72
# Diagnostics of the compiler, the linker and modpost.
WARNING = re.compile(r"(?:^|[\s:])warning: |^WARNING: ", re.I)
ERROR = re.compile(r"\berror: |\bError \d+$|\bundefined reference\b")


class Row:
    """What one commit did."""

    def __init__(self, folder):
        self.folder, self.number = folder, int(folder.name)
        self.id, _, self.message = (folder / "commit").read_text(encoding="utf-8", errors="replace").partition("\n")
        self.subject, _, self.body = self.message.strip().partition("\n")
        self.status = self.read("status").strip() or "not-tried"
        log = self.read("build.log")
        self.warnings = list(dict.fromkeys(line.strip() for line in log.splitlines() if WARNING.search(line)))
        self.error = next((line.strip() for line in log.splitlines() if ERROR.search(line)), "")
        self.sweep, self.diff = self.load("sweep.json"), self.load("diff.json")
        self.against = self.read("against").strip()
        self.scripts = [line.split(maxsplit=1) for line in self.read("scripts").splitlines()]
        self.changes = self.diff["changes"] if self.diff else []
        self.notes = []

    def read(self, name):
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def load(self, name):
        text = self.read(name)
        return json.loads(text) if text else None

    def calls(self):
        return {call["call"]: call for call in self.sweep["calls"] if not call["skipped"]}

    def failed_scripts(self):
        return [name for status, name in self.scripts if status != "0"]

    def bad(self):
        return self.status != "done" or bool(self.notes or self.failed_scripts()) or any(map(is_regression, self.changes))


def one(value):
    """A class, or a control's verdict and status."""
    if value is None:
        return "not swept"
    return f"{value['verdict']} {value['status'] or ''}".strip() if isinstance(value, dict) else value


def is_regression(change):
    """A reserved bit that is no longer refused by EL2, or a well-formed call that no longer leaves it."""
    before, after = change["from"], change["to"]
    if before is None or after is None:
        return False
    if isinstance(before, dict):
        return before["verdict"] == "forwarded" and after["verdict"] != "forwarded"
    return before == "enforced" and after != "enforced"


def line_of(change):
    return f"{claims.short(change['call'])} {change['bits']}: {one(change['from'])} -> {one(change['to'])}"


def state(row):
    words = {"done": "ok", "does-not-apply": "does not apply", "build-failed": "BUILD FAILED", "boot-failed": "BOOT FAILED",
             "sweep-failed": "SWEEP FAILED", "not-tried": "not tried"}
    return words[row.status]


def wrap(mark, text, width):
    return textwrap.wrap(text, width, initial_indent=f"     {mark} ", subsequent_indent="       ", break_long_words=True)


def details(row, width, red=lambda text: text):
    """The lines below a row."""
    if row.error and row.status != "done":
        yield from wrap("!", row.error, width)
    for warning in row.warnings:
        yield from wrap("!", warning, width)
    for change in row.changes:
        if is_regression(change):
            yield from map(red, wrap("!", f"REGRESSION {line_of(change)}", width))
        else:
            yield from wrap(" ", line_of(change), width)
    if row.status == "done" and row.diff and not row.changes:
        yield from wrap(" ", "no reserved bit changes hands", width)
    for name in row.failed_scripts():
        yield from map(red, wrap("!", f"script {name} failed", width))
    for note in row.notes:
        yield from map(red, wrap("!", note, width))


def text(rows, width, red=lambda text: text):
    yield f"{'':>3}  {'commit':12}  {'state':14} {'warnings':>8} {'scripts':>7}"
    for row in rows:
        scripts = f"{len(row.scripts) - len(row.failed_scripts())}/{len(row.scripts)}" if row.scripts else "-"
        name = "base" if row.number == 0 else f"{row.number:3d}"
        yield f"{name:>4} {row.id[:12]:12}  {state(row):14} {len(row.warnings) if row.status != 'not-tried' else '-':>8} {scripts:>7}"
        yield from textwrap.wrap(row.subject, width, initial_indent="     ", subsequent_indent="     ")
        yield from details(row, width, red)
    bad = [row for row in rows if row.number and row.bad()]
    yield ""
    swept = sum(row.status == "done" for row in rows if row.number)
    yield from textwrap.wrap(f"{swept} of {sum(row.number > 0 for row in rows)} commits swept; "
                             + (f"look at {', '.join(str(row.number) for row in bad)}" if bad else "each does what its message says"), width)


def judge(rows):
    """Hold each commit's message against the sweeps before and after it."""
    last = None
    for row in rows:
        if row.status == "done":
            if last is not None and row.number:
                changed = list(dict.fromkeys(change["call"] for change in row.changes))
                row.notes = claims.check(row.subject, row.body, last.calls(), row.calls(), changed)
            last = row


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mail")
    parser.add_argument("--html")
    parser.add_argument("--color", action="store_true")
    args = parser.parse_args()
    rows = [Row(path) for path in sorted(args.folder.iterdir()) if path.name.isdigit()]
    judge(rows)
    red = (lambda line: f"\033[31m{line}\033[0m") if args.color else (lambda line: line)
    print("\n".join(text(rows, 110, red)))
    if args.mail:
        Path(args.mail).write_text("\n".join(text(rows, MAIL_WIDTH)) + "\n", encoding="utf-8")
    if args.html:
        Path(args.html).write_text(page.page(rows, is_regression, line_of, state), encoding="utf-8")
    return 1 if any(row.bad() for row in rows if row.number) else 0


if __name__ == "__main__":
    sys.exit(main())
