// What is seen of the draft: the two fields and their marks, the gutter, notes, buttons, the status line and what is said
// to screen readers.

import { $, make, number } from "./dom.js";
import { canMark, write } from "./mirror.js";
import { isKept, leadOf } from "./sentences.js";
import { difference } from "./text.js";
import { countWords, segmenter, wordAt } from "./words.js";

const LEAST_WEIGHT = 0.15;
const LINE_MS = 400,
  TEXT_MS = 1000,
  LOADING_MS = 500,
  SAME_MS = 5000;
const MARKS = {
  locked: ["M5 7V5a3 3 0 0 1 6 0v2M3.500 7h9v6.500h-9z", "locked"],
  newer: ["M8 3v6M8 12v.5", "source changed"],
  error: ["M8 3v6M8 12v.5", "not translated"],
  confirmed: ["m3 8.500 3.500 3.500L13 4.500", "confirmed"],
  unfinished: ["M3 8h.5M8 8h.5M13 8h.5", "unfinished"],
  edited: ["m3 13 .7-3L11 2.700l2.300 2.300L6 12.300z", "edited"],
};

function icon(kind) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"),
    path = document.createElementNS(svg.namespaceURI, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  path.setAttribute("d", MARKS[kind][0]);
  svg.append(path);
  return svg;
}

/** Says things to screen readers: never twice the same within 5 s, and only the last of a kind. */
export class Announcer {
  #last = ["", 0];
  #timers = new Map();

  constructor(settings) {
    this.settings = settings;
  }

  say(text, wait = 0, kind = "") {
    clearTimeout(this.#timers.get(kind));
    if (this.settings.announce === "off") return;
    this.#timers.set(
      kind,
      setTimeout(() => {
        const now = performance.now();
        if (this.#last[0] === text && now - this.#last[1] < SAME_MS) return;
        this.#last = [text, now];
        $("live").textContent = text;
      }, wait),
    );
  }
  cancel(kind) {
    clearTimeout(this.#timers.get(kind));
  }
  alarm(text) {
    $("alarm").textContent = text;
  }
}

/** The words of the other text that belong to the word at a place of a sentence, by its alignment. */
function partners(s, isSource, at, languages) {
  const [from, to] = isSource ? [s.source, s.text] : [s.text, s.source];
  const [pieces, others] = isSource ? [s.sourcePieces, s.targetPieces] : [s.targetPieces, s.sourcePieces];
  const word = wordAt(from, at, languages[isSource ? 0 : 1]);
  if (!word) return null;
  const spans = (list) => {
    let start = 0;
    return list.map((piece) => [start + leadOf(piece), (start += piece.length)]);
  };
  const mine = new Set(),
    theirs = spans(others),
    found = new Map();
  spans(pieces).forEach(([a, b], i) => {
    if (a < word[1] && b > word[0] && a < b) mine.add(i);
  });
  for (const [source, target, weight] of s.align) {
    const [own, other] = isSource ? [source, target] : [target, source];
    if (!mine.has(own) || weight < LEAST_WEIGHT || !theirs[other] || theirs[other][0] >= theirs[other][1]) continue;
    const span = wordAt(to, theirs[other][0], languages[isSource ? 1 : 0]) ?? theirs[other];
    const key = span.join();
    found.set(key, { span, weight: Math.max(weight, found.get(key)?.weight ?? 0) });
  }
  return { word, words: [...found.values()].sort((a, b) => b.weight - a.weight) };
}

export class View {
  #said = null; // {text, kind, until}: shown in the status line for a while
  #tick = null;

  /** @param page of app.js */
  constructor(page) {
    this.page = page;
  }

  targetText() {
    const { draft, alternatives } = this.page,
      o = alternatives.overlay;
    const unit = o && draft.find(o.id),
      text = draft.target;
    if (!unit) return text;
    const { text: old } = unit.sentence,
      end = unit.start + old.trimEnd().length;
    return text.slice(0, unit.start + o.from) + o.text + text.slice(Math.max(end, unit.start + o.from));
  }

  /** Shows the texts as they are now. */
  texts() {
    const { draft, source, target } = this.page;
    const [from, to] = [draft.source, this.targetText()];
    if (source.field.value !== from) write(source.field, from, difference(source.field.value, from));
    if (target.field.value !== to) write(target.field, to, difference(target.field.value, to));
    source.mirror.update(from);
    target.mirror.update(to);
  }

  all() {
    this.texts();
    this.marks();
    this.gutter();
    this.page.notes.show();
    this.status();
  }

  /** Marks whose words those of the translation are, and how fresh. */
  marks() {
    const { draft, source, target, proposals, alternatives } = this.page;
    const spans = { human: [], stale: [], lock: [], ghost: [], late: [] };
    const proposed = proposals.span();
    for (const { sentence: s, start } of draft.units()) {
      if (!s) continue;
      const length = s.text.length,
        add = (kind, a, b) => {
          if (a < b) spans[kind].push([start + a, start + b]);
        };
      add("human", Math.max(leadOf(s.text), s.locked), s.fixed);
      add("lock", leadOf(s.text), s.locked);
      add("stale", s.old, length);
      if (s.loose !== null) add("ghost", s.loose, Math.min(s.old, length));
    }
    if (proposed) spans[proposals.active.isLate ? "late" : "ghost"].push(proposed);
    const o = alternatives.overlay,
      unit = o && draft.find(o.id);
    if (unit) spans.ghost = [[unit.start + o.from, unit.start + o.from + o.text.length]];
    for (const kind in spans) target.mirror.mark(kind, spans[kind]);
    const limit = this.page.limit(),
      { length } = source.field.value;
    source.mirror.mark("over", length > limit ? [[limit, length]] : []);
    this.page.alignAtCaret();
  }

  /** Marks the sentence and the partners of a word; `place` is {isSource, offset} or null. Returns the strongest partner's span. */
  align(place) {
    const { draft, source, target, alternatives } = this.page;
    const spans = { sentence: [[], []], align: [[], []], partner: [[], []], weak: [[], []] };
    let strongest = null;
    const unit =
      place &&
      !alternatives.overlay &&
      (place.isSource ? draft.sentenceAtSource(place.offset) : draft.sentenceAt(place.offset));
    const s = unit?.sentence;
    if (s?.align && s.old === Infinity) {
      const starts = this.starts(unit, place.isSource);
      if (starts) {
        const own = place.isSource ? 0 : 1,
          other = 1 - own;
        const texts = [s.source, s.text].map((text) => [leadOf(text), text.trimEnd().length]);
        texts.forEach(([a, b], i) => spans.sentence[i].push([starts[i] + a, starts[i] + b]));
        const found = partners(s, place.isSource, place.offset - starts[own], [
          this.page.pair().source,
          this.page.pair().target,
        ]);
        const shift = ([a, b], by) => [a + by, b + by];
        if (found?.words.length) {
          spans.align[own].push(shift(found.word, starts[own]));
          found.words.forEach(({ span }, i) => spans[i ? "weak" : "partner"][other].push(shift(span, starts[other])));
          strongest = spans.partner[other][0];
        }
      }
    }
    for (const kind in spans) [source, target].forEach((pane, i) => pane.mirror.mark(kind, spans[kind][i]));
    if (!canMark) this.#outline(spans.sentence[1][0]);
    return strongest;
  }

  /** Where a sentence begins in both texts: [source, target], or null where that is not known. */
  starts({ paragraph, index, start }, isSource) {
    const { draft } = this.page;
    if (isSource) return [start, draft.find(paragraph.sentences[index].id).start];
    const place = draft.sourcePlaces(paragraph)[index];
    if (!place) return null;
    let before = 0;
    for (const p of draft.paragraphs) {
      if (p === paragraph) break;
      before += p.source.length + 1;
    }
    return [before + place[0], start];
  }

  #outline(span) {
    const gutter = $("gutter"),
      box = span && this.page.target.mirror.boxes(...span)[0],
      frame = gutter.getBoundingClientRect();
    gutter.querySelector(".outline")?.remove();
    if (!box) return;
    const node = make("i", { className: "outline" });
    Object.assign(node.style, {
      left: `${box.left - frame.left}px`,
      top: `${box.top - frame.top}px`,
      width: `${box.width}px`,
      height: `${box.height}px`,
    });
    gutter.append(node);
  }

  /** Signs beside sentences that are the user's, locked, out of date or that failed. */
  gutter() {
    const { draft, target } = this.page,
      places = new Map();
    let top = null; // known when there is something to show
    const order = Object.keys(MARKS);
    const put = (kind, offset) => {
      top ??= $("gutter").getBoundingClientRect().top;
      const y = Math.round(target.mirror.boxes(offset, offset + 1)[0].top - top),
        old = places.get(y);
      if (!old || order.indexOf(kind) < order.indexOf(old)) places.set(y, kind);
    };
    for (const { sentence: s, paragraph: p, separator, start } of draft.units()) {
      if (!s && separator !== undefined && (p.state === "error" || p.state === "unfinished")) put(p.state, start);
      if (!s || !isKept(s) || !s.text) continue;
      put(s.newer ? "newer" : s.locked ? "locked" : s.confirmed ? "confirmed" : "edited", start + leadOf(s.text));
    }
    const key = JSON.stringify([...places]);
    if (key === this.gutterKey) return;
    this.gutterKey = key;
    $("gutter").replaceChildren(
      ...[...places].map(([y, kind]) => {
        const node = make("span", { title: MARKS[kind][1] }, icon(kind));
        node.dataset.kind = kind;
        node.style.top = `${y}px`;
        return node;
      }),
    );
  }

  // The status line
  /** Shows a sentence in the status line for a while. */
  say(text, kind = "", ms = 4000) {
    this.#said = { text, kind, until: performance.now() + ms };
    setTimeout(() => this.status(), ms + 10);
    this.status();
  }

  /** The worst state of the page: [state, text, kind of text]. */
  state() {
    const { page } = this,
      { draft, translating: t, wire } = page;
    const { length } = draft.source,
      limit = page.limit(),
      ps = draft.paragraphs,
      names = page.languageName;
    if (wire.gone) return ["gone", "dragoman is not answering.", "error"];
    if (length > limit)
      return ["long", `Too long to translate here: ${number(length)} of ${number(limit)} characters.`, "error"];
    if (t.unsupported)
      return ["unsupported", `No model from ${names(t.unsupported)}. Installed: ${page.installed()}.`, "warn"];
    if (ps.some((p) => p.state === "error")) return ["error", "Not all could be translated.", "error"];
    if (t.gaveUp) return ["overloaded", "The server is busy.", "warn"];
    if (t.busy)
      return [
        "overloaded",
        `Busy: trying again in ${Math.max(1, Math.ceil((t.busy.until - performance.now()) / 1000))} s`,
        "warn",
      ];
    if (t.isRunning) {
      const waited = performance.now() - t.progress.since;
      if (t.progress.state === "loading")
        return [
          "loading",
          waited < LOADING_MS
            ? ""
            : `Loading ${page.pairName()}${t.progress.share === null ? "" : `, ${Math.round(100 * t.progress.share)}%`}`,
          "",
        ];
      if (waited < TEXT_MS) return ["translating", "", ""];
      const count = Math.max(
        t.progress.sentence,
        sentenceCount(
          ps.filter((p) => p.state === "sent"),
          page.pair().source,
        ),
      );
      return [
        "translating",
        t.progress.sentence ? `Translating, sentence ${t.progress.sentence} of ${count}` : "Translating",
        "",
      ];
    }
    if (ps.some((p) => p.state === "unfinished")) return ["unfinished", "Stopped", "warn"];
    if (!draft.source.trim() && !draft.target.trim()) return ["empty", "", ""];
    if (ps.some((p) => p.state === "changed"))
      return ["typing", page.settings.typing ? "" : "Ctrl+Enter translates", ""];
    const words = countWords(draft.target, page.pair().target);
    return [
      "done",
      `Ready, ${words} ${words === 1 ? "word" : "words"}${t.ms === null ? "" : `, ${number(t.ms)} ms`}`,
      "",
    ];
  }

  status() {
    const { page } = this,
      { translating: t, draft, settings } = page,
      [state, text, kind] = this.state();
    const waited = t.isRunning ? performance.now() - t.progress.since : 0;
    for (const pane of [$("source-pane"), $("target-pane")]) pane.dataset.state = state;
    $("source-pane").toggleAttribute("data-blank", !draft.source && !page.composing);
    const said = this.#said && performance.now() < this.#said.until && state !== "gone" ? this.#said : null;
    $("status-text").textContent = said?.text ?? text;
    $("status-text").dataset.kind = said?.kind ?? kind;
    $("cancel").hidden = !(t.busy || (t.isRunning && waited >= TEXT_MS));
    $("again").hidden = !(t.gaveUp || state === "unfinished");
    $("progress-line").hidden = !(t.isRunning && waited >= LINE_MS);
    $("target").setAttribute("aria-busy", String(t.isRunning));
    $("status-keys").hidden = !page.proposals.span();
    $("translate").hidden = settings.typing;
    $("as-file").hidden = state !== "long";
    const { length } = draft.source,
      limit = page.limit();
    $("source-count").textContent = `${number(length)} ${length > limit ? "of" : "/"} ${number(limit)}`;
    $("source-count").classList.toggle("over", length > limit);
    $("source-error").hidden = length <= limit;
    $("source-error").textContent =
      length > limit ? "Nothing is cut and nothing is sent. Shorten the text, or translate it as a file." : "";
    const nothing = draft.target.trim() ? "" : "There is no translation yet.";
    for (const id of ["copy", "lock", "confirm", "show-alternatives"]) able($(id), nothing);
    able($("open-attention"), $("attention-panel").hidden ? nothing : "");
    able($("clear"), draft.source || draft.target ? "" : "There is nothing to clear.");
    this.#follow(state, t.isRunning || t.busy);
  }

  #follow(state, isMoving) {
    clearTimeout(this.#tick);
    if (isMoving) this.#tick = setTimeout(() => this.status(), 200);
    const { page } = this;
    if (state === "done" && this.lastState !== "done" && this.lastState !== "empty" && page.draft.target) {
      const words = countWords(page.draft.target, page.pair().target);
      const text =
        page.settings.announce === "full"
          ? `Translation: ${page.draft.target}`
          : `Translation ready, ${words} ${words === 1 ? "word" : "words"}`;
      page.announcer.say(text, 1000, "ready");
    } else if (state !== "done") {
      page.announcer.cancel("ready");
    }
    this.lastState = state;
  }
}

function sentenceCount(paragraphs, language) {
  let count = 0;
  for (const p of paragraphs)
    count += [...segmenter(language === "auto" ? "en" : language, "sentence").segment(p.source.trim())].length;
  return count;
}

/** Makes a button one that can be used, or tells why not. */
export function able(button, reason) {
  if (reason) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  if (button.title !== reason) button.title = reason;
}
