// The list of what the user has corrected: each pair of a source sentence and its final translation, sent to the server's
// log once, and to be had as JSON lines or TMX.

import { $, make } from "./dom.js";
import { download } from "./settings.js";
import { segmenter } from "./words.js";

/** What two texts have in common and what not, by words: [["same" | "gone" | "new", text], ...]. */
export function wordDifference(before, after, language) {
  const [a, b] = [before, after].map((text) => [...segmenter(language).segment(text)].map((s) => s.segment));
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j)
      length[i][j] = a[i] === b[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
  }
  const parts = [];
  const add = (kind, text) => (parts.at(-1)?.[0] === kind ? (parts.at(-1)[1] += text) : parts.push([kind, text]));
  let i = 0,
    j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) (add("same", a[i++]), ++j);
    else if (j === b.length || (i < a.length && length[i + 1][j] >= length[i][j + 1])) add("gone", a[i++]);
    else add("new", b[j++]);
  }
  return parts;
}

export class Corrections {
  entries = []; // {id of the sentence, time, source, machine, text, from, to, state, why}
  store = null; // path of the server's log
  isLearning = false;

  /** @param page {wire, settings, say(text), undoConfirmation(id)} */
  constructor(page) {
    this.page = page;
    this.list = $("corrections-list");
    document
      .getElementById("corrections-jsonl")
      .addEventListener("click", () => this.#export("corrections.jsonl", this.#lines(), "application/jsonl"));
    document
      .getElementById("corrections-tmx")
      .addEventListener("click", () => this.#export("corrections.tmx", this.tmx(), "application/xml"));
    $("corrections-clear").addEventListener("click", () => {
      this.entries = [];
      this.show();
    });
  }

  /** A sentence was confirmed. The same pair is logged once. */
  async add(entry) {
    const same = this.entries.find((e) => e.source === entry.source && e.text === entry.text && e.to === entry.to);
    if (same) Object.assign(same, { id: entry.id, isUndone: false });
    this.entries = this.entries.filter((e) => e.id !== entry.id || e === same);
    if (same) return this.show();
    const added = { ...entry, time: new Date(), state: "kept in this tab", why: "" };
    this.entries.push(added);
    this.show();
    if (!this.store || !this.page.settings.log) return;
    added.state = "saving";
    try {
      await this.page.wire.post("other", "/suggest", {
        q: added.source,
        s: added.text,
        source: added.from,
        target: added.to,
        machine: added.machine,
      });
      added.state = "saved";
    } catch (error) {
      Object.assign(added, { state: "failed", why: error.message });
    }
    this.show();
  }

  /** Takes an entry away; what the server has written already stays in its file. */
  remove(id) {
    const entry = this.shown().find((e) => e.id === id);
    if (!entry) return;
    entry.isUndone = true;
    if (entry.state === "saved") this.page.say(`Undone here. The line in ${this.store} stays.`);
    this.show();
  }

  /** After undo or redo: entries are there if their sentences are confirmed. */
  follow(draft) {
    for (const entry of this.entries) {
      const s = draft.find(entry.id)?.sentence;
      if (s && s.confirmed === Boolean(entry.isUndone)) entry.isUndone = !s.confirmed;
    }
    this.show();
  }

  shown() {
    return this.entries.filter((e) => !e.isUndone);
  }

  show() {
    const count = this.shown().length;
    $("corrections-count").textContent = count ? ` (${count})` : "";
    const place = this.store
      ? `The server adds them to ${this.store}.`
      : "They stay in this tab: the server keeps no log (dragoman serve --corrections FILE).";
    const learning = this.isLearning ? "The model learns from them." : "The model does not learn from them yet.";
    $("corrections-where").textContent =
      `Sentences that you confirmed with another text than the machine's. ${place} ${learning}`;
    for (const id of ["jsonl", "tmx", "clear"]) $(`corrections-${id}`).disabled = !count;
    this.list.replaceChildren(
      ...this.shown()
        .toReversed()
        .map((e) => this.#row(e)),
    );
  }

  #row(e) {
    const words = wordDifference(e.machine.trim(), e.text.trim(), e.to).map(([kind, text]) =>
      kind === "same" ? text : make(kind === "gone" ? "del" : "ins", { textContent: text }),
    );
    const undo = make("button", { type: "button", textContent: "Undo" });
    undo.setAttribute("aria-label", `Undo the correction: ${e.text.trim()}`);
    undo.addEventListener("click", () => this.page.undoConfirmation(e.id));
    return make(
      "li",
      {},
      make(
        "p",
        { className: "muted" },
        `${e.time.toLocaleTimeString()} · ${e.from} → ${e.to} · ${e.state}${e.why ? `: ${e.why}` : ""}`,
      ),
      make("p", { lang: e.from, dir: "auto", textContent: e.source.trim() }),
      make("p", { lang: e.to, dir: "auto", className: "difference" }, ...words),
      undo,
    );
  }

  #lines() {
    return this.shown()
      .map(
        (e) =>
          JSON.stringify({
            time: e.time.toISOString(),
            source: e.from,
            target: e.to,
            q: e.source.trim(),
            s: e.text.trim(),
            machine: e.machine.trim(),
          }) + "\n",
      )
      .join("");
  }

  tmx() {
    const tmx = document.implementation.createDocument(null, "tmx");
    const add = (parent, name, attributes = {}, text = "") => {
      const node = parent.appendChild(tmx.createElement(name));
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
      node.textContent = text;
      return node;
    };
    tmx.documentElement.setAttribute("version", "1.4");
    add(tmx.documentElement, "header", {
      creationtool: "dragoman",
      creationtoolversion: "1",
      segtype: "sentence",
      "o-tmf": "dragoman",
      adminlang: "en",
      srclang: this.shown()[0]?.from ?? "*all*",
      datatype: "plaintext",
    });
    const body = add(tmx.documentElement, "body");
    for (const e of this.shown()) {
      const unit = add(body, "tu");
      for (const [language, text] of [
        [e.from, e.source],
        [e.to, e.text],
      ])
        add(add(unit, "tuv", { "xml:lang": language }), "seg", {}, text.trim());
    }
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(tmx) + "\n";
  }

  #export(name, text, type) {
    download(name, [text], type);
  }
}
