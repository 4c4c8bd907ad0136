# SPDX-License-Identifier: GPL-2.0-only
"""uapi_page.py SOURCE: ffascope.4 describes exactly the module's structures, numbers, errors and parameters."""
import re
import sys
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1))
HEADER = (SOURCE / "kmod/ffascope.h").read_text()
MODULE = "".join(path.read_text() for path in sorted((SOURCE / "kmod").glob("*.c")))
PAGE = (SOURCE / "man/ffascope.4").read_text()


def structures_of_header():
    """Maps each structure's name to its fields' names."""
    code = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)
    return {name: re.findall(r"(\w+)(?:\[\w+\])?;", body)
            for name, body in re.findall(r"^struct (\w+) \{(.*?)^\};", code, re.M | re.S)}


def structures_of_page():
    """The same from the page's lists: an item .Fa belongs to the preceding .Vt."""
    structures, name = {}, None
    for line in PAGE[PAGE.index(".Sh STRUCTURES"):PAGE.index(".Sh REQUESTS")].splitlines():
        if m := re.match(r"\.It Vt struct (\w+)$", line):
            name = m.group(1)
            structures[name] = []
        elif m := re.match(r"\.It Fa (.*)$", line):
            structures[name] += re.findall(r"\w+", m.group(1))
    return structures


def numbers_of_header():
    code = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)
    return set(re.findall(r"\bFFASCOPE_[A-Z0-9_]+", code))


class UapiPage(unittest.TestCase):
    def test_fields_of_each_structure(self):
        self.assertTrue(structures_of_header())
        page = {name: sorted(fields) for name, fields in structures_of_page().items()}
        self.assertEqual(page, {name: sorted(fields) for name, fields in structures_of_header().items()})

    def test_numbers_and_requests(self):
        self.assertEqual(set(re.findall(r"\bFFASCOPE_[A-Z0-9_]+", PAGE)), numbers_of_header())
        requests = set(re.findall(r"#define (FFASCOPE_\w+) _IOW?R", HEADER))
        self.assertTrue(requests)
        self.assertEqual(set(re.findall(r"^\.It Dv (\w+)$", PAGE, re.M)), requests)

    def test_errors(self):
        """Errors that the module's code returns, plus E2BIG from copy_struct_from_user()."""
        returned = set(re.findall(r"-(E[A-Z0-9]+)\b", MODULE)) | {"E2BIG"}
        if "copy_struct_from_user" not in MODULE:
            returned -= {"E2BIG"}
        if "security_locked_down" in MODULE:
            returned |= {"EPERM"}
        self.assertEqual(set(re.findall(r"\bEr (E[A-Z0-9]+)\b", PAGE)), returned)

    def test_parameters(self):
        self.assertEqual(re.findall(r"^\.It Cm (\w+) Ns =", PAGE, re.M),
                         re.findall(r"^module_param(?:_unsafe)?\((\w+),", MODULE, re.M))


if __name__ == "__main__":
    unittest.main()
