# SPDX-License-Identifier: GPL-2.0-only
"""The page of a reviewed series: each commit with its matrices, before and after, side by side."""
from html import escape

import claims

STYLE = """
body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 90em; padding: 0 1em; color: #222; background: #fff }
table { border-collapse: collapse } th, td { text-align: left; vertical-align: top; padding: .2em .8em; border-bottom: 1px solid #ddd }
pre { white-space: pre-wrap; background: #f6f6f6; padding: .6em } code { font-size: 90% } .bad { color: #b00020; font-weight: bold }
.two { display: flex; flex-wrap: wrap; gap: 2em } .row { white-space: nowrap; font: 12px/1.3 monospace } .reg { display: inline-block; width: 3em }
.E { background: #bfe3c0 } .B { background: #d5d5d5 } .S { background: #ffe6a8 } .A { background: #ffc6c6 } .N { background: #e3d3f5 }
.D { background: #ffd9b8 } .U { background: #fff; outline: 1px solid #b00020 } .none { color: #ccc }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } pre { background: #222 }
 .E, .B, .S, .A, .N, .D, .U { color: #000 } th, td { border-color: #444 } .none { color: #555 } .bad { color: #ff7b7b } }
"""
LETTERS = {"unknown": "U", "enforced": "E", "secure": "S", "accepted": "A", "absent": "N", "dropped": "D", "blocked": "B", "skipped": "-"}


def matrix(call):
    """One line a register, bit 31 or 63 on the left; a dot for bits that are not reserved."""
    bits, width = claims.call_bits(call), 64 if claims.letter_of(call) == "x" else 32
    yield f"<div>control: {escape(call['control']['verdict'])} {escape(call['control']['status'] or '')}</div>"
    for reg in sorted({reg for reg, _ in bits}):
        cells, run = [], ""
        for bit in reversed(range(width)):
            letter = LETTERS.get(bits.get((reg, bit)), ".")
            if run and run[0] != letter:
                cells.append(run)
                run = ""
            run += letter
        cells.append(run)
        spans = "".join(f'<span class="{"none" if cell[0] in ".-" else cell[0]}">{cell}</span>' for cell in cells)
        yield f'<div class="row"><span class="reg">{claims.letter_of(call)}{reg}</span>{spans}</div>'


def side(title, call):
    return f"<div><h4>{title}</h4>" + ("".join(matrix(call)) if call else "<p>not swept</p>") + "</div>"


def section(row, before, is_regression, line_of, state):
    yield f'<h2 id="c{row.number}">{row.number or "base"} <code>{escape(row.id[:12])}</code> {escape(row.subject)}</h2>'
    yield f"<p>{escape(state(row))}, {len(row.warnings)} warnings</p>"
    if row.body.strip():
        yield f"<details><summary>message</summary><pre>{escape(row.body.strip())}</pre></details>"
    for text in [row.error] * (row.status != "done" and bool(row.error)) + row.warnings:
        yield f'<p class="bad"><code>{escape(text)}</code></p>'
    if row.changes:
        lines = (f'<li{" class=bad" if is_regression(change) else ""}>{escape(line_of(change))}</li>' for change in row.changes)
        yield f"<ul>{''.join(lines)}</ul>"
    for note in row.notes + [f"script {name} failed" for name in row.failed_scripts()]:
        yield f'<p class="bad">{escape(note)}</p>'
    if row.status != "done":
        return
    changed = {change["call"] for change in row.changes}
    for name, call in row.calls().items():
        sides = (side("before", before.get(name)) if before else "") + side("after", call)
        yield f'<details{" open" if name in changed else ""}><summary>{escape(claims.short(name))}</summary><div class="two">{sides}</div></details>'


def page(rows, is_regression, line_of, state):
    body, before = [], {}
    for row in rows:
        bad = ' class="bad"' if row.number and row.bad() else ""
        changes = "<br>".join(escape(line_of(change)) for change in row.changes[:6]) + ("<br>…" if len(row.changes) > 6 else "")
        body.append(f'<tr><td>{row.number or "base"}</td><td><a href="#c{row.number}"><code>{escape(row.id[:12])}</code></a></td>'
                    f"<td{bad}>{escape(state(row))}</td><td>{escape(row.subject)}</td><td>{changes}</td></tr>")
    sections = []
    for row in rows:
        sections.extend(section(row, before, is_regression, line_of, state))
        if row.status == "done":
            before = row.calls()
    legend = ", ".join(f'<span class="{letter}">{letter}</span> {name}' for name, letter in LETTERS.items() if letter != "-")
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Review</title><style>{STYLE}</style></head><body>'
            f"<h1>{sum(row.number > 0 for row in rows)} commits</h1><table><tr><th></th><th>commit</th><th>state</th><th>subject</th>"
            f"<th>changes</th></tr>{''.join(body)}</table><p>{legend}</p>{''.join(sections)}</body></html>\n")
