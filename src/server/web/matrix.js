// What a picture of attention is computed from: colours, words out of pieces, and where pieces stand in a text.

export const LIGHT = ["#FFFFFF", "#E3ECF6", "#C3D7EC", "#9BBCDE", "#6E9CCB", "#457BB3", "#265B95", "#123F74", "#08264D"];
export const DARK = ["#1A2027", "#1D2F4A", "#234372", "#2F5C9B", "#4A7BBB", "#6E9BD3", "#98BBE6", "#C7DCF4", "#F4F9FF"];

const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** The colour of a weight: by lightness only, of its square root. */
export function colourOf(weight, stops) {
  const at = Math.sqrt(Math.min(Math.max(weight, 0), 1)) * (stops.length - 1),
    i = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [rgb(stops[i]), rgb(stops[i + 1])];
  return a.map((value, k) => Math.round(value + (b[k] - value) * (at - i)));
}

export const luminance = (colour) => {
  const [r, g, b] = colour.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** Indices of pieces by word: a word begins at a piece with a space mark. */
export function wordsOf(pieces) {
  const groups = [];
  pieces.forEach((piece, i) => {
    if (!i || piece.startsWith("▁") || piece === "</s>" || pieces[i - 1] === "</s>") groups.push([i]);
    else groups.at(-1).push(i);
  });
  return groups;
}

/** Weights of words out of those of pieces: the sum over what is looked at, the mean over what looks. */
export function wordWeights(weights, rows, columns) {
  return rows.map((row) =>
    columns.map(
      (column) => row.reduce((sum, r) => sum + column.reduce((s, c) => s + weights[r][c], 0), 0) / row.length,
    ),
  );
}

/** Where pieces stand in a text: [from, to] or null. */
export function placesOf(pieces, text) {
  let at = 0;
  return pieces.map((piece) => {
    const core = piece.replaceAll("▁", "");
    const from = core && piece !== "</s>" ? text.indexOf(core, at) : -1;
    return from < 0 ? null : [from, (at = from + core.length)];
  });
}
