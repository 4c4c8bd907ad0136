# SPDX-License-Identifier: GPL-2.0-only
"""nomem.py FFASCOPE NOMEM.SO RECORDINGS: runs every verb that needs no device with each allocation failing in turn.

The outcome is defined: either the run succeeds anyway (same output, same status), or the status is not 0, a
message is printed, and the output so far is a prefix of the normal output: no verdict differs.
Readers of JSON (diff, --baseline, decode --json lines) are excluded, because json-c's parser crashes without memory.
They are run, like all others, with allocations that succeed and set errno to ENOMEM: that must have no effect.
"""
import json
import os
import subprocess
import sys
import tempfile

# At most this many of a verb's allocations, spread evenly.
MOST = int(os.environ.get("NOMEM_MOST", "60"))
TOOL, PRELOAD, RECORDINGS = sys.argv[1:]
# Lines for the shell that make no call.
LINES = b"let a = 1\nlist bind\nrepeat 2\nlet b = 2\nend\nlist notification-set\n"


def run(args, at=None, on=False, log=None, stale=False):
    env = dict(os.environ, LD_PRELOAD=PRELOAD, ASAN_OPTIONS="verify_asan_link_order=0", LC_ALL="C")
    for name in ("NOMEM_AT", "NOMEM_ON", "NOMEM_LOG", "NOMEM_STALE"):
        env.pop(name, None)
    if at:
        env["NOMEM_AT"] = str(at)
    if on:
        env["NOMEM_ON"] = "1"
    if stale:
        env["NOMEM_STALE"] = "1"
    if log:
        env["NOMEM_LOG"] = log
    return subprocess.run([TOOL, *args], env=env, input=LINES if args[0] == "shell" else b"", capture_output=True,
                          timeout=60)


def whole_lines(out):
    return out[: out.rfind(b"\n") + 1]


def same_verdicts(good, out):
    """Whether each printed verdict equals the one of the same call in the normal run."""
    for a, b in zip(good.splitlines(), whole_lines(out).splitlines()):
        if json.loads(a) != json.loads(b):
            return False
    return len(whole_lines(out).splitlines()) <= len(good.splitlines())


def results(run):
    return b"".join(line for line in run.stdout.splitlines(True) if line.startswith((b"ok ", b"not ok ")))


def hold(args, good, got):
    if got.returncode < 0:
        return f"ended by signal {-got.returncode}"
    if got.returncode == good.returncode and got.stdout == good.stdout:
        return None
    if got.returncode == 0:
        return "status 0 with another output"
    if not got.stderr.removeprefix(b"ffascope:").strip():
        return f"status {got.returncode} without a message"
    if args[0] == "shell":
        # A line for which there was no memory has no output; the lines after it are carried out.
        rest = iter(good.stdout.splitlines(True))
        return None if all(line in rest for line in got.stdout.splitlines(True)) else "another output"
    if args[0] == "run":
        # KTAP says "Bail out!" instead of the results that are missing.
        return None if results(good).startswith(results(got)) else "another result"
    if "replay" in args and "--json" in args:
        return None if same_verdicts(good.stdout, got.stdout) else "another verdict"
    if not good.stdout.startswith(whole_lines(got.stdout)):
        return "printed something else before it ended"
    return None


def main():
    recording = sorted(os.path.join(RECORDINGS, name) for name in os.listdir(RECORDINGS))[0]
    verbs = [
        ["--json", "replay", recording], ["replay", recording], ["list"], ["--json", "list"],
        ["describe", "notification-set"], ["--json", "describe", "notification-get"],
        ["decode", "0x84000081", "0x10000", "2"], ["call", "--dry-run", "notification-bind", "bitmap=1"],
        ["--json", "call", "--dry-run", "notification-bind", "sender=1", "w2[9]=1"],
    ]
    failed = runs = 0
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        sweep = os.path.join(folder, "sweep.json")
        script = os.path.join(folder, "script.ffa")
        with open(script, "w") as file:
            file.write('test "no call"\n\tlet a = 1\nend\n')
        verbs += [["run", script], ["shell"]]
        with open(sweep, "wb") as file:
            file.write(run(["replay", "--as=json", os.path.join(RECORDINGS, "../runs/sweep.ffarec")]).stdout)
        for args in verbs + [["diff", sweep, sweep], ["--json", "diff", sweep, sweep]]:
            good, got = run(args), run(args, stale=True)
            runs += 1
            if (good.returncode, good.stdout, good.stderr) != (got.returncode, got.stdout, got.stderr):
                failed += 1
                print(f"FAILED  {' '.join(args)}: ENOMEM in errno: status {got.returncode}: {got.stderr.decode()}")
        for args in verbs:
            good = run(args, log=log)
            asked = int(open(log).read())
            numbers = sorted({1 + i * (asked - 1) // max(1, min(asked, MOST) - 1) for i in range(min(asked, MOST))})
            for at in numbers:
                for on in (False, True):
                    runs += 1
                    wrong = hold(args, good, run(args, at, on))
                    if wrong:
                        failed += 1
                        print(f"FAILED  {' '.join(args)}: allocation {at} of {asked}{' and on' if on else ''}: {wrong}")
    print(f"{runs} runs, {failed} failed")
    return 1 if failed or not runs else 0


sys.exit(main())
