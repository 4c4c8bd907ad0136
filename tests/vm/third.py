# SPDX-License-Identifier: GPL-2.0-only
"""The third witness: what QEMU's plugin counted (lab/coverage), for calls whose registers stand in the EL3 log.

The plugin knows neither registers nor calls: it has, for each CPU, the SMC traps of the host in their order, with the SMCs
that EL2 made and the entries of EL3 by them. The EL3 log has the calls that arrived, in their order, drivers' calls too.
"""
from collections import defaultdict

# Calls of drivers, and calls that EL2 re-issues, that may come before the first call with a number.
MOST_BEFORE = 200
SECTION = 1  # tests/vm/random-calls.c begins it before the first call and the next one after the last


class Disagreement(Exception):
    """The plugin, the EL3 log and the calls made cannot all be right."""


def read_traps(path):
    """Return the SMC traps of each CPU while the calls were made: SMCs at EL2, entries of EL3."""
    traps = defaultdict(list)
    with open(path, encoding="ascii") as lines:
        for line in lines:
            cpu, section, smcs, el3 = map(int, line.split())
            if section == SECTION:
                traps[cpu].append((smcs, el3))
    return traps


def align(calls, traps, log, is_line_of):
    """Return each call's trap. Calls, traps and log lines are one CPU's, in order; the log begins where the section does."""
    found, line = [], 0
    for smcs, el3 in traps:
        if bool(smcs) != bool(el3):
            raise Disagreement(f"trap {len(found)}: {smcs} SMCs at EL2, {el3} entries of EL3")
        ours = True
        for _ in range(el3):
            if line >= len(log):
                raise Disagreement("the plugin has more entries of EL3 than the log has lines")
            ours = len(found) < len(calls) and is_line_of(log[line], calls[len(found)])
            line += 1
        if ours:
            if len(found) == len(calls):
                raise Disagreement("more traps that stayed at EL2 than calls")
            found.append((smcs, el3))
    if len(found) != len(calls):
        raise Disagreement(f"{len(found)} of {len(calls)} calls have a trap")
    return found


def traps_of_calls(calls, traps, log, first, is_line_of):
    """The same with the log from the boot on, where first is the place of the first line that has a call's number."""
    reason = Disagreement("no line of the log has the number of a call")
    for before in range(min(first, MOST_BEFORE) + 1):
        try:
            return align(calls, traps, log[first - before:], is_line_of)
        except Disagreement as error:
            # That of the attempt that came furthest says nothing more: show the simplest one.
            reason = error if before == 0 else reason
    raise reason
