"""What is the user's stays: undo and redo, locks, edited and confirmed sentences."""

import json

from chromium import CONTROL, SHIFT
from harness import CAT, GATO, browser_test, translated
from writing_tests import PROPOSED, options, wait_fresh


def undo_all(page):
    states = []
    while True:
        page.key("z", CONTROL)
        if page.text("status-text") == "Nothing to undo":
            return states
        states.append([page.value("source"), page.value("target")])


@browser_test()
def undo_walks_back_through_accept_alternative_swap_and_typing_to_the_first_text_and_redo_returns(bench):
    page = bench.open()
    first = [[page.value("source"), page.value("target")]]

    def state():
        return [page.value("source"), page.value("target")]

    page.focus("source")
    page.paste(CAT)
    page.done(GATO)
    steps = first + [state()]
    page.caret("target", 7)
    page.type("c")
    page.wait(PROPOSED)
    wait_fresh(bench, page, "O gato c")
    page.key("Tab")
    steps.append(state())
    page.caret("target", page.value("target").index("tapete"))
    page.key("F2")
    page.wait("document.querySelector('#alternatives [role=option]')", "the list")
    other = options(page)[1]
    page.key("ArrowDown")
    page.key("Enter")
    page.wait(f"document.getElementById('target').value.includes({json.dumps(other)}) && document.getElementById('alternatives').hidden && !CSS.highlights.has('stale-target')")
    steps.append(state())
    page.click("swap")
    page.done()
    bench.equal(page.value("source"), steps[-1][1], "the swapped text")
    steps.append(state())
    page.focus("source")
    page.key("End", CONTROL)
    page.caret("source", len(page.value("source")))
    page.type(" Olá")
    page.done()
    steps.append(state())
    page.focus("target")
    back = undo_all(page)
    page.frame()
    bench.equal([back[-1], page.value("source")], [["", ""], ""], "the first text")
    wanted = [s for s in reversed(steps[:-1])]
    reached = iter(back)
    for step in wanted:
        bench.expect(any(step == found for found in reached), f"undo passes {step}, in order; it went {back}")
    for _ in back:
        page.key("z", CONTROL | SHIFT)
    page.frame()
    bench.equal(state(), steps[-1], "redo returns")
    bench.equal(page.run("[document.getElementById('from').value, document.getElementById('to').value]"), ["pt", "en"], "with the languages")


@browser_test()
def a_locked_or_edited_sentence_survives_every_change_of_its_source(bench):
    page = translated(bench, "It rained. The dog slept. We know nothing.")
    page.caret("target", len("Ele "))
    page.type("hoje ")
    page.key("Escape")
    page.caret("target", page.value("target").index("O cão") + 3)
    page.key("F8")
    bench.equal(page.marks("lock-target"), ["O cão dormiu."], "what is locked")
    edited, locked = "Ele hoje", "O cão dormiu."

    def check(what):
        page.wait("['done', 'empty'].includes(document.getElementById('target-pane').dataset.state)", "the translation")
        page.frame()
        value = page.value("target")
        bench.expect(edited in value and locked in value and value.index(edited) < value.index(locked), f"{what}: {value!r}")
        return value

    def change(old, new, what):
        source = page.value("source")
        at = source.index(old)
        page.caret("source", at, at + len(old))
        if new:
            page.paste(new)
        else:
            page.key("Delete")
        return check(what)

    value = change("rained", "rained again", "a change of the edited sentence's source")
    bench.expect("choveu" not in value, f"the edited sentence is not translated anew: {value}")
    page.wait("document.querySelector('#notes .note')", "a note that the source has changed")
    page.run("[...document.querySelectorAll('#notes button')].find((b) => b.textContent === 'Update').click()")
    page.wait("document.querySelector('#notes blockquote')?.textContent === 'Ele choveu outra vez.'", "the new translation beside it")
    check("showing the new translation")
    change("dog", "big dog", "a change of the locked sentence's source")
    change("It rained again.", "Hello world. It rained again.", "a sentence before")
    change("The big dog slept.", "\nThe big dog slept.\n", "two paragraphs more")
    change("The big dog slept.\n", "", "the locked sentence's source is gone")
    page.caret("source", 0, len(page.value("source")))
    page.key("Delete")
    check("all of the source is gone")
    page.paste("The cat slept.")
    check("another source")
    page.caret("target", page.value("target").index("O cão dormiu") + 6)
    page.type("x")
    bench.expect("O cão xdormiu" in page.value("target"), "a locked passage may be edited by hand")


@browser_test()
def a_lock_in_mid_sentence_widens_to_its_beginning(bench):
    page = translated(bench, CAT)
    page.caret("target", GATO.index("sobre"), GATO.index(" e ad"))
    page.key("F8")
    bench.equal(page.marks("lock-target"), [GATO[:GATO.index(" e ad")]], "what is locked")
    bench.expect("beginning" in page.text("status-text"), f"it is said: {page.text('status-text')}")
    page.key("F8")
    bench.equal(page.marks("lock-target"), [], "unlocked")


def log_of(bench):
    """What the server's log of corrections is told: translations, and ids of what is taken back."""
    return [r.body.get("id") or r.body["s"] for r in bench.script.requests if r.path.startswith("/suggest") and r.ended]


@browser_test()
def confirming_a_changed_sentence_logs_it_once_and_undo_removes_it(bench):
    page = translated(bench, "It rained. The dog slept.")
    page.caret("target", 3)
    page.key("Enter", CONTROL)
    bench.equal(page.text("corrections-count"), "", "a sentence confirmed as the machine wrote it is no correction")
    bench.equal(page.run("document.getElementById('target').selectionStart"), len("Ele choveu. "), "the caret goes to the next sentence")
    page.caret("target", len("Ele choveu. O c"))
    page.type("ac")
    page.wait(PROPOSED)
    page.key("Escape")
    page.key("Enter", CONTROL)
    page.caret("target", len("Ele choveu. O c"))
    page.key("Enter", CONTROL)
    page.caret("target", 3)
    page.key("Enter", CONTROL)
    bench.until(lambda: bench.script.of("/suggest"), "the log")
    bench.equal(bench.script.bodies("/suggest"), [{"q": "The dog slept.", "s": "O cac", "source": "en", "target": "pt", "machine": "O cão dormiu."}], "what is logged")
    page.wait("document.getElementById('corrections-list').textContent.includes('saved')")
    bench.equal(page.text("corrections-count"), " (1)", "the panel's count")
    page.key("z", CONTROL)
    page.key("z", CONTROL)
    page.key("z", CONTROL)
    bench.equal(page.text("corrections-count"), "", "undo removes it")

    def logged(count):
        bench.until(lambda: len(log_of(bench)) >= count, f"line {count} of the log")
        return log_of(bench)
    first = f"s{bench.script.of('/suggest')[0].number}"
    bench.equal(logged(2), ["O cac", first], "undo takes it out of the log")
    for _ in range(3):
        page.key("y", CONTROL)
    bench.equal(page.text("corrections-count"), " (1)", "redo brings it back")
    bench.equal(logged(3), ["O cac", first, "O cac"], "and logs it again")
    page.wait("document.getElementById('corrections-list').textContent.includes('saved')")
    second = f"s{bench.script.of('/suggest')[1].number}"
    page.run("document.querySelector('#corrections-list button').click()")
    bench.equal((page.text("corrections-count"), page.value("target")), ("", "Ele choveu. O cac"), "the panel's own undo")
    bench.equal(logged(4)[-1], second, "takes it out of the log")


@browser_test()
def a_sentence_confirmed_with_another_text_takes_the_first_one_out_of_the_log(bench):
    page = translated(bench, "The dog slept.")
    for text in ("Um", "Dois"):
        page.caret("target", 0, len(page.value("target")))
        page.insert(text)
        page.wait(PROPOSED)
        page.key("Escape")
        page.key("Enter", CONTROL)
        page.wait("document.getElementById('corrections-list').textContent.includes('saved')")
    bench.until(lambda: len(log_of(bench)) == 3, "the log")
    first = f"s{bench.script.of('/suggest')[0].number}"
    bench.equal(sorted(log_of(bench)), sorted(["Um", "Dois", first]), "what is logged")
    bench.equal(page.text("corrections-count"), " (1)", "what is listed")


RANDOM_EDITS = """Promise.all([import('/text.js'), import('/sentences.js')]).then(([{ Draft }, { isKept }]) => {
  let seed = 7;
  const random = (n) => {  // mulberry32
    seed = (seed + 0x6D2B79F5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
  const some = ['a', 'B. ', 'c d. ', '\\n', '', 'x. Y. ', ' ', '\\n\\n'], wrong = [];
  const draft = new Draft(), expect = (holds, what) => { if (!holds && wrong.length < 5) wrong.push(what); };
  const answer = (p) => {
    draft.begin(p);
    const sentences = p.source.match(/\\s*[^.]*\\.*\\s*/g).filter(Boolean), most = random(4) ? Infinity : random(sentences.length + 1);
    sentences.forEach((s, i) => {
      if (i >= most) return;
      draft.applyPiece(p, i, [s.toUpperCase().slice(0, 2)], 0);
      draft.applySentence(p, i, { source: [s], target: [s.toUpperCase()], align: [] });
    });
    if (p.state === 'sent') draft.abandon(p);
  };
  let mine = 0;
  for (let step = 0; step < 4000; ++step) {
    const kind = random(5), kept = () => draft.paragraphs.flatMap((p) => p.sentences).filter((s) => isKept(s) && s.text.trim()).map((s) => s.text.trim()).sort().join('|');
    if (kind < 2) {
      const text = draft.source, at = random(text.length + 1), before = kept(), insert = some[random(some.length)];
      const next = text.slice(0, at) + insert + text.slice(Math.min(text.length, at + random(6)));
      draft.setSource(next.length > 300 ? '' : next);
      expect(draft.source === (next.length > 300 ? '' : next), `step ${step}: the source`);
      expect(kept() === before, `step ${step}: the user's sentences after a change of the source: ${before} became ${kept()}`);
    } else if (kind === 2 && random(3) === 0) {
      const text = draft.target, at = random(text.length + 1), to = Math.min(text.length, at + random(5)), insert = some[random(some.length)];
      draft.editTarget(at, to, insert);
      const wanted = text.slice(0, at) + insert + text.slice(to);
      expect(draft.target === wanted || !wanted.trim(), `step ${step}: an edit of ${JSON.stringify(text)} at ${at} to ${to} with ${JSON.stringify(insert)} gave ${JSON.stringify(draft.target)}`);
      mine += 1;
    } else {
      const before = kept();
      for (const p of draft.paragraphs) if (p.state === 'changed') answer(p);
      expect(kept() === before, `step ${step}: the user's sentences after an answer: ${before} became ${kept()}`);
    }
    if (step % 400 === 399) { const copy = draft.snapshot(), text = draft.target; draft.forgetTranslation(); draft.restore(copy); expect(draft.target === text, `step ${step}: restored`); draft.setSource(''); draft.paragraphs.forEach((p) => p.sentences = []); }
  }
  return [wrong, mine];
})"""


@browser_test()
def random_edits_of_both_texts_lose_no_word_of_the_user(bench):
    wrong, count = bench.open().run(RANDOM_EDITS)
    bench.equal(wrong, [], "what went wrong")
    bench.expect(count > 100, f"{count} edits")
