# SPDX-License-Identifier: GPL-2.0-only
"""ci.py EXAMPLES [KERNEL-SOURCE]: tests the CI examples against LAVA's schema, and runs each of their steps as its runner
does, with stubs for the programs they call."""
import os
import shutil
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

EXAMPLES = Path(sys.argv[1])
KERNEL = Path(sys.argv[2] or "/none")
del sys.argv[1:]
FAILED = "KTAP version 1\n1..2\n# a.ffa:3: expect rejected\nnot ok 1 a: b\nok 2 a: c # SKIP no tracing\n"


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
    def test_lava_takes_the_jobs(self):
        for name in ("qemu", "board"):
            with self.subTest(name):
                job = yaml.safe_load((EXAMPLES / f"lava/{name}.yaml").read_text())
                schemas.validate(job, strict=True)
                testdef.validate(job["actions"][2]["test"]["definitions"][0]["repository"])
                del job["actions"][0]["deploy"]["to"]
                with self.assertRaises(Exception):
                    schemas.validate(job, strict=True)

    def lava(self, ktap):
        program(self.dir / "lava-test-case", 'echo "$@" >>"$LOG"\n')
        (self.dir / "log").write_text("")
        r = subprocess.run([EXAMPLES / "lava/ktap-to-lava"], input=ktap, env=self.env, text=True, check=True,
                           capture_output=True)
        self.shown = r.stdout
        return (self.dir / "log").read_text().splitlines()

    def test_lava_is_told_of_each_case(self):
        self.assertEqual(self.lava("KTAP version 1\n1..3\n# about: ok 1 not\nok 1 a: b & (c)\nnot ok 2 a: d\n"
                                   "ok 3 a: e # SKIP not here\n# Totals: pass:1 fail:1 skip:1\n"),
                         ["a-b-c- --result pass", "a-d --result fail", "a-e --result skip"])

    def test_lava_is_told_of_what_did_not_come(self):
        self.assertEqual(self.lava("KTAP version 1\n1..2\nok 1 a\n"), ["a --result pass", "all-cases-came --result fail"])
        self.assertIn("1 of 2 announced cases came", self.shown)
        self.assertEqual(self.lava(""), ["all-cases-came --result fail"])
        self.assertEqual(self.lava("KTAP version 1\n1..1\nnot ok 1 a\nBail out! no module\n"),
                         ["a --result fail", "bail-out --result fail"])

    def test_reasons_stand_between_the_marks_of_their_case(self):
        self.lava(FAILED + "# Totals: pass:0 fail:1 skip:1\n")
        self.assertEqual(self.shown, "<LAVA_SIGNAL_STARTTC a-b>\nKTAP version 1\n1..2\n# a.ffa:3: expect rejected\n"
                         "not ok 1 a: b\n<LAVA_SIGNAL_ENDTC a-b>\n"
                         "<LAVA_SIGNAL_STARTTC a-c>\nok 2 a: c # SKIP no tracing\n<LAVA_SIGNAL_ENDTC a-c>\n"
                         "# Totals: pass:0 fail:1 skip:1\n")

    def lava_steps(self, name, ktap, status, insmod=0):
        """Runs a job's steps as lava-test-runner does: one file, under sh -e."""
        job = yaml.safe_load((EXAMPLES / f"lava/{name}.yaml").read_text())
        test = job["actions"][2]["test"]["definitions"][0]
        opt = self.dir / "opt/ffascope-1-arm64"
        (opt / "examples").mkdir(parents=True, exist_ok=True)
        if not (opt / "examples/ci").exists():
            (opt / "examples/ci").symlink_to(EXAMPLES)
        (self.dir / "ktap").write_text(ktap)
        program(opt / "ffascope", f'echo "$@" >"$LOG.run"\ncat {self.dir}/ktap\nexit {status}\n')
        program(self.dir / "insmod", f"exit {insmod}\n")
        program(self.dir / "lava-test-case", 'name=$1; shift\nif [ "$1" = --shell ]; then\n shift\n eval "$*" &&\n'
                ' echo "$name pass" >>"$LOG" || echo "$name fail" >>"$LOG"\nelse\n echo "$name $2" >>"$LOG"\nfi\nexit 0\n')
        lines = [f"{key}='{value}'" for key, value in test["repository"]["params"].items()]
        lines += [step.replace("/opt/", f"{self.dir}/opt/") for step in test["repository"]["run"]["steps"]]
        run = self.dir / "run.sh"
        run.write_text("\n".join(lines) + "\n")
        (self.dir / "log").write_text("")
        r = subprocess.run(["sh", "-e", run], env=self.env, text=True, check=False, capture_output=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual((self.dir / "log.run").read_text(), "run --allow-state-change examples/smoke/forward.ffa\n")
        return (self.dir / "log").read_text().splitlines()

    @unittest.skipUnless(yaml, "no python3-yaml")
    def test_lava_hears_of_each_case_though_the_script_fails(self):
        for name in ("qemu", "board"):
            with self.subTest(name):
                self.assertEqual(self.lava_steps(name, FAILED, 1), ["module-loads pass", "a-b fail", "a-c skip"])
                self.assertEqual(self.lava_steps(name, "", 139), ["module-loads pass", "all-cases-came fail"])
                self.assertEqual(self.lava_steps(name, "KTAP version 1\n1..1\nnot ok 1 a\nBail out! gone\n", 3, insmod=1),
                                 ["module-loads fail", "a fail", "bail-out fail"])

    @unittest.skipUnless(yaml, "no python3-yaml")
    def test_the_workflow_is_one(self):
        workflow = yaml.safe_load((EXAMPLES / "github/ffa-smoke.yml").read_text())
        self.assertIn(True, workflow)  # the key `on', as YAML 1.1 parses it
        steps = workflow["jobs"]["smoke"]["steps"]
        self.assertTrue(all(("run" in s) != ("uses" in s) for s in steps))

    def workflow(self, status=0, modprobe=0):
        """Runs the workflow's steps up to the first that fails, with `bash -e FILE', the default where a step names no
        shell. Returns the names of the steps that ran, and what the last one ended with."""
        program(self.dir / "sudo", 'exec "$@"\n')
        program(self.dir / "modprobe", f"exit {modprobe}\n")
        program(self.dir / "ffascope", f'echo "$@" >>"$LOG"\n[ "$1" != run ] || {{ echo "KTAP version 1"; exit {status}; }}\n')
        (self.dir / "log").write_text("")
        ran, result = [], 0
        for step in yaml.safe_load((EXAMPLES / "github/ffa-smoke.yml").read_text())["jobs"]["smoke"]["steps"]:
            if "run" not in step or result != 0:
                continue
            self.assertNotIn("shell", step)
            script = self.dir / "step.sh"
            script.write_text(step["run"])
            env = {**self.env, **{k: "forward.ffa" for k in step.get("env", {})}}
            result = subprocess.run(["bash", "-e", script], env=env, cwd=self.dir, check=False, capture_output=True).returncode
            ran.append(step["name"])
        return len(ran), result

    @unittest.skipUnless(yaml, "no python3-yaml")
    def test_a_failing_step_fails_the_workflow(self):
        self.assertEqual(self.workflow(), (3, 0))
        self.assertEqual((self.dir / "log").read_text().splitlines()[-1], "run --allow-state-change --junit ffascope.xml "
                         "--record ffascope.ffarec examples/smoke/forward.ffa")
        self.assertEqual((self.dir / "ffascope.ktap").read_text(), "KTAP version 1\n")
        for status in (1, 3, 4):
            self.assertEqual(self.workflow(status), (3, status))
        self.assertEqual(self.workflow(modprobe=1), (1, 1))

    def kselftest_folder(self, status, missing=False):
        folder = self.dir / "ffascope"
        folder.mkdir(exist_ok=True)
        (folder / "a.ffa").write_text("call ID_GET\n")
        for file in (EXAMPLES / "kselftest").iterdir():
            shutil.copy(file, folder)
        program(self.dir / "id", "echo 0\n")
        program(self.dir / "modprobe", "exit 0\n")
        if not missing:
            program(self.dir / "ffascope.stub", f'echo "$@" >"$LOG"\necho "KTAP version 1"\nexit {status}\n')
            (self.dir / "bin").mkdir(exist_ok=True)
            (self.dir / "ffascope.stub").rename(self.dir / "bin/ffascope")
        return folder

    def kselftest(self, status, missing=False, args=()):
        folder = self.kselftest_folder(status, missing)
        env = {**self.env, "PATH": f"{self.dir}/bin:{self.env['PATH']}"}
        return subprocess.run(["sh", folder / "ffascope.sh", *args], env=env, capture_output=True, check=False).returncode

    def test_kselftest_statuses(self):
        self.assertEqual(self.kselftest(0, missing=True), 4)
        for status, wanted in ((0, 0), (1, 1), (2, 1), (3, 4), (4, 1), (5, 1)):
            with self.subTest(status=status):
                self.assertEqual(self.kselftest(status), wanted)
                self.assertEqual((self.dir / "log").read_text(), "run ./a.ffa\n")

    def test_kselftest_runs_no_script_that_changes_state_without_consent(self):
        folder = self.kselftest_folder(0)
        program(self.dir / "bin/ffascope", 'echo "$@" >>"$LOG"\ncase $* in *--allow-state-change*) exit 0 ;; esac\n'
                'echo "a.ffa:1:1: this call takes ... Use --allow-state-change to make it anyway" >&2\nexit 2\n')
        env = {**self.env, "PATH": f"{self.dir}/bin:{self.env['PATH']}"}
        (self.dir / "log").unlink(missing_ok=True)
        r = subprocess.run(["sh", folder / "ffascope.sh"], env=env, text=True, check=False, capture_output=True)
        self.assertEqual((r.returncode, (self.dir / "log").read_text()), (4, "run --check ./a.ffa\n"))
        self.assertIn("# SKIP the scripts change state", r.stdout)
        r = subprocess.run(["sh", folder / "ffascope.sh", "--allow-state-change"], env=env, check=False, capture_output=True)
        self.assertEqual(r.returncode, 0)

    @unittest.skipUnless((KERNEL / "tools/testing/selftests/kselftest/runner.sh").is_file(), "no kernel source")
    def test_the_kernels_runner_takes_the_wrapper(self):
        selftests = KERNEL / "tools/testing/selftests"
        for file in ("kselftest/runner.sh", "kselftest/ktap_helpers.sh", "kselftest/prefix.pl"):
            (self.dir / file).parent.mkdir(exist_ok=True)
            shutil.copy(selftests / file, self.dir / file)
        script = ('BASE_DIR=$1; cd "$1"; . kselftest/runner.sh; . kselftest/ktap_helpers.sh\n'
                  'cd ffascope; ktap_print_header; ktap_set_plan 1\nDIR=ffascope; run_many ffascope.sh; ktap_finished\n')
        for status, wanted in ((0, "ok 1 selftests: ffascope: ffascope.sh"),
                               (1, "not ok 1 selftests: ffascope: ffascope.sh # exit=1"),
                               (3, "ok 1 selftests: ffascope: ffascope.sh # SKIP")):
            with self.subTest(status=status):
                self.kselftest_folder(status)
                env = {**self.env, "PATH": f"{self.dir}/bin:{self.env['PATH']}",
                       "KSELFTEST_FFASCOPE_SH_ARGS": "--allow-state-change"}
                r = subprocess.run(["sh", "-c", script, "sh", self.dir], env=env, text=True, check=False, capture_output=True)
                self.assertIn(wanted, r.stdout.splitlines(), r.stderr)
                self.assertIn("# timeout set to 120", r.stdout)
                self.assertEqual((self.dir / "log").read_text(), "run --allow-state-change ./a.ffa\n")


if __name__ == "__main__":
    unittest.main()
