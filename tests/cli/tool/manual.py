# SPDX-License-Identifier: GPL-2.0-only
"""manual.py FFASCOPE PAGE: verbs, options and exit statuses of --help are those of the page, verb by verb."""
import re
import subprocess
import sys
import unittest
from pathlib import Path

FFASCOPE, PAGE = sys.argv.pop(1), sys.argv.pop(1)
OPTION = re.compile(r"^(?:  -(.), |      )--([a-z0-9-]+)", re.M)
COMMON = {"help", "usage", "version"}


def help_of(*verb):
    return subprocess.run([FFASCOPE, *verb, "--help"], capture_output=True, text=True, check=True).stdout


def options_of_help(*verb):
    return {name for _, name in OPTION.findall(help_of(*verb))} - COMMON


def verbs_of_help():
    text = help_of()
    return re.findall(r"^  ([a-z]+) +\S", text[text.index("Verbs:"):], re.M)


def sections_of_page():
    """Options of the page: those before VERBS under None, the others under their verb."""
    verb, options = None, {None: set()}
    for line in Path(PAGE).read_text().splitlines():
        if line.startswith(".Sh JSON"):
            break
        m = re.match(r"\.It Cm ([a-z]+)", line)
        if m:
            verb = m.group(1)
            options[verb] = set()
        if line.startswith(".It Fl"):
            options[verb] |= set(re.findall(r"(?:Fl|,) -([a-z0-9-]+)", line))
    return options


class Manual(unittest.TestCase):
    def setUp(self):
        self.page = sections_of_page()

    def test_verbs(self):
        self.assertEqual(sorted(v for v in self.page if v), sorted(verbs_of_help()))

    def test_common_options(self):
        self.assertEqual(self.page[None] - COMMON, options_of_help())

    def test_options_of_each_verb(self):
        for verb in verbs_of_help():
            with self.subTest(verb=verb):
                self.assertEqual(self.page[verb], options_of_help(verb))

    def test_exit_statuses(self):
        text = Path(PAGE).read_text()
        section = text[text.index(".Sh EXIT STATUS"):text.index(".Sh EXAMPLES")]
        self.assertEqual(re.findall(r"^\.It (\d)$", section, re.M), list("012345"))


if __name__ == "__main__":
    unittest.main()
