// Requests to the server: at most three at a time, one in each lane; streams of events; and whether the server is there.

/** An answer that says no: `status` (0: within a stream that had begun well), `id` of the request, `retryAfter` seconds. */
export class Refused extends Error {
  constructor(message, fields) {
    super(message);
    Object.assign(this, { status: 0, id: "", retryAfter: null, ...fields });
  }
}
/** The server does not answer at all. */
export class Gone extends Error {}

const SILENCE_MS = 5000; // a stream's server gives a sign every 2 s
const HEALTH_S = [1, 2, 4, 8, 15];

export class Wire {
  key = ""; // API key, of this tab only
  gone = false;
  onlost = () => {}; // (seconds until the next try), every second
  onback = () => {};
  #lanes = { translate: Promise.resolve(), complete: Promise.resolve() };
  #others = []; // waiting requests of the third lane
  #other = false;
  #timer = null;
  #tries = 0;

  async get(path) {
    return this.#check(await this.#fetch(path, {}));
  }

  /** Sends JSON and returns the JSON that comes back. `lane`: translate, complete, other, or bulk (other, but it waits for those). */
  async post(lane, path, body, signal) {
    return this.#inLane(lane, signal, async () => this.#check(await this.#send(path, body, signal)));
  }

  /** Sends JSON and hands each event of the answer to `handle(name, data)` until the stream ends. */
  async stream(lane, path, body, signal, handle) {
    return this.#inLane(lane, signal, async () => {
      const silence = new AbortController();
      const both = AbortSignal.any([signal, silence.signal]);
      let timer = null;
      const heard = () => {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
      };
      heard();
      const lost = (error) => {
        if (signal.aborted || error instanceof Refused) throw error;
        this.lose();
        throw new Gone(error.message);
      };
      try {
        const answer = await this.#send(path, body, both).catch(lost);
        if (!answer.ok) await this.#check(answer);
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "",
          isEnded = false;
        for (;;) {
          const { done, value } = await reader.read().catch(lost);
          if (done) break;
          heard();
          const events = (rest + value).split("\n\n");
          rest = events.pop();
          for (const text of events) {
            signal.throwIfAborted();
            isEnded = this.#event(text, handle) || isEnded;
          }
        }
        if (!isEnded) lost(new Error("the stream broke off"));
      } finally {
        clearTimeout(timer);
      }
    });
  }

  #event(text, handle) {
    let name = "message",
      data = "";
    for (const line of text.split("\n")) {
      if (line.startsWith("event:")) name = line.slice(6).trim();
      else if (line.startsWith("data:")) data += line.slice(5);
    }
    if (!data) return false; // a comment: the server's beat
    const value = JSON.parse(data);
    if (name === "error")
      throw new Refused(value.error, { status: value.status, id: value.id, retryAfter: value.retry_after ?? null });
    handle(name, value);
    return name === "done";
  }

  #send(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    if (this.key) headers["X-Api-Key"] = this.key;
    return this.#fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  }

  async #fetch(path, options) {
    try {
      return await fetch(path, {
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        ...options,
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      if (path !== "/health") this.lose();
      throw new Gone(error.message);
    }
  }

  async #check(answer) {
    let value = null;
    try {
      value = await answer.json();
    } catch (error) {
      if (answer.ok) throw error;
    }
    if (answer.ok) return value;
    const after = Number(answer.headers.get("Retry-After"));
    throw new Refused(value?.error ?? `the server answered ${answer.status}`, {
      status: answer.status,
      id: value?.id ?? answer.headers.get("X-Request-Id") ?? "",
      retryAfter: after > 0 ? after : null,
    });
  }

  async #inLane(lane, signal, work) {
    if (lane === "other" || lane === "bulk") return this.#inOther(lane === "bulk", signal, work);
    const before = this.#lanes[lane];
    let leave;
    this.#lanes[lane] = new Promise((resolve) => (leave = resolve));
    try {
      await before;
      signal?.throwIfAborted();
      return await work();
    } finally {
      leave();
    }
  }

  async #inOther(isBulk, signal, work) {
    if (this.#other) {
      await new Promise((resolve) => {
        const place = isBulk ? this.#others.length : this.#others.findIndex((w) => w.isBulk);
        this.#others.splice(place < 0 ? this.#others.length : place, 0, { isBulk, resolve });
      });
    }
    this.#other = true;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.#others.shift();
      if (next) next.resolve();
      else this.#other = false;
    }
  }

  // Is the server there?
  lose() {
    if (this.gone) return;
    this.gone = true;
    this.#tries = 0;
    this.#wait();
  }

  #wait() {
    let left = HEALTH_S[Math.min(this.#tries++, HEALTH_S.length - 1)];
    const count = () => {
      this.onlost(left);
      if (left-- > 0) this.#timer = setTimeout(count, 1000);
      else this.tryNow();
    };
    count();
  }

  async tryNow() {
    clearTimeout(this.#timer);
    try {
      await this.get("/health");
    } catch {
      return this.#wait();
    }
    this.gone = false;
    this.onback();
  }
}
