// What the two panes hold: paragraphs of the source, and for each the sentences of its translation. Knows nothing of the page
// or the wire.

import { isKept, reconcile, sentence, sourceOf } from "./sentences.js";

function paragraph(source) {
  // state: done, changed (to be sent), sent, error, unfinished (stopped by the user)
  return {
    source,
    sentences: [],
    joined: false,
    state: source.trim() ? "changed" : "done",
    answered: source.trim() ? null : source,
    fresh: [],
    sent: null,
    error: null,
  };
}

/** Where two texts differ: [from, end in a, end in b]. `caret` in b says where the change ends if that is ambiguous. */
export function difference(a, b, caret = b.length) {
  let tail = Math.min(b.length - caret, a.length);
  while (tail > 0 && !a.endsWith(b.slice(b.length - tail))) --tail;
  const most = Math.min(a.length, b.length) - tail;
  let from = 0;
  while (from < most && a.charCodeAt(from) === b.charCodeAt(from)) ++from;
  while (
    tail < Math.min(a.length, b.length) - from &&
    a.charCodeAt(a.length - 1 - tail) === b.charCodeAt(b.length - 1 - tail)
  )
    ++tail;
  return [from, a.length - tail, b.length - tail];
}

export class Draft {
  paragraphs = [paragraph("")];

  get source() {
    return this.paragraphs.map((p) => p.source).join("\n");
  }
  get target() {
    let text = "";
    for (const { sentence: s, separator } of this.units()) text += s ? s.text : separator;
    return text;
  }

  /** Sentences and line ends of the translation, in order: {paragraph, index, sentence, start} or {paragraph, separator, start}. */
  *units() {
    let start = 0;
    for (const [n, p] of this.paragraphs.entries()) {
      for (const [index, s] of p.sentences.entries()) {
        yield { paragraph: p, index, sentence: s, start };
        start += s.text.length;
      }
      const separator = n + 1 === this.paragraphs.length || p.joined ? "" : "\n";
      yield { paragraph: p, separator, start };
      start += separator.length;
    }
  }

  find(id) {
    for (const unit of this.units()) if (unit.sentence?.id === id) return unit;
    return null;
  }

  /** The sentence at a place of the translation. Between two it is the one before, unless that one ends in white space. */
  sentenceAt(offset) {
    const found = [];
    for (const unit of this.units()) {
      if (unit.start > offset) break;
      if (unit.sentence && offset <= unit.start + unit.sentence.text.length) found.push(unit);
    }
    return found.find(({ sentence: s }) => s.text && !/\s$/.test(s.text)) ?? found.at(-1) ?? null;
  }

  /** Places of a paragraph's sentences in its present source: [start, end] or null where the source has changed. */
  sourcePlaces(p) {
    const places = p.sentences.map(() => null);
    let start = 0,
      i = 0;
    for (; i < places.length && p.source.startsWith(p.sentences[i].source, start); ++i) {
      places[i] = [start, (start += p.sentences[i].source.length)];
    }
    let end = p.source.length;
    for (let k = places.length - 1; k >= i; --k) {
      const s = p.sentences[k].source;
      if (end - s.length < start || !p.source.endsWith(s, end)) break;
      places[k] = [end - s.length, end];
      end -= s.length;
    }
    return places;
  }

  /** The paragraph at a place of the source, and where it begins. */
  paragraphAt(offset) {
    let start = 0;
    for (const p of this.paragraphs) {
      if (offset <= start + p.source.length) return { paragraph: p, start };
      start += p.source.length + 1;
    }
    return null;
  }

  /** The sentence at a place of the source: {paragraph, index, sentence, start (in the source)}, or null. */
  sentenceAtSource(offset) {
    const found = this.paragraphAt(offset);
    if (!found) return null;
    const places = this.sourcePlaces(found.paragraph);
    const index = places.findLastIndex(
      (place) => place && place[0] < place[1] && found.start + place[0] <= offset && offset <= found.start + place[1],
    );
    if (index < 0) return null;
    return {
      paragraph: found.paragraph,
      index,
      sentence: found.paragraph.sentences[index],
      start: found.start + places[index][0],
    };
  }

  // The source changes
  setSource(text) {
    const lines = text.split("\n"),
      old = this.paragraphs;
    let head = 0,
      tail = 0;
    while (head < Math.min(lines.length, old.length) && old[head].source === lines[head]) ++head;
    while (tail < Math.min(lines.length, old.length) - head && old.at(-1 - tail).source === lines.at(-1 - tail)) ++tail;
    const gone = old.slice(head, old.length - tail),
      come = lines.slice(head, lines.length - tail);
    if (gone.length === come.length) gone.forEach((p, i) => changeParagraph(this, p, come[i]));
    else
      this.paragraphs = [
        ...old.slice(0, head),
        ...this.redistribute(gone, come, old[head - 1] ?? old[old.length - tail]),
        ...old.slice(old.length - tail),
      ];
  }

  /** Makes paragraphs of new lines out of old ones: sentences go where their source went. */
  redistribute(gone, lines, neighbour) {
    const rest = [...gone];
    const come = lines.map((line) => {
      const i = rest.findIndex((p) => p.source === line);
      return i < 0 ? paragraph(line) : rest.splice(0, i + 1).at(-1);
    });
    const fresh = come.filter((p) => !gone.includes(p));
    for (const s of gone.filter((p) => !come.includes(p)).flatMap((p) => p.sentences)) {
      const source = sourceOf(s);
      let home = source && fresh.find((p) => p.source.includes(source));
      if (!home && isKept(s)) home = fresh[0] ?? neighbour ?? come[0];
      home ??= fresh[0];
      if (!home) continue;
      if (!fresh.includes(home))
        home.sentences = reconcile(
          [...home.sentences, s],
          home.sentences.filter((o) => !isKept(o)),
        );
      else home.sentences.push(isKept(s) ? s : { ...s, old: 0, was: null, loose: null });
    }
    for (const p of fresh) if (!p.source.trim()) changeParagraph(this, p, p.source);
    return come;
  }

  /** All is to be translated anew, into another language: nothing of the old translation is kept. */
  forgetTranslation() {
    for (const p of this.paragraphs) {
      p.sentences = p.sentences.filter((s) => s.text).map((s) => sentence({ source: s.source, text: s.text, old: 0 }));
      Object.assign(p, {
        fresh: [],
        sent: null,
        answered: null,
        error: null,
        state: p.source.trim() ? "changed" : "done",
      });
      if (!p.source.trim()) p.sentences = [];
    }
  }

  // The translation comes in
  begin(p) {
    Object.assign(p, { state: "sent", sent: p.source, fresh: [], error: null });
  }

  applyPiece(p, index, pieces, settled) {
    const text = pieces.join("");
    if (index > p.sentences.length) return;
    let s = p.sentences[index];
    if (s && (isKept(s) || p.fresh[index])) return;
    if (!s) p.sentences.push((s = sentence({ was: "" })));
    s.was ??= s.text;
    const cut = s.was.startsWith(text) ? text.length : s.was.indexOf(" ", Math.max(0, text.length - 1));
    Object.assign(s, {
      text: text + (cut < 0 ? "" : s.was.slice(cut)),
      old: text.length,
      loose: pieces.slice(0, settled).join("").length,
      sourcePieces: null,
      targetPieces: null,
      align: null,
    });
  }

  /** Returns whether the paragraph is complete now. */
  applySentence(p, index, { source, target, align }) {
    const text = target.join("");
    const fresh = sentence({
      source: source.join(""),
      text,
      machine: text,
      sourcePieces: source,
      targetPieces: target,
      align,
    });
    p.fresh[index] = fresh;
    const shown = p.sentences[index];
    if (shown && isKept(shown)) {
      if (shown.was !== null) Object.assign(shown, { source: fresh.source, writtenFor: fresh.source, was: null });
    } else if (index <= p.sentences.length) {
      p.sentences[index] = fresh;
    }
    if (Array.from(p.fresh, (f) => f?.source ?? "\0").join("") !== p.sent) return false;
    this.finish(p);
    return true;
  }

  finish(p) {
    p.sentences = reconcile(p.sentences, p.fresh.filter(Boolean));
    Object.assign(p, { state: p.source === p.sent ? "done" : "changed", answered: p.sent, fresh: [], sent: null });
  }

  /** What was coming in for a paragraph will not come. What is shown of it becomes old. */
  abandon(p, state = "changed") {
    for (const s of p.sentences) if (s.was !== null) Object.assign(s, { old: 0, loose: null, was: null });
    Object.assign(p, { state, fresh: [], sent: null });
  }

  /** The user stops the translation of a paragraph: keeps the part that is done. */
  stop(p) {
    for (const s of p.sentences) if (s.was) s.text = s.text.slice(0, s.old);
    this.abandon(p, "unfinished");
  }

  // The user changes the translation
  /** Replaces a range of the translation. Returns {id, at}: the sentence and the place in it after what was inserted. */
  editTarget(from, to, insert) {
    const parts = [...this.units()];
    let place = null;
    for (const { sentence: s, paragraph: p, separator, start } of parts) {
      if (!s) {
        if (separator && from <= start && start < to) p.joined = true;
        continue;
      }
      const a = Math.max(from, start),
        b = Math.min(to, start + s.text.length);
      if (a < b) {
        change(s, a - start, b - start, place ? "" : insert);
        place ??= { id: s.id, at: a - start + insert.length };
      }
    }
    if (!place && insert) {
      let found = this.sentenceAt(from);
      if (!found) {
        const p = (parts.find((u) => !u.sentence && u.start >= from) ?? parts.at(-1)).paragraph;
        p.sentences.push(sentence({ writtenFor: "", touched: true }));
        found = { sentence: p.sentences.at(-1), start: from };
      }
      change(found.sentence, from - found.start, from - found.start, insert);
      place = { id: found.sentence.id, at: from - found.start + insert.length };
    }
    if (!this.target.trim() && !insert) for (const p of this.paragraphs) p.sentences = [];
    return place;
  }

  snapshot() {
    return this.paragraphs.map((p) => ({ ...p, fresh: [], sentences: p.sentences.map((s) => ({ ...s })) }));
  }
  restore(paragraphs) {
    this.paragraphs = paragraphs;
    for (const p of paragraphs) if (p.state === "sent") this.abandon(p);
  }
}

function changeParagraph(draft, p, line) {
  p.source = line;
  p.error = null;
  if (line === p.answered) {
    for (const s of p.sentences) s.old = Infinity;
    p.state = "done";
    return;
  }
  if (!line.trim()) {
    p.sentences = reconcile(p.sentences, []);
    Object.assign(p, { state: "done", answered: line });
    return;
  }
  p.state = "changed";
  draft.sourcePlaces(p).forEach((place, i) => {
    const s = p.sentences[i];
    if (!place && !isKept(s)) Object.assign(s, { old: 0, was: null, loose: null });
  });
}

/** Changes a sentence's text by the user's hand: what is before the end of the change is the user's now. */
function change(s, from, to, insert) {
  const moved = (n) => (n <= from ? n : n >= to ? n - (to - from) + insert.length : from);
  Object.assign(s, {
    writtenFor: s.writtenFor ?? s.source,
    touched: true,
    confirmed: false,
    text: s.text.slice(0, from) + insert + s.text.slice(to),
    fixed: Math.max(moved(s.fixed), from + insert.length),
    locked: moved(s.locked),
    sourcePieces: null,
    targetPieces: null,
    align: null,
    old: Infinity,
    loose: null,
  });
}
