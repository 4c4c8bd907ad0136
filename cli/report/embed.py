#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""embed.py NAME FILE: the text of a file as a C string of that name."""
import sys

name, path = sys.argv[1:]
print(f"static const char {name}[] =")
for line in open(path, encoding="utf-8"):
    line = line.strip("\n")
    for old, new in (("\\", "\\\\"), ('"', '\\"'), ("\t", "\\t"), ("?", "\\?")):
        line = line.replace(old, new)
    print(f'\t"{line}\\n"')
print("\t;")
