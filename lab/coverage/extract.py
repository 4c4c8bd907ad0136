# SPDX-License-Identifier: GPL-2.0-only
"""extract.py VMLINUX TREE OUT: what the plugin and report.py need to know of a kernel's hypervisor, as JSON in OUT.

VMLINUX must have DWARF 4 or 5; TREE is the folder that it was built in. OUT has the range of hyp text, the instructions
of handle_trap(), all instructions, and for each source file under arch/arm64/kvm/hyp its text, its functions and which
line each instruction belongs to. Prints the plugin's arguments.
"""
import json
import os
import re
import sys

from elftools.elf.elffile import ELFFile

PREFIX = "__kvm_nvhe_"
SIGNATURE_MIN, SIGNATURE_MAX = 4, 8
# Instructions that end a translated block: B.cond, CBZ/CBNZ, TBZ/TBNZ, B/BL, BR/BLR/RET/ERET.
BRANCHES = ((0xFF000010, 0x54000000), (0x7E000000, 0x34000000), (0x7E000000, 0x36000000), (0x7C000000, 0x14000000),
            (0xFE000000, 0xD6000000))


def is_branch(word):
    return any(word & mask == value for mask, value in BRANCHES)


def read_words(elf, start, end):
    """Return the instructions in [start, end)."""
    for section in elf.iter_sections():
        if section["sh_addr"] <= start and end <= section["sh_addr"] + section["sh_size"] and section["sh_type"] != "SHT_NOBITS":
            elf.stream.seek(section["sh_offset"] + start - section["sh_addr"])
            data = elf.stream.read(end - start)
            return [int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4)]
    sys.exit("extract.py: no section holds hyp text")


def read_symbols(elf):
    table = elf.get_section_by_name(".symtab")
    if not table:
        sys.exit("extract.py: vmlinux has no symbols")
    wanted = ("__hyp_text_start", "__hyp_text_end", PREFIX + "handle_trap")
    found = {s.name: s["st_value"] for s in table.iter_symbols() if s.name in wanted}
    for name in wanted:
        if name not in found:
            sys.exit(f"extract.py: vmlinux has no symbol {name}: it is not a kernel with nVHE KVM")
    return [found[name] for name in wanted]


def signature(words):
    """The first instructions of handle_trap(), of which enough are not system instructions."""
    end = next((i for i, word in enumerate(words[:SIGNATURE_MAX]) if is_branch(word)), SIGNATURE_MAX)
    if sum(word >> 24 != 0xD5 for word in words[:end]) < SIGNATURE_MIN:
        sys.exit("extract.py: handle_trap() begins with too few instructions to recognise it")
    return words[:end]


def file_name(program, cu_dir, number):
    header = program.header
    entry = header["file_entry"][number - 1 if header["version"] < 5 else number]
    index = entry["dir_index"]
    name = entry.name.decode()
    if header["version"] < 5:
        folder = header["include_directory"][index - 1].decode() if index else ""
    else:
        folder = header["include_directory"][index].decode()
    return os.path.normpath(os.path.join(cu_dir, folder, name))


def functions_of(cu, files):
    """Yield file, line, name and address (None: inlined everywhere) of each function that is defined in the unit."""
    for die in cu.get_top_DIE().iter_children():
        if die.tag != "DW_TAG_subprogram" or "DW_AT_decl_line" not in die.attributes or "DW_AT_declaration" in die.attributes:
            continue
        name = die.attributes.get("DW_AT_name")
        if name and ("DW_AT_low_pc" in die.attributes or "DW_AT_inline" in die.attributes):
            low = die.attributes.get("DW_AT_low_pc")
            yield files(die.attributes["DW_AT_decl_file"].value), die.attributes["DW_AT_decl_line"].value, name.value.decode(), \
                low.value if low else None


def address_of_abstract(cu, functions):
    """Addresses of functions that have both inlined and separate code: DIEs that refer to the abstract one."""
    for die in cu.get_top_DIE().iter_children():
        if die.tag == "DW_TAG_subprogram" and "DW_AT_abstract_origin" in die.attributes and "DW_AT_low_pc" in die.attributes:
            origin = die.get_DIE_from_attribute("DW_AT_abstract_origin")
            name = origin.attributes.get("DW_AT_name")
            if name:
                functions[name.value.decode()] = die.attributes["DW_AT_low_pc"].value


def is_hyp_source(path):
    return re.search(r"(^|/)arch/arm64/kvm/hyp/(?!vhe/)", path) is not None


def add_unit(dwarf, cu, start, end, files, owner):
    """Add a compilation unit that has code in hyp text."""
    top = cu.get_top_DIE()
    cu_dir = top.attributes["DW_AT_comp_dir"].value.decode()
    program = dwarf.line_program_for_CU(cu)
    if not program:
        return
    names = {}

    def name(number):
        if number not in names:
            names[number] = os.path.relpath(file_name(program, cu_dir, number), cu_dir)
        return names[number]

    def entry(path):
        return files.setdefault(path, {"lines": {}, "functions": {}, "flags": ""})

    last = None
    inside = False
    for row in program.get_entries():
        state = row.state
        if state is None:
            continue
        if last and inside:
            for addr in range(last.address, state.address, 4):
                owner[addr] = (name(last.file), last.line)
        inside = start <= state.address < end and not state.end_sequence
        if inside and state.is_stmt and state.line:
            entry(name(state.file))["lines"].setdefault(state.line, set()).add(state.address)
        last = None if state.end_sequence else state
    separate = {}
    address_of_abstract(cu, separate)
    for path, line, function, addr in functions_of(cu, name):
        addr = addr if addr is not None else separate.get(function)
        if path in files:
            files[path]["functions"][function] = (line, addr if addr is not None and start <= addr < end else None)
    main = os.path.relpath(os.path.normpath(os.path.join(cu_dir, top.attributes["DW_AT_name"].value.decode())), cu_dir)
    producer = top.attributes["DW_AT_producer"].value.decode()
    levels = re.findall(r" (-O\w*)", " " + producer)
    entry(main)["flags"] = levels[-1] if levels else "unknown optimisation"


def units(dwarf, start, end):
    """Yield the compilation units of the hypervisor's sources that have code in [start, end)."""
    aranges = dwarf.get_aranges()
    if not aranges:
        sys.exit("extract.py: vmlinux has no .debug_aranges")
    offsets = {entry.info_offset for entry in aranges.entries if entry.begin_addr < end and start < entry.begin_addr + entry.length}
    for offset in sorted(offsets):
        cu = dwarf.get_CU_at(offset)
        name = cu.get_top_DIE().attributes.get("DW_AT_name")
        if name and is_hyp_source(os.path.normpath(name.value.decode())):
            yield cu


def main():
    vmlinux, tree, out = sys.argv[1:]
    with open(vmlinux, "rb") as stream:
        elf = ELFFile(stream)
        if not elf.has_dwarf_info():
            sys.exit("extract.py: vmlinux has no DWARF (CONFIG_DEBUG_INFO_DWARF4 or 5)")
        start, end, trap = read_symbols(elf)
        words = read_words(elf, start, end)
        files, owner = {}, {}
        dwarf = elf.get_dwarf_info()
        for cu in units(dwarf, start, end):
            add_unit(dwarf, cu, start, end, files, owner)
    mark = signature(words[(trap - start) // 4:])
    result = {}
    for path, data in files.items():
        source = os.path.join(tree, path)
        if not data["lines"] or not is_hyp_source(path) or not os.path.isfile(source):
            continue
        with open(source, encoding="utf-8", errors="replace") as text:
            result[path] = {
                "flags": data["flags"], "text": text.read().splitlines(),
                "lines": {line: sorted(addrs) for line, addrs in sorted(data["lines"].items())},
                "functions": sorted(([*place, name] for name, place in data["functions"].items()), key=lambda f: (f[0], f[2])),
                "owned": sorted((addr, line) for addr, (name, line) in owner.items() if name == path)}
    with open(out, "w", encoding="utf-8") as output:
        json.dump({"start": start, "end": end, "words": words, "files": result}, output)
    print(f"text={start:x}-{end:x},trap={trap:x},words=" + ":".join(f"{word:x}" for word in mark))


if __name__ == "__main__":
    main()
