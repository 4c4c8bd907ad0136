#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Register layouts are defined only in cli/ffa.

Searches the other folders that handle registers for signs of one: a field extracted from a
register by number, a function identifier, a macro that builds masks. (x2 >> 32 is permitted: the upper
half of a w register belongs to no layout.)
"""
import pathlib
import re
import sys

CLI = pathlib.Path(sys.argv[1])
FOLDERS = ("verbs", "verdict", "report", "session")
SIGNS = {
    "a field by number": r"ffa_bits_(?:get|set)\s*\([^;]*,\s*\d+\s*,\s*\d+",
    "bits of a register": r"\bx\[\w+\]\s*(?:>>\s*(?!32\b)\w+|&\s*~?\s*(?:0x|\d|\())",
    "a function identifier": r"0x[8c]40000[6-9a-f][0-9a-f]",
    "a mask": r"\bGENMASK|\bFIELD_(?:GET|PREP)\b",
    "a row of its own": r"struct ffa_(?:field|restriction|alias)\s+\w+\[[^]]*\]\s*=",
}
COMMENTS_AND_STRINGS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"', re.DOTALL)


def main():
    found = files = 0
    for folder in FOLDERS:
        for path in sorted((CLI / folder).glob("*.[ch]")):
            files += 1
            # Keep the newlines, for the line numbers.
            text = COMMENTS_AND_STRINGS.sub(lambda m: "\n" * m.group().count("\n"),
                                            path.read_text())
            for what, sign in SIGNS.items():
                for match in re.finditer(sign, text, re.IGNORECASE):
                    line = text.count("\n", 0, match.start()) + 1
                    print(f"{path}:{line}: {what}: {' '.join(match.group().split())}")
                    found += 1
    print(f"{files} files")
    return bool(found) or not files


sys.exit(main())
