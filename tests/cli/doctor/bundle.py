# SPDX-License-Identifier: GPL-2.0-only
"""bundle.py FFASCOPE: a bundle contains the input of the diagnosis and no personal names, and can be judged elsewhere."""
import gzip
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import machine

FFASCOPE = sys.argv.pop(1)
RECORDINGS = Path(__file__).parent.parent / "tool" / "recordings"


class Bundle(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.file = str(Path(self.dir.name, "b.tar.gz"))

    def make(self, changes):
        root = machine.make(changes)
        self.addCleanup(root.cleanup)
        return root.name, subprocess.run([FFASCOPE, "doctor", "--root", root.name, "--bundle", self.file],
                                         capture_output=True, text=True, check=False)

    def test_another_tar_reads_it_and_the_list_is_what_is_in_it(self):
        _, r = self.make({})
        self.assertEqual(r.returncode, 0, r.stderr)
        with tarfile.open(self.file) as tar:
            names = tar.getnames()
            sizes = {m.name: m.size for m in tar.getmembers()}
            self.assertEqual({(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in tar.getmembers()},
                             {(0, 0, "", "", 0)})
        listed = [line.split() for line in r.stdout[r.stdout.index(" holds\n"):].splitlines()[1:]]
        self.assertEqual([name for _, name in listed], names)
        self.assertEqual({name: int(size) for size, name in listed}, sizes)
        self.assertIn("README", names)
        self.assertIn("root/kmsg", names)

    def test_nothing_tells_who_it_was(self):
        self.make({"kmsg": machine.LOG + "\n".join((
            "[0.0] Kernel command line: arm_ffa.x=1 ffascope: kvm: optee: androidboot.serialno=SERIAL",
            "<6>[    0.1][    T1] Booting on builder's psci: machine",
            "[0.2] audit: comm=\"builder\" arm_ffa",
            "<5>[    0.3][    T1] Lockdown: builder: BPF is restricted; see man kernel_lockdown.7")),
                   "run/ffascope/lock": "77\n", "proc/77/comm": "builder\n"})
        with gzip.open(self.file) as f:
            data = f.read()
        for word in (b"builder", b"somewhere", b"SERIAL", b"serial 12345", b"02:11:22", b"UUID=", b"-mine"):
            self.assertNotIn(word, data)

    def test_the_same_comes_out_elsewhere(self):
        for changes in ({}, {"dev/ffascope": None}, {"sys/bus/arm_ffa/devices/": None, "sys/bus/arm_ffa/uevent": ""},
                        {"sys/kernel/tracing/remotes/": None, "sys/kernel/tracing/README": ""},
                        {"sys/kernel/btf/vmlinux": None}, {"dev/kvm": None}):
            root, r = self.make(changes)
            first = machine.ask(FFASCOPE, root)
            with tempfile.TemporaryDirectory() as there, tarfile.open(self.file) as tar:
                tar.extractall(there)
                self.assertEqual(json.loads(Path(there, "doctor.json").read_text()), first[2])
                again = machine.ask(FFASCOPE, Path(there, "root"))
                # The only output that contains a path of the machine.
                for report in (first, again):
                    report[1]["hyp-trace"].pop("found")
                self.assertEqual(first[1], again[1])
                self.assertEqual(first[0], again[0])

    def test_no_folder_is_left_beside_it(self):
        self.make({})
        self.assertEqual([p.name for p in Path(self.dir.name).iterdir()], ["b.tar.gz"])

    def test_a_place_that_cannot_be_written(self):
        root = machine.make({})
        self.addCleanup(root.cleanup)
        r = subprocess.run([FFASCOPE, "doctor", "--root", root.name, "--bundle", "/nowhere/x"], capture_output=True,
                           text=True, check=False)
        self.assertEqual(r.returncode, 5)
        self.assertIn("/nowhere/x", r.stderr)

    def pack(self, **files):
        with tarfile.open(self.file, "w:gz", format=tarfile.USTAR_FORMAT) as tar:
            for name, data in files.items():
                info = tarfile.TarInfo(name.replace("__", "."))
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))

    def replay(self, *args):
        return subprocess.run([FFASCOPE, *args, "replay", self.file], capture_output=True, text=True, check=False)

    def test_replay_takes_the_recordings_out(self):
        one, two = (RECORDINGS / f"{n}.ffarec" for n in ("rejected", "forwarded"))
        self.pack(README=b"text", calls__ffarec=one.read_bytes(), sweep__ffarec=two.read_bytes())
        r = self.replay("--json")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(r.stdout, one.with_suffix(".json").read_text() + two.with_suffix(".json").read_text())

    def test_replay_of_what_is_no_bundle(self):
        self.pack(README=b"text")
        r = self.replay()
        self.assertEqual(r.returncode, 5)
        self.assertIn("no recording is in it", r.stderr)
        self.pack(calls__ffarec=(RECORDINGS / "mixed.ffarec").read_bytes())
        whole = Path(self.file).read_bytes()
        for cut in (30, len(whole) // 2, len(whole) - 100):
            Path(self.file).write_bytes(whole[:cut])
            self.assertEqual(self.replay().returncode, 5)
        Path(self.file).write_bytes(gzip.compress(b"\xff" * 4096))
        self.assertIn("not an ffascope bundle", self.replay().stderr)


if __name__ == "__main__":
    unittest.main()
