# SPDX-License-Identifier: GPL-2.0-only
"""replay.py FFASCOPE MAKE_RECORDING: tests every output of replay, truncation, long recordings, the page in a browser."""
import gzip
import html
import io
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path

FFASCOPE, MAKE = sys.argv.pop(1), sys.argv.pop(1)
HERE = Path(__file__).parent
RECORDINGS = HERE / "recordings"
RUNS = HERE / "runs"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def run(*args, **how):
    return subprocess.run([FFASCOPE, *map(str, args)], capture_output=True, **how)


class Runs(unittest.TestCase):
    """Sweeps and scripts recorded in the lab, compared with their output."""

    def test_to_the_byte(self):
        recordings = sorted(RUNS.glob("*.ffarec"))
        self.assertTrue(recordings)
        for path in recordings:
            for form in ("txt", "json"):
                golden = path.with_suffix("." + form)
                if not golden.exists():
                    continue
                for locale in "C", "C.UTF-8":
                    with self.subTest(path=path.name, form=form, locale=locale):
                        r = run("replay", "--as", form.replace("txt", "text"), path, env={**os.environ, "LC_ALL": locale})
                        self.assertEqual(r.stdout, golden.read_bytes(), r.stderr.decode())

    def test_a_fuzz_run_replays_to_the_byte(self):
        """Fault 20 of lab/mutants/combined: one combination passes. The recording has the sweep, the learning and the reduction."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "fuzz.ffarec")
            path.write_bytes(gzip.decompress((RUNS / "fuzz.ffarec.gz").read_bytes()))
            for form in "txt", "json":
                r = run("replay", "--as", form.replace("txt", "text"), path)
                self.assertEqual(r.returncode, 1, r.stderr.decode())
                self.assertEqual(r.stdout, (RUNS / "fuzz").with_suffix("." + form).read_bytes(), r.stderr.decode())
            # A recording that ends early has no finding yet, and says where it ends.
            path.write_bytes(path.read_bytes()[:60000])
            r = run("replay", path)
            self.assertNotIn(r.returncode, (0, 1), r.stdout.decode())

    def test_without_utf8_the_histograms_are_ascii(self):
        for path in sorted(RUNS.glob("*.ffarec")):
            shown = [run("replay", "--as", "summary", path, env={**os.environ, "LC_ALL": locale}).stdout.decode()
                     for locale in ("C", "C.UTF-8")]
            self.assertTrue(shown[0].isascii())
            for old, new in ("│", "|"), *((eighth, "#") for eighth in "▏▎▍▌▋▊▉█"):
                shown[1] = shown[1].replace(old, new)
            self.assertEqual(re.sub("#+", "#", shown[0]).split(), re.sub("#+", "#", shown[1]).split())

    def test_a_failed_expectation_is_five_lines_and_a_refusal_is_told_once(self):
        lines = (RUNS / "script.txt").read_text().splitlines()
        failed = [i for i, line in enumerate(lines) if line.startswith("#   does not hold: ")]
        self.assertEqual(len(failed), 7)
        for i in failed:
            self.assertRegex(lines[i - 1], r"^# script\.ffa:\d+: expect ")
            self.assertRegex(lines[i + 1], r"^#   the call, script\.ffa:\d+, on CPU \d: call ")
            self.assertRegex(lines[i + 2], r"^#   (forwarded|rejected) ")
            self.assertRegex(lines[i + 3], r"^#   answer    ")
            self.assertNotRegex(lines[i + 4], "^#  ")
        self.assertEqual(sum("the module refuses this call" in line for line in lines), 1)
        text = run("-v", "replay", RUNS / "script.ffarec").stdout.decode()
        self.assertEqual(text.count("#   came back x0"), 7)
        self.assertEqual(text.count("#   trace     +0 ns hyp_enter smc"), 7)

    def test_verbose_shows_the_events_of_each_trap(self):
        for name, events in ("forwarded", 4), ("rejected", 2):
            text = run("-v", "replay", RECORDINGS / f"{name}.ffarec").stdout.decode()
            trap = re.findall(r"(?m)^  (?:trace|     )     \+(\d+) ns (hyp_\w+ \w+)$", text)
            self.assertEqual(len(trap), events)
            self.assertEqual((trap[0], trap[-1][1]), (("0", "hyp_enter smc"), "hyp_exit eret_host"))
            plain = run("replay", RECORDINGS / f"{name}.ffarec").stdout.decode()
            self.assertNotIn("hyp_", plain)

    def test_calls_of_it_one_by_one(self):
        for path in sorted(RUNS.glob("*.ffarec")):
            calls = run("replay", "--calls", "--as", "json", path).stdout.splitlines()
            summary = json.loads(run("--json", "replay", "--as", "summary", path).stdout)
            self.assertEqual(len(calls), summary["calls"])
            for verdict, n in summary["verdicts"].items():
                self.assertEqual(sum(json.loads(c)["verdict"] == verdict for c in calls), n)

    def test_the_summary_has_what_the_session_learned(self):
        path = RUNS / "generation-unbracketed.ffarec"
        learned = json.loads(run("--json", "replay", "--as", "summary", path).stdout)["calibration"]
        self.assertEqual((learned["traced"], learned["passed_traced"], learned["reissued_traced"]), (True, True, False))
        for form in ("summary", "html"):
            out = run("replay", "--as", form, path).stdout.decode()
            self.assertIn("calibrated when the session opened", out)
            self.assertIn("the SMCs that EL2 sends for calls it re-issues are not traced", out)
        alone = json.loads(run("--json", "replay", "--no-trace", "--as", "summary", path).stdout)["calibration"]
        self.assertEqual((alone["traced"], alone["passed_traced"]), (False, None))
        path = RECORDINGS / "mixed.ffarec"
        self.assertIsNone(json.loads(run("--json", "replay", "--as", "summary", path).stdout)["calibration"])
        self.assertIn("not calibrated", run("replay", "--as", "summary", path).stdout.decode())

    def test_a_cut_shows_what_is_whole_and_says_so(self):
        for path in sorted(RUNS.glob("*.ffarec")):
            whole = path.read_bytes()
            with self.subTest(path=path.name):
                r = run("replay", "-", input=whole[:len(whole) * 9 // 10])
                self.assertEqual(r.returncode, 5)
                self.assertIn(b"cut off", r.stderr)
                self.assertTrue(r.stdout)


class Pipe(unittest.TestCase):
    """A pipe can be read once only: `replay <(zcat x.gz)', a FIFO, standard input."""

    def through_fifo(self, data, *args):
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, "fifo")
            os.mkfifo(fifo)
            with subprocess.Popen([FFASCOPE, *args, fifo], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
                with open(fifo, "wb") as f:
                    f.write(data)
                out, err = child.communicate(timeout=60)
        return child.returncode, out, err

    def test_a_recording(self):
        path = RECORDINGS / "forwarded.ffarec"
        status, out, err = self.through_fifo(path.read_bytes(), "replay")
        self.assertEqual((status, out), (0, run("replay", path).stdout), err)

    def test_a_bundle(self):
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
            tar.add(RECORDINGS / "forwarded.ffarec", "calls.ffarec")
        status, out, err = self.through_fifo(data.getvalue(), "replay")
        self.assertEqual((status, out), (0, run("replay", RECORDINGS / "forwarded.ffarec").stdout), err)
        r = run("replay", "-", input=data.getvalue())
        self.assertEqual((r.returncode, r.stdout), (0, out), r.stderr)

    def test_a_sweep_to_compare(self):
        sweep = next(RUNS.glob("sweep*.ffarec"))
        status, out, err = self.through_fifo(sweep.read_bytes(), "compare", str(sweep))
        self.assertIn(status, (0, 1), err)
        self.assertTrue(out)


class Cut(unittest.TestCase):
    def test_before_the_first_call_is_not_no_findings(self):
        """Cut after the chunks that say how the run was made (ffascope-recording.5: 2 is BATCH)."""
        whole, at = (RUNS / "sweep.ffarec").read_bytes(), 16
        while struct.unpack_from("<I", whole, at)[0] != 2:
            at += 16 + struct.unpack_from("<I", whole, at + 4)[0]
        for args in ([], ["--as", "json"]):
            r = run("replay", *args, "-", input=whole[:at])
            self.assertEqual(r.returncode, 5)
            self.assertIn(b"cut off after 0 calls", r.stderr)
            self.assertNotIn(b"No findings", r.stdout)
        self.assertIn(b"Nothing was swept", run("replay", "-", input=whole[:at]).stdout)

    def test_at_every_byte(self):
        whole = (RECORDINGS / "forwarded.ffarec").read_bytes()
        lines = run("--json", "replay", "-", input=whole).stdout
        shown = set()
        for cut in range(len(whole)):
            r = run("--json", "replay", "-", input=whole[:cut])
            self.assertEqual(r.returncode, 5, cut)
            self.assertIn(r.stdout, (b"", lines))
            self.assertTrue(r.stderr)
            shown.add(r.stdout)
        self.assertEqual(shown, {b"", lines})


class Long(unittest.TestCase):
    def test_verdicts_and_memory(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "long.ffarec"
            subprocess.run([MAKE, path, "1000000"], check=True)
            for args in (["--as", "summary"], ["--as", "text"], ["-v", "--as", "text"], ["--as", "json"],
                         ["--as", "html"]):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                began = time.monotonic()
                verb = (["-v"] if "-v" in args else []) + ["replay"] + [a for a in args if a != "-v"]
                r = subprocess.run([FFASCOPE, *verb, path], stdout=subprocess.DEVNULL)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                self.assertEqual(r.returncode, 0)
                # Printed only, because the machine may be busy.
                print(" ".join(args), f"{time.monotonic() - began:.2f} s,",
                      f"{after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime:.2f} s of a CPU")
                if "ASAN_OPTIONS" not in os.environ:  # the sanitizer uses memory itself
                    self.assertLess(after.ru_maxrss, 32 * 1024, "memory grows with the recording")
            summary = json.loads(run("--json", "replay", "--as", "summary", path).stdout)
        self.assertEqual(summary["verdicts"]["unknown"], 0)
        self.assertEqual(summary["verdicts"]["rejected"], summary["calls"] // 10)
        self.assertEqual(summary["verdicts"]["rejected"] + summary["verdicts"]["forwarded"], summary["calls"])
        self.assertEqual(summary["by_call"][0]["time_ns"]["el2"]["max"], 700)


class Page(unittest.TestCase):
    def page(self, folder, *args, **how):
        path = Path(folder) / "page.html"
        r = run("replay", "--as", "html", "-o", path, *args, **how)
        self.assertEqual((r.returncode, r.stdout), (0, b""), r.stderr)
        return path

    def dom(self, path, fragment=""):
        r = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000",
                            "--dump-dom", path.as_uri() + fragment], capture_output=True, text=True, timeout=200)
        self.assertEqual(r.returncode, 0, r.stderr)
        return r.stdout

    def test_needs_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            text = self.page(folder, RECORDINGS / "mixed.ffarec").read_text()
        self.assertIsNone(re.search(r"""(src|href)\s*=|@import|url\((?!#)|https?:""", text))

    def test_left_out_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "long.ffarec"
            subprocess.run([MAKE, path, "100000"], check=True)
            text = self.page(folder, "--skip", "100", path).read_text()
        self.assertRegex(text, r"6316 of 26316 calls are left out.*no\. 101 to 20100")

    @unittest.skipUnless(BROWSER, "no browser")
    def test_in_a_browser(self):
        calls = run("--json", "replay", RECORDINGS / "mixed.ffarec").stdout.splitlines()
        with tempfile.TemporaryDirectory() as folder:
            page = self.page(folder, RECORDINGS / "mixed.ffarec")
            dom, one = self.dom(page), self.dom(page, "#6")
        self.assertIn(f"{len(calls)} of {len(calls)} calls in view", dom)
        table = re.findall(r'<td class="n">(\d+)</td><td class="n">[^<]*</td><td class="n">\d+</td><td class="task"></td>'
                           r'<td class="f">[^<]*</td><td>(\w+)', dom)
        self.assertEqual(table, [(str(i + 1), json.loads(c)["verdict"]) for i, c in enumerate(calls)])
        self.assertIn('fill="url(#forwarded)"', dom)
        self.assertIn("1 of 40 calls in view", one)
        self.assertIn('class="chosen"', one)

    def test_a_bundle_is_one_page(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle = Path(folder) / "bundle.tar.gz"
            with tarfile.open(bundle, mode="w:gz", format=tarfile.USTAR_FORMAT) as tar:
                text = b"BAD   arm_ffa is missing <b>[arm-ffa]</b>\033[31m\n"
                info = tarfile.TarInfo("doctor.txt")
                info.size = len(text)
                tar.addfile(info, io.BytesIO(text))
                for path in RECORDINGS / "watched.ffarec", RUNS / "sweep.ffarec":
                    tar.add(path, path.name)
            page = self.page(folder, bundle).read_text()
        self.assertEqual(page.count("<!DOCTYPE html>"), 1)
        self.assertIn("<pre>BAD   arm_ffa is missing &lt;b&gt;[arm-ffa]&lt;/b&gt;?[31m\n</pre>", page)
        inside = [html.unescape(text) for text in re.findall(r'<iframe title="[^"]*" srcdoc="([^"]*)"></iframe>', page)]
        self.assertEqual(len(inside), 2)
        self.assertIn('id="chart"', inside[0])
        self.assertIn("<h1>Who checks reserved bits</h1>", inside[1])
        for text in [page, *inside]:
            self.assertIsNone(re.search(r'''(src|href)\s*=\s*["']|@import|url\((?!#)|https?:''', text))

    @unittest.skipUnless(BROWSER, "no browser")
    def test_tasks_in_a_browser(self):
        with tempfile.TemporaryDirectory() as folder:
            dom = self.dom(self.page(folder, RECORDINGS / "watched.ffarec"))
        self.assertIn('<td class="task">tee-calls/104</td><td class="f">FFA_MSG_SEND_DIRECT_REQ receiver=0x8001 CALL_RESUME</td>',
                      dom)
        self.assertNotIn('class="own"', dom)


if __name__ == "__main__":
    unittest.main()
