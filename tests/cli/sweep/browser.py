# SPDX-License-Identifier: GPL-2.0-only
"""browser.py FFASCOPE BASELINES [PAGE]: opens the page of `ffascope compare' in chromium, types into its filter, and points
at a result. Exit status 77 without chromium. PAGE: drives that page and prints what it shows."""
import copy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# Runs in the page, and leaves what it saw in the element "seen".
DRIVER = """
<pre id="seen"></pre><script>
(() => {
	const $ = (id) => document.getElementById(id);
	const rows = () => [...document.querySelectorAll("#m tbody tr:not(.off)")];
	const note = {};
	const look = (name) => {
		note[name] = { text: $("n").textContent, rows: rows().length,
			results: document.querySelectorAll("#g tbody tr:not(.off)").length,
			letters: rows().length ? rows()[0].querySelector(".c").textContent.length : 0 };
	};
	const type = (text) => { $("f").value = text; $("f").dispatchEvent(new Event("input")); };
	window.addEventListener("error", (event) => { note.error = event.message; });
	look("start");
	$("d").checked = false; $("d").dispatchEvent(new Event("change"));
	look("all");
	type("set w2"); look("filtered");
	type("file:odd"); look("file");
	type("no-such-word"); look("nothing");
	type("set w2");
	const cell = rows()[0].querySelector(".c");
	const range = document.createRange();
	range.selectNodeContents(cell);
	const box = range.getBoundingClientRect();
	const over = (x) => {
		cell.dispatchEvent(new MouseEvent("mousemove", { bubbles: true, clientX: x, clientY: box.top + 2 }));
		return $("at").textContent;
	};
	note.first = over(box.left + 1);
	note.last = over(box.right - 1);
	$("seen").textContent = JSON.stringify(note);
})();
</script></body></html>"""


def drive(page):
    with tempfile.TemporaryDirectory() as tmp:
        driven = Path(tmp) / "page.html"
        driven.write_text(page.replace("</body></html>", DRIVER))
        dom = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp}/home",
             "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom", driven.as_uri()],
            capture_output=True, text=True, check=True, timeout=500).stdout
    seen = dom.partition('<pre id="seen">')[2].partition("</pre>")[0]
    return json.loads(seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), dom


def main():
    ffascope, baselines = sys.argv[1:3]
    if not CHROMIUM:
        print("chromium is not installed")
        return 77
    if len(sys.argv) > 3:
        print(json.dumps(drive(Path(sys.argv[3]).read_text())[0], indent=1))
        return 0
    sweep = json.loads((Path(baselines) / "forward.json").read_text())
    odd = copy.deepcopy(sweep)
    call = next(c for c in odd["calls"] if c["call"] == "FFA_NOTIFICATION_SET")
    for probe in call["probes"]:
        if probe["reg"] == "w2" and probe["bit"] == 1:
            probe["class"] = "accepted"
    with tempfile.TemporaryDirectory() as tmp:
        files = [Path(tmp) / name for name in ("even.json", "odd.json")]
        for path, content in zip(files, (sweep, odd)):
            path.write_text(json.dumps(content))
        page = subprocess.run([ffascope, "compare", "--all", "--as", "html", *files], capture_output=True, text=True, check=True).stdout
    seen, dom = drive(page)
    print(json.dumps(seen, indent=1))
    assert "error" not in seen
    assert seen["start"]["rows"] == 1 and seen["start"]["results"] == 2 and seen["start"]["letters"] == 2, "differences only"
    assert seen["all"]["rows"] > seen["filtered"]["rows"] > 1, "the filter hides rows"
    assert seen["file"]["results"] == 1 and seen["file"]["letters"] == 1, "file: hides results"
    assert seen["nothing"]["rows"] == 0 and seen["nothing"]["text"].startswith("0 of ")
    assert seen["first"].startswith("result 1: ") and seen["last"].startswith("result 2: "), "pointing names the result"
    assert '<i class="' in dom, "rows in view are coloured"
    return 0


if __name__ == "__main__":
    sys.exit(main())
