# SPDX-License-Identifier: GPL-2.0-only
"""recording_page.py SOURCE: ffascope-recording.5 describes each chunk, and each field's offset and size, as in the sources."""
import re
import sys
import unittest
from pathlib import Path

SOURCE = Path(sys.argv.pop(1))
PAGE = (SOURCE / "man/ffascope-recording.5").read_text()
CODE = re.sub(r"/\*.*?\*/", "", "".join((SOURCE / name).read_text() for name in (
    "bpf/event.h", "cli/ffa/regs.h", "cli/verdict/verdict.h", "cli/watch/state.h", "cli/watch/watch.h",
    "cli/record/record.h", "cli/record/internal.h", "cli/record/format.c", "cli/record/reader.c", "cli/record/writer.c")), flags=re.S)
NUMBERS = {name: value for name, value in re.findall(r"^#define (\w+)\s+(?:UINT32_C\()?(\w+)\)?$", CODE, re.M)}
SIZES = {"char": 1, "unsigned char": 1, "unsigned short": 2, "unsigned int": 4, "int": 4, "unsigned long long": 8,
         "uint32_t": 4, "int32_t": 4, "uint64_t": 8, "int64_t": 8}
# The structure of each chunk's table; END, STACK and FAILURE are described in prose or end in text.
STRUCTS = {"META": "record_meta", "BATCH": "record_batch", "CALLS": "verdict_call", "EVENTS": "hyp_event",
           "STATE": "watch_state", "ROUND": "watch_round", "MARKS": "watch_mark", "WATCHED": "host_call"}


def members(name):
    """A structure's fields: name, size, and type if it is a structure; all packed, as the sources assert."""
    body = re.search(rf"^struct {name} \{{\n(.*?)^\}};", CODE, re.M | re.S)[1]
    found = []
    for kind, struct, field, count in re.findall(r"^\t((?:struct (\w+))|[\w ]+?) (\w+)(?:\[(\w+)\])?;", body, re.M):
        times = int(NUMBERS.get(count, count or 1))
        found.append((field, times * (size_of(struct) if struct else SIZES[kind]), struct if not count else None))
    return found


def size_of(name):
    return sum(size for _, size, _ in members(name))


def places(name):
    """Offset, size and name of each field; nested structures are expanded, except registers."""
    at, found = 0, []
    for field, size, struct in members(name):
        if struct and struct != "ffa_regs":
            found += [(at + offset, length, inner) for offset, length, inner in places(struct)]
        else:
            found.append((at, size, field))
        at += size
    return found


def table(text):
    """Offset, size and description of the rows of a table in the page."""
    return [(int(offset), int(size), words) for offset, size, words in re.findall(r"^\.It (\d+) Ta (\d*) Ta (.*)$", text, re.M)
            if size]


def chunks():
    parts = re.split(r"^\.Ss (\d+), (\w+)$", PAGE[PAGE.index(".Sh CHUNKS"):PAGE.index(".Sh REPLAY")], flags=re.M)
    return {name: (int(number), text) for number, name, text in zip(parts[1::3], parts[2::3], parts[3::3])}


class RecordingPage(unittest.TestCase):
    def agree(self, name, rows):
        self.assertEqual([row[:2] for row in rows], [place[:2] for place in places(name)], name)
        for (_, _, words), (_, _, field) in zip(rows, places(name)):
            self.assertEqual(words.startswith("reserved"), field == "reserved", f"{name}: {field}: {words}")

    def test_each_chunk_has_its_number(self):
        names = re.findall(r"CHUNK_(\w+)(?: = 1)?,", re.search(r"^enum chunk_type \{(.*?)^\};", CODE, re.M | re.S)[1])
        self.assertEqual({name: number for name, (number, _) in chunks().items()},
                         {name: number for number, name in enumerate(names, 1)})

    def test_fields_of_each_chunk(self):
        for name, struct in STRUCTS.items():
            with self.subTest(chunk=name):
                text = chunks()[name][1]
                self.agree(struct, table(text))
                told = re.search(r"^(?:As many times )?(\d+) bytes", text, re.M)
                self.assertEqual(int(told[1]), size_of(struct))

    def test_what_a_file_and_a_chunk_begin_with(self):
        head = PAGE[:PAGE.index(".Sh CHUNKS")].split("Chunks follow up to the end")
        self.agree("file_header", table(head[0]))
        self.agree("chunk_header", table(head[1]))
        self.assertIn(f"format, {NUMBERS['RECORD_FORMAT']}", head[0])
        self.assertIn(NUMBERS["RECORD_BYTE_ORDER_MARK"], head[0])

    def test_sizes_are_those_that_the_compiler_asserts(self):
        asserted = re.findall(r"_Static_assert\(sizeof\(struct (\w+)\) == (\d+)", CODE)
        self.assertEqual({name for name, _ in asserted}, set(STRUCTS.values()))
        for name, size in asserted:
            self.assertEqual(size_of(name), int(size), name)

    def test_numbers_that_stand_for_words(self):
        def enum(name, prefix):
            text = re.search(rf"^enum {name} \{{(.*?)^\}};", CODE, re.M | re.S)[1]
            return [word.lower() for word in re.findall(rf"\b{prefix}(\w+)", text)]

        text = " ".join(PAGE.split())
        reasons = [word.replace("_", "-") for word in enum("verdict_reason", "VERDICT_") if word != "reason_none"]
        self.assertIn(", ".join(f"{i} {word}" for i, word in enumerate(reasons, 1)) + ".", text)
        levels = [word for word in enum("hyp_reason", "HYP_REASON_") if word != "none"]
        self.assertIn(", ".join(f"{i} {word}" for i, word in enumerate(levels)) + ".", text)

    def test_keys_of_about(self):
        written = set(re.findall(r'put_(?:word|number)\(out, "(\w+)"', CODE))
        self.assertTrue(written)
        self.assertEqual(set(re.findall(r"^\.It Cm (\w+)$", chunks()["ABOUT"][1], re.M)), written)


if __name__ == "__main__":
    unittest.main()
