#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""list, describe and decode apart from their text: exit statuses, streams, unusual input."""
import json
import os
import resource
import subprocess
import sys
import tempfile
import unittest

PROGRAM = sys.argv.pop(1)
ENVIRONMENT = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COLUMNS": "80"}


def run(*args, stdin=b"", **kwargs):
    return subprocess.run([PROGRAM, *args], input=stdin, env=ENVIRONMENT, capture_output=True,
                          check=False, **kwargs)


def calls():
    return [json.loads(line) for line in run("--json", "list").stdout.splitlines()]


class Usage(unittest.TestCase):
    def wrong(self, *args, says):
        done = run(*args)
        self.assertEqual(done.returncode, 2, args)
        self.assertEqual(done.stdout, b"", args)
        self.assertIn(says, done.stderr.decode(), args)

    def test_wrong_words_are_usage_errors_with_a_fix(self):
        self.wrong("describe", says="no call is named")
        self.wrong("describe", "NOTIFICATION_BITMP_CREATE", says="FFA_NOTIFICATION_BITMAP_CREATE")
        self.wrong("describe", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", says="ffascope list")
        self.wrong("describe", "0x84000091", says="0x84000091")
        self.wrong("describe", "ID_GET", "VERSIO", says="FFA_VERSION")
        self.wrong("describe", "--width", "x", "ID_GET", says="--width x: give 40 to 1000")
        self.wrong("describe", "--width", "39", "ID_GET", says="give 40 to 1000")
        self.wrong("list", "--since", "0.9", says="1.0, 1.1, 1.2 or 1.3")
        self.wrong("decode", "hello", says="give registers")
        self.wrong("decode", "--result", "NOPE_AT_ALL_NOTHING", "0x84000061", says="ffascope list")
        self.wrong("decode", "--result", "FEATURE", "0x84000061", says="FFA_FEATURES")
        self.wrong("decode", "--result", "FEATURES featur=sri", "0x84000061", says="is it feature?")
        self.wrong("decode", "--result", "", "0x84000061", says="no such call")

    def test_errors_are_json_with_json(self):
        done = run("--json", "describe", "NOTHING_LIKE_IT_AT_ALL_EVER")
        self.assertEqual(done.returncode, 2)
        self.assertIn("error", json.loads(done.stderr))

    def test_a_call_that_fits_any_of_several_patterns_is_listed_once(self):
        def names(*patterns):
            return [json.loads(line)["call"] for line in run("--json", "list", *patterns).stdout.splitlines()]

        both = names("unbind", "bitmap", "*UNBIND")
        self.assertEqual(sorted(both), sorted(names("unbind") + names("bitmap")))
        self.assertEqual(both, [name for name in names() if name in both])

    def test_a_pattern_without_a_match_is_no_error(self):
        done = run("list", "zzz")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        self.assertIn(b"no call and no descriptor matches", done.stderr)
        self.assertEqual(run("-q", "list", "zzz").stderr, b"")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full")
    def test_a_full_disk_is_an_io_error(self):
        for args in (["list"], ["describe", "ID_GET"], ["decode", "0x84000069"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([PROGRAM, *args], env=ENVIRONMENT, stdout=full,
                                      stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 5, args)
            self.assertIn(b"stdout", done.stderr, args)

    def test_a_version_that_lacks_the_call_is_told(self):
        done = run("--ffa", "1.1", "describe", "NOTIFICATION_BIND2")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"FF-A 1.1 does not have FFA_NOTIFICATION_BIND2", done.stderr)
        self.assertIn(b"Registers in FF-A 1.3", done.stdout)
        # Without a version on the command line this is not an error.
        self.assertEqual(run("describe", "NOTIFICATION_BIND2").stderr, b"")


class Describe(unittest.TestCase):
    def test_every_spelling_shows_the_same(self):
        want = run("describe", "FFA_NOTIFICATION_INFO_GET_64").stdout
        for word in ("notification-info-get-64", "Notification_Info_Get_64", "0xc4000083",
                     "3288334467"):
            self.assertEqual(run("describe", word).stdout, want, word)

    def test_text_and_json_say_the_same(self):
        for call in calls():
            obj = json.loads(run("--json", "describe", call["call"]).stdout)
            words = run("describe", "--width", "1000", call["call"]).stdout.decode()
            text = " ".join(words.split())
            for row in (obj["features"] or []) + (obj["partition_properties"] or []):
                self.assertIn(row["name"], text)
                self.assertIn(row["meaning"], text)
            rows = list(obj["fields"]) + [f for a in obj["answers"] for f in a["fields"]]
            for row in rows:
                for part in ("name", "meaning", "unknown"):
                    if row[part]:
                        self.assertIn(row[part], text, call["call"])
            for part in ("summary", "caller", "changes", "undo", "example", "note", "errors_note"):
                if obj[part]:
                    self.assertIn(obj[part], text, call["call"])
            for part in obj["fields"] + obj["restrictions"]:
                self.assertIn(part["source"], text, call["call"])
            for error in obj["errors"]:
                self.assertIn(f"{error['status']} {error['when']}", text, call["call"])

    def test_no_line_is_wider_than_asked(self):
        for call in calls():
            for width in (80, 100, 140):
                lines = run("describe", "--width", str(width), call["call"]).stdout.decode()
                for line in lines.splitlines():
                    # Examples are copied by users, so they are never wrapped.
                    if not line.startswith("  ffascope call "):
                        self.assertLessEqual(len(line), width, line)
                    self.assertEqual(line, line.rstrip())

    def test_ascii_is_ascii(self):
        for call in calls():
            self.assertTrue(run("describe", "--ascii", call["call"]).stdout.isascii())

    def test_no_colour_but_on_request(self):
        self.assertNotIn(b"\033", run("describe", "ID_GET").stdout)
        self.assertIn(b"\033", run("--color=always", "describe", "ID_GET").stdout)


class List(unittest.TestCase):
    def test_filters(self):
        names = [c["call"] for c in calls()]
        some = run("--json", "list", "--changes-state").stdout.splitlines()
        self.assertEqual([json.loads(s)["call"] for s in some],
                         [c["call"] for c in calls() if c["changes"]])
        new = run("--json", "list", "--since", "1.3").stdout.splitlines()
        self.assertTrue(new and all(json.loads(s)["since"] == "1.3" for s in new))
        wide = run("--json", "list", "*_64").stdout.splitlines()
        self.assertEqual([json.loads(s)["call"] for s in wide],
                         [n for n in names if n.endswith("_64")])


class Decode(unittest.TestCase):
    LINE = b"VERBOSE: SPM(0): 0x84000081 0x80010000 0x30002 0x20 0x0 0x1 0x0 0x0\n"

    def test_lines_of_any_bytes_are_passed_through(self):
        for line in (b"\x00\x01\xff", b"x0=", b"x0", b"0x", b"SPM(", b"{", b"{}", b"[]", b"\xc3",
                     b"x" * 1000, b"{\"in\":" * 200, b"0" * 70):
            done = run("decode", stdin=line + b"\n")
            self.assertEqual(done.returncode, 0, line)
            note = b"not understood: no number after x0" if line == b"x0=" else b"no registers in this line"
            self.assertEqual(done.stdout, line + b"  # " + note + b"\n")

    def test_a_line_that_is_too_long_does_not_stop_the_rest(self):
        long = b"y" * 300000
        done = run("decode", stdin=self.LINE + long + b"\n" + self.LINE)
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], lines[-1])
        self.assertEqual(lines[2], long)
        self.assertIn(b"too long", lines[1])

    def test_every_line_of_many_is_decoded(self):
        done = run("decode", stdin=self.LINE * 5000)
        one = run("decode", stdin=self.LINE).stdout
        self.assertEqual(done.stdout, one * 5000)

    def test_words_decode_as_the_line_does(self):
        words = self.LINE.decode().split(": ")[2].split()
        line = json.loads(run("--json", "decode", stdin=self.LINE).stdout)
        self.assertEqual(line.pop("prefix"), "VERBOSE: SPM(0):")
        self.assertEqual(json.loads(run("--json", "decode", *words).stdout), line)

    def test_what_describe_gives_as_example_decodes(self):
        # decode prints FIELD=VALUE words that call accepts.
        obj = json.loads(run("--json", "decode", stdin=self.LINE).stdout)
        self.assertEqual(obj["words"], "sender=0x8001 receiver=0 vcpu-id=3 delay-sri=1 per-vcpu=0 "
                                       "bitmap=0x20 w5=0x1")

    def test_each_json_line_is_an_object(self):
        done = run("--json", "decode", stdin=b"\xff\xfe\n" + self.LINE + b"\n{}\n")
        for line in done.stdout.splitlines():
            json.loads(line.decode(errors="replace"))
        self.assertEqual(len(done.stdout.splitlines()), 4)

    def test_memory_does_not_grow_with_the_input(self):
        def limited(lines):
            limit = 64 << 20  # bytes of address space, less than input or output
            with tempfile.TemporaryFile() as file, open("/dev/null", "wb") as null:
                for _ in range(lines // 10000):
                    file.write(self.LINE * 10000)
                file.write(self.LINE * (lines % 10000))
                file.seek(0)
                return subprocess.run(
                    [PROGRAM, "decode"], stdin=file, stdout=null, stderr=subprocess.PIPE,
                    env=ENVIRONMENT, check=False,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        if limited(1).returncode:
            self.skipTest("the program needs more address space than that to start (sanitizers)")
        self.assertEqual(limited(1000000).returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=1)
