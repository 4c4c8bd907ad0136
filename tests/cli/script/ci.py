# SPDX-License-Identifier: GPL-2.0-only
"""ci.py EXAMPLES: tests the CI examples against LAVA's schema, and their helper scripts with stubs for the programs they call."""
import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

# Debian's python3-yaml and lava-common, for any python3.
sys.path.append("/usr/lib/python3/dist-packages")
try:
    import yaml
except ImportError:
    yaml = None
try:
    from lava_common import schemas
    from lava_common.schemas.test import testdef
except ImportError:
    schemas = None

EXAMPLES = Path(sys.argv.pop(1))


def program(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


class Examples(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = Path(tmp.name)
        self.env = {**os.environ, "PATH": f"{self.dir}:/usr/bin:/bin", "LOG": str(self.dir / "log")}

    @unittest.skipUnless(yaml and schemas, "the package lava-common is not installed")
    def test_lava_takes_the_job(self):
        job = yaml.safe_load((EXAMPLES / "lava/job.yaml").read_text())
        schemas.validate(job, strict=True)
        testdef.validate(job["actions"][2]["test"]["definitions"][0]["repository"])
        del job["actions"][0]["deploy"]["to"]
        with self.assertRaises(Exception):
            schemas.validate(job, strict=True)

    def lava(self, ktap):
        program(self.dir / "lava-test-case", 'echo "$@" >>"$LOG"\n')
        (self.dir / "log").write_text("")
        subprocess.run([EXAMPLES / "lava/ktap-to-lava"], input=ktap, env=self.env, text=True, check=True,
                       capture_output=True)
        return (self.dir / "log").read_text().splitlines()

    def test_lava_is_told_of_each_case(self):
        self.assertEqual(self.lava("KTAP version 1\n1..3\n# about: ok 1 not\nok 1 a: b & (c)\nnot ok 2 a: d\n"
                                   "ok 3 a: e # SKIP not here\n# Totals: pass:1 fail:1 skip:1\n"),
                         ["a-b-c- --result pass", "a-d --result fail", "a-e --result skip"])

    def test_lava_is_told_of_what_did_not_come(self):
        self.assertEqual(self.lava("KTAP version 1\n1..2\nok 1 a\n"), ["a --result pass", "all-cases-came --result fail"])
        self.assertEqual(self.lava(""), ["all-cases-came --result fail"])
        self.assertEqual(self.lava("KTAP version 1\n1..1\nnot ok 1 a\nBail out! no module\n"),
                         ["a --result fail", "bail-out --result fail"])

    @unittest.skipUnless(yaml, "no python3-yaml")
    def test_the_workflow_is_one(self):
        workflow = yaml.safe_load((EXAMPLES / "github/ffa-smoke.yml").read_text())
        self.assertIn(True, workflow)  # the key `on', as YAML 1.1 parses it
        steps = workflow["jobs"]["smoke"]["steps"]
        self.assertTrue(all(("run" in s) != ("uses" in s) for s in steps))
        script = next(s["run"] for s in steps if "ffascope run" in s.get("run", ""))
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)

    def kselftest(self, status, missing=False):
        folder = self.dir / "selftests"
        folder.mkdir(exist_ok=True)
        (folder / "a.ffa").write_text("call ID_GET\n")
        script = folder / "ffascope.sh"
        script.write_text((EXAMPLES / "kselftest/ffascope.sh").read_text())
        program(self.dir / "id", "echo 0\n")
        program(self.dir / "modprobe", "exit 0\n")
        if not missing:
            program(self.dir / "ffascope", f'echo "$@" >"$LOG"\nexit {status}\n')
        r = subprocess.run(["sh", script], env=self.env, capture_output=True, text=True, check=False)
        return r.returncode

    def test_kselftest_statuses(self):
        self.assertEqual(self.kselftest(0, missing=True), 4)
        for status, wanted in ((0, 0), (1, 1), (2, 1), (3, 4), (4, 1), (5, 1)):
            with self.subTest(status=status):
                self.assertEqual(self.kselftest(status), wanted)
                self.assertEqual((self.dir / "log").read_text(), "run ./a.ffa\n")


if __name__ == "__main__":
    unittest.main()
