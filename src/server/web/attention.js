// The panel that shows where the model looked while it wrote each word: a matrix as a picture, with a cross-hair, or as a
// table.

import { $, make, options } from "./dom.js";
import { DARK, LIGHT, colourOf, luminance, placesOf, wordWeights, wordsOf } from "./matrix.js";
import { tableOf } from "./matrix_table.js";
import { download } from "./settings.js";

const LARGEST = 22,
  SMALLEST = 6,
  LABEL = 12; // sizes of cells in CSS pixels
const MOST_PIECES = 400; // a side; more are seen through a window
const BUSY_MS = 400,
  ANNOUNCE_MS = 300;

const clamp = (place, length) => Math.max(0, Math.min(place, length - 1));

/** Where a window of the most pieces begins that shows a place: where it did, or else with the place in its middle. */
function windowStart(place, old, total) {
  const start = place >= old && place < old + MOST_PIECES ? old : place - MOST_PIECES / 2;
  return Math.max(0, Math.min(start, total - MOST_PIECES));
}

export class Attention {
  data = null; // the server's answer
  view = null; // {rows, columns: [{text, pieces}], weights, sums, isRight, total, start}: the window that is shown
  cross = [0, 0]; // places in all of the matrix
  #asked = "";
  #control = null;
  #timer = null;
  #sentence = null;

  /** @param page {wire, pair(), isDark(), isRightToLeft(language), announce(text, wait), markPieces(sentence, source span, target span), timing(name, since)} */
  constructor(page) {
    this.page = page;
    for (const name of [
      "panel",
      "kind",
      "layer",
      "head",
      "unit",
      "numbers",
      "as-table",
      "note",
      "box",
      "matrix",
      "canvas",
      "rows",
      "columns",
      "hair",
      "table",
      "readout",
      "legend",
      "sums",
      "png",
      "tsv",
    ]) {
      this[name.replace("-t", "T")] = $(`attention-${name}`);
    }
    for (const [control, choices] of [
      [this.kind, ["cross", "encoder", "decoder"]],
      [this.unit, ["pieces", "words"]],
    ])
      control.replaceChildren(...options(choices.map((name) => [name, name])));
    for (const control of [this.kind, this.layer, this.head]) {
      control.addEventListener("change", () => {
        if (control === this.kind) this.layer.value = this.head.value = "";
        this.#ask();
      });
    }
    for (const control of [this.unit, this.numbers, this.asTable])
      control.addEventListener("change", () => this.draw());
    this.matrix.addEventListener("keydown", (event) => this.#key(event));
    this.matrix.addEventListener("focus", () => this.#point(...this.cross));
    this.canvas.addEventListener("pointermove", (event) => {
      const box = this.canvas.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width,
        y = (event.clientY - box.top) / box.height;
      const { rows, columns, isRight, start } = this.view;
      const [row, column] = [Math.floor(y * rows.length), Math.floor((isRight ? 1 - x : x) * columns.length)];
      this.#point(start[0] + clamp(row, rows.length), start[1] + clamp(column, columns.length));
    });
    this.matrix.addEventListener("pointerleave", () => this.page.markPieces(null));
    this.matrix.addEventListener("blur", () => this.page.markPieces(null));
    this.png.addEventListener("click", () =>
      this.canvas.toBlob((blob) => download("attention.png", [blob], "image/png")),
    );
    this.tsv.addEventListener("click", () => download("attention.tsv", [this.tabbed()], "text/tab-separated-values"));
    new ResizeObserver(() => this.view && !this.panel.hidden && this.draw()).observe(this.box);
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  /** Shows the attention of a sentence, when the panel is open. */
  show(sentence) {
    if (!this.isOpen) return;
    this.#sentence = sentence;
    if (!sentence || !sentence.source.trim() || !sentence.text.trim()) {
      if (!this.data) this.#tell("Put the caret into a translated sentence.");
      return;
    }
    if (this.#keyOf(sentence) !== this.#asked) this.#ask();
  }

  #keyOf(s) {
    return JSON.stringify([s.source.trim(), s.text.trim(), this.page.pair()]);
  }

  async #ask() {
    const s = this.#sentence;
    if (!s) return;
    this.#control?.abort();
    const control = (this.#control = new AbortController()),
      since = performance.now();
    this.#asked = this.#keyOf(s);
    const body = {
      q: s.source.trim(),
      translation: s.text.trim(),
      ...this.page.pair(),
      kind: this.kind.value,
      head: this.head.value ? Number(this.head.value) : null,
    };
    if (this.layer.value) body.layer = Number(this.layer.value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.panel.setAttribute("aria-busy", "true"), BUSY_MS);
    try {
      const data = await this.page.wire.post("other", "/attention", body, control.signal);
      this.data = { ...data, sentence: s };
      this.#tell("");
      this.#fillChoices();
      this.draw();
      this.page.timing("attention", since);
    } catch (error) {
      if (control.signal.aborted) return;
      this.#tell(`No attention can be shown: ${error.message}`);
    }
    clearTimeout(this.#timer);
    this.panel.setAttribute("aria-busy", "false");
  }

  #tell(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  #fillChoices() {
    const { layer, layers, heads, head } = this.data;
    const fill = (select, first, count, chosen) => {
      const numbers = Array.from({ length: count }, (_, i) => [String(i), String(i + 1)]);
      select.replaceChildren(...options(first ? [["", first], ...numbers] : numbers));
      select.value = chosen === null ? "" : String(chosen);
    };
    fill(this.layer, null, layers, layer);
    fill(this.head, `mean of ${heads}`, heads, head);
  }

  #makeView() {
    const { source, target, kind } = this.data,
      pair = this.page.pair();
    const rowPieces = kind === "encoder" ? source : target,
      columnPieces = kind === "decoder" ? target : source;
    const isWords = this.unit.value === "words";
    const groups = (pieces) => (isWords ? wordsOf(pieces) : pieces.map((_, i) => [i]));
    const all = [groups(rowPieces), groups(columnPieces)],
      total = all.map((list) => list.length);
    this.cross = this.cross.map((place, i) => clamp(place, total[i]));
    const start = this.cross.map((place, i) => windowStart(place, this.view?.start[i] ?? 0, total[i]));
    const [rows, columns] = all.map((list, i) => list.slice(start[i], start[i] + MOST_PIECES));
    const label = (pieces) => (indices) => {
      const text = indices.map((i) => pieces[i]).join("");
      return { text: isWords ? text.replaceAll("▁", "") || "▁" : text, pieces: indices };
    };
    const language = kind === "decoder" ? pair.target : pair.source;
    this.view = {
      rows: rows.map(label(rowPieces)),
      columns: columns.map(label(columnPieces)),
      weights: wordWeights(this.data.weights, rows, columns),
      sums: wordWeights(this.data.weights, rows, [columnPieces.map((_, i) => i)]).map(([sum]) => sum),
      isRight: this.page.isRightToLeft(language),
      rowLanguage: kind === "encoder" ? pair.source : pair.target,
      columnLanguage: language,
      total,
      start,
    };
    const shown = ["rows", "columns"].map(
      (name, i) => `${name} ${start[i] + 1} to ${start[i] + this.view[name].length} of ${total[i]}`,
    );
    this.#tell(
      Math.max(...total) > MOST_PIECES
        ? `Shown are ${shown.join(", ")}. Arrow keys, Home, End, PgUp and PgDn move on to the others.`
        : "",
    );
  }

  draw() {
    if (!this.data) return;
    this.#makeView();
    const { rows, columns, weights, isRight } = this.view;
    const stops = this.page.isDark() ? DARK : LIGHT;
    const isTable = this.asTable.checked;
    this.box.hidden = isTable;
    this.table.hidden = !isTable;
    if (isTable) this.table.firstElementChild.replaceChildren(...tableOf(this.view, this.#title()));
    else this.#paint(rows, columns, weights, isRight, stops);
    this.#legend(stops);
    if (!isTable) this.#place();
    this.#read();
  }

  #paint(rows, columns, weights, isRight, stops) {
    const room = this.box.clientWidth - 150;
    const cell = (this.cell = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(room / columns.length))));
    const ratio = window.devicePixelRatio || 1,
      width = columns.length * cell,
      height = rows.length * cell;
    const small = new ImageData(columns.length, rows.length);
    weights.forEach((row, r) =>
      row.forEach((weight, c) => {
        const at = 4 * (r * columns.length + (isRight ? columns.length - 1 - c : c));
        small.data.set([...colourOf(weight, stops), 255], at);
      }),
    );
    const picture = new OffscreenCanvas(columns.length, rows.length);
    picture.getContext("2d").putImageData(small, 0, 0);
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
    if (this.numbers.checked && cell >= LARGEST) this.#print(context, ratio, cell, stops);
    this.#labels(this.rows, rows, cell, "height", this.view.rowLanguage);
    this.#labels(this.columns, columns, cell, "width", this.view.columnLanguage);
    this.columns.dir = isRight ? "rtl" : "ltr";
    this.sums.replaceChildren(
      ...this.view.sums.map((sum) => {
        const node = make("span", {
          textContent: cell >= LABEL ? sum.toFixed(2) : "",
          className: Math.abs(sum - 1) > 0.02 ? "warn" : "",
        });
        node.style.height = `${cell}px`;
        return node;
      }),
    );
    this.matrix.setAttribute(
      "aria-label",
      `Attention, ${rows.length} rows and ${columns.length} columns; arrow keys move`,
    );
  }

  #print(context, ratio, cell, stops) {
    const { weights, columns, isRight } = this.view;
    context.font = `${10 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    weights.forEach((row, r) =>
      row.forEach((weight, c) => {
        context.fillStyle = luminance(colourOf(weight, stops)) > 0.18 ? "#000" : "#fff";
        const x = isRight ? columns.length - 1 - c : c;
        context.fillText(
          weight >= 0.995 ? "1" : weight.toFixed(2).slice(1),
          (x + 0.5) * cell * ratio,
          (r + 0.5) * cell * ratio,
        );
      }),
    );
  }

  #labels(place, items, cell, side, language) {
    const each = Math.ceil(LABEL / cell);
    const starts = new Set(
      wordsOf(items.map((item) => item.text))
        .filter((group) => group.length > 1)
        .flatMap((group) => [group[0]]),
    );
    place.lang = language;
    place.replaceChildren(
      ...items.map((item, i) => {
        const node = make("span", {}, make("bdi", { textContent: i % each ? "" : item.text }));
        if (this.unit.value === "pieces" && !item.text.startsWith("▁") && item.text !== "</s>" && i)
          node.className = "inside";
        else if (starts.has(i)) node.className = "start";
        node.style[side] = `${cell}px`;
        return node;
      }),
    );
  }

  #legend(stops) {
    this.legend.replaceChildren(
      ...stops.map((colour, i) => {
        const node = make(
          "span",
          {},
          make("small", {
            textContent: String(Number(((i / (stops.length - 1)) ** 2).toFixed(2))).replace(/^0\./, "."),
          }),
        );
        const patch = make("i", {});
        patch.style.background = colour;
        node.prepend(patch);
        return node;
      }),
    );
  }

  #title() {
    const { layer, head, heads } = this.data;
    return `layer ${layer + 1}, ${head === null ? `mean of ${heads} heads` : `head ${head + 1} of ${heads}`}`;
  }

  #key(event) {
    if (!this.view || event.ctrlKey || event.metaKey || event.altKey) return;
    const [row, column] = this.cross,
      step = this.view.isRight ? -1 : 1,
      [rows, columns] = this.view.total;
    const to = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - step],
      ArrowRight: [row, column + step],
      Home: [row, 0],
      End: [row, columns - 1],
      PageUp: [0, column],
      PageDown: [rows - 1, column],
    }[event.key];
    if (!to) return;
    event.preventDefault();
    this.#point(...to);
  }

  #point(row, column) {
    const { total, start: old } = this.view;
    this.cross = [clamp(row, total[0]), clamp(column, total[1])];
    const isOutside = this.cross.some((place, i) => windowStart(place, old[i], total[i]) !== old[i]);
    if (isOutside) this.draw();
    else {
      this.#place();
      this.#read();
    }
    const { rows, columns } = this.view;
    this.page.announce(this.readout.textContent, ANNOUNCE_MS);
    const { sentence, source, target, kind } = this.data;
    const [r, c] = this.#inWindow(),
      span = (item, pieces, text) => {
        const places = placesOf(pieces, text),
          found = item.pieces.map((i) => places[i]).filter(Boolean);
        return found.length ? [found[0][0], found.at(-1)[1]] : null;
      };
    const ofSource = (item) => ["source", span(item, source, sentence.source)],
      ofTarget = (item) => ["target", span(item, target, sentence.text)];
    this.page.markPieces(sentence, [
      kind === "encoder" ? ofSource(rows[r]) : ofTarget(rows[r]),
      kind === "decoder" ? ofTarget(columns[c]) : ofSource(columns[c]),
    ]);
  }

  #inWindow() {
    return this.cross.map((place, i) => place - this.view.start[i]);
  }

  #place() {
    const { columns, isRight } = this.view,
      [row, column] = this.#inWindow(),
      x = isRight ? columns.length - 1 - column : column;
    Object.assign(this.hair.style, {
      left: `${x * this.cell}px`,
      top: `${row * this.cell}px`,
      width: `${this.cell}px`,
      height: `${this.cell}px`,
    });
    this.hair.style.setProperty("--left", `${-x * this.cell}px`);
    this.hair.style.setProperty("--top", `${-row * this.cell}px`);
    [
      [this.rows, row],
      [this.columns, column],
    ].forEach(([place, n]) => [...place.children].forEach((node, i) => node.toggleAttribute("data-here", i === n)));
  }

  #read() {
    const [row, column] = this.#inWindow(),
      { rows, columns, weights } = this.view;
    const bdi = (text, lang) => make("bdi", { textContent: text, lang });
    this.readout.replaceChildren(
      bdi(rows[row].text, this.view.rowLanguage),
      ", ",
      bdi(columns[column].text, this.view.columnLanguage),
      `: ${weights[row][column].toFixed(3)}, ${this.#title()}`,
    );
  }

  tabbed() {
    const { rows, columns, weights } = this.view;
    return [
      ["", ...columns.map((c) => c.text)],
      ...rows.map((r, i) => [r.text, ...weights[i].map((w) => w.toFixed(6))]),
    ]
      .map((row) => row.join("\t") + "\n")
      .join("");
  }
}
