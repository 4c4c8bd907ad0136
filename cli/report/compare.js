// Filters rows and results, and colours the rows that are in view. A row's cells are one letter per result; they are drawn
// as runs of equal letters.
"use strict";
(() => {
	const $ = (id) => document.getElementById(id);
	const rows = [...document.querySelectorAll("#m tbody tr")];
	const results = [...document.querySelectorAll("#g tbody tr")];
	const cells = rows.map((row) => row.querySelector(".c"));
	const letters = cells.map((cell) => cell.textContent);
	const css = { "?": "Q", U: "Q", N: "L", ".": "N" };
	let keep = [];

	const draw = (text) => text.replace(/(.)\1*/g, (run, letter) => `<i class="${css[letter] || letter}">${run}</i>`);
	const kept = (i) => (keep.length === results.length ? letters[i] : keep.map((k) => letters[i][k]).join(""));

	const seen = new IntersectionObserver((entries) => {
		for (const entry of entries) {
			if (entry.isIntersecting) {
				entry.target.querySelector(".c").innerHTML = draw(kept(rows.indexOf(entry.target)));
				seen.unobserve(entry.target);
			}
		}
	}, { rootMargin: "500px" });

	// Words that a row must contain (call, bits, rule); "file:WORD" keeps the results with such a sweep.
	const apply = () => {
		const words = $("f").value.toLowerCase().split(/\s+/).filter(Boolean);
		const files = words.filter((w) => w.startsWith("file:")).map((w) => w.slice(5));
		const texts = words.filter((w) => !w.startsWith("file:"));
		let n = 0;

		keep = [];
		results.forEach((result, i) => {
			const on = files.every((w) => result.dataset.files.includes(w));

			result.classList.toggle("off", !on);
			if (on)
				keep.push(i);
		});
		rows.forEach((row, i) => {
			const text = kept(i);
			const tried = new Set(text.replace(/\./g, ""));
			const on = texts.every((w) => row.dataset.t.includes(w)) && (!$("d").checked || tried.size > 1);

			row.classList.toggle("off", !on);
			cells[i].textContent = text;
			seen.unobserve(row);
			if (on) {
				seen.observe(row);
				n++;
			}
		});
		$("n").textContent = `${n} of ${rows.length} rows, ${keep.length} of ${results.length} results`;
	};

	$("m").addEventListener("mousemove", (event) => {
		const cell = event.target.closest("td.c");
		if (!cell || !cell.firstChild)
			return;
		const range = document.createRange();
		range.selectNodeContents(cell);
		const box = range.getBoundingClientRect();
		const at = Math.floor(((event.clientX - box.left) / box.width) * cell.textContent.length);
		const result = results[keep[at]];
		if (result)
			$("at").textContent = `result ${keep[at] + 1}: ${result.dataset.short}`;
	});
	$("f").addEventListener("input", apply);
	$("d").addEventListener("change", apply);
	$("form").classList.remove("off");
	apply();
})();
