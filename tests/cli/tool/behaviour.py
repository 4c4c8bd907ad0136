# SPDX-License-Identifier: GPL-2.0-only
"""behaviour.py FFASCOPE: tests the program on a machine without a device: messages, exit status, replay."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FFASCOPE = sys.argv.pop(1)
HERE = Path(__file__).parent
RECORDINGS = HERE / "recordings"


def run(*args, **kwargs):
    # Histograms use the characters of the locale; the lab's VM has the C locale.
    kwargs.setdefault("env", {**os.environ, "LC_ALL": "C"})
    return subprocess.run([FFASCOPE, *map(str, args)], capture_output=True, text=True, check=False, **kwargs)


class BadInput(unittest.TestCase):
    def refused(self, status, words, *args):
        r = run(*args)
        self.assertEqual(r.returncode, status, r.stderr)
        for word in words:
            self.assertIn(word, r.stderr)
        self.assertEqual(r.stdout, "")

    def test_unknown_call_names_the_nearest(self):
        self.refused(2, ["notification-bitmap-creat", "Nearest: FFA_NOTIFICATION_BITMAP_CREATE"],
                     "call", "notification-bitmap-creat")

    def test_unknown_field_lists_the_fields(self):
        self.refused(2, ["vmid", "vm-id vcpu-count"], "call", "notification-bitmap-create", "vmid=0")

    def test_value_too_wide_is_not_cut_off(self):
        self.refused(2, ["vm-id=0x10000", "16 bits"], "call", "notification-bitmap-create", "vm-id=0x10000")

    def test_bad_bit_range(self):
        self.refused(2, ["w1[3:16]=1", "column 6"], "call", "id-get", "w1[3:16]=1")

    def test_register_that_is_not_there(self):
        self.refused(2, ["x18"], "call", "id-get", "x18=1")

    def test_no_call(self):
        self.refused(2, ["no call is named"], "call")

    def test_no_verb(self):
        self.refused(2, ["no verb"])

    def test_unknown_verb(self):
        self.refused(2, ["cal", "no such verb"], "cal")

    def test_unknown_option(self):
        self.refused(2, ["--nope"], "call", "--nope", "id-get")

    def test_notify(self):
        for words, args in (
                (["pending, listen, bind, unbind or send"], []),
                (["lisen", "pending, listen, bind, unbind or send"], ["lisen"]),
                (["one thing at a time"], ["bind", "send", "--id=1"]),
                (["listen", "needs --from ENDPOINT"], ["listen", "--id=1"]),
                (["bind", "needs --id N"], ["bind", "--from=0x8001"]),
                (["send", "needs --to ENDPOINT"], ["send", "--id=1"]),
                (["--from", "says nothing", "notify send"], ["send", "--to=1", "--id=1", "--from=1"]),
                (["--count", "says nothing", "notify bind"], ["bind", "--from=1", "--id=1", "--count=1"]),
                (["--per-vcpu", "says nothing"], ["send", "--to=1", "--id=1", "--per-vcpu"]),
                (["--id 64", "0 to 63"], ["listen", "--from=0x8001", "--id=64"]),
                (["--id -1"], ["listen", "--from=0x8001", "--id=-1"]),
                (["--id", "0 to 63"], ["listen", "--from=0x8001", "--id="]),
                (["--from 0x10000", "partition_id"], ["listen", "--from=0x10000", "--id=1"]),
                (["--to optee", "partition_id"], ["send", "--to=optee", "--id=1"]),
                (["--vcpu 65536"], ["send", "--to=0x8001", "--id=1", "--vcpu=65536"]),
                (["--count 0"], ["listen", "--from=0x8001", "--id=1", "--count=0"]),
                (["--duration 1s"], ["listen", "--from=0x8001", "--id=1", "--duration=1s"]),
                (["clears", "--allow-state-change"], ["pending"]),
                (["notification 3", "--allow-state-change"], ["unbind", "--from=0x8001", "--id=3"])):
            with self.subTest(args=args):
                self.refused(2, words, "notify", *args)

    def test_notify_without_the_module(self):
        for args in (["listen", "--from=0x8001", "--id=1"], ["send", "--to=0x8001", "--id=1"],
                     ["bind", "--from=1", "--id=1"], ["pending", "--allow-state-change"],
                     ["unbind", "--from=1", "--id=1", "--allow-state-change"]):
            with self.subTest(args=args):
                self.refused(3, ["/dev/nothing", "modprobe ffascope"], "--device", "/dev/nothing", "notify", *args)
                self.refused(3, ["/dev/null", "Load the module of this version"],
                             "--device", "/dev/null", "notify", *args)

    def test_via(self):
        self.refused(2, ["--via drivers", "registers or driver"], "call", "--via=drivers", "id-get")
        for option in ("--count=2", "--record=x", "--cpu=0", "--guard=5"):
            with self.subTest(option=option):
                self.refused(2, ["--via registers"], "call", "--via=driver", option, "id-get")
        self.refused(2, ["--allow-state-change"], "call", "--via=driver", "notification-bind", "sender=1", "bitmap=1")
        self.refused(3, ["/dev/null", "Load the module"], "--device=/dev/null", "call", "--via=driver",
                     "partition-info-get", "w5=0", "--allow-state-change")

    def test_numbers_of_options(self):
        for option in ("--count", "--cpu", "--guard"):
            for value in ("x", "-1", "", "99999999999999999999", "0x"):
                with self.subTest(option=option, value=value):
                    self.refused(2, [option], "call", option + "=" + value, "id-get")

    def test_options_of_trace(self):
        for words in (["--duration", "2h"], ["--duration", "0"], ["--count", "0"], ["--slower-than", "-1ms"],
                      ["--verdict", "refused"], ["--verdict", "rejected|"], ["--status", "WRONG"],
                      ["--endpoint", "0x10000"], ["--task", "a-name-that-is-too-long"], ["--buffer", "1"],
                      ["--call", "notification-bind-it"]):
            with self.subTest(words=words):
                self.refused(2, words, "trace", *words)
        self.refused(2, ["Nearest: FFA_NOTIFICATION_BIND"], "trace", "--call", "notification-bindd")
        self.refused(2, ["--call id-get"], "trace", "id-get")

    def test_versions(self):
        self.refused(2, ["1.0, 1.1, 1.2 or 1.3"], "--ffa", "2.0", "list")

    def test_color(self):
        self.refused(2, ["auto, always or never"], "--color=perhaps", "list")

    def test_no_device(self):
        self.refused(3, ["/nowhere/ffascope", "modprobe ffascope"], "--device", "/nowhere/ffascope", "call", "id-get")

    def test_another_device(self):
        self.refused(3, ["/dev/null", "Load the module of this version"], "--device", "/dev/null", "call", "id-get")

    def test_state_change_needs_a_word(self):
        for call in ("notification-bitmap-destroy", "notification-bind", "notification-unbind", "notification-set",
                     "rx-release", "rxtx-unmap"):
            with self.subTest(call=call):
                self.refused(2, ["--allow-state-change"], "call", call)
        self.refused(2, ["--allow-state-change"], "call", "notification-get", "sp=1")

    def test_what_changes_nothing_needs_none(self):
        for words in (["notification-get"], ["id-get"], ["notification-bitmap-create"], ["spm-id-get"],
                      ["0x840000f0"]):
            with self.subTest(words=words):
                self.refused(3, ["modprobe"], "--device", "/nowhere", "call", *words)

    def test_errors_are_json_too(self):
        r = run("--json", "--device", "/nowhere", "call", "id-get")
        self.assertEqual(r.returncode, 3)
        self.assertIn("modprobe", json.loads(r.stderr)["error"])

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        with open("/dev/full", "w") as full:
            r = subprocess.run([FFASCOPE, "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(r.returncode, 5)
        self.assertIn("No space left", r.stderr)


class ForeignText(unittest.TestCase):
    LINE = b"ffa: \033]0;owned\007 x0 0x84000069 \xc3\xa9\n"

    def test_a_log_cannot_steer_the_terminal(self):
        with tempfile.TemporaryFile() as log:
            log.write(self.LINE)
            log.seek(0)
            terminal, inside = os.openpty()
            r = subprocess.run([FFASCOPE, "decode"], stdin=log, stdout=inside, check=True)
            os.close(inside)
            shown = os.read(terminal, 4096)
            os.close(terminal)
        self.assertEqual(r.returncode, 0)
        self.assertIn(b"?]0;owned?", shown)
        self.assertIn("é".encode(), shown)
        self.assertNotIn(b"\033", shown)

    def test_a_pipe_gets_the_line_as_it_is(self):
        r = subprocess.run([FFASCOPE, "decode"], input=self.LINE, capture_output=True, check=True)
        self.assertIn(b"ffa: \033]0;owned\007 FFA_ID_GET", r.stdout)


class DryRun(unittest.TestCase):
    def test_registers_and_broken_rules(self):
        r = run("--json", "call", "--dry-run", "notification-bitmap-create", "vm-id=3", "w1[16]=1", "w5=7")
        self.assertEqual(r.returncode, 0)
        call = json.loads(r.stdout)
        self.assertEqual(call["call"], "FFA_NOTIFICATION_BITMAP_CREATE")
        self.assertEqual(call["fid"], "0x8400007d")
        self.assertEqual(call["in"][:6], ["0x8400007d", "0x10003", "0x0", "0x0", "0x0", "0x7"])
        self.assertEqual([(v["reg"], v["bits"], v["rule"], v["value"]) for v in call["violations"]],
                         [("w1", "31:16", "MBZ", "0x1"), ("w5", "31:0", "SBZ", "0x7")])

    def test_later_wins(self):
        call = json.loads(run("--json", "call", "--dry-run", "id-get", "w2=5", "w2[1:0]=2", "x3=0x1ffffffff",
                              "w3=0").stdout)
        self.assertEqual(call["in"][2:4], ["0x6", "0x100000000"])

    def test_canaries(self):
        with_them = json.loads(run("--json", "call", "--dry-run", "id-get", "x9=1").stdout)["in"]
        self.assertNotEqual(with_them[8], "0x0")
        self.assertEqual(with_them[9], "0x1")
        without = json.loads(run("--json", "call", "--dry-run", "--no-canary", "id-get").stdout)["in"]
        self.assertEqual(without[8:], ["0x0"] * 10)
        wide = json.loads(run("--json", "call", "--dry-run", "notification-info-get-64").stdout)["in"]
        self.assertEqual(wide[1:], ["0x0"] * 17)

    def test_text_shows_no_canaries_among_the_fields(self):
        first = run("call", "--dry-run", "notification-bitmap-create", "vcpu-count=4").stdout.splitlines()[0]
        self.assertEqual(first, "FFA_NOTIFICATION_BITMAP_CREATE (0x8400007d)  vm-id=0 vcpu-count=4")

    def test_rules_of_another_version(self):
        violations = [json.loads(run("--json", "--ffa", v, "call", "--dry-run", "notification-get", "w2[4]=1").stdout)
                      ["violations"][0]["rule"] for v in ("1.1", "1.3")]
        self.assertEqual(violations, ["MBZ", "SBZ"])


class Replay(unittest.TestCase):
    """Recordings made in the lab, compared with the output of the live run."""

    def test_recordings(self):
        recordings = sorted(RECORDINGS.glob("*.ffarec"))
        self.assertTrue(recordings)
        for path in recordings:
            for args, golden in (([], path.with_suffix(".txt")), (["--json"], path.with_suffix(".json"))):
                with self.subTest(recording=path.name, args=args):
                    r = run(*args, "replay", path)
                    self.assertEqual(r.stdout, golden.read_text())
                    self.assertEqual(r.returncode, 0, r.stderr)

    def test_registers_alone_give_no_verdict(self):
        for path in sorted(RECORDINGS.glob("*.ffarec")):
            r = run("--json", "replay", "--no-trace", path)
            self.assertEqual(r.returncode, 4)
            for line in r.stdout.splitlines():
                call = json.loads(line)
                if "verdict" not in call:
                    # The state at the start of a trace, and its summary.
                    self.assertIn("state" if "state" in call else "by_call", call)
                    continue
                self.assertEqual((call["verdict"], call["by"], call["reason"], call["smcs"], call["time_ns"]),
                                 ("unknown", None, "tracing-off", None, None))

    def test_what_was_watched_in_other_forms(self):
        path = RECORDINGS / "watched.ffarec"
        text = run("replay", path).stdout
        for args, words in ((["replay", "--as", "summary", path], "30 calls in"),
                            (["--json", "replay", "--as", "summary", path], '"calls":30'),
                            (["replay", "--as", "html", path], "FFA_NOTIFICATION_BIND")):
            with self.subTest(args=args):
                r = run(*args)
                self.assertEqual(r.returncode, 0, r.stderr)
                self.assertIn(words, r.stdout)
        # The text ends with a table of the counts, with -v with the whole summary.
        self.assertRegex(text, r"\n  FFA_MSG_SEND_DIRECT_REQ +19 +19 +- +- +- +140.0 us +2424.7 us\n")
        verbose = run("-v", "replay", path).stdout
        self.assertTrue(verbose.endswith("\n\n" + run("replay", "--as", "summary", path).stdout))
        self.assertIn("hyp_enter smc at +0 ns", verbose)

    def test_lines_of_watched_calls_are_short(self):
        for name in "watched", "many":
            for line in run("replay", RECORDINGS / f"{name}.ffarec").stdout.splitlines():
                self.assertLess(len(line), 160, line)
        text = run("replay", RECORDINGS / "watched.ffarec").stdout
        self.assertIn("FFA_MSG_SEND_DIRECT_REQ receiver=0x8001 CALL_WITH_ARG data2=0x1000: forwarded", text)
        self.assertIn("receiver=0x8001 EXCHANGE_CAPABILITIES: forwarded,\n        FFA_MSG_SEND_DIRECT_RESP data1=0x4 data2=0x7,",
                      text)
        self.assertNotIn("=0x0", text)
        self.assertNotIn("=0 ", text)

    def test_calls_with_reserved_bits_set(self):
        for name, status, calls, violating in (("watched", 0, 30, False), ("mixed", 1, 40, True), ("many", 0, 200, False)):
            with self.subTest(recording=name):
                r = run("--json", "replay", "--as", "violations", RECORDINGS / f"{name}.ffarec")
                self.assertEqual(r.returncode, status, r.stderr)
                found = json.loads(r.stdout)
                self.assertEqual((found["calls"], found["violating"] > 0), (calls, violating))
                violating = found["violating"]
                self.assertEqual(sum(origin["violating"] for origin in found["by_driver"]), violating)
                r = run("replay", "--as", "violations", RECORDINGS / f"{name}.ffarec")
                self.assertEqual(r.returncode, status, r.stderr)
                self.assertTrue(r.stdout.endswith(f"{violating} of {calls} calls set reserved or unused bits (FF-A 1.2).\n"))
                for origin in found["by_driver"]:
                    self.assertIn(f"{origin['call']} ({origin['fid']}) by ffascope, task ffascope: ", r.stdout)

    def test_a_watch_that_was_cut_off(self):
        path = RECORDINGS / "watched.ffarec"
        with tempfile.NamedTemporaryFile() as f:
            f.write(path.read_bytes()[:-8])
            f.flush()
            r = run("replay", f.name)
        self.assertEqual(r.returncode, 5)
        self.assertIn("cut off", r.stderr)
        self.assertEqual(r.stdout, run("replay", path).stdout)

    def test_cut_off_shows_what_is_whole_and_says_so(self):
        whole = (RECORDINGS / "mixed.ffarec").read_bytes()
        with tempfile.NamedTemporaryFile() as f:
            f.write(whole[:-8])
            f.flush()
            r = run("replay", f.name)
        self.assertEqual(r.returncode, 5)
        self.assertIn("cut off", r.stderr)
        self.assertEqual(r.stdout, run("replay", RECORDINGS / "mixed.ffarec").stdout)

    def test_foreign_files(self):
        for path in ("/bin/true", "/dev/null"):
            r = run("replay", path)
            self.assertEqual(r.returncode, 5)
            self.assertIn("not an ffascope recording", r.stderr)

    def test_no_file(self):
        self.assertEqual(run("replay").returncode, 2)
        self.assertEqual(run("replay", "/nowhere").returncode, 5)


if __name__ == "__main__":
    unittest.main()
