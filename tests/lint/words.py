#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""words.py [SOURCE]: comments, messages and documentation must not use the words below.

They mark sentences that a native reader has to read twice. Quoted text is exempt: "...", `...' and `...` in prose, and
escaped quotes in string literals. Prints FILE:LINE: WORD for each finding and exits 1 if there are any.
"""
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

WORDS = re.compile(r"""\b(?:
    nobody | whoever | somebody | anybody | is\ told\ of | all\ the\ same | as\ far\ as | lets?\ go | mend(?:s|ed|ing)? |
    heed(?:s|ed|ing)? | please | what\ is | by\ itself | of\ its\ worth | degrees? | anew | by\ way\ of | for\ want\ of
    )\b""", re.X | re.I)

# Data and foreign text. Expected output repeats messages, which are checked where they are written.
EXEMPT = re.compile(r"^LICENSE$|^tests/fuzz/corpus/|^tests/cli/.*\.txt$|\.(?:json|ffarec|svg|png|patch|dict|xml)$|^tests/lint/words\.py$")

C_TEXT = re.compile(r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")|'(?:\\.|[^'\\\n])+'""", re.S)
QUOTATION = re.compile(r"""\\"[^"\n]*\\"|"[^"\n]*"|`[^`'\n]*[`']""")


def blank(match):
    """Keep the newlines of a removed quotation, for line numbers."""
    return re.sub(r"[^\n]", " ", match.group())


def texts_of_c(text):
    """Yield offset and text of each comment and string literal."""
    for m in C_TEXT.finditer(text):
        if m.group("comment"):
            yield m.start(), QUOTATION.sub(blank, m.group())
        elif m.group("string"):
            yield m.start() + 1, re.sub(r'\\"[^"\n]*\\"', blank, m.group()[1:-1])


def texts_of_python(text):
    """Yield offset and text of each comment and string."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        offset = starts[token.start[0] - 1] + token.start[1]
        if token.type == tokenize.COMMENT:
            yield offset, QUOTATION.sub(blank, token.string)
        elif token.type == tokenize.STRING and token.string.endswith('"""'):
            body = token.string.index('"""') + 3
            yield offset + body, QUOTATION.sub(blank, token.string[body:-3])
        elif token.type == tokenize.STRING:
            yield offset, token.string


def texts(name, text):
    """Yield offset and text of everything in the file that is written for readers."""
    if name.endswith((".c", ".h")):
        yield from texts_of_c(text)
    elif name.endswith(".py"):
        yield from texts_of_python(text)
    elif name.endswith(".md"):
        yield 0, QUOTATION.sub(blank, re.sub(r"```.*?```", blank, text, flags=re.S))
    else:
        yield 0, text


def findings(name, text):
    """Return line numbers and words. A phrase may continue on the next line of a comment."""
    found = []
    for offset, part in texts(name, text):
        joined = re.sub(r"(?m)^\..*$", ".", part)  # macros of a manual page end a phrase
        joined = re.sub(r"\n[ \t]*(?:\*|#|//)?[ \t]*", " ", joined)
        whole = WORDS.findall(joined)
        lines = [(text.count("\n", 0, offset + m.start()) + 1, m.group()) for m in WORDS.finditer(part)]
        if len(whole) > len(lines):
            lines.append((text.count("\n", 0, offset) + 1, "across lines: " + ", ".join(whole)))
        found += lines
    return found


def check_checker():
    """Each kind of file has a sample with findings in known lines, and one without."""
    samples = (
        ("a.c", 'int nobody;\n/* Nobody is told\n * of it. */\nputs("please");', [2, 2, 4]),
        ("a.c", 'int please;\n/* The log says "please", `nobody\' */\nputs("no \\"mend\\" here");', []),
        ("a.py", 'nobody = 1\n# as far as\n"""what is"""\nx = "mended"\n', [2, 3, 4]),
        ("a.py", 'please = 1\n# "nobody" is a user\n', []),
        ("a.sh", "true\n# lets go\n", [2]),
        ("a.md", "Text\nof its worth `please`\n```\nnobody\n```\n", [2]),
        ("a.1", ".Sh NAME\nby itself\n.Ar what\nis\n", [2]),
    )
    for name, text, lines in samples:
        found = findings(name, text)
        assert [line for line, _ in found] == lines, (name, text, found)


def main():
    source = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    check_checker()
    listed = subprocess.run(["git", "-C", source, "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode:
        print("not a git checkout")
        return 77
    checked = bad = 0
    for name in listed.stdout.decode().split("\0"):
        if not name or EXEMPT.search(name) or not (source / name).is_file():
            continue
        try:
            text = (source / name).read_text()
        except UnicodeDecodeError:
            continue
        checked += 1
        for line, word in findings(name, text):
            print(f"{name}:{line}: {word}")
            bad += 1
    print(f"{checked} files, {bad} findings")
    return 1 if bad or not checked else 0


sys.exit(main())
