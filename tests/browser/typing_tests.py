"""Translation while typing: what is sent, what is shown, and how words of both texts belong together."""

import json
import threading
import time

from chromium import CONTROL
from harness import CAT, GATO, browser_test, translated


@browser_test()
def typing_twenty_characters_50_ms_apart_sends_at_most_two_requests_and_shows_the_last_text(bench):
    page = bench.open(clock=True)
    page.focus("source")
    text = "The cat sat on a mat"
    for character in text:
        page.type(character)
        page.tick(50)
    page.tick(2000)
    page.done("O gato sentou-se sobre um tapete")
    sent = bench.script.bodies("/translate/stream")
    bench.expect(len(sent) <= 2, f"{len(sent)} requests: {[b['q'] for b in sent]}")
    bench.equal(sent[-1]["q"], text, "the last request")


@browser_test()
def a_slow_old_answer_never_overwrites_a_newer_one(bench):
    for ignores_abort in (False, True):
        newer_is_done = threading.Event()
        first = len(bench.script.of("/translate/stream"))

        def late_answer(request, pause, event):
            if request is bench.script.of("/translate/stream")[first]:
                newer_is_done.wait(20) if not ignores_abort else time.sleep(0.3)
                event("sentence", {"paragraph": 0, "sentence": 0, "source": ["old"], "target": ["STALE"], "align": [], "score": 0})
        bench.script.before["stream"] = late_answer
        page = bench.open(before="const real = fetch; window.fetch = (url, options) => real(url, {...options, signal: undefined});" if ignores_abort else "")
        page.run("window.seen = []; new MutationObserver(() => seen.push(document.getElementById('target-mirror').textContent))"
                 ".observe(document.getElementById('target-mirror'), {subtree: true, childList: true, characterData: true})")
        page.focus("source")
        page.paste("Wow. ")
        bench.until(lambda: len(bench.script.of("/translate/stream")) == first + 1, "the first request")
        page.paste("The dog slept. ")
        page.done("Wowo. O cão dormiu. ")
        newer_is_done.set()
        page.run("new Promise((done) => setTimeout(done, 300))")
        bench.equal(page.value("target"), "Wowo. O cão dormiu. ", "the translation after the late answer")
        bench.expect(not any("STALE" in text for text in page.run("window.seen")), "the late answer was shown")


@browser_test()
def a_new_key_aborts_the_running_request_and_the_server_sees_it_within_100_ms(bench):
    bench.script.piece_delay = 0.05
    page = bench.open(clock=True)
    page.focus("source")
    page.paste(" ".join([CAT] * 20))
    bench.until(lambda: any(r.pieces_sent > 3 for r in bench.script.of("/translate/stream")), "the first words")
    began = time.monotonic()
    page.type("x")  # and no time passes: the abort does not wait for a debounce
    request, *others = bench.script.of("/translate/stream")
    bench.until(lambda: request.aborted, "the server to see the abort")
    bench.budget("key to abort seen by the server", [1000 * (request.ended - began)], 100, 100)
    bench.equal(len(others), 0, "requests before the debounce")
    bench.equal(page.value("source")[-1], "x", "the key")


@browser_test(real=True)
def only_the_edited_paragraph_is_sent_and_the_others_keep_their_nodes(bench):
    page = translated(bench, "It rained.\n\nThe cat slept.\nWe know nothing.")
    before = page.value("target").split("\n")
    page.run("window.nodes = ['source', 'target'].map((n) => [...document.getElementById(n + '-mirror').children].map((d) => d.firstChild))")
    page.requests.clear()
    page.caret("source", page.value("source").index("slept"))
    page.type("not ")
    page.wait("document.getElementById('target-pane').dataset.state !== 'done'", "the key to count")
    page.done()
    sent = [json.loads(r["postData"])["q"] for r in page.requests if r["url"].endswith("/translate/stream")]
    bench.equal(set(sent[-1:]), {"The cat not slept."}, "what was sent")
    bench.expect(all("\n" not in q for q in sent), f"only one paragraph at a time: {sent}")
    kept = page.run("['source', 'target'].map((n, k) => [...document.getElementById(n + '-mirror').children].map((d, i) => d.firstChild === window.nodes[k][i]))")
    bench.equal(kept, [[True] * 4] * 2, "nodes that are kept")
    after = page.value("target").split("\n")
    bench.equal([after[i] for i in (0, 1, 3)], [before[i] for i in (0, 1, 3)], "the other paragraphs' translation")


@browser_test(real=True)
def words_stream_into_place_and_nothing_on_the_page_moves(bench):
    if bench.script:
        bench.script.piece_delay = 0.03
    page = bench.open()
    page.run("""(window.shifts = [], new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((e) => e.value))).observe({type: 'layout-shift', buffered: false}),
      window.seen = [], new MutationObserver(() => window.seen.push(document.getElementById('target').value)).observe(document.getElementById('target-mirror'), {subtree: true, childList: true, characterData: true}), 0)""")
    page.focus("source")
    page.paste("\n".join([CAT] * 3 + [""] * 40 + ["End"]))
    page.caret("source", 7, 9)
    page.run("window.scrollTo(0, 300)")
    where = "[document.activeElement.id, document.getElementById('source').selectionStart, document.getElementById('source').selectionEnd, scrollY]"
    before = page.run(where)
    page.run("window.shifts.length = 0")
    page.done()
    page.frame()
    bench.equal(page.run(where), before, "focus, selection and scroll")
    bench.equal(page.run("window.shifts"), [], "layout shifts")
    seen = [s for s in page.run("window.seen") if s]
    last = page.value("target")
    if bench.script:
        bench.expect(len(set(seen)) > 5, f"words came one after another: {len(set(seen))} states")
        bench.expect(all(last.startswith(s.rstrip("\n")) or s.rstrip("\n") in last for s in seen), "each state is a beginning of the last")


@browser_test(real=True)
def hovering_a_word_marks_its_partners_without_a_request_and_an_edit_clears_the_marks(bench):
    page = translated(bench, f"{CAT} It rained.")
    page.run("document.activeElement.blur()")
    page.frame()
    bench.equal(page.marks("align-target"), [], "marks before")
    count = len(page.requests)
    word = "mat" if bench.script else "cat"
    page.mouse("mouseMoved", *page.word_box("source", word))
    page.wait("CSS.highlights.has('partner-target')", "marks")
    bench.equal(page.marks("align-source"), [word], "the word under the pointer")
    partner = page.marks("partner-target")[0]
    if bench.script:
        bench.equal((partner, page.marks("weak-target")), ("tapete", ["e"]), "its partners")
        bench.equal(page.marks("sentence-target"), [GATO], "its sentence")
    page.mouse("mouseMoved", *page.word_box("target", partner))
    page.wait("CSS.highlights.has('partner-source')", "marks of the other side")
    bench.equal(page.marks("partner-source"), [word], "the partner's partner")
    bench.equal(len(page.requests), count, "requests")
    page.caret("target", page.value("target").index(partner) + 1)
    bench.equal(page.marks("partner-source"), [word], "marks of the word at the caret")
    page.caret("source", page.value("source").index("mat"))
    page.wait("CSS.highlights.has('partner-target')", "marks of the caret in the source")
    if bench.script:
        bench.script.before["stream"] = lambda request, pause, event: pause(until=threading.Event())
    page.type("x")
    for name in ("align", "partner", "weak", "sentence"):
        bench.equal(page.marks(f"{name}-source"), [], f"{name} after the edit")


@browser_test()
def translating_while_typing_can_be_switched_off(bench):
    page = bench.open()
    page.run("document.querySelector('[name=typing]').click()")
    page.focus("source")
    page.type("It rained. ")
    page.paste("The cat slept.")
    page.wait("document.getElementById('status-text').textContent === 'Ctrl+Enter translates'")
    bench.equal(len(bench.script.of("/translate/stream")), 0, "requests")
    page.key("Enter", CONTROL)
    page.done("Ele choveu. O gato dormiu.")
    bench.equal(page.value("source"), "It rained. The cat slept.", "the source")


@browser_test()
def a_cancelled_translation_keeps_the_part_that_is_done(bench):
    def hold(request, pause, event):
        event("sentence", {"paragraph": 0, "sentence": 0, "source": ["It rained. "], "target": ["Ele choveu. "], "align": [], "score": 0})
        pause(until=threading.Event())
    bench.script.before["stream"] = hold
    page = bench.open()
    page.focus("source")
    page.paste("It rained. The cat slept.")
    page.wait("!document.getElementById('cancel').hidden", "the button")
    bench.expect("sentence 1 of 2" in page.text("status-text"), f"progress: {page.text('status-text')}")
    page.click("cancel")
    page.wait("document.getElementById('status-text').textContent === 'Stopped'")
    bench.equal(page.value("target"), "Ele choveu. ", "the part done")
    bench.equal(page.run("document.getElementById('target-pane').dataset.state"), "unfinished", "state")
    bench.until(lambda: bench.script.of("/translate/stream")[0].aborted, "the server to be told")
    del bench.script.before["stream"]
    page.click("again")
    page.done("Ele choveu. O gato dormiu.")


@browser_test()
def a_pane_in_which_keys_are_drawn_late_goes_without_marks_and_offers_files(bench):
    page = translated(bench, f"{CAT} It rained.")
    page.caret("source", len(CAT) + 3)
    for _ in range(6):
        page.type("x")
        page.frame()
    bench.equal(page.text("notes"), "", "what is told of quick keys")
    page.run("(() => { const real = requestAnimationFrame; window.requestAnimationFrame = (work) => real(() => setTimeout(work, 150)); })()")
    drawn = "window.dragoman.timings.filter((t) => t.name === 'key drawn').length"
    for n in range(5):
        bench.equal(page.text("notes"), "", f"what is told after {n} slow keys")
        before = page.run(drawn)
        page.key("Backspace")
        page.wait(f"{drawn} > {before}", "the key to be drawn")
    page.wait("document.querySelector('#notes p')", "the note")
    bench.expect("not marked in the source text" in page.text("notes"), page.text("notes"))
    page.run("window.requestAnimationFrame = (work) => setTimeout(work, 16)")
    page.done()
    page.caret("target", 3)
    bench.expect(page.marks("partner-source") == [] and page.marks("align-target") == ["gato"], "only the slow pane is without marks")
    page.run("[...document.querySelectorAll('#notes button')].find((b) => b.textContent === 'Mark words again').click()")
    page.caret("target", 4)
    bench.equal((page.marks("partner-source"), page.text("notes")), (["cat"], ""), "marks again")
    page.run("window.requestAnimationFrame = (work) => setTimeout(work, 150)")
    page.caret("source", 3)
    for n in range(5):
        before = page.run(drawn)
        page.type("y")
        page.wait(f"{drawn} > {before}", "the key to be drawn")
    page.run("window.requestAnimationFrame = (work) => setTimeout(work, 16)")
    page.wait("document.querySelector('#notes button')", "the note again")
    page.run("document.querySelector('#notes button').click()")
    page.wait("document.querySelector('#files-list [data-state=done]')", "the text as a file")
