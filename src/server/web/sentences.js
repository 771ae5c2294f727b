// Sentences of a translation, with whose words they are, and how a new translation takes an old one's place.

let lastId = 0;

/**
 * A sentence of the translation. `source` and `text` include white space around the sentence: those of all sentences
 * make the paragraph when written one after another.
 */
export function sentence(fields) {
  return {
    id: ++lastId,
    source: "",
    text: "",
    sourcePieces: null,
    targetPieces: null,
    align: null, // of exactly this text, or null
    machine: "", // what the machine said for `source`
    touched: false, // the user has changed it
    fixed: 0, // so many characters from its beginning are the user's
    locked: 0, // so many characters from its beginning are locked
    confirmed: false,
    writtenFor: null, // the source for which the user wrote
    newer: null, // what the machine would say now that the source has changed
    old: Infinity, // from here on the text is that of an earlier source
    loose: null, // from here on (to `old`) beam search may still change the words
    was: null, // the old text, while the new one is coming in
    ...fields,
  };
}

/** Whether the machine must leave a sentence alone. */
export const isKept = (s) => s.touched || s.confirmed || s.locked > 0;

export const leadOf = (text) => text.length - text.trimStart().length;
export const trailOf = (text) => (text.trim() ? text.slice(text.trimEnd().length) : "");

export const sourceOf = (s) => (s.writtenFor ?? s.source).trim();
const words = (text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);

function likeness(a, b) {
  const [one, other] = [words(a), words(b)];
  let shared = 0;
  for (const w of one) shared += other.has(w);
  return 0.01 + (shared ? (2 * shared) / (one.size + other.size) : 0);
}

/** Pairs kept sentences with new ones, in order, so that paired sources are as alike as can be. Returns new -> old. */
function pairKept(kept, fresh) {
  const best = Array.from({ length: kept.length + 1 }, () => new Float64Array(fresh.length + 1));
  for (let i = kept.length - 1; i >= 0; --i) {
    for (let j = fresh.length - 1; j >= 0; --j) {
      best[i][j] = Math.max(
        best[i + 1][j],
        best[i][j + 1],
        best[i + 1][j + 1] + likeness(sourceOf(kept[i]), fresh[j].source),
      );
    }
  }
  const pairs = new Map();
  for (let i = 0, j = 0; i < kept.length && j < fresh.length;) {
    if (best[i][j] === best[i + 1][j]) ++i;
    else if (best[i][j] === best[i][j + 1]) ++j;
    else pairs.set(j++, i++);
  }
  return pairs;
}

function keep(old, fresh) {
  const isSame = sourceOf(old) === fresh.source.trim();
  return {
    ...old,
    source: fresh.source,
    writtenFor: old.writtenFor ?? old.source,
    sourcePieces: isSame ? old.sourcePieces : null,
    targetPieces: isSame ? old.targetPieces : null,
    align: isSame ? old.align : null,
    old: Infinity,
    was: null,
    loose: null,
    machine: fresh.text,
    newer: isSame ? null : fresh,
  };
}

/** Puts a paragraph's new translation in the old one's place. What is the user's stays, and is told what is newer. */
export function reconcile(old, fresh) {
  const isSame = (o, f) => sourceOf(o) === f.source.trim();
  let head = 0,
    tail = 0;
  while (head < Math.min(old.length, fresh.length) && isSame(old[head], fresh[head])) ++head;
  while (tail < Math.min(old.length, fresh.length) - head && isSame(old.at(-1 - tail), fresh.at(-1 - tail))) ++tail;
  const merged = (o, f) => (isKept(o) ? keep(o, f) : f);
  const kept = old.slice(head, old.length - tail).filter(isKept);
  const middle = fresh.slice(head, fresh.length - tail);
  const pairs = pairKept(kept, middle),
    result = fresh.slice(0, head).map((f, i) => merged(old[i], f));
  const orphan = (o) => ({
    ...o,
    source: "",
    writtenFor: o.writtenFor ?? o.source,
    newer: sentence({}),
    align: null,
    old: Infinity,
  });
  let next = 0;
  middle.forEach((f, j) => {
    const i = pairs.get(j);
    if (i === undefined) return result.push(f);
    while (next < i) result.push(orphan(kept[next++]));
    result.push(keep(kept[next++], f));
  });
  while (next < kept.length) result.push(orphan(kept[next++]));
  for (let i = tail; i > 0; --i) result.push(merged(old.at(-i), fresh.at(-i)));
  return result;
}
