"""Writing in the translation: other words, proposals and composition."""

import json
import threading

from chromium import ALT, CONTROL, SHIFT
from harness import CAT, GATO, browser_test, translated
from toy_translation import translate

PROPOSED = "CSS.highlights.has('ghost-target')"


def options(page):
    return page.run("[...document.querySelectorAll('#alternatives [role=option] .word')].map((o) => o.textContent)")


def focused(page):
    return page.run("document.activeElement.id")


@browser_test(real=True)
def alt_down_opens_whole_word_alternatives_and_enter_rewrites_only_the_rest_of_the_sentence(bench):
    page = translated(bench, f"It rained. {CAT} The dog slept.")
    target = page.value("target")
    at = target.index("tapete") if bench.script else target.index(" ", target.index(" ", target.index(". ") + 2) + 1) + 1
    page.caret("target", at + 2)
    page.key("ArrowDown", ALT)
    page.wait("document.querySelector('#alternatives [role=option]')", "the list")
    words = options(page)
    bench.expect(len(words) > 1 and all(w and w.strip() == w and "\u2581" not in w for w in words), f"whole words: {words}")
    bench.equal(focused(page), "target", "the focus")
    bench.equal(page.run("document.getElementById('target').getAttribute('aria-activedescendant')"), "alternative-0", "the active option")
    page.key("ArrowDown")
    page.wait(f"document.getElementById('target').value.slice({at}).startsWith({json.dumps(words[1])})", "the preview")
    page.key("Escape")
    bench.equal(page.value("target"), target, "the text after Esc")
    page.key("F2")
    page.wait("document.querySelector('#alternatives [role=option]')", "the list again")
    for key in ("End", "Home", "ArrowDown"):
        page.key(key)
    page.key("Enter")
    page.wait("!CSS.highlights.has('stale-target') && document.getElementById('alternatives').hidden", "the rest")
    now = page.value("target")
    bench.expect(now.startswith(target[:at] + words[1]), f"the beginning stays and the word is taken: {now}")
    last = target[target.rindex(". "):]
    bench.expect(now.endswith(last), f"the next sentence stays: {now}")
    if bench.script:
        bench.equal(now, target.replace("tapete", words[1]), "the whole")
        asked = bench.script.bodies("/complete")[-1]
        bench.equal((asked["q"], asked["prefix"], asked["alternatives"]), (CAT, GATO[:GATO.index("tapete")] + words[1], 0), "what was asked")
    page.key("z", CONTROL)
    bench.equal(page.value("target"), target, "one step of undo")


@browser_test()
def a_click_opens_the_list_and_a_double_click_selects_the_word(bench):
    page = translated(bench, CAT)
    x, y = page.word_box("target", "tapete")
    page.press(x, y)
    page.wait("document.querySelector('#alternatives [role=option]')", "the list")
    box = page.run("(({left, top, right, bottom}) => [left, top, right, bottom])(document.getElementById('alternatives').getBoundingClientRect())")
    bench.expect(box[1] > y and box[0] < x < box[2], f"the list {box} stands under the word at {x}, {y}")
    page.type("!")
    bench.expect(page.run("document.getElementById('alternatives').hidden"), "typing closes the list")
    page.key("z", CONTROL)
    page.key("Escape")
    page.run("window.opened = 0; new MutationObserver(() => window.opened += !document.getElementById('alternatives').hidden).observe(document.getElementById('alternatives'), {attributes: true})")
    page.mouse("mousePressed", x, y, 1)
    page.mouse("mouseReleased", x, y, 1)
    page.mouse("mousePressed", x, y, 2)
    page.mouse("mouseReleased", x, y, 2)
    page.run("new Promise((done) => setTimeout(done, 400))")
    bench.equal(page.run("document.getElementById('target').value.slice(document.getElementById('target').selectionStart, document.getElementById('target').selectionEnd).trim()"), "tapete", "selected")
    bench.equal(page.run("window.opened"), 0, "lists opened by a double click")


@browser_test(real=True)
def typing_over_proposes_a_rest_that_begins_with_exactly_what_was_typed(bench):
    page = translated(bench, CAT)
    whole = page.value("target")
    cuts = [whole[:n] for n in range(1, min(len(whole) - 2, 45))]
    if bench.script:
        prefixes = cuts + [translate("The black cat slept on the old mat and fell asleep again", "pt")[:n] for n in range(2, 40)] + [f"{w}" for w in
                   ("Bich", "Felino d", "Um", "ca", "O felino ", "O gato adormeceu", "E", "x", "Qualquer", "O  gato", "o gato,", "— O", "“O gat", "1", "O 2", "dorm", "ção", "É")]
    else:
        prefixes = cuts + ["A", "Um ga", "O gato d", "O felino ", "E o", "Este gato", "Gato"]
    proposed = 0
    for prefix in prefixes[:100]:
        page.caret("target", 0, len(page.value("target")))
        answers = "window.dragoman.timings.filter((t) => t.name === 'proposal').length"
        before = page.run(answers)
        page.insert(prefix)
        page.wait(f"{answers} > {before}", f"the answer to {prefix!r}")
        value = page.value("target")
        bench.expect(value.startswith(prefix), f"{prefix!r} became {value!r}")
        bench.equal(page.run("document.getElementById('target').selectionStart"), len(prefix), f"the caret after {prefix!r}")
        proposed += len(value) > len(prefix)
    bench.expect(proposed > 0.9 * len(prefixes[:100]), f"{proposed} proposals for {len(prefixes[:100])} beginnings")
    if bench.script:
        asked = bench.script.bodies("/complete")
        bench.expect(all(a["q"] == CAT for a in asked), "the source sentence is sent")
        bench.expect({a["prefix"] for a in asked} <= set(prefixes), "what is sent is what was typed")


def wait_fresh(bench, page, prefix):
    """Until the answer to a prefix is shown."""
    bench.until(lambda: any(r.body["prefix"] == prefix and r.ended for r in bench.script.of("/complete")), f"the request for {prefix!r}")
    page.frame()
    page.frame()


@browser_test()
def typing_what_was_proposed_sends_nothing(bench):
    page = translated(bench, CAT)
    page.caret("target", 7, len(GATO))
    page.type("c")
    page.wait(f"{PROPOSED} && document.getElementById('target').value.length > 10", "a proposal")
    value, count = page.value("target"), len(bench.script.of("/complete"))
    page.type(value[8:20])
    bench.equal(page.value("target"), value, "the text")
    bench.equal(page.run("document.getElementById('target').selectionStart"), 20, "the caret")
    bench.equal(len(bench.script.of("/complete")), count, "requests")
    bench.equal(page.marks("ghost-target"), [value[20:]], "what is still proposed")


@browser_test()
def tab_takes_a_word_end_takes_all_escape_rejects_and_then_tab_leaves_the_field(bench):
    page = translated(bench, CAT, clock=True)

    def caret():
        return page.run("document.getElementById('target').selectionStart")

    page.caret("target", len("O gato "))
    page.type("s")
    wait_fresh(bench, page, "O gato s")
    page.wait(PROPOSED)
    bench.equal(page.value("target"), "O gato s" + GATO[8:], "the rest follows what was typed")
    page.key("Tab")
    bench.equal((focused(page), caret()), ("target", len("O gato sentou-se ")), "Tab takes a word and the space after it")
    page.key("End")
    bench.equal((focused(page), caret()), ("target", len(GATO)), "End takes all")
    bench.expect(not page.run(PROPOSED), "nothing is proposed any more")
    page.key("Tab")
    bench.expect(focused(page) != "target", "without a proposal Tab leaves")

    page.caret("target", 0, len(GATO))
    page.type("O gato d")
    wait_fresh(bench, page, "O gato d")
    page.wait(PROPOSED)
    bench.expect(page.value("target").startswith("O gato d") and len(page.value("target")) > 9, page.value("target"))
    page.key("Escape")
    bench.equal(page.value("target"), "O gato d", "Esc removes the rest")
    page.key("Tab")
    bench.expect(focused(page) != "target", "after Esc Tab leaves")

    page.caret("target", len("O gato d"))
    page.type("e")
    page.wait(PROPOSED)
    page.key("Tab", SHIFT)
    bench.expect(focused(page) != "target", "Shift+Tab leaves while there is a proposal")

    # A Tab while the new proposal is on its way takes of the new one only.
    page.caret("target", 0, len(page.value("target")))
    page.type("O")
    page.wait(PROPOSED)
    gate, value = threading.Event(), page.value("target")
    bench.script.before["/complete"] = lambda request, pause: pause(until=gate)
    page.type(" c")
    page.key("Tab")
    bench.equal((focused(page), page.value("target")[:3], caret()), ("target", "O c", 3), "the Tab is held")
    gate.set()
    page.wait("document.getElementById('target').selectionStart > 3", "the Tab to be applied")
    taken = page.value("target")[:caret()]
    bench.expect(taken == "O caiu " and not value.startswith(taken), f"taken of the new proposal: {taken!r}")
    gate.clear()
    page.type("q")
    page.key("Tab")
    page.tick(301)
    gate.set()
    page.wait(PROPOSED)
    page.frame()
    bench.equal(caret(), len("O caiu q"), "a Tab that waited too long takes nothing")


@browser_test()
def during_composition_nothing_is_sent_changed_or_taken_and_compositionend_sends_once(bench):
    page = translated(bench, "The cat slept. ")
    count, target = len(bench.script.requests), page.value("target")
    page.caret("source", 15)
    for text in ("か", "かく", "書く"):
        page.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    page.run("new Promise((done) => setTimeout(done, 700))")
    bench.equal(len(bench.script.requests), count, "requests during the composition")
    bench.equal(page.value("target"), target, "the translation")
    bench.equal(page.text("source-mirror"), "The cat slept. 書く", "the mirror shows what is composed")
    page.send("Input.insertText", {"text": "書く"})
    page.wait("document.getElementById('target-pane').dataset.state !== 'done'", "the end to count")
    page.done()
    bench.equal([b["q"] for b in bench.script.bodies("/translate/stream")][1:], ["The cat slept. 書く"], "what was sent")

    page.caret("target", 2)
    page.key("F2")
    page.wait("document.querySelector('#alternatives [role=option]')", "the list")
    value, count = page.value("target"), len(bench.script.requests)
    page.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229})
    bench.equal((page.value("target"), len(bench.script.requests), len(options(page)) > 1), (value, count, True), "an Enter of the input method is not taken")
    page.key("Escape")
    page.caret("target", 7)
    page.send("Input.imeSetComposition", {"text": "s", "selectionStart": 1, "selectionEnd": 1})
    page.send("Input.imeSetComposition", {"text": "so", "selectionStart": 2, "selectionEnd": 2})
    bench.equal((page.run(PROPOSED), len(bench.script.requests)), (False, count), "nothing is proposed in mid-composition")
    page.send("Input.insertText", {"text": "son"})
    page.wait("document.getElementById('target').value.startsWith('O gato son ')", "the rest after the composition")
    bench.equal([b["prefix"] for b in bench.script.bodies("/complete")[-1:]], ["O gato son"], "what was asked")
    bench.equal(len(bench.script.requests), count + 1, "requests after the composition")
