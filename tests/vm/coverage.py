# SPDX-License-Identifier: GPL-2.0-only
"""coverage.py COUNTS EXEC-LOG: compares how often each block at EL2 ran, as the plugin and as QEMU's log (-d exec) say.

The log has a line for each block that QEMU begins, and one for each that it abandons before its first instruction.
"""
import re
import sys
from collections import Counter

BEGUN = re.compile(r"^Trace \d+: 0x[0-9a-f]+ \[[0-9a-f]+/([0-9a-f]+)/")
ABANDONED = re.compile(r"^Stopped execution of TB chain before 0x[0-9a-f]+ \[([0-9a-f]+)\]")


def main():
    counts, log = sys.argv[1:]
    slide, plugin, qemu = None, Counter(), Counter()
    with open(counts, encoding="ascii") as lines:
        for line in lines:
            kind, *rest = line.split()
            if kind == "slide":
                slide = int(rest[0], 16)
            elif kind == "block":
                plugin[(int(rest[0], 16) + slide) % 2**64] += sum(int(rest[i]) for i in (1, 4, 7))
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if m := BEGUN.match(line):
                qemu[int(m.group(1), 16)] += 1
            elif m := ABANDONED.match(line):
                qemu[int(m.group(1), 16)] -= 1
    wrong = [addr for addr in plugin.keys() | qemu.keys() if plugin[addr] != qemu[addr]]
    print(f"{sum(plugin.values())} runs of {len(+plugin)} blocks in the plugin, {sum(qemu.values())} of {len(+qemu)} in QEMU's log; "
          f"{len(wrong)} differ")
    for addr in sorted(wrong)[:20]:
        print(f"  {addr:#x}: plugin {plugin[addr]}, QEMU {qemu[addr]}")
    return 1 if wrong or not plugin else 0


if __name__ == "__main__":
    sys.exit(main())
