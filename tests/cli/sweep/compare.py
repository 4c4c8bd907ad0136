# SPDX-License-Identifier: GPL-2.0-only
"""compare.py FFASCOPE BASELINES RUNS: `ffascope compare' on saved sweeps, recordings and bundles."""
import copy
import csv
import io
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

FFASCOPE, BASELINES, RUNS = (Path(sys.argv.pop(1)).resolve() for _ in range(3))
FORWARD = json.loads((BASELINES / "forward.json").read_text())


def run(*args, **kwargs):
    env = {**os.environ, "COLUMNS": "80", "LC_ALL": "C"}
    return subprocess.run([FFASCOPE, *map(str, args)], capture_output=True, text=True, check=False, env=env, **kwargs)


class Compare(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.tmp = Path(self.dir.name)

    def tearDown(self):
        self.dir.cleanup()

    def save(self, name, *changes, kernel="7.3.4-test", calls=None):
        """A sweep like forward.json; changes are (call, reg, bits, class) or (call, verdict of the control)."""
        sweep = copy.deepcopy(FORWARD)
        sweep["kernel"] = kernel
        for call in sweep["calls"]:
            short = call["call"].removeprefix("FFA_NOTIFICATION_")
            for change in changes:
                if change[0] != short:
                    continue
                if len(change) == 2:
                    call["control"]["verdict"] = change[1]
                for probe in call["probes"]:
                    if len(change) == 4 and probe["reg"] == change[1] and probe["bit"] in change[2]:
                        probe["class"] = change[3]
        if calls:
            sweep["calls"] = [c for c in sweep["calls"] if c["call"].removeprefix("FFA_NOTIFICATION_") in calls]
        path = self.tmp / name
        path.write_text(json.dumps(sweep))
        return path

    def three(self):
        return [self.save("a.json"), self.save("b.json", kernel="6.12"),
                self.save("c.json", ("SET", "w2", range(16, 32), "accepted"), ("SET", "w2", [1], "accepted"))]

    def json(self, *args, status=0):
        r = run("--json", "compare", *args)
        self.assertEqual(r.returncode, status, r.stderr)
        return json.loads(r.stdout)

    def test_equal_results_are_one_group_whatever_the_kernel(self):
        got = self.json(*self.three())
        self.assertEqual([g["sweeps"] for g in got["groups"]], [2, 1])
        self.assertEqual([(c["file"], c["group"]) for c in got["columns"]],
                         [("a.json", 0), ("b.json", 0), ("c.json", 1)])

    def with_values(self, name, **classes):
        """A sweep like forward.json whose GET tried these values."""
        path = self.save(name)
        sweep = json.loads(path.read_text())
        for call in sweep["calls"]:
            if call["call"] == "FFA_NOTIFICATION_GET":
                probe = next(p for p in call["probes"] if p["class"] == "enforced")
                call["values"] = [{**probe, "value": words, "rule": "value", "class": got}
                                  for words, got in classes.items()]
            else:
                call["values"] = []
        path.write_text(json.dumps(sweep))
        return path

    def test_values_have_rows_of_their_own(self):
        files = [self.with_values("a.json", **{"receiver=1": "enforced", "vcpu-id=65535": "accepted"}),
                 self.with_values("b.json", **{"receiver=1": "accepted", "vcpu-id=65535": "accepted"}),
                 self.with_values("c.json", **{"vcpu-id=65535": "accepted"})]
        got = self.json(*files)
        self.assertEqual([(r["call"], r["bits"], r["rule"], r["results"]) for r in got["rows"]],
                         [("FFA_NOTIFICATION_GET", "receiver=1", "value", ["enforced", "accepted", None])])
        self.assertEqual((got["differing_bits"], got["differing_values"]), (0, 1))
        self.assertEqual([c["to"] for c in got["groups"][1]["changes"]], ["accepted"])
        text = run("compare", *files).stdout
        self.assertIn("GET receiver=1: enforced -> accepted", run("-v", "compare", *files).stdout)
        self.assertIn("0 bits, 1 value and 0 controls differ", text)
        rows = list(csv.reader(io.StringIO(run("compare", "--as", "csv", *files).stdout)))
        self.assertEqual(rows[1][2:], ["receiver=1", "value", "enforced", "accepted", ""])
        self.assertIn("<td>receiver=1</td><td>value</td>", run("compare", "--as", "html", *files).stdout)
        self.assertEqual(run("compare", "--expect", files[0], files[1]).returncode, 1)

    def test_adjacent_bits_are_one_row(self):
        got = self.json(*self.three())
        self.assertEqual([(r["call"], r["bits"], r["rule"], r["results"]) for r in got["rows"]],
                         [("FFA_NOTIFICATION_SET", "w2[31:16]", "MBZ", ["enforced", "accepted"]),
                          ("FFA_NOTIFICATION_SET", "w2[1]", "MBZ", ["enforced", "accepted"])])
        self.assertEqual(got["differing_bits"], 17)
        self.assertEqual(got["groups"][1]["changes"][1],
                         {"call": "FFA_NOTIFICATION_SET", "fid": "0x84000081", "bits": "w2[1]", "rule": "MBZ",
                          "from": "enforced", "to": "accepted"})

    def test_all_shows_every_bit_once(self):
        got = self.json("--all", *self.three())
        bits = 0
        for row in got["rows"]:
            if row["bits"] == "control":
                continue
            m = re.fullmatch(r"([wx])(\d+)(?:-[wx](\d+))?(?:\[(\d+)(?::(\d+))?\])?", row["bits"])
            hi = int(m[4]) if m[4] else (63 if m[1] == "x" else 31)
            lo = int(m[5]) if m[5] else (hi if m[4] else 0)
            bits += (hi - lo + 1) * (int(m[3] or m[2]) - int(m[2]) + 1)
        self.assertEqual(bits, sum(len(call["probes"]) for call in FORWARD["calls"]))
        self.assertEqual(sum(r["bits"] == "control" for r in got["rows"]), len(FORWARD["calls"]))

    def test_a_control_with_another_verdict_is_a_row(self):
        got = self.json(self.save("a.json"), self.save("b.json", ("BIND", "rejected")))
        self.assertEqual([(r["call"], r["bits"], r["results"]) for r in got["rows"]],
                         [("FFA_NOTIFICATION_BIND", "control", ["forwarded", "rejected"])])
        self.assertEqual(got["differing_controls"], 1)

    def test_bits_that_a_sweep_did_not_try_are_not_compared(self):
        files = self.save("a.json"), self.save("b.json", calls=["SET"])
        got = self.json("--expect", *files)
        self.assertEqual((got["rows"], got["differing_bits"], got["expected"]["departs"]), ([], 0, []))
        row = self.json("--all", *files)["rows"][0]
        self.assertEqual(row["results"], ["forwarded", None])

    def test_only_the_wanted_calls(self):
        files = self.save("a.json"), self.save("b.json", ("SET", "w2", [1], "accepted"), ("GET", "w3", [5], "accepted"))
        got = self.json("--call", "notification-g*", *files)
        self.assertEqual([r["bits"] for r in got["rows"]], ["w3[5]"])
        self.assertEqual(run("compare", "--call", "nonsense", *files).returncode, 2)

    def test_text_fits_the_width(self):
        files = [self.save(f"board-{i:02}.json", ("GET", "w3", [i], "accepted")) for i in range(30)]
        for width in 80, 140:
            for some in files[:3], files:
                with self.subTest(width=width, files=len(some)):
                    r = run("compare", "--all", "--width", width, *some)
                    self.assertEqual(r.returncode, 0, r.stderr)
                    self.assertLessEqual(max(map(len, r.stdout.splitlines())), width)
        self.assertIn("30 sweeps, 30 different results", r.stdout)
        self.assertIn("GET                w3[29]", r.stdout)
        self.assertIn("E" * 29 + "A", r.stdout)

    def test_more_results_than_fit_are_shown_in_parts(self):
        files = [self.save(f"b{i}.json", ("INFO_GET_64", f"x{i // 64 + 1}", [i % 64], "secure")) for i in range(60)]
        r = run("compare", "--width", "80", *files)
        parts = re.findall(r"^Results (\d+) to (\d+)$", r.stdout, re.M)
        self.assertEqual(parts[0][0], "1")
        self.assertEqual([int(a) for a, _ in parts[1:]], [int(b) + 1 for _, b in parts[:-1]])
        self.assertEqual(parts[-1][1], "60")

    def test_csv_has_a_column_for_each_file(self):
        odd = self.tmp / 'odd, "name".json'
        shutil.copy(self.save("a.json"), odd)
        r = run("compare", "--as", "csv", odd, self.save("b.json", ("SET", "w2", [1], "unknown")))
        rows = list(csv.reader(io.StringIO(r.stdout)))
        self.assertEqual(rows, [["call", "fid", "bits", "rule", 'odd, "name".json', "b.json"],
                                ["FFA_NOTIFICATION_SET", "0x84000081", "w2[1]", "MBZ", "enforced", "unknown"]])

    def test_expect_names_who_departs(self):
        a, b, c = self.three()
        r = run("compare", "--expect", a, b, c)
        self.assertEqual(r.returncode, 1)
        self.assertIn("1 of 2 sweeps depart from a.json:\n  c.json", r.stdout)
        self.assertEqual(run("compare", "--expect", a, b).returncode, 0)
        self.assertEqual(self.json("--expect", a, b, c, status=1)["expected"],
                         {"baseline": "a.json", "departs": ["c.json"]})
        csv_run = run("compare", "--as", "csv", "--expect", a, c)
        self.assertEqual((csv_run.returncode, csv_run.stderr), (1, "ffascope: c.json departs from a.json\n"))

    def test_expect_is_not_failed_by_unknown_results(self):
        files = self.save("a.json"), self.save("b.json", ("SET", "w2", [1], "unknown"))
        self.assertEqual(run("compare", "--expect", *files).returncode, 4)

    def test_files_of_the_same_name_keep_their_folders(self):
        (self.tmp / "x").mkdir()
        a = self.save("a.json")
        other = shutil.copy(a, self.tmp / "x" / "a.json")
        self.assertEqual([c["file"] for c in self.json(a, other)["columns"]], [str(a), str(other)])

    def test_recordings_and_bundles_are_swept_again(self):
        recording = RUNS / "sweep.ffarec"
        bundle = self.tmp / "bundle.tar.gz"
        with tarfile.open(bundle, "w:gz", format=tarfile.USTAR_FORMAT) as tar:
            tar.add(recording, "sweep.ffarec")
        saved = self.tmp / "saved.json"
        saved.write_text(run("replay", "--as", "json", recording).stdout)
        got = self.json("--all", recording, bundle, saved)
        self.assertEqual([(c["file"], c["group"]) for c in got["columns"]],
                         [("sweep.ffarec", 0), ("bundle.tar.gz", 0), ("saved.json", 0)])
        self.assertGreater(len(got["rows"]), 1)

    def test_what_holds_no_sweep_is_an_error(self):
        broken = self.tmp / "broken.json"
        broken.write_text("{}")
        for path in broken, self.tmp / "none", RUNS.parent / "recordings" / "rejected.ffarec":
            with self.subTest(path=path.name):
                r = run("compare", self.save("a.json"), path)
                self.assertEqual((r.returncode, r.stdout), (5, ""), r.stderr)
                self.assertIn(path.name, r.stderr)
        self.assertEqual(run("compare").returncode, 2)

    def test_the_page_stays_small_with_hundreds_of_sweeps_and_so_does_memory(self):
        random.seed(22)
        files = []
        for i in range(100):
            changes = [("GET", "w4", [random.randrange(32)], random.choice(("accepted", "secure", "unknown")))
                       for _ in range(random.choice((0, 1, 20)))]
            files.append(self.save(f"board-{i}.json", *changes, kernel=f"6.{i % 7}.<b>"))
        page = self.tmp / "page.html"
        r = run("compare", "--as", "html", "-o", page, *files)
        self.assertEqual((r.returncode, r.stdout), (0, ""), r.stderr)
        text = page.read_text()
        self.assertLess(len(text), 600_000)
        self.assertNotIn("<b>", text.replace("&lt;b&gt;", ""))
        self.assertEqual(re.findall(r"(?:src|href)=", text), [])
        for i in range(100):
            self.assertIn(f">board-{i}.json<", text)
        if "ASAN_OPTIONS" not in os.environ:  # the sanitizer uses memory itself
            self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 200_000)

    def test_letters_of_the_page_are_those_of_the_rows(self):
        files = self.three()
        page = run("compare", "--as", "html", *files).stdout
        self.assertRegex(page, r'data-t="ffa_notification_set w2\[1\] mbz"><td>SET</td><td>w2\[1\]</td><td>MBZ</td>'
                               r'<td class="c">EA</td>')


if __name__ == "__main__":
    unittest.main()
