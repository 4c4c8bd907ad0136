# SPDX-License-Identifier: GPL-2.0-only
"""terminal.py FFASCOPE editing|plain: tests `shell' in a real terminal, provided by tmux. No device is needed."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

FFASCOPE, EDITING = str(Path(sys.argv.pop(1)).resolve()), sys.argv.pop(1) == "editing"
PATIENCE = 30  # seconds


class Terminal:
    def __init__(self, folder, term="screen", command=None):
        self.folder = Path(folder)
        self.socket = str(self.folder / f"tmux{time.monotonic_ns()}")  # the previous server may still be exiting
        command = command or f"{FFASCOPE} --device /nonexistent shell"
        env = {**os.environ, "XDG_STATE_HOME": str(self.folder / "state"), "HOME": folder}
        env.pop("TMUX", None)
        # libedit keeps memory until exit, and the leak sanitizer hangs if the terminal disappears meanwhile.
        env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "40",
                        f"env TERM={term} {command}; echo status $?; sleep 1000"], env=env, check=True)

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args], capture_output=True, text=True, check=True).stdout

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def screen(self):
        return "\n".join(line.rstrip() for line in self.tmux("capture-pane", "-p", "-J").splitlines()).rstrip()

    def wait(self, text, seen=""):
        """Wait until the screen's last line contains text and the screen shows all of seen."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            screen = self.screen()
            lines = screen.splitlines()
            if lines and text in lines[-1] and seen in screen:
                return screen
            time.sleep(0.05)
        raise AssertionError(f"no line with {text!r} at the end of, or no {seen!r} in:\n{self.screen()}")

    def end(self):
        """Let the shell exit normally: coverage counts are lost if it is killed with the terminal."""
        until = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < until and not any(line.startswith("status ") for line in self.screen().splitlines()):
                for key in "C-c", "C-d":
                    self.type(key)
                    time.sleep(0.05)
        except subprocess.CalledProcessError:
            pass  # the terminal is already closed
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)


class Shell(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.folder = tmp.name

    def start(self, **kwargs):
        terminal = Terminal(self.folder, **kwargs)
        self.addCleanup(terminal.end)
        terminal.wait("ffascope>")
        return terminal

    def test_a_call_is_completed(self):
        t = self.start()
        t.type("call notification_b", "Tab")
        t.wait("ffascope> call NOTIFICATION_BI")
        t.type("Tab")
        screen = t.wait("ffascope> call NOTIFICATION_BI", seen="NOTIFICATION_BITMAP_CREATE")
        self.assertIn("NOTIFICATION_BIND2", screen)
        t.type("T", "Tab")
        t.wait("call NOTIFICATION_BITMAP_")
        t.type("c", "Tab")
        t.wait("call NOTIFICATION_BITMAP_CREATE")

    def test_fields_and_values_are_completed(self):
        t = self.start()
        for typed, whole in (("call notification-set del", "delay-sri="), ("call features feature=sr", "feature=sri"),
                             ("call version ver", "version version="), ("call version query=negotiated", "query=negotiated"), ("expect forw", "expect forwarded"),
                             ("expect DENIED|succ", "DENIED|SUCCESS"), ("require forwarding id_g", "forwarding ID_GET"),
                             ("on-f", "on-failure"), ("on-failure st", "on-failure stop"), ("cpu al", "cpu all"),
                             ("require tr", "require tracing"), ("dec", "decode"), ("!r", "!record"),
                             ("call FFA_ID", "call FFA_ID_GET"), ("describe spm", "describe SPM_ID_GET")):
            with self.subTest(typed=typed):
                t.type("C-u", typed, "Tab")
                t.wait(whole)

    def test_variables_are_completed(self):
        t = self.start()
        t.type("let partition = 0x8001", "Enter")
        t.wait("ffascope>", seen="partition = 0x8001 (")
        t.type("call NOTIFICATION_GET receiver=$p", "Tab")
        t.wait("receiver=$partition")

    def test_history_is_kept_between_shells(self):
        t = self.start()
        t.type("let first = 1", "Enter", "let second = 2", "Enter")
        t.wait("ffascope>", seen="second = 0x2")
        t.type("Up", "Up")
        t.wait("ffascope> let first = 1")
        t.type("C-u", "quit", "Enter")
        t.wait("status 0")
        t.end()
        self.assertIn("second", (Path(self.folder) / "state/ffascope/history").read_text())
        self.assertEqual((Path(self.folder) / "state/ffascope").stat().st_mode & 0o777, 0o700)
        t = self.start()
        t.type("Up", "Up")
        t.wait("ffascope> let second = 2")

    def test_a_line_is_edited(self):
        t = self.start()
        t.type("leet a = 15", "C-a", "Right", "C-d", "C-e", "BSpace", "7", "Enter")
        t.wait("ffascope>", seen="a = 0x11 (17)")

    def test_ctrl_c_drops_the_line_and_the_block(self):
        t = self.start()
        t.type("let junk = 1", "C-c")
        time.sleep(0.3)
        t.type("repeat 2", "Enter")
        t.wait("...>")
        t.type("call ID_GET", "Enter")
        t.wait("...>", seen="...> call ID_GET")
        t.type("C-c")
        t.wait("ffascope>", seen="...> call ID_GET\n     ...>\n")
        t.type("let a = 1", "Enter")
        t.wait("ffascope>", seen="a = 0x1 (1)")
        self.assertNotIn("junk = 0x1", t.screen())

    def test_ctrl_c_ends_a_verb_and_not_the_shell(self):
        t = self.start()
        t.type("decode", "Enter")  # reads lines
        time.sleep(0.5)
        t.type("C-c")
        # Not the prompt before `decode', which a slow machine may still show.
        t.wait("^Cffascope>")
        t.type("let a = 1", "Enter")
        t.wait("ffascope>", seen="a = 0x1 (1)")

    def test_ctrl_d_ends_it(self):
        t = self.start()
        t.type("C-d")
        t.wait("status 0")

    def test_resizing(self):
        t = self.start()
        t.tmux("resize-window", "-x", "40", "-y", "20")
        t.type("call ID_GET w1=1 w2=2 w3=3 w4=4 w5=5 w6=6 w7=7")
        t.wait("w7=7")
        t.tmux("resize-window", "-x", "120", "-y", "30")
        time.sleep(0.3)
        t.type("C-u", "let a = 1", "Enter")
        t.wait("ffascope>", seen="a = 0x1 (1)")
        t.type("C-d")
        t.wait("status 0")

    def test_stopped_and_going_on(self):
        t = self.start(command=f"bash --norc -ic 'set -m; {FFASCOPE} shell; sleep 0.5; stty sane; fg; true'")
        t.type("C-z")
        time.sleep(1)
        t.type("let b = 2", "C-a", "Delete", "l", "Enter")
        t.wait("ffascope>", seen="b = 0x2 (2)")

    def test_a_dumb_terminal(self):
        t = self.start(term="dumb")
        t.type("let a = 1", "Enter")
        t.wait("ffascope>", seen="a = 0x1 (1)")
        t.type("C-d")
        t.wait("status 0")

    def test_the_terminal_is_left_as_it_was(self):
        t = Terminal(self.folder, command=f"stty -a >{self.folder}/before; {FFASCOPE} shell; stty -a >{self.folder}/after")
        self.addCleanup(t.end)
        t.wait("ffascope>")
        t.type("let a = 1", "Enter", "C-d")
        t.wait("status 0")
        self.assertEqual((Path(self.folder) / "before").read_text(), (Path(self.folder) / "after").read_text())

    def test_a_signal_ends_it_and_keeps_the_history(self):
        t = self.start(command=f"{FFASCOPE} shell")
        t.type("let a = 1", "Enter")
        t.wait("ffascope>", seen="a = 0x1")
        pid = t.tmux("list-panes", "-F", "#{pane_pid}").strip()
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", pid], capture_output=True, text=True, check=True)
        os.kill(int(children.stdout), 15)
        t.wait("status 143")
        self.assertIn("let", (Path(self.folder) / "state/ffascope/history").read_text())


if __name__ == "__main__":
    if not EDITING or not shutil.which("tmux"):
        print("no libedit, or no tmux", file=sys.stderr)
        sys.exit(77)
    unittest.main()
