# SPDX-License-Identifier: GPL-2.0-only
"""report.py KERNEL PLAN COUNTS: prints which lines and branches of EL2 code ran. See report.py --help.

PLAN is from extract.py, COUNTS from the plugin. A line's count is that of the instruction of it that ran most often; a
branch is a conditional branch instruction, with a count for each direction.
"""
import argparse
import hashlib
import re
import sys
from collections import defaultdict

import json

BOOT, COMMAND = 0, 1
TRACEFILE_ROOT = "arch/arm64/kvm/hyp"


def conditional(word):
    """B.cond, CBZ, CBNZ, TBZ, TBNZ."""
    return word & 0xFF000010 == 0x54000000 or word & 0x7E000000 in (0x34000000, 0x36000000)


class Counts:
    """What the plugin counted, by the addresses in vmlinux."""

    def __init__(self, path, phases):
        self.runs, self.taken, self.not_taken, self.words = defaultdict(int), defaultdict(int), defaultdict(int), {}
        self.slide, self.phase, self.traps, whole = None, 0, [], None
        with open(path, encoding="ascii") as lines:
            for line in lines:
                kind, *rest = line.split()
                if kind == "block":
                    self.add_block(rest, phases)
                elif kind == "trap":
                    self.traps.append(tuple(map(int, rest)))
                elif kind == "slide":
                    self.slide = int(rest[0], 16)
                elif kind == "phase":
                    self.phase = int(rest[0])
                else:
                    whole = kind
        if whole != "end":
            sys.exit("ffalab coverage: the plugin's record is incomplete")

    def add_block(self, fields, phases):
        addr, numbers, words = int(fields[0], 16), list(map(int, fields[1:10])), [int(w, 16) for w in fields[10:]]
        runs, taken, not_taken = (sum(numbers[3 * p + i] for p in phases) for i in range(3))
        for i, word in enumerate(words):
            self.runs[addr + 4 * i] += runs
            self.words[addr + 4 * i] = word
        last = addr + 4 * (len(words) - 1)
        self.taken[last] += taken
        self.not_taken[last] += not_taken


class Source:
    """The counts of one source file."""

    def __init__(self, path, text=None):
        self.path, self.text = path, text
        self.lines, self.branches, self.functions = defaultdict(int), {}, {}
        self.functions_at, self.instructions = [], (0, 0)

    def name_at(self, line):
        """The function that the line is in, by where functions are defined."""
        name = ""
        for begin, function in self.functions_at:
            if begin > line:
                break
            name = function
        return name

    def quote(self, line):
        return self.text[line - 1].rstrip().expandtabs(8) if self.text and line <= len(self.text) else ""


def measure(plan, path, counts):
    """Apply the counts of addresses to the lines, branches and functions of a source file."""
    data = plan["files"][path]
    source = Source(path, data["text"])
    for line, addrs in data["lines"].items():
        source.lines[int(line)] = max(counts.runs[addr] for addr in addrs)
    number = defaultdict(int)
    for addr, line in data["owned"]:
        word = counts.words.get(addr, plan["words"][(addr - plan["start"]) // 4])
        if line and conditional(word):
            source.branches[line, number[line]] = (counts.taken[addr], counts.not_taken[addr])
            number[line] += 1
            source.lines.setdefault(line, counts.runs[addr])
    source.functions_at = [(line, name) for line, _, name in data["functions"]]
    for line, addr, name in data["functions"]:
        inside = [count for at, count in source.lines.items() if source.name_at(at) == name]
        if addr is not None or inside:
            source.functions[name] = [line, counts.runs[addr] if addr is not None else max(inside)]
    source.instructions = (sum(counts.runs[addr] > 0 for addr, _ in data["owned"]), len(data["owned"]))
    return source


def read_lcov(path):
    """Return the test's name and the sources of a tracefile that write_lcov() wrote."""
    test, sources, source = "", {}, None
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                key, _, value = line.strip().partition(":")
                if key == "TN":
                    test = value
                elif key == "SF":
                    name = value[value.rfind(TRACEFILE_ROOT):] if TRACEFILE_ROOT in value else value
                    source = sources.setdefault(name, Source(name))
                elif key == "FN":
                    at, name = value.split(",")
                    source.functions[name] = [int(at), 0]
                elif key == "FNDA":
                    count, name = value.split(",")
                    source.functions[name][1] = int(count)
                elif key == "DA":
                    at, count = map(int, value.split(",")[:2])
                    source.lines[at] = count
                elif key == "BRDA":
                    at, block, way, count = value.split(",")
                    pair = list(source.branches.get((int(at), int(block)), (0, 0)))
                    pair[int(way)] = 0 if count == "-" else int(count)
                    source.branches[int(at), int(block)] = tuple(pair)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        sys.exit(f"ffalab coverage: {path} is not a tracefile of this program: {error}")
    if not test:
        sys.exit(f"ffalab coverage: {path} is not a tracefile of this program: it names no kernel")
    return test, sources


def write_lcov(path, test, sources, root):
    """geninfo(1) describes the format. Branch 0 of a block is the branch taken, 1 the instruction after it."""
    with open(path, "w", encoding="utf-8") as out:
        for source in sources:
            out.write(f"TN:{test}\nSF:{root}/{source.path}\n")
            for name, (line, _) in source.functions.items():
                out.write(f"FN:{line},{name}\n")
            for name, (_, count) in source.functions.items():
                out.write(f"FNDA:{count},{name}\n")
            out.write(f"FNF:{len(source.functions)}\nFNH:{sum(c > 0 for _, c in source.functions.values())}\n")
            for (line, block), pair in sorted(source.branches.items()):
                for way, count in enumerate(pair):
                    out.write(f"BRDA:{line},{block},{way},{count if sum(pair) else '-'}\n")
            out.write(f"BRF:{2 * len(source.branches)}\nBRH:{reached_edges(source.branches.values())}\n")
            for line, count in sorted(source.lines.items()):
                out.write(f"DA:{line},{count}\n")
            out.write(f"LF:{len(source.lines)}\nLH:{sum(c > 0 for c in source.lines.values())}\nend_of_record\n")


def reached_edges(pairs):
    return sum((taken > 0) + (not_taken > 0) for taken, not_taken in pairs)


def add(source, other):
    """Add the counts of an earlier run on the same kernel."""
    for line, count in other.lines.items():
        source.lines[line] = source.lines.get(line, 0) + count
    for key, (taken, not_taken) in other.branches.items():
        mine = source.branches.get(key, (0, 0))
        source.branches[key] = (mine[0] + taken, mine[1] + not_taken)
    for name, (line, count) in other.functions.items():
        source.functions.setdefault(name, [line, 0])[1] += count


def share(part, whole):
    return f"{part:5d} of {whole:4d}" + (f" {part / whole:5.0%}" if whole else "      ")


def print_table(source):
    rows = defaultdict(lambda: [0, 0, 0, 0])
    for line, count in source.lines.items():
        row = rows[source.name_at(line)]
        row[0] += count > 0
        row[1] += 1
    for (line, _), pair in source.branches.items():
        row = rows[source.name_at(line)]
        row[2] += reached_edges([pair])
        row[3] += 2
    total = [sum(row[i] for row in rows.values()) for i in range(4)]
    print(f"\n{source.path}\n{'':44}{'lines':>19}{'branches':>20}{'calls':>12}")
    print(f"  {'all':42}{share(*total[:2])} {share(*total[2:])}")
    for name, row in sorted(rows.items(), key=lambda item: next((at for at, f in source.functions_at if f == item[0]), 0)):
        calls = source.functions.get(name, [0, 0])[1]
        print(f"  {name or '(outside functions)':42}{share(*row[:2])} {share(*row[2:])} {calls:11d}")


def print_unreached(source):
    groups = defaultdict(list)
    for line, count in sorted(source.lines.items()):
        if not count:
            groups[source.name_at(line)].append(f"    {line:5d}           {source.quote(line)}")
    for (line, _), (taken, not_taken) in sorted(source.branches.items()):
        if source.lines.get(line) and (taken > 0) != (not_taken > 0):
            way = "never taken " if not taken else "always taken"
            groups[source.name_at(line)].append(f"    {line:5d} {way:>9} {source.quote(line)}")
    if groups:
        print(f"\nNot reached in {source.path}; for a branch: the direction of the conditional branch instruction")
    for name, texts in groups.items():
        print(f"  {name}")
        print("\n".join(dict.fromkeys(texts)))


def print_diff(source, old):
    """Lines and branches that only one of two runs reached."""
    def ran(counts, line):
        return counts.lines.get(line, 0) > 0

    for sign, new, other, word in (("+", source, old, "reached now, not before"), ("-", old, source, "reached before, not now")):
        lines = [line for line in sorted(new.lines) if ran(new, line) and not ran(other, line)]
        edges = [(line, way) for (line, block), pair in sorted(new.branches.items()) for way in (0, 1)
                 if pair[way] and not other.branches.get((line, block), (0, 0))[way] and line not in lines]
        print(f"\n{source.path}: {len(lines)} lines and {len(edges)} more branches {word}")
        for line in lines:
            print(f"{sign}   {line:5d}              {source.quote(line)}")
        for line, way in edges:
            print(f"{sign}   {line:5d} {'branch not taken' if way else 'branch taken':12} {source.quote(line)}")


def print_traps(traps):
    rows = defaultdict(int)
    for _, _, smcs, el3 in traps:
        rows[smcs, el3] += 1
    print(f"\nSMC traps of the host: {len(traps)}")
    for (smcs, el3), count in sorted(rows.items()):
        print(f"  {count:8d} with {smcs} SMCs at EL2 and {el3} entries of EL3 by them")


def choose(plan, wanted):
    paths = [path for path in plan["files"] if wanted == "all" or path == wanted or path.endswith("/" + wanted)]
    if not paths:
        sys.exit(f"ffalab coverage: no code of {wanted} at EL2; there are:\n        "
                 + "\n        ".join(sorted(path[len(TRACEFILE_ROOT) + 1:] for path in plan["files"])))
    return sorted(paths)


def check_counts(counts, boot):
    if counts.slide is None:
        sys.exit("ffalab coverage: the hypervisor was not found in the VM: handle_trap() never ran at EL2")
    if counts.phase == 0 and not boot:
        sys.exit("ffalab coverage: the command did not start")


def main():
    parser = argparse.ArgumentParser()
    for name in ("kernel", "plan", "counts"):
        parser.add_argument(name)
    for name in ("--source", "--lcov", "--root", "--command", "--traps"):
        parser.add_argument(name, default="")
    parser.add_argument("--add", action="append", default=[])
    parser.add_argument("--diff")
    parser.add_argument("--boot", action="store_true")
    args = parser.parse_args()

    with open(args.plan, encoding="utf-8") as stream:
        plan = json.load(stream)
    counts = Counts(args.counts, (BOOT,) if args.boot else (COMMAND,))
    check_counts(counts, args.boot)
    # Counts of another build of the kernel belong to other instructions.
    build = hashlib.sha256(json.dumps(plan["words"]).encode()).hexdigest()[:12]
    test = re.sub(r"\W", "_", args.kernel) + "_" + build
    sources = {path: measure(plan, path, counts) for path in choose(plan, args.source)}
    flags = sorted({plan["files"][path]["flags"] for path in sources} - {""})
    print(f"EL2 code of kernel {args.kernel} (build {build}, {', '.join(flags)}) "
          + ("during the boot" if args.boot else f"while this ran: {args.command}"))
    if "-O2" in flags:
        print("The compiler merges conditions and the ends of functions at -O2: such lines share a count.")
    for path in args.add:
        other_test, others = read_lcov(path)
        if other_test != test:
            sys.exit(f"ffalab coverage: {path} is from another build of the kernel ({other_test}, this is {test})")
        for name in sources.keys() & others.keys():
            add(sources[name], others[name])
        print(f"with the counts of {path}")
    for source in sources.values():
        print_table(source)
    print_traps(counts.traps)
    if args.diff:
        _, others = read_lcov(args.diff)
        for name, source in sources.items():
            print_diff(source, others.get(name, Source(name)))
    else:
        for source in sources.values():
            print_unreached(source)
    if args.lcov:
        write_lcov(args.lcov, test, sources.values(), args.root)
    if args.traps:
        with open(args.traps, "w", encoding="ascii") as out:
            out.writelines(" ".join(map(str, trap)) + "\n" for trap in counts.traps)


if __name__ == "__main__":
    main()
