"""What people see, hear and reach: directions, names, order, colours, widths, and the picture of attention."""

import json
import re
import struct
import threading
import zlib

from chromium import SHIFT
from budgets import measure
from harness import CAT, browser_test, translated

TEXTS = {
    "ar": "The cat sat on the mat. 12 dogs.\nArabic: قطة Cat 3.\n\nالقطة جلست على الحصيرة ونامت بسرعة لأن المطر كان يهطل طوال الليل في المدينة القديمة.",
    "he": "The cat sat on 3 mats.\nשלום עולם, the cat ישב (כאן) 12.",
    "ja": "The cat sat.\n猫がマットの上に座って、すぐに眠ってしまった。雨が一晩中降っていた。古い町は静かだった。",
    "th": "The dog slept.\nแมวนั่งบนเสื่อแล้วหลับไปอย่างรวดเร็วเพราะฝนตกตลอดทั้งคืนในเมืองเก่า",
    "pt": "Emoji 👩‍👩‍👧 and 🇵🇹 flags, tabs\tand  spaces   here.\nZalgo é̂ ﷽ a͏b soft­hyphen\u200bzero\n\n" + "averylongwordwithoutanyspaces" * 9,
}
ORDER = ["source", "clear", "source-direction", "target", "show-alternatives", "lock", "confirm", "target-direction", "copy", "open-attention", "open-corrections"]
HEAD = ["view-text", "view-files", "open-keys", "open-settings", "from", "swap", "swap-more", "to"]
CONTRASTS = [  # selector of text, least ratio
    ("#source-mirror", 7), ("header h1", 7), ("#place", 4.5), ("#status-text", 4.5), ("#source-count", 4.5), ("button", 4.5), ("select", 4.5), ("#view-text", 4.5),
    (".panels button", 4.5), (".caption", 4.5), (".legend small", 4.5), (".rows span", 4.5), (".sums span", 4.5), ("#keys p", 4.5), ("kbd", 4.5), ("#notes p", 4.5), ("#notes button", 4.5),
]
PALETTE = [("text", "surface", 7), ("text", "page", 7), ("muted", "surface", 4.5), ("muted", "page", 4.5), ("ghost", "surface", 4.5), ("ghost", "lock", 4.5), ("ghost", "align", 4.5),
           ("accent", "surface", 4.5), ("on-accent", "accent", 4.5), ("text", "align", 7), ("align-bar", "align", 3), ("text", "lock", 7), ("accent", "lock", 4.5), ("error", "surface", 4.5),
           ("error", "on-error", 4.5), ("warn", "on-warn", 4.5), ("ok", "surface", 4.5), ("border", "surface", 3), ("border", "page", 3), ("text", "sentence", 7), ("muted", "sentence", 4.5)]


def pixels(png):
    """Rows of a PNG of 8-bit RGB or RGBA, as bytes."""
    at, data, width, bytes_each = 8, b"", 0, 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        if kind == b"IHDR":
            width, _, _, colour = struct.unpack(">IIBB", png[at + 8:at + 18])
            bytes_each = {2: 3, 6: 4}[colour]
        if kind == b"IDAT":
            data += png[at + 8:at + 8 + length]
        at += 12 + length
    raw, stride, rows = zlib.decompress(data), width * bytes_each, []
    before = bytearray(stride)
    for start in range(0, len(raw), stride + 1):
        kind, row = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride) if kind else ():
            left = row[i - bytes_each] if i >= bytes_each else 0
            up, corner = before[i], before[i - bytes_each] if i >= bytes_each else 0
            if kind == 4:
                p = left + up - corner
                distances = abs(p - left), abs(p - up), abs(p - corner)
                guess = (left, up, corner)[distances.index(min(distances))]
            else:
                guess = {1: left, 2: up, 3: (left + up) // 2}[kind]
            row[i] = (row[i] + guess) & 255
        rows.append(bytes(row))
        before = row
    return rows


@browser_test()
def arabic_and_hebrew_panes_run_right_to_left_and_mirror_and_field_agree_to_the_pixel(bench):
    for language, text in TEXTS.items():
        page = bench.open()
        page.set("from", "en")
        page.set("to", language)
        page.focus("source")
        page.paste(text)
        page.done()
        is_right = language in ("ar", "he")
        bench.equal(page.run("getComputedStyle(document.getElementById('target')).direction"), "rtl" if is_right else "ltr", f"{language}: the translation's direction")
        bench.equal(page.run("document.getElementById('target').lang"), language, "its language")
        if is_right:
            x, _ = page.word_box("target", page.value("target")[:2])
            box = page.run("(({left, right}) => [left, right])(document.getElementById('target').getBoundingClientRect())")
            bench.expect(x > sum(box) / 2, f"{language}: the first word stands at {x}, to the right")
        page.run("document.activeElement.blur(); for (const h of [...CSS.highlights.keys()]) CSS.highlights.delete(h)")
        for name in ("source", "target"):
            heights = page.run(f"[document.getElementById('{name}').scrollHeight, document.getElementById('{name}').clientHeight]")
            bench.equal(heights[0], heights[1], f"{language}: the height of the {name} field's text and its box")
            clip = page.run(f"(({{x, y, width, height}}) => [x + 6, y + 6, width - 12, height - 12])(document.getElementById('{name}').getBoundingClientRect())")
            by_mirror = pixels(page.picture(clip=clip))
            page.run(f"(() => {{ const f = document.getElementById('{name}'), m = document.getElementById('{name}-mirror'); f.style.color = getComputedStyle(m).color; m.style.visibility = 'hidden'; }})()")
            page.frame()
            by_field = pixels(page.picture(clip=clip))
            differing = sum(a != b for a, b in zip(by_mirror, by_field))
            inked = sum(len(set(row[i:i + 3] for i in range(0, len(row) - 2, 3))) > 1 for row in by_mirror)
            bench.expect(inked > 10, f"{language}: the {name} shows something")
            bench.expect(differing == 0, f"{language}: {differing} rows of pixels of the {name} differ between mirror and field")


@browser_test(real=True)
def every_control_has_a_name_and_role_the_tab_order_is_as_specified_and_the_status_speaks_once_per_result(bench):
    page = bench.open()
    page.send("Accessibility.enable")
    page.run("window.said = []; new MutationObserver(() => window.said.push(document.getElementById('live').textContent)).observe(document.getElementById('live'), {childList: true, characterData: true, subtree: true})")
    page.focus("source")
    page.paste(f"{CAT} It rained.")
    page.done()
    page.wait("window.said.length > 0", "what is said")
    page.run("new Promise((done) => setTimeout(done, 1200))")
    said = page.run("window.said")
    bench.expect(len(said) == 1 and re.fullmatch(r"Translation ready, \d+ words", said[0]), f"what is said: {said}")

    def check_tree(what):
        nodes = page.send("Accessibility.getFullAXTree")["nodes"]
        roles = {"button", "combobox", "textbox", "checkbox", "spinbutton", "listbox", "option", "link", "dialog", "region", "application", "progressbar", "MenuListPopup", "image"}
        found = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored") and n.get("role")]
        nameless = [role for role, name in found if role in roles - {"MenuListPopup"} and not name.strip()]
        bench.equal(nameless, [], f"{what}: controls without a name")
        return found
    found = check_tree("the page")
    for expected in [("region", "Source text"), ("region", "Translation"), ("textbox", "Source text"), ("textbox", "Translation"), ("button", "Copy"), ("combobox", "From"), ("combobox", "To"), ("banner", ""), ("main", "")]:
        bench.expect(expected in found, f"{expected} is in the tree")
    bench.equal(page.run("['live', 'alarm'].map((id) => document.getElementById(id).getAttribute('role'))"), ["status", "alert"], "live regions")
    bench.equal(page.run("['expanded', 'role'].map((a) => document.getElementById('target').hasAttribute(a === 'role' ? a : 'aria-' + a))"), [False, False], "what a textarea may not have")
    page.caret("target", 3)
    page.key("F2")
    page.wait("document.querySelector('#alternatives [role=option]')")
    bench.expect(any(role == "listbox" and name.startswith("Instead of") for role, name in check_tree("the list")), "the list's name")
    page.key("Escape")
    for name in ("keys", "settings"):
        page.focus(f"open-{name}")
        page.key("Enter")
        page.wait(f"document.getElementById('{name}').open")
        check_tree(name)
        page.key("Escape")
        page.wait(f"!document.getElementById('{name}').open")
        bench.equal(page.run("document.activeElement.id"), f"open-{name}", "the dialog returns the focus")
    page.click("open-attention")
    page.click("open-corrections")
    page.wait("document.getElementById('attention-canvas').width > 0 && document.querySelector('#attention-rows span')")
    check_tree("the panels")
    page.click("open-attention")
    page.click("open-corrections")

    page.run("document.querySelector('.skip').focus()")
    reached = ["skip"]
    for _ in range(30):
        page.key("Tab")
        now = page.run("document.activeElement.id || document.activeElement.className")
        reached.append(now)
        if now == "open-corrections":
            break
    bench.equal(reached, ["skip", *HEAD, *ORDER], "the order")
    bench.expect(page.run("getComputedStyle(document.activeElement).outlineStyle === 'solid' && getComputedStyle(document.activeElement).outlineWidth === '2px'"), "the ring")
    for expected in reversed([*HEAD, *ORDER][:-1]):
        page.key("Tab", SHIFT)
        bench.equal(page.run("document.activeElement.id"), expected, "the order backwards")
    page.key("Tab", SHIFT)
    bench.equal(page.run("document.activeElement.className"), "skip", "the first")


def contrast(a, b):
    def luminance(colour):
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


COLOURS = """(selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility() && e.getClientRects().length).map((e) => {
  const numbers = (text) => { const c = document.createElement('canvas').getContext('2d', {willReadFrequently: true}); c.fillStyle = text; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  let ground = e;
  while (ground && numbers(getComputedStyle(ground).backgroundColor)[3] === 0) ground = ground.parentElement;
  return [e.id || e.textContent.slice(0, 20), numbers(getComputedStyle(e).color), numbers(getComputedStyle(ground ?? document.documentElement).backgroundColor)]; })"""


@browser_test()
def at_390_px_at_200_percent_and_at_320_px_nothing_is_cut_or_scrolls_sideways_and_all_colours_reach_their_ratio(bench):
    pictures = bench.options.pictures

    def picture(page, name, **settings):
        if pictures:
            page.frame()
            page.picture(pictures / f"{name}.png", **settings)

    for dark in (False, True):
        page = translated(bench, f"{CAT} It rained.\nHello world, the old captain reads his letters again.", dark=dark, width=1280, height=800)
        page.caret("target", 5)
        page.type("x")
        page.wait("CSS.highlights.has('ghost-target')")
        picture(page, f"typing-over-{'dark' if dark else 'light'}")
        page.key("Escape")
        page.caret("source", len("The cat sat"))
        page.type(" down")
        page.done()
        page.click("open-attention")
        page.click("open-corrections")
        page.wait("document.querySelector('#attention-rows span')")
        page.run("document.getElementById('keys').show()")
        page.wait("document.querySelector('#notes p')")
        for selector, least in CONTRASTS:
            seen = page.run(f"({COLOURS})({json.dumps(selector)})")
            bench.expect(seen, f"there is a {selector}")
            for who, ink, ground in seen:
                ratio = contrast(ink[:3], ground[:3])
                bench.expect(ratio >= least, f"{'dark' if dark else 'light'}: {selector} ({who}) has {ratio:.2f}, needs {least}")
        values = page.run("""Object.fromEntries(%s.map((name) => { const i = document.createElement('i'); i.style.color = `var(--${name})`; document.body.append(i);
          const rgb = getComputedStyle(i).color; i.remove(); return [name, rgb.match(/[\\d.]+/g).map(Number)]; }))""" % json.dumps(sorted({n for a, b, _ in PALETTE for n in (a, b)})))
        for ink, ground, least in PALETTE:
            ratio = contrast(values[ink][:3], values[ground][:3])
            bench.expect(ratio >= least, f"{'dark' if dark else 'light'}: {ink} on {ground} has {ratio:.2f}, needs {least}")
        page.run("document.getElementById('keys').close()")
        picture(page, f"attention-{'dark' if dark else 'light'}", whole=True)

        for width, height, scale, name in ((390, 844, 2, "390"), (640, 400, 2, "200-percent"), (320, 640, 2, "320")):
            page.size(width, height, scale)
            page.frame()
            for view in ("view-text", "view-files"):
                page.click(view)
                page.frame()
                where = f"{name}, {view}, {'dark' if dark else 'light'}"
                wide = page.run("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
                bench.expect(wide[0] <= wide[1], f"{where}: {wide[0]} px wide in {wide[1]}")
                cut = page.run("""[...document.querySelectorAll('button, select, label, p, h1, textarea')].filter((e) => e.checkVisibility() && e.getClientRects().length && !e.classList.contains('hidden')
                  && !e.closest('.matrix-box') && getComputedStyle(e).clipPath === 'none' && e.parentElement.closest('[class=hidden]') === null).filter((e) => {
                    const b = e.getBoundingClientRect();
                    return b.left < -0.5 || b.right > innerWidth + 0.5 || (e.tagName === 'BUTTON' && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)); })
                  .map((e) => e.id || e.textContent.slice(0, 30))""")
                bench.equal(cut, [], f"{where}: cut")
                picture(page, f"{name}-{view[5:]}-{'dark' if dark else 'light'}", whole=True)
            page.click("view-text")
    spaced = translated(bench, CAT)
    spaced.run("(() => { const s = new CSSStyleSheet(); s.replaceSync('* { line-height: 1.5em !important; letter-spacing: .12em !important; word-spacing: .16em !important; }'); document.adoptedStyleSheets = [s]; })()")
    spaced.frame()
    same = spaced.run("['letterSpacing', 'wordSpacing', 'lineHeight', 'fontSize', 'fontFamily'].map((p) => ['source', 'source-mirror'].map((id) => getComputedStyle(document.getElementById(id))[p])).filter(([a, b]) => a !== b)")
    bench.equal(same, [], "text spacing of field and mirror")
    phone = translated(bench, f"{CAT} It rained.", width=390, height=844, touch=True)
    small = phone.run("[...document.querySelectorAll('button, select')].filter((e) => e.checkVisibility() && e.getClientRects().length && getComputedStyle(e).clipPath === 'none').filter((e) => Math.min(e.getBoundingClientRect().width, e.getBoundingClientRect().height) < 44).map((e) => e.id)")
    bench.equal(small, [], "targets under 44 px on a coarse pointer")
    phone.caret("target", 4)
    bench.expect(phone.run("!document.getElementById('bar').hidden"), "the bar above the keyboard")
    picture(phone, "phone-bar")
    phone.click("bar-other")
    phone.wait("document.querySelector('#alternatives [role=option]')")
    picture(phone, "phone-alternatives")
    still = bench.open()
    still.scheme(False, reduced=True)
    bench.script.before["stream"] = lambda request, pause, event: pause(until=threading.Event())
    still.focus("source")
    still.paste("x")
    still.wait("!document.getElementById('progress-line').hidden", "the line")
    bench.equal(still.run("document.getAnimations().length"), 0, "animations with reduced motion")


@browser_test(real=True)
def attention_rows_sum_to_one_arrows_move_the_cross_hair_the_table_equals_the_picture_and_all_budgets_of_7_hold(bench):
    page = translated(bench, f"{CAT} It rained.")
    page.caret("target", 10)
    page.click("open-attention")
    page.wait("document.querySelector('#attention-rows span') && !document.getElementById('attention-box').hidden")
    sums = page.run("[...document.querySelectorAll('#attention-sums span')].map((s) => s.textContent)")
    bench.expect(sums and all(abs(float(s) - 1) < 0.011 for s in sums), f"sums: {sums}")
    rows = page.run("[...document.querySelectorAll('#attention-rows span')].map((s) => s.textContent)")
    columns = page.run("[...document.querySelectorAll('#attention-columns span')].map((s) => s.textContent)")
    bench.equal((rows[-1], columns[-1]), ("</s>", "</s>"), "the end of both sentences")

    colours = page.run("""(() => { const c = document.getElementById('attention-canvas'), g = c.getContext('2d'), r = document.querySelectorAll('#attention-rows span').length, n = document.querySelectorAll('#attention-columns span').length;
      return Array.from({length: r}, (_, i) => Array.from({length: n}, (_, k) => g.getImageData((k + 0.5) * c.width / n, (i + 0.5) * c.height / r, 1, 1).data[1])); })()""")
    page.click("attention-as-table")
    page.frame()
    table = page.run("[...document.querySelectorAll('#attention-table tbody tr')].map((r) => [...r.querySelectorAll('td')].map((c) => Number(c.textContent)))")
    bench.equal((len(table), len(table[0])), (len(rows), len(columns)), "the table's size")
    bench.equal(page.run("[...document.querySelectorAll('#attention-table thead th')].map((h) => h.textContent + h.scope)"), [c + "col" for c in columns], "column headers")
    cells = sorted((weight, -colour) for r, row in enumerate(table) for weight, colour in zip(row, colours[r]))
    darkest, wrong = -256, 0
    for weight, colour in cells:
        wrong += colour < darkest - 5  # weights of the table are rounded
        darkest = max(darkest, colour)
    bench.equal(wrong, 0, "cells of the picture that are lighter than those of less weight")
    page.click("attention-as-table")
    page.wait("!document.getElementById('attention-box').hidden")

    page.wait("document.getElementById('live').textContent.startsWith('Translation ready')", "what is said before")
    page.focus("attention-matrix")

    def readout():
        return page.text("attention-readout")

    def expected(r, c):
        return f"{rows[r]}, {columns[c]}: {table[r][c]:.3f}, layer"
    bench.expect(readout().startswith(expected(0, 0)), f"{readout()} should be {expected(0, 0)}")
    last = len(rows) - 1, len(columns) - 1
    for key, place in (("ArrowDown", (1, 0)), ("ArrowRight", (1, 1)), ("ArrowUp", (0, 1)), ("ArrowUp", (0, 1)), ("End", (0, last[1])), ("PageDown", last), ("Home", (last[0], 0)), ("PageUp", (0, 0)), ("ArrowRight", (0, 1))):
        page.key(key)
        bench.expect(readout().startswith(expected(*place)), f"after {key}: {readout()}, should be {expected(*place)}")
    bench.expect(page.marks("align-target") and page.marks("partner-source"), "both pieces are marked in the panes")
    page.wait("document.getElementById('live').textContent === document.getElementById('attention-readout').textContent", "the cell is said")
    if bench.script:
        page.set("attention-head", "2")
        page.wait("document.getElementById('attention-readout').textContent.includes('layer 6, head 3 of 8')")
        page.set("attention-layer", "1")
        page.wait("document.getElementById('attention-readout').textContent.includes('layer 2, head 3 of 8')")
        page.set("attention-kind", "encoder")
        page.wait("[...document.querySelectorAll('#attention-rows span')].some((s) => s.textContent === '▁cat')")
        page.set("attention-kind", "cross")
        page.wait("[...document.querySelectorAll('#attention-rows span')].some((s) => s.textContent === '▁sen')")
        page.set("attention-unit", "words")
        page.wait("[...document.querySelectorAll('#attention-rows span')].some((s) => s.textContent === 'sentou-se')")
        sums = page.run("[...document.querySelectorAll('#attention-sums span')].map((s) => Number(s.textContent))")
        bench.expect(all(abs(s - 1) < 0.011 for s in sums), f"sums of words: {sums}")
        page.click("attention-numbers")
        page.set("to", "ar")
        page.done()
        page.caret("target", 2)
        page.wait("document.getElementById('attention-columns').dir === 'ltr' && document.querySelector('#attention-rows').lang === 'ar'")
        page.set("from", "ar")
        page.done()
        page.caret("target", 2)
        page.wait("document.getElementById('attention-columns').dir === 'rtl'")
        page.set("attention-unit", "pieces")
        page.focus("attention-matrix")
        page.key("Home")
        first = page.run("document.getElementById('attention-hair').getBoundingClientRect().left")
        page.key("ArrowLeft")
        bench.expect(page.run("document.getElementById('attention-hair').getBoundingClientRect().left") < first, "in right-to-left columns the left arrow goes on")
    measure(bench)


@browser_test()
def over_400_pieces_a_side_attention_is_seen_through_a_window_that_the_cross_hair_moves(bench):
    words = " ".join(f"w{n}" for n in range(500))
    page = translated(bench, f"{words}.")
    page.caret("target", 3)
    page.click("open-attention")
    page.wait("document.querySelector('#attention-rows span')", "the picture")

    note, total = page.text("attention-note"), 502  # a full stop and the end of the sentence
    bench.expect(f"rows 1 to 400 of {total}, columns 1 to 400 of {total}" in note, f"what is shown: {note}")
    bench.equal(page.run("['rows', 'columns'].map((name) => document.getElementById(`attention-${name}`).children.length)"), [400, 400], "pieces a side")
    bench.equal(page.run("[...new Set([...document.querySelectorAll('#attention-sums span')].map((s) => s.className))]"), [""], "sums are those of whole rows")
    page.focus("attention-matrix")
    for key, begins in (("PageDown", "</s>, ▁w0:"), ("End", "</s>, </s>:"), ("PageUp", "▁w0o, </s>:")):
        page.key(key)
        bench.expect(page.text("attention-readout").startswith(begins), f"{key}: {page.text('attention-readout')}")
    bench.expect(f"rows 1 to 400 of {total}, columns 103 to {total} of {total}" in page.text("attention-note"), f"the window: {page.text('attention-note')}")
    page.key("ArrowLeft")
    page.key("ArrowDown")
    bench.expect(page.text("attention-readout").startswith("▁w1o, .:"), f"on from there: {page.text('attention-readout')}")
    hair = page.run("(() => { const h = document.getElementById('attention-hair').getBoundingClientRect(), c = document.getElementById('attention-canvas').getBoundingClientRect(); "
                    "return [Math.floor((h.left - c.left) / h.width + 0.5), Math.floor((h.top - c.top) / h.height + 0.5)]; })()")
    bench.equal(hair, [398, 1], "the cross-hair's cell in the window")
