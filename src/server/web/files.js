// Whole files: read by slices, sent a few lines at a time after what the user types, one line out for each line in.

import { $, make, number, options } from "./dom.js";
import { download, safeName } from "./settings.js";
import { Gone, Refused } from "./wire.js";

const BATCH_LINES = 64;
const MOST_BYTES = 256 << 20;
const SLICE_BYTES = 1 << 16;
const SHOW_MS = 250;
const MOST_TRIES = 20; // of a busy server, for one batch
const ENCODINGS = [
  "windows-1252",
  "iso-8859-2",
  "windows-1251",
  "windows-1256",
  "utf-16le",
  "utf-16be",
  "shift_jis",
  "euc-jp",
  "gb18030",
  "big5",
  "euc-kr",
];


/** Lines of a file as it is read: yields arrays of lines without their ends. Throws TypeError where the encoding is another. */
export async function* linesOf(file, encoding) {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let rest = "";
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    const bytes = await file.slice(at, at + SLICE_BYTES).arrayBuffer();
    const lines = (rest + decoder.decode(bytes, { stream: at + SLICE_BYTES < file.size })).split("\n");
    rest = lines.pop();
    yield lines;
  }
  if (rest) yield [rest];
}

/** What of a line is to be translated, by the kind of file: [text to keep, text to translate, text to keep, ...]. */
export function partsOf(kind, line, state) {
  if (kind === "tsv")
    return line
      .split("\t")
      .flatMap((cell, i) => [i ? "\t" : "", cell])
      .concat("");
  if (kind === "srt" && (/^\uFEFF?\d+$/.test(line) || line.includes("-->"))) return [line];
  if (kind === "md") {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) state.isCode = !state.isCode;
    if (isFence || state.isCode) return [line];
    const mark = /^\s*(?:(?:#{1,6}|[-*+>]|\d+[.)])\s+)*/.exec(line)[0];
    return [mark, line.slice(mark.length), ""];
  }
  return ["", line, ""];
}

class Job {
  done = 0;
  total = null;
  state = "checking"; // checking, encoding, waiting, running, paused, done, cancelled, failed
  why = "";
  out = [];
  reports = [];
  #control = new AbortController();
  #started = 0;
  #shown = 0;

  constructor(file, page, onchange) {
    Object.assign(this, { file, page, onchange, encoding: "utf-8", ...page.pair() });
    this.kind = /\.([a-z]+)$/i.exec(file.name)?.[1].toLowerCase() ?? "txt";
  }

  get isOver() {
    return ["done", "cancelled", "failed"].includes(this.state);
  }
  get name() {
    const dot = this.file.name.lastIndexOf(".");
    const [base, end] = dot > 0 ? [this.file.name.slice(0, dot), this.file.name.slice(dot)] : [this.file.name, ".txt"];
    return safeName(`${base}.${this.target}${end}`);
  }

  set(state, why = "") {
    Object.assign(this, { state, why });
    this.onchange(this);
  }

  /** Reads the file once to see whether it can be, and how long it is. */
  async check(encoding = "utf-8") {
    this.encoding = encoding;
    this.set("checking");
    if (this.file.size > MOST_BYTES)
      return this.set(
        "failed",
        `${number(this.file.size >> 20)} MB; at most ${MOST_BYTES >> 20} MB can be translated here`,
      );
    try {
      let total = 0;
      for await (const lines of linesOf(this.file, encoding)) total += lines.length;
      this.total = total;
      this.set("waiting");
      return true;
    } catch (error) {
      if (error instanceof TypeError)
        this.set("encoding", `This is not ${encoding.toUpperCase()} text. Which encoding has it?`);
      else this.set("failed", `it cannot be read: ${error.message}`);
    }
    return false;
  }

  async run() {
    this.#started = performance.now();
    this.set("running");
    const state = {};
    try {
      let batch = [];
      for await (const lines of linesOf(this.file, this.encoding)) {
        for (const line of lines) {
          batch.push(line);
          if (batch.length === BATCH_LINES) await this.#send(batch.splice(0), state);
        }
      }
      await this.#send(batch, state);
      this.set("done", this.reports.length ? this.reports.slice(0, 3).join("; ") : "");
    } catch (error) {
      if (this.#control.signal.aborted) this.set("cancelled");
      else this.set("failed", error.message);
    }
  }

  async #send(lines, state) {
    this.#control.signal.throwIfAborted();
    const limit = this.page.serverLimit();
    const parts = lines.map((line) => {
      const isCr = line.endsWith("\r");
      const found = partsOf(this.kind, isCr ? line.slice(0, -1) : line, state);
      if (isCr) found[found.length - 1] += "\r";
      return found;
    });
    const jobs = [];
    parts.forEach((part, n) =>
      part.forEach((text, i) => {
        if (i % 2 === 0 || !text.trim()) return;
        if (text.length > limit)
          this.reports.push(
            `line ${this.done + n + 1} is longer than ${number(limit)} characters and was left as it is`,
          );
        else jobs.push({ part, i, text });
      }),
    );
    while (jobs.length) {
      let count = 0,
        size = 0;
      while (
        count < jobs.length &&
        count < Math.min(BATCH_LINES, this.page.batchLimit()) &&
        (!count || size + jobs[count].text.length <= limit)
      )
        size += jobs[count++].text.length;
      const some = jobs.splice(0, count);
      const answer = await this.#ask(some.map((job) => job.text));
      if (answer.length !== some.length)
        throw new Error(`the server answered ${answer.length} lines to ${some.length}`);
      some.forEach((job, k) => (job.part[job.i] = answer[k].replaceAll("\n", " ")));
    }
    for (const part of parts) this.out.push(part.join("") + "\n");
    this.done += lines.length;
    if (performance.now() - this.#shown > SHOW_MS) {
      this.#shown = performance.now();
      this.onchange(this);
    }
  }

  async #ask(q) {
    const { signal } = this.#control;
    for (let tries = 0; ; ++tries) {
      try {
        await this.page.whenThere(signal, () => this.set("paused", "dragoman is not answering; goes on at this line"));
        if (this.state === "paused") this.set("running");
        const answer = await this.page.wire.post(
          "bulk",
          "/translate",
          { q, source: this.source, target: this.target, format: "text", priority: "bulk" },
          signal,
        );
        return answer.translatedText;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Gone) continue;
        const isBusy = error instanceof Refused && (error.status === 503 || error.status === 429);
        if (!isBusy || tries >= MOST_TRIES) throw error;
        this.set("paused", "the server is busy; trying again");
        await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfter ?? 1) * (1 + 0.3 * Math.random())));
        this.set("running");
      }
    }
  }

  cancel() {
    this.#control.abort();
    if (!this.isOver) this.set("cancelled");
  }

  timeLeft() {
    if (!this.done || this.state !== "running") return "";
    const seconds = (((performance.now() - this.#started) / this.done) * (this.total - this.done)) / 1000;
    return seconds < 50 ? `about ${Math.max(1, Math.round(seconds))} s` : `about ${Math.round(seconds / 60) || 1} min`;
  }

  save() {
    return download(this.name, this.out);
  }
}

export class Files {
  jobs = [];
  #rows = new Map();
  #queue = Promise.resolve();

  /** @param page {wire, pair(), serverLimit(), batchLimit(), whenThere(signal, onwait), formats(), announce(text), alarm(text)} */
  constructor(page) {
    this.page = page;
    this.list = $("files-list");
    const input = $("files-input");
    $("files-choose").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.jobs.some((job) => !job.isOver)) event.preventDefault();
    });
  }

  add(files) {
    for (const file of files) {
      const job = new Job(file, this.page, (changed) => this.#show(changed));
      this.jobs.push(job);
      const ending = /\.[a-z]+$/i.exec(file.name)?.[0].toLowerCase() ?? "";
      if (!this.page.formats().includes(ending)) {
        job.set("failed", `files of this kind cannot be translated; possible are ${this.page.formats().join(" ")}`);
      } else {
        this.#check(job);
      }
    }
  }

  async #check(job, encoding) {
    if (await job.check(encoding)) this.#queue = this.#queue.then(() => job.isOver || job.run());
  }

  #show(job) {
    let row = this.#rows.get(job);
    if (!row) this.#rows.set(job, (row = this.#makeRow(job)));
    const { done, total, state } = job;
    row.li.dataset.state = state;
    row.bar.hidden = total === null || state === "failed";
    row.bar.max = Math.max(total ?? 1, 1);
    row.bar.value = state === "done" ? row.bar.max : done;
    const lines = `${number(done)} of ${number(total ?? 0)} lines`;
    const before = {
      checking: "Reading…",
      encoding: "",
      waiting: "Waiting",
      running: lines,
      paused: `${lines}, paused`,
      done: `${number(total ?? 0)} lines, done`,
      cancelled: `Stopped at ${lines}`,
      failed: total === null ? "Failed" : `Failed at ${lines}`,
    }[state];
    row.text.textContent = [before, job.timeLeft(), job.why].filter(Boolean).join(" · ");
    row.cancel.hidden = job.isOver;
    row.save.hidden = !(job.isOver && job.out.length);
    row.save.textContent = state === "done" ? "Download" : "Download what is done";
    row.remove.hidden = !job.isOver;
    row.encodings.hidden = state !== "encoding";
    if (state === "done") this.page.announce(`${job.file.name} is translated`);
    if (state === "failed") this.page.alarm(`${job.file.name}: ${job.why}`);
  }

  #makeRow(job) {
    const text = make("p", { className: "muted" }),
      bar = make("progress", {});
    const name = make("strong", { dir: "auto", textContent: job.file.name });
    bar.setAttribute("aria-label", `Progress of ${job.file.name}`);
    const button = (label, act) => {
      const made = make("button", { type: "button", textContent: label, hidden: true });
      made.setAttribute("aria-describedby", (name.id = name.id || `file-${this.jobs.length}`));
      made.addEventListener("click", act);
      return made;
    };
    const cancel = button("Cancel", () => job.cancel()),
      save = button("Download", () => (this.lastSaved = job.save()));
    const remove = button("Remove", () => {
      this.jobs = this.jobs.filter((other) => other !== job);
      this.#rows.delete(job);
      li.remove();
      $("files-choose").focus();
    });
    const choice = make("select", {}, ...options(ENCODINGS.map((e) => [e, e])));
    choice.setAttribute("aria-label", `Encoding of ${job.file.name}`);
    const use = make("button", { type: "button", textContent: "Use" });
    use.addEventListener("click", () => this.#check(job, choice.value));
    const encodings = make("span", { className: "encodings", hidden: true }, choice, use);
    const li = make(
      "li",
      { className: "file" },
      make("div", { className: "file-name" }, name, make("span", { className: "tag", textContent: job.target })),
      make("div", { className: "file-progress" }, bar, text),
      make("div", { className: "file-buttons" }, encodings, cancel, save, remove),
    );
    this.list.append(li);
    return { li, text, bar, cancel, save, remove, encodings };
  }
}
