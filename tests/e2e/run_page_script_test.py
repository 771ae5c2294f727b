#!/usr/bin/env python3
"""The script in the page of a training run: its numbers, and what a browser makes of the page.

Usage: run_page_script_test.py PROGRAM

Needs Node.js or QuickJS for the numbers and Chromium for the page; what is missing is left out, and with neither the test
skips.
"""

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "src" / "report"
failures = 0

NUMBERS = [  # expression, value
    ("roundTicks(0, 6000, 5)", [0, 2000, 4000, 6000]),
    ("roundTicks(28, 31.2, 5)", [28, 29, 30, 31]),
    ("roundTicks(-1, 1, 4)", [-1, -0.5, 0, 0.5, 1]),
    ("roundTicks(0.00003, 0.003, 5)", [0.001, 0.002, 0.003]),
    ("roundTicks(0, 0.7, 7)", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
    ("roundTicks(5, 5, 5)", [5]),
    ("roundTicks(1e9, 1.000002e9, 2)", [1000000000, 1000001000, 1000002000]),
    ("roundRange(0.3, 7.1, 4)", [0, 8]),
    ("roundRange(2, 4, 4)", [2, 4]),
    ("logTicks(1, 8, 5)", [1, 2, 5]),
    ("logTicks(0.01, 10000, 2)", [0.01, 1, 100, 10000]),
    ("logTicks(3, 4, 4)", [3, 3.5, 4]),
    ("tickTexts([0, 5000, 10000])", ["0", "5k", "10k"]),
    ("tickTexts([0, 500000, 1000000])", ["0", "0.5M", "1M"]),
    ("tickTexts([0, 2000, 8000])", ["0", "2,000", "8,000"]),
    ("tickTexts([-0.001, 0, 0.001])", ["\u22120.001", "0", "0.001"]),
    ("timeUnit(100)", ["s", 1]),
    ("timeUnit(5000)", ["min", 60]),
    ("timeUnit(1e6)", ["days", 86400]),
    ("numberText(1234567)", "1,234,567"),
    ("numberText(38.8192)", "38.82"),
    ("numberText(0.00075)", "0.00075"),
    ("numberText(1e-9)", "1e\u22129"),
    ("numberText(999999, true)", "1M"),
    ("numberText(null)", "\u2013"),
    ("timeText(725)", "12 min 5 s"),
    ("timeText(3725)", "1 h 2 min"),
    ("timeText(108000)", "30 h 0 min"),
    ("smoothed([1, 1, null, 1], 0.9)", [1, 1, None, 1]),
    ("smoothed([0, 3], 0.5)", [0, 2]),
    ("nearest([1, null, 5, 9], 6)", 2),
    ("nearest([null], 6)", -1),
    ("extent([[1, null], [7]])", [1, 7]),
    ("extent([[null]])", None),
    ("commonWords(['a', 'x', 'b'], ['a', 'b', 'c'])", [True, False, True]),
]


def expect(holds, what):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {what}", file=sys.stderr)


def equal(found, expected):
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(equal, found, expected))
    if isinstance(expected, (int, float)) and not isinstance(expected, bool) and isinstance(found, (int, float)):
        return abs(found - expected) <= 1e-12 * max(1, abs(expected))
    return found == expected


def check_numbers(engine, folder):
    script = (SCRIPTS / "run_scale.js").read_text() + "console.log(JSON.stringify([" + ",".join(e for e, _ in NUMBERS) + "]));"
    (folder / "numbers.js").write_text(script)
    result = subprocess.run([engine, folder / "numbers.js"], capture_output=True, text=True)
    expect(result.returncode == 0, result.stderr)
    for (expression, expected), found in zip(NUMBERS, json.loads(result.stdout or "[]"), strict=True):
        expect(equal(found, expected), f"{expression}: expected {expected}, found {found}")


def records(model, offset):
    """The metrics of a run that goes on after update 300, with a gap."""
    for update in range(10, 510, 10):
        at = {"epoch": 1 + update // 101, "update": update, "tokens": 1000 * update, "seconds": update / 4}
        yield {"type": "train", **at, "loss": None if update == 200 else offset + 100 / update, "learning_rate": 0.001,
               "gradient_norm": 0.5, "tokens_per_second": 4000 + update, "skipped": 0}
        if update == 300:
            yield {"type": "start", **at, "time": "2026-11-23T10:00:00Z", "settings": {}}
        if update % 100 == 0:
            yield {"type": "valid", **at, "metric": "bleu", "value": update / 20, "best": 25, "stalled": 0}
            yield {"type": "sample", **at, "line": 3, "source": "<b>שלום</b>", "reference": "a house & b", "output": f"a {model} & {update}"}


def check_page(program, browser, folder):
    for model, offset in (("house", 2), ("cat", 3)):
        (folder / f"{model}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records(model, offset)))
    subprocess.run([program, "report", "house.jsonl", "cat.jsonl", "--names", "house, cat", "-o", "page.html", "--quiet"], cwd=folder, check=True)
    page = (folder / "page.html").read_text()
    # what a user may do, and what is then to be seen
    steps = """<script>
const seen = {}, byId = (id) => document.getElementById(id), first = () => document.querySelector("figure");
const labels = () => [...first().querySelectorAll("text")].map((t) => t.textContent);
try {
  seen.titles = [...document.querySelectorAll("figcaption")].map((c) => c.firstChild.textContent);
  seen.axes = [...document.querySelectorAll("#x-choice input")].map((i) => i.value);
  seen.labels = labels();
  seen.curves = first().querySelectorAll(".curve").length;
  seen.gaps = first().querySelector(".curve").getAttribute("d").split("M").length - 1;
  seen.resumes = first().querySelectorAll(".resume").length;
  seen.best = document.querySelectorAll("figure .best").length;
  const svg = first().querySelector("svg"), box = svg.getBoundingClientRect();
  svg.dispatchEvent(new PointerEvent("pointermove", { clientX: box.right - 16, clientY: box.top + 50, bubbles: true }));
  seen.tip = first().querySelector(".tip").hidden ? "" : first().querySelector(".tip").textContent;
  svg.dispatchEvent(new PointerEvent("pointerleave"));
  seen.left = first().querySelector(".tip").hidden;
  svg.focus();
  for (const key of ["Home", "ArrowRight", "ArrowRight"]) svg.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  seen.read = byId("read-out").textContent;
  byId("smoothing").value = "0.5";
  byId("smoothing").dispatchEvent(new Event("input"));
  seen.smoothed = first().querySelectorAll(".curve").length;
  document.querySelector("#x-choice input[value=time]").click();
  seen.time = labels();
  document.querySelectorAll("#legend button")[1].click();
  seen.hidden = first().querySelectorAll(".curve").length;
  byId("log").click();
  seen.log = labels();
  seen.sample = document.querySelector(".sample").innerHTML;
  byId("moment").value = "0";
  byId("moment").dispatchEvent(new Event("input"));
  seen.moment = byId("samples").querySelector("output").textContent;
  seen.early = document.querySelector(".sample dl").textContent;
  document.querySelector(".sample details").open = true;
} catch (error) { seen.error = String(error.stack); }
setTimeout(() => {
  seen.history = document.querySelectorAll(".sample details tbody tr").length;
  seen.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const place = document.createElement("pre");
  place.id = "seen";
  place.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
  document.body.append(place);
}, 300);
</script></body>"""
    (folder / "steps.html").write_text(page.replace("</body>", steps))
    for width in (1200, 500):  # headless Chromium makes no window narrower than that
        seen = browse(browser, folder, width)
        expect("error" not in seen, f"width {width}: {seen.get('error')}")
        expected = {
            "titles": ["Training loss", "Validation BLEU", "Learning rate", "Gradient norm", "Speed"],
            "axes": ["updates", "tokens", "time", "epochs"], "curves": 2, "gaps": 2, "resumes": 2, "best": 2, "left": True,
            "smoothed": 4, "hidden": 2, "moment": "update 100, epoch 1", "history": 10, "wide": 0,
            "tip": "update 500, epoch 5, 2 min 5 s: house 2.2cat 3.2",
            "read": "update 30, epoch 1, 7.5 s: house 5.333cat 6.333",
        }
        for name, value in expected.items():
            expect(seen.get(name) == value, f"width {width}: {name}: expected {value!r}, found {seen.get(name)!r}")
        expect({"0", "5", "10", "15", "updates"} <= set(seen["labels"]), f"width {width}: labels {seen['labels']}")
        expect({"0", "100", "training time, s"} <= set(seen["time"]), f"width {width}: over time {seen['time']}")
        expect({"4", "10"} <= set(seen["log"]), f"width {width}: logarithmic {seen['log']}")
        expect("&lt;b&gt;שלום&lt;/b&gt;" in seen["sample"] and 'dir="auto"' in seen["sample"], seen["sample"])
        expect('<span class="other">cat</span>' in seen["sample"] and ">house<" not in seen["sample"].split("</bdi>")[0],
               f"words that the reference does not have are marked: {seen['sample']}")
        expect("a house & 100" in seen["early"] and "a cat & 100" in seen["early"], seen["early"])


def browse(browser, folder, width):
    result = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000",
                             f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--dump-dom",
                             (folder / "steps.html").as_uri()], capture_output=True, text=True)
    found = re.search(r'<pre id="seen">([A-Za-z0-9+/=]+)</pre>', result.stdout)
    if not found:
        expect(False, f"{browser} shows no page: {result.stderr[-500:]}")
        sys.exit(1)
    return json.loads(base64.b64decode(found[1]))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    engine = shutil.which("node") or shutil.which("nodejs") or shutil.which("qjs")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not engine and not browser:
        print("skipped: there is neither Node.js nor QuickJS nor Chromium")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        if engine:
            check_numbers(engine, Path(name))
        if browser:
            check_page(program, browser, Path(name))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
