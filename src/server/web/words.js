// Words of texts in any language.

/** Words of a text as [from, to]; what a hyphen or an apostrophe joins is one. */
export function* wordsIn(text, language) {
  let word = null;
  for (const { index, segment, isWordLike } of segmenter(language).segment(text)) {
    const end = index + segment.length;
    if (isWordLike && word && /^[-‐'’]$/.test(text.slice(word[1], index))) word[1] = end;
    else if (isWordLike) {
      if (word) yield word;
      word = [index, end];
    }
  }
  if (word) yield word;
}

/** The word of a text around a place, as [from, to], or null. */
export function wordAt(text, offset, language) {
  for (const [from, to] of wordsIn(text, language)) {
    if (from > offset) break;
    if (offset <= to) return [from, to];
  }
  return null;
}

const segmenters = new Map();
export function segmenter(language, granularity = "word") {
  const key = granularity + language;
  if (!segmenters.has(key)) {
    let made;
    try {
      made = new Intl.Segmenter(language || undefined, { granularity });
    } catch {
      made = new Intl.Segmenter(undefined, { granularity });
    }
    segmenters.set(key, made);
  }
  return segmenters.get(key);
}

/** The first word of a text with all before it and the white space after it. */
export function firstWord(text, language) {
  for (const [, to] of wordsIn(text, language)) return text.slice(0, to) + /^\s*/.exec(text.slice(to))[0];
  return text;
}

export const countWords = (text, language) => [...wordsIn(text, language)].length;
