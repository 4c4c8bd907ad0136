# SPDX-License-Identifier: GPL-2.0-only
"""Registers and bit ranges that a commit message names, and what a sweep says about them. Pure."""
import re

REGISTER = r"[wx](?:\d|1[0-7])"
# w2[31:4], w2[0], w5-w7, x8 to x17, w3, "bits 31:16", "bits 31:16 of w1".
MENTION = re.compile(
    rf"\b(?P<reg>{REGISTER})\[(?P<high>\d{{1,2}})(?::(?P<low>\d{{1,2}}))?\]"
    rf"|\b(?P<first>{REGISTER})\s*(?:-|to|\.\.\.?)\s*(?P<last>{REGISTER})\b"
    rf"|\bbits\s+(?P<bhigh>\d{{1,2}})\s*(?::|-|to)\s*(?P<blow>\d{{1,2}})(?:\s+of\s+(?:register\s+)?(?P<of>{REGISTER})\b)?"
    rf"|\b(?P<single>{REGISTER})\b", re.I)
CALL = re.compile(r"\bFFA_(?:FN64_)?(\w+)")
# Paragraphs and list items: a register named in one does not belong to bits named in another.
PART = re.compile(r"\n\s*\n|\n\s*[-*+]\s+")
# Values that a patch quotes, its tags, and code are not claims.
TRAILER = re.compile(r"^(?:[A-Z][\w-]+-by|Link|Fixes|Cc|Closes|Message-I[dD]):.*$", re.M)


def width(register):
    return 32 if register[0] in "wW" else 64


def mentions(message):
    """Return each mention as (text, {(register number, bit)}); bits without a register have None for its number."""
    found = []
    for part in PART.split(TRAILER.sub("", message)):
        last = None
        for m in MENTION.finditer(part):
            text = " ".join(m.group().split())
            if m["reg"]:
                last = m["reg"]
                high = int(m["high"])
                regs, bits = [int(last[1:])], range(int(m["low"] or high), high + 1)
            elif m["first"]:
                last = None
                regs, bits = range(int(m["first"][1:]), int(m["last"][1:]) + 1), range(width(m["first"]))
            elif m["bhigh"]:
                of = m["of"] or last
                regs, bits = [int(of[1:]) if of else None], range(int(m["blow"]), int(m["bhigh"]) + 1)
            else:
                last = m["single"]
                regs, bits = [int(last[1:])], range(width(last))
            pairs = {(reg, bit) for reg in regs for bit in bits}
            if pairs and (text, pairs) not in found:
                found.append((text, pairs))
    return found


def short(call):
    """FFA_NOTIFICATION_GET -> NOTIFICATION_GET; the kernel's FFA_FN64_X is the catalogue's FFA_X_64."""
    return call.removeprefix("FFA_")


def named_calls(text, known):
    """The calls of the catalogue that the text names."""
    names = []
    for m in CALL.finditer(text):
        name = "FFA_" + m.group(1) + ("_64" if "FN64_" in m.group() else "")
        if name in known and name not in names:
            names.append(name)
    return names


def call_bits(call):
    """The class of each reserved bit of a swept call: {(register number, bit): class}."""
    return {(int(p["reg"][1:]), p["bit"]): p["class"] for p in call["probes"] if "bit" in p}


def ranges(pairs, letter):
    """Names sets of bits as the tool does: w1[31:16], w3-w7."""
    by_reg = {}
    for reg, bit in pairs:
        by_reg.setdefault(reg, set()).add(bit)
    whole = frozenset(range(32 if letter == "w" else 64))
    words, run = [], []
    for reg in sorted(by_reg):
        if frozenset(by_reg[reg]) == whole:
            run.append(reg)
            if reg + 1 in by_reg and frozenset(by_reg[reg + 1]) == whole:
                continue
            words.append(f"{letter}{run[0]}" if len(run) == 1 else f"{letter}{run[0]}-{letter}{run[-1]}")
            run = []
            continue
        bits, high = sorted(by_reg[reg], reverse=True), None
        for i, bit in enumerate(bits):
            high = bit if high is None else high
            if i + 1 == len(bits) or bits[i + 1] != bit - 1:
                words.append(f"{letter}{reg}[{high}]" if high == bit else f"{letter}{reg}[{high}:{bit}]")
                high = None
    return ", ".join(words)


def letter_of(call):
    return "x" if int(call["fid"], 16) & 1 << 30 else "w"


def subject_calls(subject, message, calls, changed):
    """The calls that a commit is about: those of its subject, else those that it changed, else those of its message."""
    return named_calls(subject, calls) or list(changed) or named_calls(message, calls)


def claimed(pairs, now):
    """The reserved bits that a mention means. Bits without a register: of the registers where they are all enforced, else of
    those where they are all reserved."""
    bits = {bit for reg, bit in pairs if reg is None}
    if not bits:
        return pairs & now.keys()
    whole = [reg for reg in {reg for reg, _ in now} if all((reg, bit) in now for bit in bits)]
    good = [reg for reg in whole if all(now[reg, bit] == "enforced" for bit in bits)]
    return {(reg, bit) for reg in good or whole for bit in bits}


def unchecked(name, letter, text, pairs, now):
    """A sentence for each class other than enforced among the bits that a mention means."""
    kinds = {}
    for pair in pairs:
        if now[pair] != "enforced":
            kinds.setdefault(now[pair], set()).add(pair)
    for kind, bits in sorted(kinds.items()):
        yield f"the message names {text}; {name} {ranges(bits, letter)} is {kind}, not enforced"


def check(subject, message, before, after, changed):
    """Hold the message against two sweeps ({call name: swept call}). Return sentences; changed names the changed calls."""
    notes = []
    said = mentions(subject + "\n\n" + message)
    about = subject_calls(subject, message, after, changed)
    for name in set(about) - after.keys():
        notes.append(f"{short(name)} could not be swept here, so the message is not judged")
    for name in filter(after.__contains__, about):
        now, then = call_bits(after[name]), call_bits(before.get(name, {"probes": []}))
        for text, pairs in said:
            notes += unchecked(short(name), letter_of(after[name]), text, claimed(pairs, now), now)
        # A message without a mention claims nothing.
        covered = set().union(*(claimed(pairs, now) for _, pairs in said)) if said else now.keys()
        silent = {pair for pair, kind in now.items() if kind == "enforced" and then.get(pair) != "enforced" and pair not in covered}
        if silent:
            notes.append(f"the message does not name {short(name)} {ranges(silent, letter_of(after[name]))}, which is enforced now")
    for name in changed:
        if name not in about:
            notes.append(f"{short(name)} changes too, which the subject does not name")
    return list(dict.fromkeys(notes))
