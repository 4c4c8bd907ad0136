#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Lines per second that decode reads from stdin, by CPU time on one core."""
import resource
import subprocess
import sys
import tempfile

LINES = 1_000_000
WANTED = 500_000  # lines a second
IDENTIFIERS = (0x8400007D, 0x8400007E, 0x8400007F, 0x84000080, 0x84000081, 0x84000082, 0x84000083,
               0xC4000083, 0x84000069, 0x84000064, 0x8400006F, 0xC400006F)


def main():
    with tempfile.TemporaryFile() as lines, open("/dev/null", "wb") as null:
        for i in range(LINES):
            lines.write(b"VERBOSE: SPM(0): 0x%x 0x%x 0x%x 0x%x 0x%x 0x0 0x0 0x0\n" % (
                IDENTIFIERS[i % len(IDENTIFIERS)], i * 7919 & 0x1FFFF, i & 0xF, i * 31 & 0xFF,
                i & 1))
        lines.seek(0)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.argv[1], "decode"], stdin=lines, stdout=null, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    rate = LINES / used
    print(f"{LINES} lines in {used:.2f} s of CPU time: {rate:.0f} lines a second")
    return rate < WANTED


sys.exit(main())
