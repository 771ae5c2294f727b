// Numbers for axes and curves: no page needed, so that they can be tested alone.
"use strict";

/** Round values that span [low, high], about `count` of them: multiples of 1, 2 or 5 times a power of ten. */
function roundTicks(low, high, count) {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= rough * 0.999999);
  const ticks = [];
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  // dividing by the inverse of a small step gives 0.3 where 3 * 0.1 does not
  for (let i = first; i <= last; ++i) ticks.push((step < 1 ? i / Math.round(1 / step) : i * step) + 0);  // no -0
  return ticks;
}

/** The range that ends at round values around [low, high]. */
function roundRange(low, high, count) {
  const ticks = roundTicks(low, high, count);
  if (ticks.length < 2) return [low, high];
  const step = ticks[1] - ticks[0], first = ticks[0], last = ticks[ticks.length - 1];
  return [low < first - step * 1e-9 ? first - step : first, high > last + step * 1e-9 ? last + step : last];
}

/** Round values for a logarithmic axis: powers of ten, with 2 and 5 or finer steps where these are too few. */
function logTicks(low, high, count) {
  if (!(low > 0) || !(high > low)) return [low];
  const ticks = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); ++p) {
    for (const m of [1, 2, 5]) {
      const value = p < 0 ? m / Math.pow(10, -p) : m * Math.pow(10, p);
      if (value >= low * 0.999999 && value <= high * 1.000001) ticks.push(value);
    }
  }
  if (ticks.length < 3) return roundTicks(low, high, count);
  const tens = ticks.filter((t) => Math.abs(Math.log10(t) - Math.round(Math.log10(t))) < 1e-9);
  if (ticks.length <= 2 * count || tens.length < 2) return ticks;
  const every = Math.ceil(tens.length / (2 * count));
  return tens.filter((_, i) => i % every === 0);
}

/** The unit in which a time axis up to `most` seconds has small numbers: its name and length. */
function timeUnit(most) {
  if (most < 180) return ["s", 1];
  if (most < 3 * 3600) return ["min", 60];
  if (most < 4 * 86400) return ["h", 3600];
  return ["days", 86400];
}

/** "1,234", "0.00075", "12k" with `short`; as many digits as tell numbers of this size apart. */
function numberText(value, short) {
  if (value === null || !isFinite(value)) return "\u2013";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (short && size >= 1e4) {
    for (const [name, unit] of [["G", 1e9], ["M", 1e6], ["k", 1e3]]) {
      if (size >= unit * 0.99995) return withSign((size / unit).toPrecision(4).replace(/\.?0+$/, ""), value) + name;
    }
  }
  if (size >= 1e15 || size < 1e-6) return value.toExponential(short ? 2 : 3).replace(/\.?0+e/, "e").replace("-", "\u2212");
  if (size >= 1000) return withSign(grouped(Math.round(size)), value);
  const text = size.toPrecision(short ? 3 : 4);
  const plain = text.includes("e") ? String(Number(text)) : text;
  return withSign(plain.includes(".") ? plain.replace(/\.?0+$/, "") : plain, value);
}

function withSign(text, value) { return (value < 0 ? "\u2212" : "") + text; }

function grouped(number) { return String(number).replace(/\B(?=(\d{3})+$)/g, ","); }

/** Texts for the values of one axis, all in the same unit: the largest that needs one decimal at most. */
function tickTexts(ticks) {
  const most = Math.max(...ticks.map(Math.abs));
  const [name, unit] = [["G", 1e9], ["M", 1e6], ["k", 1e3]].find(
    ([, size]) => most >= Math.max(size, 1e4) && ticks.every((tick) => Number.isInteger(Math.round(tick / size * 1e7) / 1e6))) || ["", 1];
  return ticks.map((tick) => tick === 0 ? "0" : numberText(tick / unit, true) + name);
}

/** "42 s", "12 min 5 s", "3 h 20 min". */
function timeText(seconds) {
  if (seconds === null || !isFinite(seconds)) return "\u2013";
  if (seconds < 60) return numberText(seconds, true) + " s";
  const whole = Math.round(seconds);
  if (whole < 3600) return Math.floor(whole / 60) + " min " + (whole % 60) + " s";
  const minutes = Math.round(seconds / 60);
  return grouped(Math.floor(minutes / 60)) + " h " + (minutes % 60) + " min";
}

/**
 * A moving average with exponential weights: each point has the weight of the one after it times `share`. The weights
 * sum to one from the first point on. Gaps (null) stay gaps and count for nothing.
 */
function smoothed(values, share) {
  let sum = 0, weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = sum * share + value;
    weight = weight * share + 1;
    return sum / weight;
  });
}

/** The place of the value in `sorted` that is nearest to `x`; gaps are passed over. -1 if there is none. */
function nearest(sorted, x) {
  let best = -1;
  for (let i = 0; i < sorted.length; ++i) {
    if (sorted[i] === null) continue;
    if (best < 0 || Math.abs(sorted[i] - x) <= Math.abs(sorted[best] - x)) best = i;
  }
  return best;
}

/** The smallest and the largest of lists of numbers, with some room where they are one; null if there are none. */
function extent(lists) {
  let low = Infinity, high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) return null;
  if (low === high) return low === 0 ? [-1, 1] : [low - Math.abs(low) * 0.05, high + Math.abs(high) * 0.05];
  return [low, high];
}

/** For each word of `words` whether it belongs to the longest common subsequence with `others`. */
function commonWords(words, others) {
  const n = words.length, m = others.length;
  const length = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
  for (let i = n - 1; i >= 0; --i) {
    for (let j = m - 1; j >= 0; --j) {
      length[i][j] = words[i] === others[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const result = new Array(n).fill(false);
  for (let i = 0, j = 0; i < n && j < m;) {
    if (words[i] === others[j]) {
      result[i++] = true;
      ++j;
    } else if (length[i + 1][j] >= length[i][j + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
  return result;
}

if (typeof module !== "undefined") {
  module.exports = { roundTicks, roundRange, logTicks, timeUnit, numberText, tickTexts, timeText, smoothed, nearest, extent, commonWords };
}
