# SPDX-License-Identifier: GPL-2.0-only
"""validate.py SCHEMA FILE...: checks each line of JSON that ffascope printed; "-" is standard input.

The schema lets members be added. Here every member must be in it, so that a new one is not forgotten, and a renamed one is
noticed. Supports the part of JSON Schema that the file uses.
"""
import json
import re
import sys

TYPES = {"object": dict, "array": list, "string": str, "null": type(None), "boolean": bool}
KNOWN = {"$schema", "$id", "$defs", "title", "description", "$ref", "anyOf", "const", "enum", "type", "pattern", "properties",
         "required", "additionalProperties", "items", "minItems", "maxItems"}


class Schema:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = json.load(file)

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return schema

    def errors(self, value, schema=None, at="$"):
        """Everything that is wrong with a value: texts that begin with the place."""
        schema = self.resolve(self.root if schema is None else schema)
        assert not set(schema) - KNOWN, f"{set(schema) - KNOWN}: teach validate.py this keyword"
        if "anyOf" in schema:
            found = [self.errors(value, option, at) for option in schema["anyOf"]]
            return [] if [] in found else min(found, key=len)
        return [f"{at}: {text}" for text in self.wrong(value, schema)] + list(self.inner(value, schema, at))

    @staticmethod
    def wrong(value, schema):
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(is_type(value, t) for t in types):
            yield f"{json.dumps(value)[:60]} is not {' or '.join(types)}"
        if "const" in schema and value != schema["const"]:
            yield f"{json.dumps(value)[:60]} is not {schema['const']}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"{json.dumps(value)[:60]} is none of {schema['enum']}"
        if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
            yield f"{value[:60]} does not match {schema['pattern']}"
        if isinstance(value, list) and not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{len(value)} items"

    def inner(self, value, schema, at):
        if isinstance(value, list):
            for i, item in enumerate(value):
                yield from self.errors(item, schema.get("items", {}), f"{at}[{i}]")
        if not isinstance(value, dict):
            return
        known = schema.get("properties", {})
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}: no member {name!r}"
        for name, member in value.items():
            if name in known:
                yield from self.errors(member, known[name], f"{at}.{name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                yield from self.errors(member, schema["additionalProperties"], f"{at}.{name}")
            else:
                yield f"{at}: the schema has no member {name!r}"

    def line_errors(self, line):
        """Of one line of output. The kind of object is the one with the fewest errors."""
        try:
            value = json.loads(line)
        except ValueError as error:
            return [f"not JSON: {error}"]
        kinds = [(self.errors(value, kind), kind["$ref"]) for kind in self.root["anyOf"]]
        errors, kind = min(kinds, key=lambda pair: len(pair[0]))
        return [f"as {kind.rpartition('/')[2]}: {error}" for error in errors]


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def main():
    schema = Schema(sys.argv[1])
    lines = wrong = 0
    for path in sys.argv[2:]:
        with sys.stdin if path == "-" else open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                lines += 1
                errors = schema.line_errors(line)
                wrong += bool(errors)
                for error in errors[:3] if wrong < 20 else []:
                    print(f"{path}:{number}: {error}")
    print(f"{lines} objects, {wrong} do not fit the schema")
    if wrong:
        print("A new member: add it to json/format-1.schema.json and man/ffascope-json.5. A renamed or removed one breaks "
              "programs that read format 1.")
    return bool(wrong) or not lines


if __name__ == "__main__":
    sys.exit(main())
