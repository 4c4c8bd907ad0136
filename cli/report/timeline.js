// SPDX-License-Identifier: GPL-2.0-only
/*
 * Draws the calls of the page. A line of #calls is a string in JSON, to which the calls after it
 * refer by its number, or a call: CPU, begin and end in ns, when EL2 was entered (-: there is no
 * trace of it), its legs EL2, secure world, EL2 in ns, verdict, reason, SMCs, strings of the call
 * and of its answer, number in the recording, and the string of the task if a driver made it.
 */
"use strict";
const VERDICTS = ["unknown", "rejected", "answered", "forwarded"];
const REASONS = ["", "lost-events", "no-events", "ambiguous", "tracing-off", "evidence-conflict",
	"not-traced"];
const LANE = 56, BAR = 30, TOP = 22, LEFT = 58, MAX_TABLE = 40;
const words = [], calls = [], lanes = new Map();
const svg = document.getElementById("chart"), tip = document.getElementById("tip");
let from = 0, until = 1, first = 0, last = 1, chosen = null, queued = false;

for (const line of document.getElementById("calls").textContent.split("\n")) {
	if (line[0] === '"') {
		words.push(JSON.parse(line));
	} else if (line) {
		const [cpu, begin, end, enter, before, secure, after, verdict, reason, smcs, name, answer, nr, task] =
			line.split(" ").map(Number);
		calls.push({ cpu, begin, end, enter, before, secure, after, verdict, reason, smcs, name, answer, nr, task });
	}
}
calls.sort((a, b) => a.begin - b.begin);
for (const call of calls) {
	if (!lanes.has(call.cpu))
		lanes.set(call.cpu, []);
	lanes.get(call.cpu).push(call);
}
const cpus = [...lanes.keys()].sort((a, b) => a - b);
if (calls.length) {
	first = calls[0].begin;
	last = calls.reduce((most, call) => Math.max(most, call.end), first);
	const margin = Math.max((last - first) / 50, 100);
	first -= margin;
	last += margin;
}
from = first;
until = last;

function time(ns)
{
	const abs = Math.abs(ns);

	if (abs < 1e4)
		return Math.round(ns) + " ns";
	if (abs < 1e7)
		return (ns / 1e3).toFixed(1) + " us";
	if (abs < 1e10)
		return (ns / 1e6).toFixed(1) + " ms";
	return (ns / 1e9).toFixed(1) + " s";
}

function escape(text)
{
	return text.replace(/[&<>"]/g, c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
}

function verdict(call)
{
	const smcs = call.verdict === 3 ? ` (${call.smcs} SMC${call.smcs === 1 ? "" : "s"})` : "";

	return VERDICTS[call.verdict] + smcs + (call.reason ? ": " + REASONS[call.reason] : "");
}

/* Calls of ffascope itself have no task. */
function task(call)
{
	return call.task === undefined ? "" : escape(words[call.task]);
}

function total(call)
{
	return isNaN(call.enter) ? "-" : time(call.before + call.secure + call.after);
}

function legs(call)
{
	const total = call.before + call.secure + call.after;

	if (isNaN(call.enter))
		return "no trace of it";
	if (!call.smcs)
		return time(total) + ", all of it in EL2";
	return `${time(total)}: EL2 ${time(call.before)}, secure world ${time(call.secure)}, EL2 ${time(call.after)}`;
}

/* The index of the first call of a lane that ends at or after ns; calls of a CPU do not overlap. */
function search(lane, ns)
{
	let low = 0, high = lane.length;

	while (low < high) {
		const mid = (low + high) >> 1;

		if (lane[mid].end < ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* A round step so that ticks stand about 110 pixels apart. */
function step(width)
{
	const least = (until - from) / Math.max(width / 110, 1);
	let unit = Math.pow(10, Math.floor(Math.log10(least)));

	for (const factor of [1, 2, 5, 10]) {
		if (unit * factor >= least)
			return unit * factor;
	}
	return unit * 10;
}

function tick(ns, by)
{
	const [unit, name] = by >= 1e9 ? [1e9, "s"] : by >= 1e6 ? [1e6, "ms"] : by >= 1e3 ? [1e3, "us"] : [1, "ns"];

	return +(ns / unit).toFixed(1) + " " + name;
}

function box(x, y, width, height)
{
	return `M${x.toFixed(1)} ${y}h${width.toFixed(1)}v${height}h${(-width).toFixed(1)}z`;
}

/* Draws the bars of a lane as paths, by verdict; returns the labels beside them. */
function lane(calls, top, scale, width, paths)
{
	const columns = new Map(), middle = top + 18 + BAR / 2;
	let text = "", free = LEFT;

	for (let i = search(calls, from); i < calls.length && calls[i].begin <= until; i++) {
		const call = calls[i], x = LEFT + (call.begin - from) * scale;
		const wide = Math.max((call.end - call.begin) * scale, 1);

		if (wide < 3) {
			const column = Math.max(Math.round(x), LEFT);

			if (!columns.has(column))
				columns.set(column, [0, 0, 0, 0]);
			columns.get(column)[call.verdict]++;
			continue;
		}
		if (isNaN(call.enter)) {
			paths.el2[call.verdict] += box(x, middle - BAR / 2, wide, BAR);
		} else {
			const enter = LEFT + (call.enter - from) * scale;
			const before = call.before * scale, secure = call.secure * scale, after = call.after * scale;

			paths.around += box(x, middle - 1, wide, 2);
			paths.el2[call.verdict] += box(enter, middle - BAR / 2, Math.max(before, .5), BAR);
			if (call.smcs) {
				paths.secure[call.verdict] += box(enter + before, middle - BAR / 4, secure, BAR / 2);
				paths.el2[call.verdict] += box(enter + before + secure, middle - BAR / 2, Math.max(after, .5), BAR);
			}
		}
		if (call === chosen)
			paths.chosen += box(x - 2, middle - BAR / 2 - 3, wide + 4, BAR + 6);

		const name = words[call.name].replace(/^FFA_/, "").split(" ")[0], at = Math.max(x, free);
		if (wide > 14 && at + name.length * 6.7 < Math.min(x + wide + 60, LEFT + width) && at < x + wide) {
			text += `<text x="${at.toFixed(1)}" y="${top + 13}">${escape(name)}</text>`;
			free = at + name.length * 6.7 + 8;
		}
	}
	for (const [x, counts] of columns) {
		const all = counts[0] + counts[1] + counts[2] + counts[3];
		let y = middle - BAR / 2;

		/* The rare ones on top, and high enough to be seen. */
		for (const kind of [0, 1, 2, 3]) {
			const left = middle + BAR / 2 - y;
			const height = Math.min(left, counts[kind] && Math.max(counts[kind] / all * BAR, 3));

			if (counts[kind] && height > 0)
				paths.thin[kind] += `M${x} ${y.toFixed(1)}h1.6v${height.toFixed(1)}h-1.6z`;
			y += height;
		}
	}
	return text;
}

function path(d, attributes)
{
	return d ? `<path d="${d}" ${attributes}/>` : "";
}

function draw()
{
	const width = Math.max(svg.clientWidth - LEFT - 8, 100), scale = width / (until - from);
	const height = TOP + LANE * Math.max(cpus.length, 1), by = step(width);
	const paths = { around: "", chosen: "", el2: ["", "", "", ""], secure: ["", "", "", ""], thin: ["", "", "", ""] };
	let under = "", text = "", over = "", clip = "";

	queued = false;
	cpus.forEach((cpu, i) => {
		const top = TOP + i * LANE;

		under += `<rect class="lane" x="${LEFT}" y="${top}" width="${width}" height="${LANE - 4}"/>`;
		over += `<text x="2" y="${top + 18 + BAR / 2 + 4}">CPU ${cpu}</text>`;
		text += lane(lanes.get(cpu), top, scale, width, paths);
	});
	for (let ns = Math.ceil(from / by) * by; ns <= until; ns += by) {
		const x = (LEFT + (ns - from) * scale).toFixed(1);

		under += `<line class="tick" x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${height}"/>`;
		over += `<text class="dim" x="${x}" y="12" text-anchor="middle">${tick(ns, by)}</text>`;
	}
	clip = `<clipPath id="c"><rect x="${LEFT}" y="0" width="${width}" height="${height}"/></clipPath>`;
	under += path(paths.around, 'class="around"');
	VERDICTS.forEach((name, kind) => {
		under += path(paths.secure[kind], `class="edge secure" fill="url(#${name})"`) +
			path(paths.el2[kind], `class="edge" fill="url(#${name})"`) +
			path(paths.thin[kind], `class="${name}"`);
	});
	under += path(paths.chosen, 'class="chosen"');
	svg.setAttribute("height", height);
	svg.setAttribute("viewBox", `0 0 ${LEFT + width + 8} ${height}`);
	document.getElementById("drawing").innerHTML = `${clip}<g clip-path="url(#c)">${under}${text}</g>${over}`;
	list();
}

/* The calls that the timeline shows, as a table: for print, and for those who cannot see it. */
function list()
{
	const rows = [];
	let shown = 0;

	for (const cpu of cpus) {
		const lane = lanes.get(cpu);

		for (let i = search(lane, from); i < lane.length && lane[i].begin <= until; i++) {
			shown++;
			if (rows.length < MAX_TABLE)
				rows.push(lane[i]);
		}
	}
	rows.sort((a, b) => a.begin - b.begin);
	document.getElementById("shown").textContent = `${shown} of ${calls.length} calls in view` +
		(shown > rows.length ? `; the table has the first ${MAX_TABLE} of them` : "") +
		`. ${time(until - from)} from left to right.`;
	document.getElementById("rows").innerHTML = rows.map(call =>
		`<tr><td class="n">${call.nr}</td><td class="n">${time(call.begin)}</td><td class="n">${call.cpu}</td>` +
		`<td class="task">${task(call)}</td><td class="f">${escape(words[call.name])}</td><td>${verdict(call)}</td>` +
		`<td class="n" title="${legs(call)}">${total(call)}</td><td class="n">${call.smcs ? time(call.secure) : ""}</td>` +
		`<td class="f">${escape(words[call.answer])}</td></tr>`).join("");
}

function redraw()
{
	if (!queued) {
		queued = true;
		requestAnimationFrame(draw);
	}
}

/* Shows [a, b) ns, within what there is, and not so narrow that numbers lose their meaning. */
function show(a, b)
{
	const least = 200, span = Math.min(Math.max(b - a, least), Math.max(last - first, least));
	const middle = (a + b) / 2;

	from = Math.min(Math.max(middle - span / 2, first), Math.max(last - span, first));
	until = from + span;
	redraw();
}

function zoom(factor, at)
{
	show(at - (at - from) * factor, at + (until - at) * factor);
}

function describe(call)
{
	const by = call.task === undefined ? "" : `by ${words[call.task]}\n`;

	return `${words[call.name].replace(/ +/g, "\n  ")}\n${by}${verdict(call)}\n${words[call.answer]}\n${legs(call)}\n` +
		`CPU ${call.cpu}, ${time(call.begin)} after the first call, no. ${call.nr}`;
}

function showTip(call, x, y)
{
	tip.style.display = call ? "block" : "none";
	if (!call)
		return;
	tip.textContent = describe(call);
	tip.style.left = Math.max(Math.min(x + 14, document.documentElement.clientWidth - tip.offsetWidth - 12), 0) +
		window.scrollX + "px";
	tip.style.top = y + window.scrollY + 16 + "px";
}

function nanoseconds(event)
{
	const area = svg.getBoundingClientRect();

	return from + (event.clientX - area.left - LEFT) * (until - from) / (area.width - LEFT - 8);
}

/* The call under the pointer, or the nearest one within three pixels. */
function hit(event)
{
	const area = svg.getBoundingClientRect(), at = nanoseconds(event);
	const cpu = cpus[Math.floor((event.clientY - area.top - TOP) / LANE)];
	const lane = lanes.get(cpu), near = 3 * (until - from) / area.width;
	let best = null, distance = near;

	if (!lane)
		return null;
	for (let i = search(lane, at - near); i < lane.length && lane[i].begin <= at + near; i++) {
		const off = Math.max(lane[i].begin - at, at - lane[i].end, 0);

		if (off < distance || !best && off <= distance) {
			best = lane[i];
			distance = off;
		}
	}
	return best;
}

/* Goes to the next call (by 1) or the one before (by -1), of one verdict where `kind' is given. */
function go(by, kind)
{
	let i = chosen ? calls.indexOf(chosen) + by : by > 0 ? 0 : calls.length - 1;

	while (calls[i] && kind !== undefined && calls[i].verdict !== kind)
		i += by;
	if (!calls[i])
		return;
	chosen = calls[i];

	const length = Math.max(chosen.end - chosen.begin, 1);
	show(chosen.begin - length, chosen.end + length);
	requestAnimationFrame(() => {
		const area = svg.getBoundingClientRect();

		showTip(chosen, area.left + area.width / 3, area.top + TOP + (cpus.indexOf(chosen.cpu) + 1) * LANE - 16);
	});
}

let drag = null;
svg.addEventListener("wheel", event => {
	event.preventDefault();
	zoom(event.deltaY > 0 ? 1.25 : .8, nanoseconds(event));
}, { passive: false });
svg.addEventListener("pointerdown", event => {
	drag = { x: event.clientX, from, until };
	svg.setPointerCapture(event.pointerId);
});
svg.addEventListener("pointermove", event => {
	if (drag) {
		const by = (drag.x - event.clientX) * (drag.until - drag.from) / (svg.clientWidth - LEFT - 8);

		show(drag.from + by, drag.until + by);
		showTip(null);
	} else {
		showTip(hit(event), event.clientX, event.clientY);
	}
});
svg.addEventListener("pointerup", event => {
	if (drag && Math.abs(drag.x - event.clientX) < 3) {
		chosen = hit(event);
		redraw();
	}
	drag = null;
});
svg.addEventListener("pointerleave", () => showTip(null));
svg.addEventListener("dblclick", event => zoom(.25, nanoseconds(event)));
const actions = {
	all: () => show(first, last),
	in: () => zoom(.5, (from + until) / 2),
	out: () => zoom(2, (from + until) / 2),
	left: () => show(from - (until - from) / 3, until - (until - from) / 3),
	right: () => show(from + (until - from) / 3, until + (until - from) / 3),
	back: () => go(-1),
	next: () => go(1),
	unknown: () => go(1, 0),
	rejected: () => go(1, 1),
	answered: () => go(1, 2),
	forwarded: () => go(1, 3),
};
for (const button of document.querySelectorAll("button[data-do]"))
	button.addEventListener("click", () => actions[button.dataset.do]());
svg.addEventListener("keydown", event => {
	const keys = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", n: "next", p: "back", 0: "all" };

	if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey)
		return;
	event.preventDefault();
	actions[keys[event.key]]();
});
if (!calls.some(call => call.task !== undefined))
	document.body.classList.add("own");
addEventListener("resize", redraw);
addEventListener("beforeprint", draw);
/* A page of no. 12 shows it: timeline.html#12. */
function follow()
{
	chosen = calls.find(call => "#" + call.nr === location.hash) || null;
	if (chosen)
		show(chosen.begin - (chosen.end - chosen.begin), chosen.end + (chosen.end - chosen.begin));
}
addEventListener("hashchange", follow);
follow();
draw();
