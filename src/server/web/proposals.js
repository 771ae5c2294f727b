// Typing over: after each key in the translation the machine proposes the rest of the sentence. The rest stands in the
// field as text, after the caret; Tab takes a word of it, End all, Esc removes it.

import { leadOf } from "./sentences.js";
import { Gone } from "./wire.js";
import { firstWord } from "./words.js";

const HOLD_MS = 300; // how long a Tab waits for a proposal that is on its way
const LATE_MS = 300; // an old rest is faded out after that
const SLOW_WAIT_MS = 150,
  SLOW_IN_A_ROW = 3;
const PHRASE_WORDS = 4;

const endOf = (text) => /\s*$/.exec(text)[0];

/** Pieces with the white space around the sentence, or null if they do not make the text. */
export function fittingPieces(pieces, text) {
  const lead = text.slice(0, leadOf(text)),
    trail = text.trim() ? endOf(text) : "";
  const result = [...pieces];
  if (!result.length) return null;
  if (!result.join("").startsWith(lead) || !lead) result[0] = lead + result[0];
  if (result.join("") !== text) result[result.length - 1] += trail;
  return result.join("") === text ? result : null;
}

/** Sets a sentence's text after `at` to what the server says, and its alignment. */
export function setRest(s, at, rest, answer) {
  s.text = s.text.slice(0, at) + rest + endOf(s.text.slice(at));
  s.targetPieces = fittingPieces(answer.pieces ?? [], s.text);
  s.sourcePieces = fittingPieces(answer.source ?? [], s.source);
  s.align = s.targetPieces && s.sourcePieces ? (answer.align ?? null) : null;
  s.old = Infinity;
}

export class Proposals {
  active = null; // {id, at, isFresh, isLate}: sentence, and place in it where its proposed rest begins
  #running = null;
  #held = null; // {all, until}: a key that waits for the proposal
  #slow = 0;
  #timer = null;

  /** @param page {draft, wire, settings, pair(), step(kind), render(), caretTo(offset), announce(text, wait), timing(name, since)} */
  constructor(page) {
    this.page = page;
  }

  #unit() {
    return this.active && this.page.draft.find(this.active.id);
  }

  /** The proposed text as a span of the translation, or null. */
  span() {
    const unit = this.#unit();
    if (!unit) return null;
    const { text } = unit.sentence,
      end = text.length - endOf(text.slice(this.active.at)).length;
    return end > this.active.at ? [unit.start + this.active.at, unit.start + end] : null;
  }

  /** Whether there is a proposal at the caret, or one is on its way. */
  standsAt(caret) {
    const unit = this.#unit();
    return Boolean(unit) && unit.start + this.active.at === caret && (!this.active.isFresh || this.span() !== null);
  }

  /** The user has changed a sentence; `place` is where the caret is now. */
  changed(place) {
    const s = this.page.draft.find(place.id)?.sentence;
    if (!s || !s.source.trim() || place.at < Math.max(s.fixed, s.locked)) return this.leave();
    this.active = { id: place.id, at: place.at, isFresh: false, isLate: false };
    this.#request();
  }

  /** The user types `text` at the proposal. If that is what was proposed it is taken, and nothing asked. */
  consume(text, caret) {
    const span = this.active?.isFresh && this.span();
    if (!span || span[0] !== caret || !this.page.draft.target.slice(...span).startsWith(text)) return false;
    this.page.step("type target");
    this.#advance(text.length);
    return true;
  }

  #advance(length) {
    const unit = this.#unit(),
      s = unit.sentence;
    this.active.at += length;
    Object.assign(s, {
      touched: true,
      writtenFor: s.writtenFor ?? s.source,
      fixed: Math.max(s.fixed, this.active.at),
      confirmed: false,
    });
    this.page.render();
    this.page.caretTo(unit.start + this.active.at);
    if (!this.span() && this.page.settings.proposals !== "sentence") {
      this.active.isFresh = false;
      this.#request();
    }
    this.#tell();
  }

  /** Takes a word, or all of the proposal. If it is still on its way the key is held. Returns whether there was something to take. */
  take(isAll) {
    if (!this.active) return false;
    if (!this.active.isFresh) {
      this.#held = { isAll, until: performance.now() + HOLD_MS };
      setTimeout(
        () => (this.#held = this.#held && performance.now() >= this.#held.until ? null : this.#held),
        HOLD_MS + 1,
      );
      return true;
    }
    const span = this.span();
    if (!span) return false;
    const rest = this.page.draft.target.slice(...span);
    this.page.step(null);
    this.#advance(isAll ? rest.length : firstWord(rest, this.page.pair().target).length);
    return true;
  }

  /** Removes the proposal, and proposes nothing until the next key. */
  reject() {
    const unit = this.#unit();
    if (!unit || !this.span()) return false;
    this.page.step(null);
    const s = unit.sentence,
      { at } = this.active;
    Object.assign(s, { text: s.text.slice(0, at) + endOf(s.text.slice(at)), targetPieces: null, align: null });
    this.leave();
    return true;
  }

  /** What is proposed becomes plain text of the machine. */
  leave() {
    if (!this.active) return;
    this.active = this.#held = null;
    clearTimeout(this.#timer);
    this.page.render();
  }

  caretMoved(caret) {
    const unit = this.#unit();
    if (unit && unit.start + this.active.at !== caret) this.leave();
  }

  async #request() {
    if (this.#running) return; // when it has ended the latest goes
    const running = (this.#running = new AbortController());
    if (this.#slow >= SLOW_IN_A_ROW) await new Promise((resolve) => setTimeout(resolve, SLOW_WAIT_MS));
    const asked = this.active,
      unit = this.#unit();
    if (!unit || running.signal.aborted) return void (this.#running === running && (this.#running = null));
    const s = unit.sentence,
      prefix = s.text.slice(leadOf(s.text), asked.at),
      since = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.active || this.active.isFresh) return;
      this.active.isLate = true;
      this.page.render();
    }, LATE_MS);
    let isFailed = false;
    try {
      const answer = await this.page.wire.post(
        "complete",
        "/complete",
        { q: s.source.trim(), prefix, ...this.page.pair(), alternatives: 0 },
        running.signal,
      );
      this.#slow = performance.now() - since > LATE_MS ? this.#slow + 1 : 0;
      this.page.timing("proposal", since);
      if (this.active?.id === asked.id) this.#apply(prefix, answer);
    } catch (error) {
      isFailed = !running.signal.aborted;
      if (isFailed && !(error instanceof Gone)) this.page.say(`No proposal: ${error.message}`);
    }
    if (this.#running !== running) return;
    this.#running = null;
    if (isFailed) this.leave();
    else if (this.active && !this.active.isFresh) this.#request();
  }

  #apply(prefix, answer) {
    const unit = this.#unit();
    if (!unit) return;
    const s = unit.sentence,
      { at } = this.active,
      present = s.text.slice(leadOf(s.text), at),
      whole = prefix + answer.rest;
    if (!present.startsWith(prefix) || !whole.startsWith(present)) return;
    setRest(s, at, this.#shorten(whole.slice(present.length)), answer);
    Object.assign(this.active, { isFresh: true, isLate: false });
    this.page.render();
    this.#tell();
    const held = this.#held;
    this.#held = null;
    if (held && performance.now() <= held.until) this.take(held.isAll);
  }

  #shorten(rest) {
    const most = { word: 1, phrase: PHRASE_WORDS }[this.page.settings.proposals] ?? Infinity;
    let end = 0;
    for (let n = 0; n < most && end < rest.length; ++n)
      end += firstWord(rest.slice(end), this.page.pair().target).length;
    return most === Infinity ? rest : rest.slice(0, end).trimEnd() || rest;
  }

  #tell() {
    const span = this.active?.isFresh && this.span();
    if (span) this.page.announce(`Suggestion: ${this.page.draft.target.slice(...span).trim()}. Tab takes a word`, 600);
  }

  /** Gives the lane to somebody else. */
  stop() {
    this.#running?.abort();
    this.#running = null;
    this.leave();
  }
}
