# SPDX-License-Identifier: GPL-2.0-only
"""manual.py FFASCOPE PAGE SOURCE: compares the page with the program's verbs and options.

Verbs, options and exit statuses must match --help. The page must describe every JSON key that the sources write,
and no others.
"""
import re
import subprocess
import sys
import unittest
from pathlib import Path

FFASCOPE, PAGE, SOURCE = sys.argv.pop(1), sys.argv.pop(1), Path(sys.argv.pop(1))
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


def section(name):
    """A section of the page, from its heading to the next one."""
    text = Path(PAGE).read_text()
    begin = text.index(f".Sh {name}\n")
    end = text.find("\n.Sh ", begin)
    return text[begin:end + 1] if end >= 0 else text[begin:]


def keys_written():
    """Keys in calls that add to a JSON object, with any helper."""
    keys = set()
    for path in (SOURCE / "cli").rglob("*.c"):
        text = path.read_text()
        if "json_object" in text:
            keys |= set(re.findall(r'\b(?:json_object_object_add|\w*add\w*|say)\(\s*[\w>.-]+,\s*"([a-z][a-z_0-9]*)"',
                                   text))
    return keys


def json_page():
    return (SOURCE / "man/ffascope-json.5").read_text().splitlines()


def words_described():
    """Words that ffascope-json.5 marks as keys: in the heads of lists and in .Sy."""
    words = set()
    for line in json_page():
        if re.match(r"\.(It|Sy|Pq Sy) ", line):
            words |= set(re.findall(r"[a-z][a-z_0-9]*", line.split(" ", 1)[1]))
    return words


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

    def test_short_options_of_the_page(self):
        """An option with a short form in --help has it in the page."""
        text = Path(PAGE).read_text()
        for letter, name in OPTION.findall(help_of()):
            if letter and name not in COMMON:
                self.assertRegex(text, rf"(?m)^\.It Fl {letter} , -{name}\b")

    def test_exit_statuses(self):
        """The meaning of each exit status in --help starts the page's description."""
        text = help_of()
        told = re.findall(r"^  (\d)  (.*)$", text[text.index("Exit status:"):], re.M)
        described = re.findall(r"^\.It (\d+)\n((?:[^.].*\n)+)", section("EXIT STATUS"), re.M)
        self.assertEqual([number for number, _ in told], [number for number, _ in described])
        for (number, short), (_, full) in zip(told, described):
            self.assertTrue(full.replace("\n", " ").lower().startswith(short.lower()), f"{number}: {full!r}")

    def test_exit_statuses_are_those_of_the_sources(self):
        text = (SOURCE / "cli/command/verb.h").read_text()
        numbers = re.findall(r"^\tSTATUS_\w+ = (\d+),", text, re.M)
        self.assertTrue(numbers)
        self.assertEqual(re.findall(r"^\.It (\d+)$", section("EXIT STATUS"), re.M), numbers)

    def test_each_key_of_the_json_is_described(self):
        self.assertEqual(sorted(keys_written() - words_described()), [])

    def test_no_key_is_described_that_nothing_writes(self):
        heads = set()
        for line in json_page():
            if line.startswith(".It ") and not line.startswith((".It Sy", ".It Pa")):
                heads |= set(re.findall(r"[a-z][a-z_0-9]+", line[4:]))
        self.assertTrue(heads)
        self.assertEqual(sorted(heads - keys_written()), [])


if __name__ == "__main__":
    unittest.main()
