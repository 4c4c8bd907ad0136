# SPDX-License-Identifier: GPL-2.0-only
"""generate.py FFASCOPE >ffascope.bash: completion for bash, out of the program's own table of verbs and catalogue.

The options of the verbs are those of --help; calls, fields and names of values are what the program's own
shell completes. Nothing is run while somebody completes.
"""
import re
import subprocess
import sys

FFASCOPE = sys.argv[1]
OPTION = re.compile(r"^(?:  -(.), |      )--([a-z0-9-]+)(=)?(\S*)", re.M)
FILES = {"device", "record", "junit", "save", "baseline", "html", "root", "output"}
WORDS = {"color": "auto always never", "ffa": "1.0 1.1 1.2 1.3", "since": "1.0 1.1 1.2 1.3",
         "policy": "strict spec", "via": "registers driver",
         "verdict": "rejected answered forwarded unknown"}
TAKES_CALLS = {"describe", "call", "sweep"}
TAKES_FILES = {"diff", "replay", "run"}


def output(*args, text=None):
    return subprocess.run([FFASCOPE, *args], input=text, capture_output=True, text=True, check=True).stdout


def verbs():
    text = output("--help")
    return re.findall(r"^  ([a-z]+) +\S", text[text.index("Verbs:"):], re.M)


def options(*verb):
    """Names of options, with = where they take a value."""
    return ["--" + name + equals for _, name, equals, _ in OPTION.findall(output(*verb, "--help"))]


def complete(lines):
    """What the program's shell offers at the end of each line."""
    text = output("shell", "--complete", text="".join(line + "\n" for line in lines))
    return split_blocks(text, len(lines))


def split_blocks(text, n):
    blocks, block = [], []
    for line in text.split("\n"):
        if line:
            block.append(line)
        else:
            blocks.append(block)
            block = []
    assert len(blocks) >= n
    return blocks[:n]


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def table(name, rows):
    yield f"declare -gA {name}=("
    for key, words in rows:
        yield f"\t[{key}]={quote(' '.join(words))}"
    yield ")"


def main():
    all_verbs = verbs()
    calls = [c.strip() for c in complete(["call "])[0]]
    fields = dict(zip(calls, complete([f"call {c} " for c in calls])))
    pairs = [(c, f[:-1]) for c in calls for f in fields[c] if f.endswith("=")]
    values = list(zip(pairs, complete([f"call {c} {f}=" for c, f in pairs])))

    print("# bash completion for ffascope\t\t-*- shell-script -*-")
    print("# SPDX-License-Identifier: GPL-2.0-only")
    print("# Written by completion/generate.py out of the program itself.")
    print()
    print(f"_ffascope_verbs={quote(' '.join(all_verbs))}")
    print(f"_ffascope_calls={quote(' '.join(calls))}")
    print(f"_ffascope_takes_calls={quote(' ' + ' '.join(v for v in all_verbs if v in TAKES_CALLS) + ' ')}")
    print(f"_ffascope_takes_files={quote(' ' + ' '.join(v for v in all_verbs if v in TAKES_FILES) + ' ')}")
    print("\n".join(table("_ffascope_options", [("_", options())] + [(v, options(v)) for v in all_verbs])))
    print("\n".join(table("_ffascope_fields", [(c, fields[c]) for c in calls if fields[c]])))
    # Calls are what most fields of type function take too: they are not written once for each.
    names = set(calls)
    print("\n".join(table("_ffascope_values", [
        (f"{c}/{f}", [w.strip() for w in words if w.strip() not in names] +
         (["@calls"] if any(w.strip() in names for w in words) else []))
        for (c, f), words in values if words])))
    print("\n".join(table("_ffascope_words", [(k, w.split()) for k, w in WORDS.items()])))
    print(f"_ffascope_files={quote(' ' + ' '.join(sorted(FILES)) + ' ')}")
    print()
    with open(__file__.replace("generate.py", "functions.bash"), encoding="utf-8") as f:
        print(f.read().split("\n\n", 1)[1], end="")


main()
