#!/usr/bin/env python3
"""What a browser makes of the page of attention: choices, pointer, keys, and dark and light.

Usage: attention_page_script_test.py PROGRAM

Needs Chromium; without it the test skips.
"""

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from losses_test import Test

STEPS = """<script>
const seen = { steps: [] }, shown = () => [...document.querySelectorAll(".panel")].filter((p) => !p.hidden);
const said = () => document.getElementById("weight").textContent;
const top0 = () => shown()[0].getBoundingClientRect().top;
const marks = () => document.querySelectorAll(".mark").length;
const pick = (name, value) => {
  document.querySelector("form").elements[name].value = value;
  document.querySelector("form").dispatchEvent(new Event("change"));
  return shown().map((p) => [p.dataset.kind, p.dataset.layer, p.dataset.head].join(" "));
};
try {
  const rgb = (element, property) => getComputedStyle(element)[property];
  const panel = shown()[0], svg = panel.querySelector("svg");
  seen.ground = rgb(document.body, "backgroundColor");
  seen.ink = rgb(panel.querySelector("text"), "fill");
  seen.cell = rgb(panel.querySelector(".cell"), "fill");
  seen.frame = rgb(panel.querySelector(".frame"), "stroke");
  seen.scale = rgb(document.querySelector(".scale"), "backgroundImage");
  seen.first = shown().map((p) => [p.dataset.kind, p.dataset.layer, p.dataset.head].join(" "));
  seen.hint = said();
  const before = top0();
  const box = panel.querySelector(".frame").getBoundingClientRect();
  const rows = [...panel.querySelectorAll(".row")].map((t) => t.textContent), columns = [...panel.querySelectorAll(".column")].map((t) => t.textContent);
  seen.rows = rows; seen.columns = columns; seen.weights = JSON.parse(panel.dataset.weights);
  const at = (row, column) => new PointerEvent("pointermove", { bubbles: true,
    clientX: box.left + (column + 0.5) * box.width / columns.length, clientY: box.top + (row + 0.5) * box.height / rows.length });
  panel.dispatchEvent(at(1, 2));
  seen.pointed = said();
  seen.moved = Math.abs(top0() - before);
  const mark = panel.querySelector(".mark").getBoundingClientRect();
  seen.marked = [Math.round((mark.top - box.top) / mark.height), Math.round((mark.left - box.left) / mark.width), marks()];
  panel.dispatchEvent(at(rows.length + 1, 0));
  seen.outside = said();
  panel.blur();
  panel.focus();
  seen.focused = said();
  for (const key of ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowUp", "Enter", "ArrowUp", "ArrowUp"]) {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    panel.dispatchEvent(event);
    seen.steps.push([said(), event.defaultPrevented]);
  }
  seen.one = marks();
  seen.outline = rgb(panel, "outlineStyle");
  seen.layer2 = pick("layer", "2");
  seen.head1 = pick("head", "1");
  seen.encoder = pick("kind", "encoder");
  seen.all = [pick("layer", "all"), pick("head", "all"), pick("kind", "all")].at(-1).length;
  seen.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  // letters that stick out of their picture
  seen.cut = shown().flatMap((p) => {
    const limits = p.querySelector("svg").getBoundingClientRect();
    return [...p.querySelectorAll("text")].filter((t) => {
      const b = t.getBoundingClientRect();
      return b.left < limits.left - 1 || b.right > limits.right + 1 || b.top < limits.top - 1 || b.bottom > limits.bottom + 1;
    }).map((t) => t.textContent);
  });
} catch (error) { seen.error = String(error.stack); }
const place = document.createElement("pre");
place.id = "seen";
place.textContent = btoa(unescape(encodeURIComponent(JSON.stringify(seen))));
document.body.append(place);
</script></body>"""


class PageTest(Test):
    def browse(self, browser, page, width, is_dark):
        result = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000",
                                 f"--user-data-dir={self.folder / 'profile'}", f"--window-size={width},900",
                                 f"--blink-settings=preferredColorScheme={0 if is_dark else 1}", "--dump-dom", page.as_uri()],
                                capture_output=True, text=True)
        found = re.search(r'<pre id="seen">([A-Za-z0-9+/=]+)</pre>', result.stdout)
        if not found:
            sys.exit(f"{browser} shows no page: {result.stderr[-500:]}")
        return json.loads(base64.b64decode(found[1]))

    def check_page(self, browser):
        self.run("attention", "-m", "model", "--source", "a <b> & \"c\" lirum larum", "--target", "lirum larum d", "-o", "page.html", "--quiet")
        steps = self.folder / "steps.html"
        steps.write_text((self.folder / "page.html").read_text().replace("</body>", STEPS))
        grounds = {}
        for width, is_dark in ((1200, True), (1200, False), (500, True)):
            name = f"width {width}, {'dark' if is_dark else 'light'}"
            seen = self.browse(browser, steps, width, is_dark)
            self.expect("error" not in seen, f"{name}: {seen.get('error')}")
            if "error" in seen:
                continue
            self.check_steps(name, seen)
            self.check_colours(name, seen, is_dark)
            grounds[is_dark] = seen["ground"]
        self.expect(grounds.get(True) != grounds.get(False), f"dark and light differ: {grounds}")

    def check_steps(self, name, seen):
        def text(row, column):
            weight = seen["weights"][row * len(seen["columns"]) + column]
            return f"{seen['rows'][row]} looks at {seen['columns'][column]}: {weight:.3f}"

        def close(found, row, column):
            """The page rounds a half as JavaScript does."""
            expected = text(row, column)
            return found[:-5] == expected[:-5] and abs(float(found[-5:]) - float(expected[-5:])) < 0.0011

        self.expect(len(seen["rows"]) > 2 and len(seen["columns"]) > 3, f"{name}: a picture of several pieces")
        self.expect(seen["first"] == ["cross 1 0", "cross 2 0"], f"{name}: what is shown first: {seen['first']}")
        self.expect("arrow keys" in seen["hint"], f"{name}: a hint: {seen['hint']}")
        self.expect(close(seen["pointed"], 1, 2), f"{name}: under the pointer: {seen['pointed']}, expected {text(1, 2)}")
        self.expect(seen["moved"] < 1, f"{name}: the picture moved by {seen['moved']} under the pointer")
        self.expect(seen["marked"] == [1, 2, 1], f"{name}: row, column and number of marks: {seen['marked']}")
        self.expect(seen["outside"] == seen["pointed"], f"{name}: nothing is said outside: {seen['outside']}")
        self.expect(close(seen["focused"], 1, 2), f"{name}: keys begin where the pointer was: {seen['focused']}")
        places = [(2, 2), (2, 3), (1, 3), (1, 2), (0, 2), (0, 2), (0, 2), (0, 2)]  # Enter does nothing, and there is an edge
        for i, (place, (found, prevented)) in enumerate(zip(places, seen["steps"], strict=True)):
            self.expect(close(found, *place), f"{name}: step {i}: {found}, expected {text(*place)}")
            self.expect(prevented == (i != 5), f"{name}: step {i}: only arrows keep the page from scrolling")
        self.expect(seen["one"] == 1, f"{name}: one mark: {seen['one']}")
        self.expect(seen["layer2"] == ["cross 2 0"] and seen["head1"] == ["cross 2 1"] and seen["encoder"] == [],
                    f"{name}: choices: {seen['layer2']}, {seen['head1']}, {seen['encoder']}")
        self.expect(seen["all"] == 15, f"{name}: 5 attentions of 2 heads and their mean: {seen['all']}")
        self.expect(seen["wide"] <= 0, f"{name}: the page is {seen['wide']} too wide")
        self.expect(seen["cut"] == [], f"{name}: texts that are cut off: {seen['cut']}")

    def check_colours(self, name, seen, is_dark):
        def light(colour):
            parts = [int(x) / 255 for x in re.findall(r"\d+", colour)[:3]]
            linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        def contrast(one, other):  # of WCAG 2
            a, b = sorted((light(one), light(other)))
            return (b + 0.05) / (a + 0.05)

        ground = seen["ground"]
        self.expect((light(ground) < 0.1) == is_dark, f"{name}: ground {ground}")
        self.expect(contrast(seen["ink"], ground) >= 7, f"{name}: text {seen['ink']} on {ground}")
        self.expect(contrast(seen["cell"], ground) >= 4.5, f"{name}: cells {seen['cell']} on {ground}")
        self.expect(contrast(seen["frame"], ground) >= 1.4, f"{name}: frames {seen['frame']} on {ground}")
        self.expect(seen["cell"].removeprefix("rgb") in seen["scale"], f"{name}: the scale {seen['scale']} ends in {seen['cell']}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print("skipped: there is no Chromium")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        test = PageTest(Path(sys.argv[1]).resolve(), folder)
        test.check_beginning()
        test.train("model", "--after", "20u")
        test.check_page(browser)
        return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
