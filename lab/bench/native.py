# SPDX-License-Identifier: GPL-2.0-only
"""Measures ffascope on this machine, without a device: prints one sample per line, "NAME VALUE".

Usage: native.py FFASCOPE FOLDER [--quick]; FOLDER/recording was made in the VM.
"""
import os
import sys
import time

FFASCOPE, FOLDER = sys.argv[1:3]
QUICK = "--quick" in sys.argv[3:]
LINES = 2000 if QUICK else 100000
RUNS = 10 if QUICK else 100
BATCHES = 1 if QUICK else 5


def run(words, stdin=os.devnull):
    """Run ffascope until it exits; return the time in seconds."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    ]
    begin = time.monotonic()
    pid = os.posix_spawn(FFASCOPE, ["ffascope", *words], os.environ, file_actions=actions)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    seconds = time.monotonic() - begin
    if status:
        sys.exit(f"ffascope {' '.join(words)}: exit status {status}")
    return seconds


for _ in range(RUNS):
    print("native-startup", run(["--version"]) * 1e3)
    print("native-describe", run(["describe", "notification-set"]) * 1e3)

path = os.path.join(FOLDER, "lines")
with open(path, "w", encoding="ascii") as lines:
    for i in range(LINES):
        lines.write(f"SPM(0): 0x8400007f 0x80010000 0x2 {i:#x} 0x0 0x0 0x0 0x0\n")
for _ in range(BATCHES):
    print("decode-rate", LINES / run(["decode"], path))

recording = os.path.join(FOLDER, "recording")
with open(os.path.join(FOLDER, "recorded"), encoding="ascii") as text:
    calls = int(next(line for line in text if line.startswith("FFA_")).split()[-2])
for _ in range(BATCHES):
    print("replay-rate", calls / run(["replay", recording]))
