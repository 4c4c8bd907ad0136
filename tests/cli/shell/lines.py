# SPDX-License-Identifier: GPL-2.0-only
"""lines.py FFASCOPE: tests `shell' with stdin from a pipe, on a machine without a device."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FFASCOPE = str(Path(sys.argv.pop(1)).resolve())


def shell(text, *options, words=(), **kwargs):
    return subprocess.run([FFASCOPE, "--device", "/nonexistent", *options, "shell", *words], input=text,
                          capture_output=True, text=True, check=False, **kwargs)


class Lines(unittest.TestCase):
    def test_no_prompt_and_no_device_where_none_is_needed(self):
        r = shell("# nothing\n\nlet a = 5\nlet b = $a\n")
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "a = 0x5 (5)\nb = 0x5 (5)\n", ""))

    def test_a_call_without_a_device_says_what_to_do(self):
        r = shell("call ID_GET\n")
        self.assertEqual((r.returncode, r.stdout), (3, ""))
        self.assertIn("modprobe ffascope", r.stderr)

    def test_it_goes_on_behind_a_mistake(self):
        r = shell("frob\nlet a = 1\ncall ID_GETT\nlet b = $c\nlet d = 2\n")
        self.assertEqual(r.returncode, 2)
        self.assertEqual(r.stdout, "a = 0x1 (1)\nd = 0x2 (2)\n")
        lines = r.stderr.splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("line 1, column 1: \"frob\" is not a statement", lines[0])
        self.assertIn("line 3, column 6: ID_GETT: no such call. Nearest: FFA_ID_GET", lines[1])
        self.assertIn("line 4, column 9: $c is not set here", lines[2])

    def test_verbs_are_those_of_the_command_line(self):
        r = shell("decode 0x84000069\ndescribe ID_GET\nlist *ID_GET*\n")
        self.assertEqual(r.returncode, 0)
        for words in (["decode", "0x84000069"], ["describe", "ID_GET"], ["list", "*ID_GET*"]):
            alone = subprocess.run([FFASCOPE, *words], capture_output=True, text=True, check=True)
            self.assertIn(alone.stdout, r.stdout)

    def test_wrong_usage_of_a_verb_does_not_end_the_shell(self):
        r = shell("describe --nope\ndescribe --help\nlet a = 1\n")
        self.assertIn("a = 0x1 (1)", r.stdout)
        self.assertIn("unrecognized option", r.stderr)

    def test_words_of_a_verb_may_be_quoted(self):
        self.assertIn("FFA_ID_GET", shell("list \"*ID_GET*\" # all\n").stdout)

    def test_help(self):
        r = shell("help\nhelp expect\nhelp NOTIFICATION_GET\nhelp list\n")
        self.assertEqual(r.returncode, 0)
        self.assertIn("!record FILE", r.stdout)
        self.assertIn("\nexpect WORD..., each a verdict", r.stdout)
        self.assertIn("FFA_NOTIFICATION_GET", r.stdout)
        self.assertIn("--changes-state", r.stdout)

    def test_quit(self):
        for word in ("quit", "exit"):
            self.assertEqual(shell(f"{word}\nfrob\n").returncode, 0)

    def test_a_block_is_carried_out_at_its_end_only(self):
        r = shell("repeat 2\nlet a = 1\ncall ID_GET\n")
        self.assertEqual((r.returncode, r.stdout), (2, ""))
        self.assertIn("the open block is ignored", r.stderr)
        r = shell("repeat 2\nlist\nend\n")  # no verb within a block
        self.assertIn("\"list\" is not a statement", r.stderr)

    def test_files_can_be_included(self):
        with tempfile.TemporaryDirectory() as tmp:
            (Path(tmp) / "vars.ffa").write_text("let answer = 42\n")
            (Path(tmp) / "bad.ffa").write_text("let a = 1\n  frob\n")
            r = shell("include vars.ffa\nlet x = $answer\ninclude bad.ffa\nlet y = $a\n", cwd=tmp)
            self.assertIn("x = 0x2a (42)", r.stdout)
            self.assertIn("bad.ffa:2:3: ", r.stderr)
            self.assertIn("$a is not set here", r.stderr)

    def test_consent_is_asked_for(self):
        r = shell("call NOTIFICATION_UNBIND bitmap=1\n")
        self.assertEqual(r.returncode, 2)
        self.assertIn("--allow-state-change", r.stderr)
        r = shell("call NOTIFICATION_UNBIND bitmap=1\n", words=["--allow-state-change"])
        self.assertEqual(r.returncode, 3)

    def test_json(self):
        r = shell("let a = 5\nfrob\n", "--json")
        self.assertEqual(json.loads(r.stdout), {"format": 1, "let": "a = 0x5 (5)", "ok": True})
        self.assertIn("is not a statement", json.loads(r.stderr)["error"])

    def test_record_says_from_when(self):
        r = shell("!record /tmp/never-written\n!record\n")
        self.assertEqual(r.returncode, 0)
        self.assertIn("recording to /tmp/never-written from the next call on", r.stderr)
        self.assertIn("not recording", r.stderr)
        self.assertFalse(os.path.exists("/tmp/never-written"))

    def test_strange_input(self):
        r = shell("\0\nlet a = 1\n\x01\x02\n" + "x" * 10000 + "\nlet b = 2")
        self.assertEqual(r.stdout, "a = 0x1 (1)\nb = 0x2 (2)\n")
        self.assertEqual(len(r.stderr.splitlines()), 3)

    def test_scripts_are_no_arguments(self):
        r = shell("", words=["a.ffa"])
        self.assertEqual(r.returncode, 2)
        self.assertIn("ffascope run", r.stderr)


if __name__ == "__main__":
    unittest.main()
