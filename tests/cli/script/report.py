# SPDX-License-Identifier: GPL-2.0-only
"""report.py FFASCOPE [KERNEL]: KTAP, JUnit and JSON of runs on a machine without a device."""
import json
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from counts import by_kernel, by_prove  # noqa: E402

FFASCOPE, KERNEL = sys.argv.pop(1), sys.argv.pop(1) if len(sys.argv) > 1 else ""

TEXT = """
test "needs <the> module & \\"more\\""
	require module
	call ID_GET
end
test "is made"
	call ID_GET
	expect forwarded
end
test "is not come to"
	call ID_GET
end
"""


def run(*args, text=TEXT):
    return subprocess.run([FFASCOPE, "--device", "/nonexistent", *map(str, args)], capture_output=True, text=True,
                          check=False, input=text)


class Report(unittest.TestCase):
    def test_a_skip_and_an_aborted_run(self):
        r = run("run", "-")
        self.assertEqual(r.returncode, 3)
        lines = [line for line in r.stdout.splitlines() if not line.startswith("#")]
        self.assertEqual(lines[:2], ["KTAP version 1", "1..3"])
        self.assertRegex(lines[2], r'^ok 1 stdin: needs <the> module & "more" # SKIP /nonexistent is not there')
        self.assertEqual(lines[3], "not ok 2 stdin: is made")
        self.assertEqual(lines[4], "ok 3 stdin: is not come to # SKIP the run was ended before this test")
        self.assertRegex(lines[5], "^Bail out! /nonexistent is not there")
        self.assertEqual(len(lines), 6)

    def test_the_kernels_parser_and_prove_count_the_same(self):
        r = run("run", "-")
        counts = {"passed": 0, "failed": 1, "skipped": 2}
        self.assertEqual(by_prove(r.stdout), counts)
        if KERNEL:
            self.assertEqual(by_kernel(KERNEL, r.stdout), counts)

    def test_a_machine_that_lacks_what_is_required_is_no_failure(self):
        r = run("run", "-", text="require module\ncall ID_GET\n")
        self.assertEqual(r.returncode, 0)
        self.assertRegex(r.stdout, r"(?m)^ok 1 stdin # SKIP /nonexistent is not there")
        self.assertNotIn("Bail out", r.stdout)

    def test_tracing_cannot_be_required_of_what_has_no_module(self):
        self.assertEqual(run("run", "-", text="require tracing\ncall ID_GET\n").returncode, 3)

    def test_junit(self):
        with tempfile.TemporaryDirectory() as tmp:
            path = Path(tmp) / "out.xml"
            r = run("run", "--junit", path, "-")
            self.assertEqual(r.returncode, 3)
            suite = ET.parse(path).getroot().find("testsuite")
            self.assertEqual((suite.get("tests"), suite.get("failures"), suite.get("skipped")), ("3", "1", "2"))
            cases = suite.findall("testcase")
            self.assertEqual(cases[0].get("name"), 'stdin: needs <the> module & "more"')
            self.assertIsNotNone(cases[0].find("skipped"))
            self.assertIn("/nonexistent is not there", cases[1].find("failure").get("message"))
            r = run("run", "--junit", Path(tmp) / "no" / "out.xml", "-")
            self.assertEqual(r.returncode, 5)
            self.assertEqual(r.stdout, "")

    def test_json(self):
        r = run("--json", "run", "-")
        lines = [json.loads(line) for line in r.stdout.splitlines()]
        self.assertEqual([(c["case"], c["result"]) for c in lines], [(1, "skip"), (2, "fail"), (3, "skip")])

    def test_an_empty_script_is_one_case(self):
        self.assertIn("1..1\nok 1 stdin\n", run("run", "-", text="# nothing\n").stdout)

    def test_several_files_are_one_report(self):
        r = run("run", "-", "/dev/null", text="require module\ncall ID_GET\n")
        self.assertRegex(r.stdout, r"(?s)^KTAP version 1\n1\.\.2\nok 1 stdin # SKIP .*\nok 2 null\n")


if __name__ == "__main__":
    unittest.main()
