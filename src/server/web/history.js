// Undo and redo.

/** Steps that can be undone: what was before each of the user's. */
export class History {
  past = [];
  future = [];
  #last = { kind: null, time: 0 };

  constructor({ steps = 200, bytes = 5e6, mergeMs = 1000 } = {}) {
    this.limits = { steps, bytes, mergeMs };
  }

  /** To be called before a step. Steps of the same kind shortly one after another are one, unless kind is null. */
  before(state, kind = null) {
    const now = performance.now(),
      merges = kind && kind === this.#last.kind && now - this.#last.time < this.limits.mergeMs;
    this.#last = { kind, time: now };
    if (merges && this.past.length) return;
    this.past.push(state);
    this.future = [];
    let bytes = 0;
    const cost = (s) => 2 * (s.size ?? 0);
    for (let i = this.past.length - 1; i >= 0; --i) {
      bytes += cost(this.past[i]);
      if ((bytes > this.limits.bytes && i < this.past.length - 1) || this.past.length - i > this.limits.steps) {
        this.past.splice(0, i + 1);
        break;
      }
    }
  }

  undo(now) {
    return this.#step(this.past, this.future, now);
  }
  redo(now) {
    return this.#step(this.future, this.past, now);
  }
  #step(from, to, now) {
    this.#last = { kind: null, time: 0 };
    const state = from.pop();
    if (state) to.push(now);
    return state ?? null;
  }
}
