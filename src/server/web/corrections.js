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
  entries = []; // {id of the sentence, time, source, machine, text, from, to, state, why, isUndone, mayLog, logged (its id in the server's log)}
  store = null; // path of the server's log
  isLearning = false;

  /** @param page {wire, settings, say(text), undoConfirmation(id)} */
  constructor(page) {
    this.page = page;
    this.list = $("corrections-list");
    $("corrections-jsonl").addEventListener("click", () =>
      download("corrections.jsonl", [this.#lines()], "application/jsonl"),
    );
    $("corrections-tmx").addEventListener("click", () => download("corrections.tmx", [this.tmx()], "application/xml"));
    $("corrections-clear").addEventListener("click", () => {
      this.entries = [];
      this.show();
    });
  }

  /** A sentence was confirmed. The same pair is logged once; another text takes an earlier one's place. */
  add(entry) {
    const same = this.entries.find((e) => e.source === entry.source && e.text === entry.text && e.to === entry.to);
    if (same) same.id = entry.id;
    else {
      const mayLog = this.page.settings.log;
      this.entries.push({ ...entry, time: new Date(), state: "kept in this tab", why: "", mayLog, logged: null });
    }
    for (const e of this.entries) if (e.id === entry.id) e.isUndone = e.text !== entry.text;
    this.#changed();
  }

  /** Takes an entry away, out of the server's log too. */
  remove(id) {
    const entry = this.shown().find((e) => e.id === id);
    if (!entry) return;
    entry.isUndone = true;
    this.#changed();
  }

  /** After undo or redo: entries are there if their sentences are confirmed with their text. */
  follow(draft) {
    for (const e of this.entries) {
      const s = draft.find(e.id)?.sentence;
      if (s) e.isUndone = !(s.confirmed && s.text.trim() === e.text);
    }
    this.#changed();
  }

  #changed() {
    this.show();
    for (const e of this.entries) this.#log(e);
  }

  /** Tells the server what has become of an entry since it was last told. */
  async #log(e) {
    const isDue = () => Boolean(e.logged) === Boolean(e.isUndone);
    if (e.isBeingLogged || !isDue() || !this.store || !(e.mayLog || e.logged)) return;
    e.isBeingLogged = true;
    const post = (path, body) => this.page.wire.post("other", path, body);
    try {
      while (isDue()) {
        e.state = "saving";
        if (e.isUndone) e.logged = void (await post("/suggest/undo", { id: e.logged }));
        else
          e.logged = (
            await post("/suggest", { q: e.source, s: e.text, source: e.from, target: e.to, machine: e.machine })
          ).id;
        e.state = "saved";
      }
    } catch (error) {
      Object.assign(e, { state: "failed", why: error.message });
      if (e.isUndone) this.page.say(`The server could not take it out of its log: ${error.message}`, "error");
    }
    e.isBeingLogged = false;
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
}
