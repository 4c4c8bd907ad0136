# SPDX-License-Identifier: GPL-2.0-only
"""tsv.py FFASCOPE TOOL: --tsv says what --json says, in words that never change place."""
import json
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

FFASCOPE, TOOL = (Path(sys.argv.pop(1)).resolve() for _ in range(2))
CALL = ("kind", "call", "fid", "cpu", "verdict", "by", "reason", "smcs", "status", "total", "el2", "secure", "in", "out")


def run(*args):
    return subprocess.run([FFASCOPE, *map(str, args)], capture_output=True, text=True, check=False).stdout


def table(text):
    return [line.split("\t") for line in text.splitlines()]


def word(value):
    return "-" if value is None else str(value)


def of_call(call, kind):
    time = call["time_ns"] or {"total": None, "el2": None, "secure": None}
    return [kind, call["call"], call["fid"], *(word(call[k]) for k in CALL[3:9]), word(time["total"]), word(time["el2"]),
            word(time["secure"]), ",".join(call["in"]), ",".join(call["out"])]


class Tsv(unittest.TestCase):
    def test_calls(self):
        for path in sorted((TOOL / "recordings").glob("*.ffarec")):
            for more in [], ["--no-trace"]:
                calls = [json.loads(line) for line in run("--json", "replay", *more, path).splitlines()]
                want = [of_call(c, "call") for c in calls if "verdict" in c and "task" not in c]
                if want:
                    with self.subTest(path=path.name, more=more):
                        self.assertEqual(table(run("replay", "--as", "tsv", *more, path)), want)

    def test_calls_of_drivers(self):
        path = TOOL / "recordings/watched.ffarec"
        want = []
        for line in run("--json", "replay", path).splitlines():
            c = json.loads(line)
            if "interrupt" in c:
                want.append(["interrupt", str(c["cpu"]), str(c["begin_ns"])])
            elif "task" in c:
                want.append(of_call(c, "watched") + [word(c[k]) for k in ("begin_ns", "end_ns", "tid", "pid", "task", "source")])
        self.assertEqual(table(run("replay", "--as", "tsv", path)), want)
        self.assertGreater(len(want), 20)

    def with_argument(self, path, old, new):
        """A copy of a recording whose program was started with another argument (ffascope-recording(5), chunk 6)."""
        data = path.read_bytes()
        at = 32 + struct.unpack_from("<I", data, 20)[0]
        kind, length = struct.unpack_from("<2I", data, at)
        self.assertEqual(kind, 6)
        body = data[at + 16:at + 16 + length]
        self.assertIn(f"arg={old}\0".encode(), body)
        body = body.replace(f"arg={old}\0".encode(), f"arg={new}\0".encode())
        head = struct.pack("<2I", kind, len(body))
        copy = Path(self.enterContext(tempfile.TemporaryDirectory())) / path.name
        copy.write_bytes(data[:at] + head + struct.pack("<2I", zlib.crc32(head + body), 0) + body + data[at + 16 + length:])
        return copy

    def test_a_run_that_printed_tabs_is_replayed_so(self):
        path = TOOL / "recordings/watched.ffarec"
        for word, printed in ("--tsv", True), ("--ts", True), ("--stack", False):
            copy = self.with_argument(path, "--stack", word)
            self.assertEqual(run("replay", copy) == run("replay", "--as", "tsv", copy), printed, word)
            self.assertNotEqual(run("replay", "--as", "text", copy), run("replay", "--as", "tsv", copy))

    def test_sweeps(self):
        path = TOOL / "runs/sweep.ffarec"
        want = []
        for call in json.loads(run("--json", "replay", path))["calls"]:
            head = [call["call"], call["fid"]]
            if call["skipped"]:
                want.append(["skipped", *head, call["skipped"]])
                continue
            control = call["control"]
            want.append(["control", *head, *(word(control[k]) for k in ("verdict", "by", "reason", "status"))])
            want += [["probe", *head, p["reg"], str(p["bit"]), p["rule"], p["class"],
                      *(word(p.get(k)) for k in ("verdict", "by", "reason", "status"))] for p in call["probes"]]
        self.assertEqual(table(run("replay", "--as", "tsv", path)), want)
        self.assertGreater(len(want), 100)

    def test_plans(self):
        self.assertRegex(run("call", "--tsv", "--dry-run", "id-get"), r"^plan\tFFA_ID_GET\t0x84000069\t0x84000069(,0x[0-9a-f]+){17}\n$")
        plan = table(run("sweep", "--tsv", "--dry-run"))
        self.assertEqual({line[0] for line in plan}, {"plan", "skipped"})


if __name__ == "__main__":
    unittest.main()
