// Below the translation: paragraphs that failed, sentences whose source has changed, and what the server reports.

import { $, make } from "./dom.js";

export class Notes {
  #shown = "";

  /** @param page of app.js */
  constructor(page) {
    this.page = page;
  }

  /** What the user is asked or told about single sentences and paragraphs, below the translation. */
  show() {
    const { page } = this,
      notes = [];
    for (const { sentence: s, paragraph: p, separator } of page.draft.units()) {
      if (s?.newer) notes.push(["newer", s.id, s.text, s.newer.text, s.isShown, s.locked]);
      if (separator !== undefined && p.error)
        notes.push(["error", page.draft.paragraphs.indexOf(p), p.source, p.error.message, p.error.id]);
    }
    const reports = page.reports ?? [],
      slow = ["source", "target"].filter((name) => page[name].mirror.isPlain);
    const key = JSON.stringify([notes, reports, slow]);
    if (key === this.#shown) return;
    this.#shown = key;
    const short = (text) => (text.trim().length > 40 ? `${text.trim().slice(0, 40)}…` : text.trim());
    $("notes").replaceChildren(
      ...notes.map(([kind, ...fields]) =>
        kind === "error" ? this.#errorNote(short, ...fields) : this.#newerNote(short, ...fields),
      ),
      ...slow.map((name) => this.#slowNote(name)),
      ...reports.map((text) => make("div", { className: "note" }, make("p", { textContent: text }))),
    );
  }

  #button(label, act) {
    const button = make("button", { type: "button", textContent: label });
    button.addEventListener("click", act);
    return button;
  }

  #errorNote(short, index, source, message, id) {
    const { page } = this,
      { error } = page.draft.paragraphs[index];
    return make(
      "div",
      { className: "note error" },
      make(
        "p",
        {},
        "This paragraph could not be translated: ",
        make("bdi", { textContent: message }),
        " (",
        make("bdi", { textContent: short(source) }),
        ")",
      ),
      this.#button("Retry", () => page.translating.retry()),
      this.#button("Copy details", () => page.copyText(`status ${error.status}, request ${id}`)),
    );
  }

  #slowNote(name) {
    const { page } = this,
      where = name === "source" ? "source text" : "translation";
    return make(
      "div",
      { className: "note" },
      make("p", { textContent: `Typing is slow here, so words are not marked in the ${where}. Files take long texts.` }),
      this.#button("Translate as a file", page.translateAsFile),
      this.#button("Mark words again", () => page.setPlain(page[name], false)),
    );
  }

  #newerNote(short, id, text, newer, isShown, isLocked) {
    const { page } = this,
      find = () => page.draft.find(id)?.sentence;
    const gone = !newer.trim();
    const note = make(
      "div",
      { className: "note" },
      make("p", {}, gone ? "Its source is gone: " : "Source changed: ", make("bdi", { textContent: short(text) })),
    );
    const close = (act) => () => {
      page.step(null);
      act(find());
      page.render();
    };
    const keepButton = this.#button(
      "Keep mine",
      close((s) => Object.assign(s, { writtenFor: s.source, newer: null, isShown: false })),
    );
    if (gone) {
      note.append(
        this.#button(
          "Remove",
          close((s) => {
            for (const p of page.draft.paragraphs) p.sentences = p.sentences.filter((o) => o !== s);
          }),
        ),
        keepButton,
      );
    } else if (isShown) {
      note.append(make("blockquote", { lang: page.pair().target, dir: "auto", textContent: newer.trim() }));
      if (!isLocked)
        note.append(
          this.#button(
            "Use it",
            close((s) => {
              for (const p of page.draft.paragraphs)
                p.sentences = p.sentences.map((o) => (o === s ? { ...s.newer, id: o.id } : o));
            }),
          ),
        );
      note.append(keepButton);
    } else {
      note.append(
        this.#button("Update", () => {
          find().isShown = true;
          page.render();
        }),
      );
    }
    return note;
  }
}
