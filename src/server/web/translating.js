// Translating while the user types: which paragraphs are sent, when, and what becomes of the answers.

import { Gone, Refused } from "./wire.js";

const MOST_TRIES = 5; // of a busy server
const DETECT_LETTERS = 20; // fewer say too little
const DETECT_CONFIDENCE = 70; // percent
const DETECT_AGAIN_LETTERS = 30;

const letters = (text) => (text.match(/\p{L}/gu) ?? []).length;

/** How long to wait after a key, from the mean of what answers took (milliseconds). */
export const debounceFor = (meanMs) => (meanMs > 400 ? 500 : meanMs >= 100 ? 250 : 120);

export class Translating {
  progress = null; // of the running request: {since, state, share, sentence}
  busy = null; // {until} while waiting for a busy server
  gaveUp = false; // it was busy too often
  unsupported = null; // code of a language without a model
  detected = null;
  ms = null; // of the last answer
  onchange = () => {}; // something to be shown
  ontext = () => {}; // the translation has changed
  #timer = null;
  #first = null; // when the first key was pressed that has not been sent
  #running = null; // AbortController
  #mean = 0;
  #tries = 0;
  #detectedFor = 0;
  #sentAt = 0;
  #changedAt = 0;

  /** @param page {draft, wire, settings, languages(): {source, target}, limit(), isHeld()} */
  constructor(page) {
    this.page = page;
  }

  get isRunning() {
    return this.#running !== null;
  }
  get isWaiting() {
    return this.#timer !== null && !this.busy;
  }

  /** The source has changed. `isUrgent`: a sentence was finished, pasted, or the languages changed. */
  changed(isUrgent) {
    this.#abort();
    this.gaveUp = false;
    const now = (this.#changedAt = performance.now());
    this.#first ??= now;
    if (this.busy) return; // the probe goes first
    const wait = debounceFor(this.#mean),
      due = isUrgent ? 0 : Math.min(wait, this.#first + Math.max(600, 2 * wait) - now);
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.page.settings.typing) return this.onchange();
    if (due <= 0) return void this.now();
    this.#timer = setTimeout(() => this.now(), due);
    this.onchange();
  }

  /** Sends what has changed. */
  async now() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#first = null;
    this.busy = null;
    const { draft, wire } = this.page;
    if (wire.gone || this.#running || document.hidden || draft.source.length > this.page.limit())
      return this.onchange();
    let pending = draft.paragraphs.filter((p) => p.state === "changed");
    if (!pending.length) return this.onchange();
    const control = (this.#running = new AbortController());
    this.#sentAt = performance.now();
    this.progress = { since: this.#sentAt, state: "queued", share: null, sentence: 0 };
    this.onchange();
    try {
      await this.#detect(control.signal);
      const { source, target } = this.page.languages();
      const pair = source === "auto" && this.detected ? this.detected : source;
      if (this.unsupported || (pair !== "auto" && !this.page.isPair(pair, target))) return this.#end(control);
      if (this.#tries) pending = pending.slice(0, 1);
      pending.forEach((p) => draft.begin(p));
      await this.#stream(pending, pair, target, control.signal);
      this.#tries = 0;
    } catch (error) {
      if (control.signal.aborted) return;
      this.#failed(error, pending);
    }
    if (control.signal.aborted) return;
    this.#end(control);
    const isMore = draft.paragraphs.some((p) => p.state === "changed");
    if (isMore && !wire.gone && !this.busy && !this.gaveUp && !this.#timer && this.page.settings.typing) this.now();
  }

  #end(control) {
    if (this.#running !== control) return;
    this.#running = null;
    this.progress = null;
    this.page.render();  // at once, so that the text is there when the status says so
    this.onchange();
  }

  async #stream(pending, source, target, signal) {
    const { draft, settings } = this.page;
    const body = {
      q: pending.map((p) => p.source).join("\n"),
      source,
      target,
      format: "text",
      priority: "interactive",
    };
    if (settings.beam) body.beam = settings.beam;
    let isFirst = true;
    await this.page.wire.stream("translate", "/translate/stream", body, signal, (name, data) => {
      const p = pending[data.paragraph];
      if (name === "state") {
        Object.assign(this.progress, { state: data.state, share: data.progress ?? null });
        return this.onchange();
      }
      if (name === "done") {
        if (data.detected && source === "auto" && !this.detected) this.detected = data.detected.language;
        this.ms = Math.round(performance.now() - this.#sentAt);
        this.#mean = this.#mean ? 0.7 * this.#mean + 0.3 * this.ms : this.ms;
        this.page.reports = data.reports ?? [];
        for (const left of pending) if (left.state === "sent") draft.finish(left);
        return;
      }
      if (!p || p.state !== "sent") return;
      if (isFirst) this.page.timing("first words", this.#changedAt);
      isFirst = false;
      Object.assign(this.progress, { state: "translating", sentence: this.#sentenceNumber(pending, data) });
      if (name === "piece") draft.applyPiece(p, data.sentence, data.pieces, data.settled);
      if (name === "sentence") draft.applySentence(p, data.sentence, data);
      this.ontext();
    });
    this.page.timing("translation", this.#changedAt);
  }

  #sentenceNumber(pending, data) {
    let before = 0;
    for (const p of pending.slice(0, data.paragraph)) before += p.sentences.length;
    return Math.max(this.progress.sentence, before + data.sentence + 1);
  }

  #failed(error, pending) {
    const { draft } = this.page;
    const unanswered = pending.filter((p) => p.state === "sent" || p.state === "changed");
    if (error instanceof Gone) return unanswered.forEach((p) => draft.abandon(p));
    if (error instanceof Refused && (error.status === 503 || error.status === 429)) {
      unanswered.forEach((p) => draft.abandon(p));
      if (++this.#tries > MOST_TRIES) {
        this.#tries = 0;
        this.gaveUp = true;
        return;
      }
      const wait = 1000 * (error.retryAfter ?? 1) * (1 + 0.3 * Math.random());
      this.busy = { until: performance.now() + wait };
      this.#timer = setTimeout(() => this.now(), wait);
      return;
    }
    for (const p of unanswered) {
      draft.abandon(p, "error");
      p.error = { message: error.message, status: error.status ?? 0, id: error.id ?? "" };
    }
  }

  /** Tells the language of the source, if that is asked for and there is enough of it. Never in mid-word. */
  async #detect(signal) {
    this.unsupported = null;
    const text = this.page.draft.source,
      count = letters(text);
    if (this.page.languages().source !== "auto") {
      this.detected = null;
      this.#detectedFor = 0;
      return;
    }
    if (!text.trim()) this.detected = null;
    const isNews =
      Math.abs(count - this.#detectedFor) >= DETECT_AGAIN_LETTERS ||
      (this.detected === null && count !== this.#detectedFor);
    if (count < DETECT_LETTERS || !isNews || (/\p{L}$/u.test(text) && this.detected)) return;
    const found = (await this.page.wire.post("other", "/detect", { q: text.slice(0, 2000) }, signal))[0];
    this.#detectedFor = count;
    if (!found || found.confidence < DETECT_CONFIDENCE) return;
    if (!this.page.isSource(found.language)) {
      if (!this.detected) this.unsupported = found.language;
      return;
    }
    if (this.detected && this.detected !== found.language)
      this.page.draft.paragraphs.forEach((p) => {
        if (p.source.trim()) p.state = "changed";
      });
    this.detected = found.language;
    this.onchange(); // which may choose another target
  }

  #abort() {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.progress = null;
    for (const p of this.page.draft.paragraphs) if (p.state === "sent") this.page.draft.abandon(p);
  }

  /** The user cancels: the part that is done stays. */
  stop() {
    const running = this.page.draft.paragraphs.filter((p) => p.state === "sent" || p.state === "changed");
    running.forEach((p) => this.page.draft.stop(p));
    this.#abort();
    clearTimeout(this.#timer);
    Object.assign(this, { busy: null, gaveUp: false });
    this.#timer = this.#first = null;
    this.#tries = 0;
    this.ontext();
    this.onchange();
  }

  /** Everything that has not been translated is tried again. */
  retry() {
    for (const p of this.page.draft.paragraphs) {
      if (p.state === "error" || p.state === "unfinished") Object.assign(p, { state: "changed", error: null });
    }
    this.gaveUp = false;
    this.#tries = 0;
    this.now();
  }

  /** Lets go of the running request: the draft is about to become another, or the page is hidden. */
  letGo() {
    this.#abort();
    clearTimeout(this.#timer);
    this.#timer = this.#first = this.busy = null;
    this.onchange();
  }
}
