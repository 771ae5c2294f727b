// Other words for one of the translation's: a list at the word, moved through by keys while the focus stays in the field.

import { $, make } from "./dom.js";
import { setRest } from "./proposals.js";
import { leadOf } from "./sentences.js";
import { Gone } from "./wire.js";
import { wordAt } from "./words.js";

const MOST = 8,
  SURE = 4, // so many are shown however unlikely they are,
  LEAST = 0.001; // others from this probability on
const LOOKING_MS = 150,
  NO_ANSWER_MS = 2000;

/** Writes one text after another, with a space where the language has one. */
export function joined(before, after) {
  const isTight =
    !before ||
    !after ||
    /\s$/.test(before) ||
    /^[\s\p{P}]/u.test(after) ||
    /[\p{scx=Han}\p{scx=Kana}\p{scx=Thai}]$/u.test(before);
  return before + (isTight ? "" : " ") + after;
}

export class Alternatives {
  overlay = null; // {id, from, text}: shown in place of a sentence's text from `from`
  #word = null; // {id, from, to, text}: places in the sentence
  #choices = [];
  #active = 0;
  #running = null;
  #timers = [];

  /** @param page {draft, wire, field, mirror, pair(), direction(), step(kind), render(), caretTo(offset), announce(text), say(text), timing(name, since), most(alternatives), proposals} */
  constructor(page) {
    this.page = page;
    this.box = $("alternatives");
    this.title = $("alternatives-title");
    this.list = $("alternatives-list");
    this.note = $("alternatives-note");
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the focus stays in the field
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#take([...this.list.children].indexOf(option));
    });
    this.list.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#show([...this.list.children].indexOf(option), false);
    });
    $("alternatives-close").addEventListener("click", () => this.close());
    $("alternatives-retry").addEventListener("click", () => this.#ask());
  }

  get isOpen() {
    return this.#word !== null;
  }

  /** Opens the list for the word at a place of the translation. Returns false if there is none. */
  open(offset) {
    this.close();
    const unit = this.page.draft.sentenceAt(offset);
    if (!unit || !unit.sentence.source.trim()) return false;
    const s = unit.sentence,
      found = wordAt(s.text, offset - unit.start, this.page.pair().target);
    if (!found) return false;
    if (found[0] < s.locked) {
      this.page.say("This word is locked. F8 unlocks it.");
      return false;
    }
    this.page.proposals.stop();
    this.#word = { id: s.id, from: found[0], to: found[1], text: s.text.slice(...found), caret: offset };
    const [box] = this.page.mirror.boxes(unit.start + found[0], unit.start + found[1]);
    const pane = this.box.parentElement.getBoundingClientRect();
    const isToLeft = this.page.direction() === "rtl";
    this.box.style.setProperty("--x", `${Math.round(isToLeft ? pane.right - box.right : box.left - pane.left)}px`);
    this.box.style.setProperty("--y", `${Math.round(box.bottom - pane.top + 6)}px`);
    this.#ask();
    return true;
  }

  async #ask() {
    const word = this.#word,
      s = this.page.draft.find(word.id)?.sentence;
    if (!s) return this.close();
    const since = performance.now(),
      control = (this.#running = new AbortController());
    this.#clearTimers();
    this.#timers = [
      setTimeout(() => this.#tell("Looking…"), LOOKING_MS),
      setTimeout(() => this.#tell("No answer yet.", true), NO_ANSWER_MS),
    ];
    try {
      const answer = await this.page.wire.post(
        "complete",
        "/complete",
        {
          q: s.source.trim(),
          prefix: s.text.slice(leadOf(s.text), word.from),
          ...this.page.pair(),
          alternatives: this.page.most(MOST),
        },
        control.signal,
      );
      if (this.#word !== word) return;
      this.page.timing("alternatives", since);
      this.#clearTimers();
      this.#fill(answer.alternatives ?? []);
    } catch (error) {
      if (control.signal.aborted) return;
      this.#clearTimers();
      if (error instanceof Gone) return this.close();
      this.#tell(error.message, true);
    }
  }

  #reveal() {
    this.title.replaceChildren("Instead of “", make("bdi", { textContent: this.#word.text }), "”");
    this.list.setAttribute("aria-label", `Instead of ${this.#word.text}`);
    this.box.hidden = false;
  }

  #tell(text, isRetry = false) {
    this.#reveal();
    this.note.hidden = false;
    this.note.firstElementChild.textContent = text;
    $("alternatives-retry").hidden = !isRetry;
  }

  #fill(choices) {
    this.#choices = choices.filter((c, i) => c.word.trim() && (i < SURE || c.probability >= LEAST));
    if (!this.#choices.length) return this.#tell("No other word comes to mind here.");
    this.#reveal();
    this.note.hidden = true;
    const { target } = this.page.pair();
    this.list.dir = this.page.direction();
    this.list.replaceChildren(
      ...this.#choices.map((c, i) => {
        const option = make(
          "div",
          { id: `alternative-${i}`, className: "option", lang: target },
          make("span", { className: "word", textContent: c.word.trim() }),
          make("span", { className: "probability", textContent: c.probability < 0.005 ? "<0.01" : c.probability.toFixed(2) }),
          make("span", { className: "preview", textContent: c.preview.trim() }),
        );
        option.setAttribute("role", "option");
        option.setAttribute("aria-label", `${c.word.trim()} ${c.preview.trim()}`);
        return option;
      }),
    );
    this.page.field.setAttribute("aria-controls", "alternatives-list");
    const same = this.#choices.findIndex((c) => c.word.trim() === this.#word.text);
    this.#show(Math.max(same, 0), true);
    const count = this.#choices.length;
    this.page.announce(`${count} ${count === 1 ? "alternative" : "alternatives"} for ${this.#word.text}`);
  }

  #show(index, isFirst) {
    if (index === this.#active && !isFirst) return;
    this.#active = index;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
    this.list.children[index].scrollIntoView({ block: "nearest" });
    this.page.field.setAttribute("aria-activedescendant", `alternative-${index}`);
    const s = this.page.draft.find(this.#word.id)?.sentence,
      c = this.#choices[index];
    if (!s) return this.close();
    const isPresent = c.word.trim() === this.#word.text;
    this.overlay = isPresent
      ? null
      : {
          id: this.#word.id,
          from: this.#word.from,
          text: joined(c.word.trim(), c.preview.trim()) + (/[.!?。！？؟]$/.test(c.preview.trim()) ? "" : " …"),
        };
    this.page.render();
  }

  /** Handles a key while the list is open. */
  key(event) {
    if (!this.isOpen || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    if (event.key === "Escape") {
      this.close();
      return true;
    }
    const last = this.list.children.length - 1;
    if (last < 0) return false;
    const next = {
      ArrowDown: Math.min(this.#active + 1, last),
      ArrowUp: Math.max(this.#active - 1, 0),
      Home: 0,
      End: last,
    }[event.key];
    if (next !== undefined) this.#show(next, false);
    else if (event.key === "Enter") this.#take(this.#active);
    else return false;
    return true;
  }

  close() {
    if (!this.isOpen) return;
    this.#running?.abort();
    this.#clearTimers();
    this.#word = this.overlay = null;
    this.#choices = [];
    this.#active = 0;
    this.box.hidden = true;
    this.list.replaceChildren();
    this.page.field.removeAttribute("aria-activedescendant");
    this.page.field.removeAttribute("aria-controls");
    this.page.render();
  }

  async #take(index) {
    const word = this.#word,
      choice = this.#choices[index]?.word.trim();
    const unit = this.page.draft.find(word.id);
    this.close();
    if (!unit || !choice) return;
    this.page.step(null);
    const s = unit.sentence,
      at = word.from + choice.length,
      since = performance.now();
    const isRestTheirs = s.confirmed; // a confirmed sentence is the user's to its end: only the word changes
    Object.assign(s, {
      text: s.text.slice(0, word.from) + choice + s.text.slice(word.to),
      touched: true,
      confirmed: false,
      writtenFor: s.writtenFor ?? s.source,
      fixed: isRestTheirs ? Infinity : at,
      old: isRestTheirs ? Infinity : at,
      sourcePieces: null,
      targetPieces: null,
      align: null,
    });
    s.fixed = Math.min(s.fixed, s.text.length);
    this.page.render();
    this.page.caretTo(unit.start + at);
    if (isRestTheirs) return;
    const text = s.text;
    try {
      const answer = await this.page.wire.post("complete", "/complete", {
        q: s.source.trim(),
        prefix: text.slice(leadOf(text), at),
        ...this.page.pair(),
        alternatives: 0,
      });
      const now = this.page.draft.find(word.id)?.sentence;
      if (!now || now.text !== text) return; // the user went on
      setRest(now, at, answer.rest, answer);
      this.page.timing("rest replaced", since);
    } catch (error) {
      if (!(error instanceof Gone)) this.page.say(`The rest could not be translated: ${error.message}`);
    }
    const now = this.page.draft.find(word.id)?.sentence;
    if (now?.text === text) now.old = Infinity;
    this.page.render();
  }

  #clearTimers() {
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
  }
}
