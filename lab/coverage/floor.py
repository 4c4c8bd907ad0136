# SPDX-License-Identifier: GPL-2.0-only
"""floor.py TRACEFILE SOURCE FLOOR: does a tracefile of ffalab coverage reach what FLOOR asks for?

FLOOR names functions, and how many directions of branches at which lines of them are infeasible. Exits 1 and names the
lines and branches if something else was not reached, or if something infeasible was: then the list is wrong.
"""
import sys
from collections import Counter
from pathlib import Path

import report


def read_floor(path):
    """Return the functions, and the infeasible directions by function and text of the line."""
    functions, infeasible = [], {}
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        words = line.split(maxsplit=3)
        if line.startswith("function "):
            functions.append(words[1])
        elif line.startswith("infeasible "):
            infeasible[words[1], words[3].strip()] = int(words[2])
    return functions, infeasible


def main():
    tracefile, source_path, floor = sys.argv[1:]
    functions, infeasible = read_floor(floor)
    _, sources = report.read_lcov(tracefile)
    source = next(iter(sources.values()))
    source.text = Path(source_path).read_text(encoding="utf-8").splitlines()
    source.functions_at = sorted((line, name) for name, (line, _) in source.functions.items())
    wrong = [f"{name}: not in the tracefile" for name in functions if name not in source.functions]
    left, lines, directions = Counter(), 0, 0
    for line, count in sorted(source.lines.items()):
        name = source.name_at(line)
        if name in functions:
            lines += 1
            if not count:
                wrong.append(f"{name}: line {line} was not reached: {source.quote(line).strip()}")
    for (line, _), pair in source.branches.items():
        if source.name_at(line) in functions:
            directions += 2
            left[line] += sum(count == 0 for count in pair)
    for line in sorted(left):
        name, text = source.name_at(line), source.quote(line).strip()
        allowed = infeasible.pop((name, text), 0)
        if left[line] != allowed:
            wrong.append(f"{name}: line {line}: {left[line]} directions of branches were not reached, {allowed} are infeasible: {text}")
    wrong += [f"{name}: no branch at a line with this text: {text}" for name, text in infeasible]
    print(f"{len(functions)} functions: {lines} lines, {directions} directions of branches, {sum(left.values())} not reached")
    print("".join(f"  {text}\n" for text in wrong), end="")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
