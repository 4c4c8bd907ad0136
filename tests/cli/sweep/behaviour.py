# SPDX-License-Identifier: GPL-2.0-only
"""behaviour.py FFASCOPE BASELINES: tests `sweep' and `diff' on a machine without a device."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FFASCOPE, BASELINES = sys.argv.pop(1), Path(sys.argv.pop(1))
HERE = Path(__file__).parent
CLASSES = {"unknown", "enforced", "secure", "accepted", "blocked", "skipped"}


def run(*args, **kwargs):
    return subprocess.run([os.path.abspath(FFASCOPE), *map(str, args)], capture_output=True, text=True, check=False, **kwargs)


class Base(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.tmp = Path(self.dir.name)

    def tearDown(self):
        self.dir.cleanup()

    def refused(self, status, word, *args):
        r = run(*args)
        self.assertEqual(r.returncode, status, r.stderr)
        self.assertIn(word, r.stderr)
        self.assertEqual(r.stdout, "")
        return r


class Plan(Base):
    def plan(self, *args):
        r = run("--json", *args)
        self.assertEqual(r.returncode, 0, r.stderr)
        return json.loads(r.stdout)

    def test_default(self):
        plan = self.plan("sweep", "--dry-run", "--allow-state-change")
        self.assertEqual([c["call"].removeprefix("FFA_NOTIFICATION_") for c in plan["calls"]],
                         ["BITMAP_CREATE", "BITMAP_DESTROY", "BIND", "UNBIND", "SET", "GET", "INFO_GET",
                          "INFO_GET_64"])
        self.assertEqual([c["probes"] for c in plan["calls"]], [176, 208, 127, 128, 127, 190, 224, 1088])

    def test_without_consent(self):
        plan = self.plan("sweep", "--dry-run")
        self.assertEqual([c["call"].rpartition("_")[2] for c in plan["calls"] if c["skipped"]],
                         ["DESTROY", "BIND", "UNBIND", "SET", "GET", "64"])
        # Two flags of GET would retrieve pending notifications.
        self.assertEqual(next(c["probes"] for c in plan["calls"] if c["call"].endswith("_GET")), 188)

    def test_later_version_has_more_calls(self):
        plan = self.plan("--ffa", "1.3", "sweep", "--dry-run", "--allow-state-change")
        self.assertIn("FFA_NOTIFICATION_BIND2", [c["call"] for c in plan["calls"]])

    def test_extended_registers_count_from_1_2(self):
        one = self.plan("--ffa", "1.1", "sweep", "--dry-run", "--allow-state-change", "notification-info-get-64")
        self.assertEqual(one["calls"][0]["probes"], 7 * 64)

    def test_words(self):
        plan = self.plan("sweep", "--dry-run", "notification-get", "vcpu-id=5")
        self.assertEqual(plan["calls"][0]["in"][1], "0x50000")

    def test_a_flag_decides_what_is_reserved(self):
        # While per-vcpu is 1, the vCPU ID is a field.
        probes = [self.plan("sweep", "--dry-run", "--allow-state-change", "notification-set", word)["calls"][0]["probes"]
                  for word in ("per-vcpu=0", "per-vcpu=1")]
        self.assertEqual(probes[0] - probes[1], 16)

    def test_pattern(self):
        plan = self.plan("sweep", "--dry-run", "*id_get", "id-get")
        self.assertEqual(sorted(c["call"] for c in plan["calls"]), ["FFA_ID_GET", "FFA_SPM_ID_GET"])

    def test_text_says_the_same(self):
        r = run("sweep", "--dry-run", "--allow-state-change")
        self.assertIn("2268 probes, 46 values, and one control for each call\n", r.stdout)
        self.assertLessEqual(max(map(len, r.stdout.splitlines())), 100)


class BadInput(Base):
    def test_calls(self):
        self.refused(2, "Nearest: FFA_NOTIFICATION_GET", "sweep", "--dry-run", "notification-gett")
        self.refused(2, "has no call like x*", "sweep", "--dry-run", "x*")
        self.refused(2, "not in the catalogue", "sweep", "--dry-run", "0x84000099")
        self.refused(2, "FF-A 1.2 has no FFA_NOTIFICATION_BIND2", "sweep", "--dry-run", "notification-bind2")

    def test_words(self):
        self.refused(2, "goes with one call, not 2", "sweep", "--dry-run", "id-get", "spm-id-get", "w1=1")
        self.refused(2, "goes with one call, not 0", "sweep", "--dry-run", "w1=1")
        self.refused(2, "calls come before", "sweep", "--dry-run", "notification-get", "vcpu-id=1", "id-get")
        self.refused(2, "its fields are", "sweep", "--dry-run", "notification-get", "bitmap=1")
        self.refused(2, "begins with a well-formed call", "sweep", "--dry-run", "notification-get", "w2[31]=1")

    def test_options(self):
        self.refused(2, "give strict or spec", "sweep", "--policy", "loose")
        for option in ("--cpu", "--guard"):
            for value in ("x", "-1", "", "99999999999999999999"):
                self.refused(2, option, "sweep", option + "=" + value)

    def test_files_are_looked_at_before_the_device(self):
        missing = self.tmp / "nothing" / "file"
        self.refused(5, str(missing), "sweep", "--baseline", missing)
        self.refused(5, str(missing), "sweep", "--save", missing)
        self.refused(5, str(missing), "sweep", "--html", missing)
        bad = self.tmp / "bad"
        bad.write_text("{}")
        self.refused(5, "not an ffascope sweep", "sweep", "--baseline", bad)

    def test_without_a_device_files_stay_as_they_were(self):
        old, new = self.tmp / "old", self.tmp / "new"
        old.write_text("something dear")
        self.refused(3, "modprobe ffascope", "--device", "/nowhere/ffascope", "sweep", "--save", old, "--html", new)
        self.assertEqual(old.read_text(), "something dear")
        self.assertFalse(new.exists())


class Diff(Base):
    def test_stock_and_forward(self):
        r = run("diff", "stock.json", "forward.json", cwd=BASELINES)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertEqual(r.stdout, (HERE / "diff.txt").read_text())

    def test_json_says_the_same(self):
        r = run("--json", "diff", BASELINES / "stock.json", BASELINES / "forward.json")
        diff = json.loads(r.stdout)
        self.assertEqual((diff["changed_bits"], diff["changed_controls"], diff["not_compared"]), (2268, 7, 0))
        rows = [line.split() for line in (HERE / "diff.txt").read_text().splitlines()[4:-2]]
        self.assertEqual([(c["call"].removeprefix("FFA_NOTIFICATION_"), c["bits"]) for c in diff["changes"]],
                         [(row[0], row[1]) for row in rows])

    def test_nothing_changed(self):
        r = run("diff", BASELINES / "stock.json", BASELINES / "stock.json")
        self.assertEqual(r.returncode, 0)
        self.assertIn("0 bits changed, 0 controls got a different verdict.", r.stdout)

    def test_one_bit(self):
        sweep = json.loads((BASELINES / "forward.json").read_text())
        probe = sweep["calls"][5]["probes"][3]
        probe["class"], probe["verdict"], probe["by"] = "accepted", "forwarded", "secure-world"
        changed = self.tmp / "changed.json"
        changed.write_text(json.dumps(sweep))
        r = run("diff", BASELINES / "forward.json", changed)
        self.assertRegex(r.stdout, r"\nGET +w2\[28\] +SBZ +enforced +accepted\n\n1 bit changed")

    def test_diff_names_two_builds_of_one_release(self):
        files = [self.tmp / "a.json", self.tmp / "b.json"]
        for path, build in zip(files, ("0123456789abcdef0123", "fedcba98765432100123")):
            path.write_text((BASELINES / "stock.json").read_text().replace('"ffa":', f'"build":"{build}","ffa":', 1))
        lines = run("diff", *files).stdout.splitlines()
        self.assertEqual(lines[0], f"from {files[0]}: Linux 7.3.4-ffalab (build 0123456789ab), FF-A 1.2")
        self.assertEqual(lines[1], f"to   {files[1]}: Linux 7.3.4-ffalab (build fedcba987654), FF-A 1.2")

    def test_diff_keeps_its_columns_with_long_names(self):
        old = self.tmp / "stock-with-a-name-of-36-characters.js"
        old.write_text((BASELINES / "stock.json").read_text())
        lines = run("diff", old, BASELINES / "forward.json").stdout.splitlines()
        self.assertIn(" " + old.name + " forward.json", lines[3])
        for line, word in zip(lines[4:6], ("forwarded", "enforced")):
            self.assertEqual(line.index(word), lines[3].index("forward.json"))

    def test_a_call_that_only_one_has(self):
        sweep = json.loads((BASELINES / "forward.json").read_text())
        del sweep["calls"][0]
        less = self.tmp / "less.json"
        less.write_text(json.dumps(sweep))
        r = run("diff", less, BASELINES / "forward.json")
        self.assertRegex(r.stdout, r"\nBITMAP_CREATE +control +not swept +forwarded DENIED\n")
        self.assertIn("only one of the sweeps has 176 bits", r.stdout)

    def test_bad_files(self):
        whole = (BASELINES / "stock.json").read_text()
        for text, word in ((whole[:1000], "cut off"), (whole + whole, "follows the sweep"), ("", "cut off, or empty"),
                           (whole.replace("blocked", "bloked", 1), "calls[0].probes[0]: \"class\""),
                           ("\x7fELF", "not JSON")):
            bad = self.tmp / "bad.json"
            bad.write_text(text)
            self.refused(5, word, "diff", BASELINES / "stock.json", bad)
            self.refused(5, word, "diff", bad, BASELINES / "stock.json")
        self.refused(5, "No such file", "diff", self.tmp / "none", BASELINES / "stock.json")
        self.refused(5, "Is a directory", "diff", self.tmp, BASELINES / "stock.json")

    def test_two_files(self):
        self.refused(2, "which two sweeps?", "diff")
        self.refused(2, "which two sweeps?", "diff", "a")
        self.refused(2, "not more", "diff", "a", "b", "c")


class Schema(Base):
    """The JSON object of a sweep, as the manual describes it."""

    def test_baselines(self):
        for path in sorted(BASELINES.glob("*.json")):
            with self.subTest(path=path.name):
                self.check(json.loads(path.read_text()))

    def check(self, sweep):
        self.assertEqual(set(sweep), {"kernel", "ffa", "calls", "policy", "findings"})
        for call in sweep["calls"]:
            self.assertEqual(set(call), {"call", "fid", "skipped", "control", "probes", "summary"})
            self.assertEqual(set(call["summary"]), CLASSES)
            self.assertEqual(set(call["control"]), {"call", "fid", "in", "out", "verdict", "by", "reason", "smcs",
                                                    "rebuilt", "evidence", "inferred", "status", "status_code", "violations"})
            self.assertEqual(call["control"]["violations"], [])
            for probe in call["probes"]:
                self.assertEqual(set(probe), {"reg", "bit", "rule", "class", "verdict", "by", "status"})
                self.assertIn(probe["class"], CLASSES)
            for name in CLASSES:
                self.assertEqual(call["summary"][name], sum(p["class"] == name for p in call["probes"]))
        for finding in sweep["findings"]:
            self.assertEqual(set(finding), {"call", "fid", "bits", "rule", "class", "text"})


if __name__ == "__main__":
    unittest.main()
