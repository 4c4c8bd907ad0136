# SPDX-License-Identifier: GPL-2.0-only
"""schema.py FFASCOPE SOURCE: everything that the tool prints as JSON without a device fits json/format-1.schema.json, the
schema loses nothing, and ffascope-json.5 describes all of it. tests/vm/json.sh does the same with a device.

schema.py FFASCOPE SOURCE --update adds new members to the list of promised ones.
"""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FFASCOPE, SOURCE = (Path(sys.argv.pop(1)).resolve() for _ in range(2))
sys.path.insert(0, str(SOURCE / "tests/cli/json"))
from validate import Schema  # noqa: E402  (needs the path)

SCHEMA = SOURCE / "json/format-1.schema.json"
PROMISED = SOURCE / "tests/cli/json/format-1.members"
TOOL = SOURCE / "tests/cli/tool"
CATALOGUE = SOURCE / "tests/cli/catalogue"
BASELINES = sorted(map(str, (SOURCE / "examples/baselines").glob("*.json")))
# Printed with a device only; recordings have the calls of all but the first.
DEVICE_ONLY = {"notify"}


def run(*args, stdin=""):
    """Lines of stdout and stderr."""
    done = subprocess.run([FFASCOPE, "--json", *map(str, args)], input=stdin, capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    return done.stdout.splitlines() + done.stderr.splitlines()


def catalogue():
    yield "list", run("list")
    for line in run("list"):
        yield "describe", run("describe", json.loads(line)["call"])
    for line in run("list", "--descriptors"):
        name = json.loads(line)["descriptor"]
        yield "list", [line]
        yield "describe", run("describe", name)
        yield "decode", run("decode", "--explain", "--buffer", name, "-", stdin="ff " * 100)
        yield "decode", run("decode", "--buffer", name, "-", stdin="00 01")
    yield "decode", run("decode", stdin=(CATALOGUE / "decode.in").read_text())
    yield "decode", run("decode", "--explain", stdin=(CATALOGUE / "decode.in").read_text())
    for line in (CATALOGUE / "answers.in").read_text().splitlines():
        result, words = line.split(": ")
        yield "decode", run("decode", "--result", result, *words.split())


def recorded():
    for path in sorted([*(TOOL / "recordings").glob("*.ffarec"), *(TOOL / "runs").glob("*.ffarec")]):
        for more in [], ["--calls"], ["--as", "summary"], ["--as", "violations"], ["--no-trace"]:
            yield "replay", run("replay", *more, path)


def others(folder):
    yield "call", run("call", "--dry-run", "notification-set", "w2[9]=1")
    yield "call", run("call", "--dry-run", "0x840000ff")
    yield "call", run("call", "nonsense")
    yield "call", run("call", "id-get")
    yield "sweep", run("sweep", "--dry-run")
    yield "fuzz", run("--device", "/nonexistent", "fuzz", "--count", 1)
    yield "sweep", run("--ffa", "1.3", "sweep", "--dry-run", "--allow-state-change")
    yield "diff", run("diff", *BASELINES)
    yield "compare", run("compare", *BASELINES)
    yield "compare", run("compare", "--all", "--expect", *BASELINES)
    yield "run", run("run", "--check", SOURCE / "examples/smoke/stock.ffa")
    script = Path(folder) / "wrong.ffa"
    script.write_text("call NONSENSE\n")
    yield "run", run("run", script)
    yield "shell", run("shell", stdin='let a = 5\nexpect forwarded\ncall ID_GET\nrequire module\n')
    yield "trace", run("--device", "/nowhere", "--tracefs", "/nowhere", "trace", "--count", "1")
    yield "doctor", run("doctor")
    yield "doctor", run("doctor", "--root", folder)
    yield "doctor", run("doctor", "--notifications")


def printed(folder):
    """Pairs of a verb and the lines that it printed."""
    yield from catalogue()
    yield from recorded()
    yield from others(folder)


def members(schema, node, at=""):
    """Pairs of a member's path and its types."""
    node = schema.resolve(node)
    for option in node.get("anyOf", []):
        yield from members(schema, option, at)
    for name, member in node.get("properties", {}).items():
        yield f"{at}.{name}", types(schema, member)
        yield from members(schema, member, f"{at}.{name}")
    if "items" in node:
        yield from members(schema, node["items"], f"{at}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield f"{at}.*", types(schema, node["additionalProperties"])
        yield from members(schema, node["additionalProperties"], f"{at}.*")


def types(schema, node):
    node = schema.resolve(node)
    if "anyOf" in node:
        return "|".join(sorted({name for option in node["anyOf"] for name in types(schema, option).split("|")}))
    if "const" in node or "enum" in node:
        return "|".join(sorted({"null" if v is None else "integer" if isinstance(v, int) else "string"
                                for v in node.get("enum", [node.get("const")])}))
    kinds = node["type"]
    return "|".join(sorted([kinds] if isinstance(kinds, str) else kinds))


def all_members():
    schema = Schema(SCHEMA)
    found = {}
    for kind in schema.root["anyOf"]:
        name = kind["$ref"].rpartition("/")[2]
        found.update(members(schema, kind, name))
    return found


def promised():
    return dict(line.split("\t") for line in PROMISED.read_text().splitlines() if not line.startswith("#"))


class Output(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = Schema(SCHEMA)
        with tempfile.TemporaryDirectory() as folder:
            cls.printed = list(printed(folder))

    def test_every_verb_fits_the_schema(self):
        wrong = [f"{verb}: {error}\n    {line[:200]}" for verb, lines in self.printed for line in lines
                 for error in self.schema.line_errors(line)]
        self.assertEqual(wrong[:5], [], f"{len(wrong)} errors. A new member belongs in {SCHEMA.name} and ffascope-json.5; a "
                                        "renamed or removed one breaks programs that read format 1")
        self.assertGreater(sum(len(lines) for _, lines in self.printed), 1000)

    def test_every_verb_was_asked(self):
        usage = subprocess.run([FFASCOPE, "--help"], capture_output=True, text=True, check=True).stdout
        verbs = set(re.findall(r"^  ([a-z]+) +\S", usage[usage.index("Verbs:"):], re.M))
        self.assertEqual(verbs - {verb for verb, lines in self.printed if lines} - DEVICE_ONLY, set())

    def test_a_renamed_member_does_not_fit(self):
        line = next(lines[0] for verb, lines in self.printed if verb == "replay")
        self.assertEqual(self.schema.line_errors(line), [])
        for name in json.loads(line):
            renamed = json.loads(line)
            renamed[name + "_"] = renamed.pop(name)
            self.assertNotEqual(self.schema.line_errors(json.dumps(renamed)), [], name)

    def test_another_type_does_not_fit(self):
        call = json.loads(next(lines[0] for verb, lines in self.printed if verb == "replay"))
        for name, value in (("smcs", "1"), ("verdict", "refused"), ("fid", 5), ("format", 2), ("in", ["0x0"])):
            changed = copy.deepcopy(call)
            changed[name] = value
            self.assertNotEqual(self.schema.line_errors(json.dumps(changed)), [], name)


class Promise(unittest.TestCase):
    def test_the_schema_is_one(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest("python3-jsonschema is not installed")
        jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))

    def test_no_member_is_lost_or_gets_another_type(self):
        now = all_members()
        lost = {name: kind for name, kind in promised().items() if now.get(name) != kind}
        self.assertEqual(lost, {}, "format 1 promises these members")

    def test_every_member_is_promised(self):
        self.assertEqual(sorted(set(all_members()) - set(promised())), [],
                         "new members; run tests/cli/json/schema.py FFASCOPE SOURCE --update")

    def test_the_page_describes_every_member(self):
        page = (SOURCE / "man/ffascope-json.5").read_text()
        words = set(re.findall(r"[a-z][a-z_0-9]*", " ".join(re.findall(r"^\.(?:It|Sy|Pq Sy) (.*)$", page, re.M))))
        names = {name.rpartition(".")[2].removesuffix("[]") for name in all_members()}
        self.assertEqual(sorted(names - words - {"*"}), [])


def update():
    known = promised() if PROMISED.exists() else {}
    lines = sorted({**all_members(), **known}.items())
    PROMISED.write_text("# Members of format 1 with their types. Lines are only added: schema.py --update does.\n" +
                        "".join(f"{name}\t{kind}\n" for name, kind in lines))


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        unittest.main()
