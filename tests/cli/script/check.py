# SPDX-License-Identifier: GPL-2.0-only
"""check.py FFASCOPE PAGE EXAMPLES: `run --check': mistakes, the grammar of the page rule by rule, the examples."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FFASCOPE, PAGE, EXAMPLES = str(Path(sys.argv.pop(1)).resolve()), Path(sys.argv.pop(1)), Path(sys.argv.pop(1))


def run(*args, **kwargs):
    return subprocess.run([FFASCOPE, *map(str, args)], capture_output=True, text=True, check=False, **kwargs)


def check(text, *options):
    return run(*options, "run", "--check", "-", input=text)


# For each rule of the page: accepted and rejected examples.
RULES = {
    "script": (["", "\n\n", "call ID_GET\ncall ID_GET\n"], ["call ID_GET call"]),
    "line": (["# only\n", "  call ID_GET # and more\n", "call ID_GET"], ["# \x01", "call ID_GET \"#"]),
    "statement": (["call ID_GET\nexpect SUCCESS\nlet a = 1\nrequire module\ncpu 1\non-failure stop\n"
                   "test \"t\"\nend\nrepeat 2\ncall ID_GET\nend\nparallel\ncpu 1\ncall ID_GET\nend\ncleanup\nend\n"], ["poke ID_GET", "CALL ID_GET"]),
    "call": (["call ID_GET", "call ffa_id_get", "call 0x84000069", "call VERSION version=1.2"],
             ["call", "call NO_SUCH", "call --cpu 1 ID_GET", "call 0x184000069"]),
    "assignment": (["call ID_GET w1=1 x17[63:32]=0xff w2[9]=1", "call NOTIFICATION_GET receiver=1"],
                   ["call ID_GET w1", "call ID_GET =1", "call ID_GET w1 = 1", "call ID_GET vm-id=1"]),
    "expect": (["call ID_GET\nexpect SUCCESS", "call ID_GET\nexpect forwarded SUCCESS id=1"],
               ["call ID_GET\nexpect", "expect SUCCESS"]),
    "term": (["call ID_GET\nexpect forwarded", "call ID_GET\nexpect DENIED", "call ID_GET\nexpect id=0"],
             ["call ID_GET\nexpect yes"]),
    "verdicts": (["call ID_GET\nexpect rejected|answered"],
                 ["call ID_GET\nexpect rejected|", "call ID_GET\nexpect |rejected",
                  "call ID_GET\nexpect rejected answered", "call ID_GET\nexpect rejected | answered"]),
    "verdict": ([f"call ID_GET\nexpect {v}" for v in ("rejected", "answered", "forwarded", "unknown")],
                ["call ID_GET\nexpect refused"]),
    "statuses": (["call ID_GET\nexpect SUCCESS|denied|NO_DATA"], ["call ID_GET\nexpect DENIED|forwarded"]),
    "comparison": (["call ID_GET\nexpect w2=5"], ["call ID_GET\nexpect w2 = 5", "call ID_GET\nexpect w2="]),
    "operand": (["call ID_GET\nexpect w2=5 id=5 smcs=1"], ["call ID_GET\nexpect cpu=5", "call ID_GET\nexpect =5"]),
    "operator": ([f"call ID_GET\nexpect w2{op}5" for op in ("=", "==", "!=", "<", "<=", ">", ">=")],
                 ["call ID_GET\nexpect w2!5", "call ID_GET\nexpect w2=>5", "call ID_GET\nexpect w2~5"]),
    "register": (["call ID_GET\nexpect w0=1 x17=1 w2[9]=1 w2[31:0]=1 x3[63:62]=3"],
                 ["call ID_GET\nexpect w18=1", "call ID_GET\nexpect w1[32]=1", "call ID_GET\nexpect x1[1:2]=1",
                  "call ID_GET\nexpect w1[=1", "call ID_GET\nexpect y1=1"]),
    "let": (["let a = 1", "let a=1", "let a= 1\nlet b = $a", "call ID_GET\nlet a = id\nlet b = x3\nlet c = smcs"],
            ["let a", "let = 1", "let a = 1 + 1", "let a = id"]),
    "variable": (["let a = 1\ncall ID_GET w1=$a w2=${a}"],
                 ["call ID_GET w1=$a", "let a = 1\ncall ID_GET w1=${a", "call ID_GET w1=$"]),
    "value": (["let a = 1\ncall FEATURES feature=sri\ncall FEATURES feature=2\ncall FEATURES feature=$a"],
              ["call FEATURES feature=srl"]),
    "require": (["require forwarding ID_GET", "require ffa 1.2", "require tracing", "require module"],
                ["require", "require ffa", "require forwarding", "require root", "require module now"]),
    "include": (["include \"/dev/null\"", "include /dev/null"], ["include", "include /nonexistent", "include a b"]),
    "cpu": (["cpu 0", "cpu 4095", "cpu all", "cpu any", "let n = 1\ncpu $n"],
            ["cpu", "cpu 4096", "cpu some", "cpu 0 1", "cpu $n"]),
    "on-failure": (["on-failure stop", "on-failure continue"], ["on-failure", "on-failure go"]),
    "test": (["test \"a\"\nend", "test \"a b\"\ncall ID_GET\nend"],
             ["test a\nend", "test\nend", "test \"a\"", "test \"a\"\ntest \"b\"\nend\nend", "test \"a\"\nend\nend"]),
    "repeat": (["repeat 2\ncall ID_GET\nend", "repeat 0x10\ncall ID_GET\nend",
                "let n = 1\nrepeat $n\ncall ID_GET\nend"],
               ["repeat 0\ncall ID_GET\nend", "repeat\ncall ID_GET\nend", "repeat 2\nend", "repeat 2\ncall ID_GET"]),
    "parallel": (["let a = 1\nparallel\ncpu $a\ncall ID_GET\nexpect SUCCESS\nrepeat 2\ncall ID_GET\nend\ncpu all\n"
                  "call ID_GET\nend"],
                 ["parallel\ncall ID_GET\nend", "parallel\ncpu 1\nend", "parallel 2\ncpu 1\ncall ID_GET\nend",
                  "parallel\ncpu any\ncall ID_GET\nend", "parallel\ncpu 1\ncall ID_GET\nparallel\nend\nend",
                  "parallel\ncpu 1\ncall ID_GET\nlet a = 1\nend", "parallel\ncpu 1\ncall ID_GET\nrequire module\nend",
                  "parallel\ncpu 1\ncall ID_GET\non-failure stop\nend", "parallel\ncpu 1\ncall ID_GET"]),
    "part": (["parallel\ncpu 1\ncall ID_GET\ncpu 2\ncpu all\nend"],
             ["parallel\ncpu 1\ncall ID_GET\ncpu 1\ncall ID_GET\nend",
              "parallel\ncpu 1\nrepeat 2\ncpu 2\ncall ID_GET\nend\nend"]),
    "cleanup": (["cleanup\ncall ID_GET\nend", "test \"t\"\ncleanup\nend\nend"],
                ["cleanup", "repeat 2\ncall ID_GET\ncleanup\nend\nend", "cleanup x\nend"]),
    "name": (["let a = 1", "let _a1 = 1"], ["let 1a = 1", "let a-b = 1", "let ü = 1"]),
    "number": (["let a = 18446744073709551615", "let a = 0xffffffffffffffff", "let a = 0b101"],
               ["let a = 18446744073709551616", "let a = 0x", "let a = 0b2", "let a = 1f"]),
    "version": ([f"require ffa {v}" for v in ("1.0", "1.1", "1.2", "1.3")], ["require ffa 2.0", "require ffa 1"]),
    "string": (["test \"a \\\" b \\\\\"\nend"], ["test \"a\nend", "test \"a\\\"\nend"]),
}


class Grammar(unittest.TestCase):
    def test_every_rule_of_the_page_is_tried(self):
        text = PAGE.read_text()
        grammar = text[text.index(".Sh GRAMMAR"):text.index(".Sh RESULTS")]
        self.assertEqual(sorted(re.findall(r"^([a-z-]+) +=", grammar, re.M)), sorted(RULES))

    def test_each_rule_takes_what_it_says(self):
        for rule, (good, _) in RULES.items():
            for text in good:
                with self.subTest(rule=rule, text=text):
                    r = check(text)
                    self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", ""))

    def test_each_rule_takes_nothing_else(self):
        for rule, (_, bad) in RULES.items():
            for text in bad:
                with self.subTest(rule=rule, text=text):
                    r = check(text)
                    self.assertEqual((r.returncode, r.stdout), (2, ""))
                    self.assertRegex(r.stderr, r"^ffascope: \(stdin\):\d+:\d+: \S")

    def test_examples_of_the_page(self):
        text = PAGE.read_text()
        blocks = re.findall(r"\.Bd -literal -offset indent\n(.*?)\.Ed", text, re.S)
        self.assertEqual(len(blocks), 4)
        for block in blocks:
            r = check(block.replace("\\e", "\\"))
            self.assertEqual((r.returncode, r.stderr), (0, ""))


class Mistakes(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = Path(tmp.name)

    def write(self, name, text):
        path = self.dir / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def test_all_mistakes_of_all_files_are_told(self):
        a = self.write("a.ffa", "call NOTIFICATION_GETT\nexpect forwarded\n\nfrob\n")
        b = self.write("b.ffa", "test \"t\"\n\tcall ID_GET x=1\n")
        r = run("run", "--check", a, b)
        self.assertEqual(r.returncode, 2)
        places = re.findall(r"^ffascope: (\S+?:\d+:\d+): ", r.stderr, re.M)
        self.assertEqual(places, [f"{a}:1:6", f"{a}:2:1", f"{a}:4:1", f"{b}:2:14", f"{b}:1:1"])
        self.assertIn("Nearest: FFA_NOTIFICATION_GET", r.stderr)

    def test_nothing_is_called_where_one_file_is_wrong(self):
        a = self.write("a.ffa", "call ID_GET\n")
        b = self.write("b.ffa", "frob\n")
        r = run("run", a, b)
        self.assertEqual((r.returncode, r.stdout), (2, ""))

    def test_mistakes_in_json(self):
        r = check("frob\nfrob", "--json")
        lines = [json.loads(line) for line in r.stderr.splitlines()]
        self.assertEqual([line["error"].split(": ")[0] for line in lines], ["(stdin):1:1", "(stdin):2:1"])

    def test_includes_are_relative_to_their_file_and_named_in_messages(self):
        self.write("sub/in.ffa", "include \"deeper.ffa\"\n")
        self.write("sub/deeper.ffa", "\n frob\n")
        top = self.write("top.ffa", "include sub/in.ffa\n")
        r = run("run", "--check", top)
        self.assertEqual(r.returncode, 2)
        self.assertIn(f"{self.dir}/sub/deeper.ffa:2:2: ", r.stderr)
        r = run("run", "--check", "top.ffa", cwd=self.dir)
        self.assertIn("ffascope: sub/deeper.ffa:2:2: ", r.stderr)

    def test_a_file_that_is_not_there(self):
        r = run("run", "--check", self.dir / "none.ffa")
        self.assertEqual(r.returncode, 2)
        self.assertIn("none.ffa: No such file or directory", r.stderr)
        r = run("run", "--check", self.dir)
        self.assertEqual(r.returncode, 2)
        self.assertIn("Is a directory", r.stderr)

    def test_consent_is_asked_for_before_anything_is_called(self):
        a = self.write("a.ffa", "call ID_GET\n  call NOTIFICATION_UNBIND bitmap=1\n")
        r = run("run", a)
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertRegex(r.stderr, r"a\.ffa:2:3: this call unbinds .* Use --allow-state-change")
        self.assertEqual(run("run", "--check", a).returncode, 0)
        b = self.write("b.ffa", "call NOTIFICATION_BITMAP_CREATE vm-id=0 vcpu-count=1\n")
        self.assertEqual(run("run", "--device", "/nonexistent", b).returncode, 2)  # not an option of `run'
        self.assertEqual(run("--device", "/nonexistent", "run", b).returncode, 3)

    def test_check_needs_no_device_and_no_rights(self):
        r = run("--device", "/nonexistent", "--tracefs", "/nonexistent", "run", "--check", "-", input="call ID_GET")
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", ""))

    def test_ten_thousand_lines_are_quick(self):
        text = "call NOTIFICATION_BITMAP_CREATE vm-id=0 vcpu-count=4\nexpect rejected NOT_SUPPORTED\n" * 10000
        before = os.times()
        self.assertEqual(check(text).returncode, 0)
        after = os.times()
        self.assertLess(after.children_user - before.children_user, 5)


class Examples(unittest.TestCase):
    def test_smoke_scripts_are_right_and_say_what_they_give(self):
        scripts = sorted(EXAMPLES.glob("*.ffa"))
        self.assertEqual([p.stem for p in scripts], ["android", "forward", "from-below", "memory", "notifications-live",
                                                  "spmc-conversation", "spmc-native", "spmc-notifications", "stock", "version-race"])
        for path in scripts:
            with self.subTest(path=path.name):
                self.assertTrue(path.read_text().startswith("# "))
                r = run("run", "--check", path)
                self.assertEqual((r.returncode, r.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
