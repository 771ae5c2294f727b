// A matrix of attention as a table, for those who do not see the picture.

import { make } from "./dom.js";

const MOST = 60; // cells a side; beyond, the strongest of each row
const STRONGEST = 5;

/** What a <table> holds. `view`: {rows, columns: [{text}], weights, rowLanguage, columnLanguage}. */
export function tableOf({ rows, columns, weights, rowLanguage, columnLanguage }, title) {
  const head = (text, scope, lang) => make("th", { scope, lang }, make("bdi", { textContent: text }));
  const isWhole = rows.length <= MOST && columns.length <= MOST;
  const cells = (row) =>
    isWhole
      ? row.map((weight) => make("td", { textContent: weight.toFixed(3) }))
      : row
          .map((weight, i) => [weight, i])
          .sort((a, b) => b[0] - a[0])
          .slice(0, STRONGEST)
          .map(([w, i]) => make("td", {}, make("bdi", { textContent: columns[i].text }), ` ${w.toFixed(3)}`));
  const body = rows.map((row, i) => make("tr", {}, head(row.text, "row", rowLanguage), ...cells(weights[i])));
  const heads = columns.map((column) => head(column.text, "col", columnLanguage));
  return [
    make("caption", { textContent: title }),
    ...(isWhole ? [make("thead", {}, make("tr", {}, make("td", {}), ...heads))] : []),
    make("tbody", {}, ...body),
  ];
}
