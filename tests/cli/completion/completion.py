# SPDX-License-Identifier: GPL-2.0-only
"""completion.py FFASCOPE FILE: tests what bash completes with the generated file."""
import re
import subprocess
import sys
import unittest

FFASCOPE, FILE = sys.argv.pop(1), sys.argv.pop(1)

# Emulates bash on TAB with its default COMP_WORDBREAKS.
SCRIPT = r"""
source "$1" || exit 9
COMP_LINE=$2 COMP_POINT=${#2}
_ffascope
printf '%s\n' "${COMPREPLY[@]}"
"""


def complete(line):
    r = subprocess.run(["bash", "--norc", "-c", SCRIPT, "bash", FILE, line], capture_output=True, text=True, check=True)
    assert not r.stderr, r.stderr
    return [word for word in r.stdout.split("\n") if word]


class Completion(unittest.TestCase):
    def test_all_verbs(self):
        text = subprocess.run([FFASCOPE, "--help"], capture_output=True, text=True, check=True).stdout
        verbs = re.findall(r"^  ([a-z]+) +\S", text[text.index("Verbs:"):], re.M)
        self.assertIn("run", verbs)
        self.assertEqual(complete("ffascope "), verbs)
        self.assertEqual(complete("ffascope --json --ffa 1.2 de"), ["describe", "decode"])

    def test_all_options_of_each_verb(self):
        for verb in complete("ffascope "):
            text = subprocess.run([FFASCOPE, verb, "--help"], capture_output=True, text=True, check=True).stdout
            names = set(re.findall(r"^(?:  -., |      )(--[a-z0-9-]+=?)", text, re.M))
            with self.subTest(verb=verb):
                self.assertEqual(set(complete(f"ffascope {verb} -")), names)

    def test_all_calls(self):
        text = subprocess.run([FFASCOPE, "list"], capture_output=True, text=True, check=True).stdout
        calls = re.findall(r"^FFA_(\w+)", text, re.M)
        self.assertGreater(len(calls), 50)
        self.assertEqual(sorted(complete("ffascope call ")), sorted(c.lower().replace("_", "-") for c in calls))
        self.assertEqual(complete("ffascope describe NOTIFICATION_BITMAP_C"), ["NOTIFICATION_BITMAP_CREATE"])
        self.assertEqual(complete("ffascope describe FFA_SPM"), ["FFA_SPM_ID_GET"])
        self.assertEqual(complete("ffascope sweep spm"), ["spm-id-get"])

    def test_fields(self):
        self.assertEqual(complete("ffascope call notification-bitmap-create "), ["vm-id=", "vcpu-count=", "sp-notifications="])
        self.assertEqual(complete("ffascope call --cpu 1 FFA_NOTIFICATION_BIND per"), ["per-vcpu="])
        self.assertEqual(complete("ffascope call notification-bind sender=1 rec"), ["receiver="])

    def test_values(self):
        # bash passes only the text after = as the word.
        self.assertEqual(complete("ffascope call features feature=sr"), ["sri"])
        self.assertEqual(complete("ffascope call features feature=notification-inf"),
                         ["notification-info-get", "notification-info-get-64"])
        self.assertEqual(complete("ffascope call version version=1.")[:2], ["1.0", "1.1"])
        self.assertEqual(complete("ffascope call notification-get flags=hy"), ["hyp"])

    def test_values_of_options(self):
        self.assertEqual(complete("ffascope --color="), ["auto", "always", "never"])
        self.assertEqual(complete("ffascope --color a"), ["auto", "always"])
        self.assertEqual(complete("ffascope --ffa 1.2 call spm"), ["spm-id-get"])
        self.assertEqual(complete("ffascope decode --result notification-inf"),
                         ["notification-info-get", "notification-info-get-64"])
        self.assertIn("/dev/null", complete("ffascope call --record /dev/nul"))
        self.assertIn("/dev/null", complete("ffascope call --record=/dev/nul"))
        self.assertIn("/dev/null", complete("ffascope replay /dev/nul"))

    def test_it_is_well_formed(self):
        subprocess.run(["bash", "-n", FILE], check=True)


if __name__ == "__main__":
    unittest.main()
