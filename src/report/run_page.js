// Draws the curves of the runs in the page's data.
"use strict";

const runs = JSON.parse(document.getElementById("data").textContent).runs;
const axes = [["updates", "update", "Updates"], ["tokens", "tokens", "Target tokens"], ["time", "seconds", "Training time"],
              ["epochs", "epochs", "Epochs"]];
const metricNames = {
  "ce-mean-words": ["Validation cross-entropy", "nats per token"], "cross-entropy": ["Validation cross-entropy", "nats per sentence"],
  "perplexity": ["Validation perplexity", ""], "bleu": ["Validation BLEU", ""], "chrf": ["Validation chrF", ""],
  "bleu-segmented": ["Validation BLEU of pieces", ""],
};
const state = { axis: "updates", smoothing: 0, log: false, hidden: new Set(), cursor: null };
const charts = [];

function node(name, attributes, ...children) {
  const result = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) result.setAttribute(key, value);
  result.append(...children);
  return result;
}

function drawing(name, attributes, ...children) {
  const result = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) result.setAttribute(key, value);
  result.append(...children);
  return result;
}

function colours(run) { return `c${run % 8} d${Math.floor(run / 8) % 4}`; }
function swatch(run) { return node("span", { class: "swatch " + colours(run), "aria-hidden": "true" }); }
function column() { return axes.find(([id]) => id === state.axis)[1]; }

// What there is to draw

/** The curves of all runs, chart by chart: title, unit, and for each run its records and the column of its values. */
function chartKinds() {
  const kinds = [];
  const metrics = [...new Set(runs.flatMap((run) => run.valid.map((valid) => valid.metric)))];
  const train = (key, title, unit, more) => kinds.push({
    title, unit, ...more, curves: runs.map((run, i) => ({ run: i, records: run.train, values: run.train[key] })),
  });
  train("loss", "Training loss", "nats per token", { log: true, noisy: true });
  for (const metric of metrics) {
    const [title, unit] = metricNames[metric] || ["Validation: " + metric, ""];
    const curves = [];
    runs.forEach((run, i) => {
      const valid = run.valid.find((v) => v.metric === metric);
      if (valid) curves.push({ run: i, records: valid, values: valid.value, best: valid.best });
    });
    kinds.push({ title, unit, curves, log: /^(ce|cross|perplexity)/.test(metric) });
  }
  train("learning_rate", "Learning rate", "", { fromZero: true });
  train("gradient_norm", "Gradient norm", "before clipping", { log: true, noisy: true });
  train("tokens_per_second", "Speed", "target tokens per second", { noisy: true, fromZero: true });
  for (const kind of kinds) kind.curves = kind.curves.filter((curve) => curve.values.some((v) => v !== null));
  return kinds.filter((kind) => kind.curves.length > 0);
}

function positionText(records, i) {
  const parts = ["update " + numberText(records.update[i])];
  if (records.epoch[i]) parts.push("epoch " + records.epoch[i]);
  if (state.axis === "tokens") parts.push(numberText(records.tokens[i], true) + " tokens");
  if (records.seconds[i] !== null) parts.push(timeText(records.seconds[i]));
  return parts.join(", ");
}

// A chart

class Chart {
  constructor(kind) {
    this.kind = kind;
    this.svg = drawing("svg", { tabindex: "0", role: "img", "aria-label": this.describe() });
    this.tip = node("div", { class: "tip", hidden: "" });
    const caption = node("figcaption", {}, kind.title);
    if (kind.unit) caption.append(node("small", {}, kind.unit));
    this.figure = node("figure", {}, caption, this.svg, this.tip);
    this.svg.addEventListener("pointermove", (event) => this.point(event));
    this.svg.addEventListener("pointerdown", (event) => this.point(event));
    this.svg.addEventListener("pointerleave", () => { if (document.activeElement !== this.svg) moveCursor(null, null); });
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("blur", () => moveCursor(null, null));
  }

  describe() {
    const parts = this.kind.curves.map((curve) => {
      const known = curve.values.filter((v) => v !== null);
      return (runs.length > 1 ? runs[curve.run].name + ": " : "") +
        `from ${numberText(known[0])} to ${numberText(known[known.length - 1])}` +
        (curve.best === undefined || curve.best < 0 ? "" : `, best ${numberText(curve.values[curve.best])}`);
    });
    return `${this.kind.title}. ${parts.join("; ")}. Arrow keys read it point by point.`;
  }

  curves() { return this.kind.curves.filter((curve) => !state.hidden.has(curve.run)); }

  draw() {
    const width = Math.max(240, this.svg.clientWidth), height = 240;
    const curves = this.curves(), xs = (curve) => curve.records[column()];
    const isLog = state.log && Boolean(this.kind.log);
    const plotted = (curve) => isLog ? curve.values.map((v) => (v > 0 ? v : null)) : curve.values;
    const shown = curves.map((curve) => ({ curve, xs: xs(curve), raw: plotted(curve),
      line: this.kind.noisy && state.smoothing > 0 ? smoothed(plotted(curve), state.smoothing) : plotted(curve) }));
    this.svg.replaceChildren();
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const xRange = extent(shown.map((s) => s.xs.filter((x, i) => x !== null && s.raw[i] !== null)));
    const yRange = extent(shown.map((s) => s.raw));
    this.scale = null;
    if (!xRange || !yRange) {
      this.svg.append(drawing("text", { x: width / 2, y: height / 2, "text-anchor": "middle" },
                              curves.length ? "not recorded over " + axes.find(([id]) => id === state.axis)[2].toLowerCase()
                                            : "all runs are hidden"));
      return;
    }
    if (shown.every((s) => s.xs.filter((x) => x !== null).length > 1) && xRange[0] > 0) xRange[0] = 0;
    if (this.kind.fromZero && yRange[0] > 0) yRange[0] = 0;
    if (!isLog) [yRange[0], yRange[1]] = roundRange(yRange[0], yRange[1], 4);
    const unit = state.axis === "time" ? timeUnit(xRange[1]) : ["", 1];
    const yTicks = (isLog ? logTicks : roundTicks)(yRange[0], yRange[1], 5);
    const labels = isLog ? yTicks.map((tick) => numberText(tick, true)) : tickTexts(yTicks);
    const left = 14 + 7 * Math.max(...labels.map((label) => label.length)), right = width - 16, top = 12, bottom = height - 38;
    const warp = isLog ? Math.log : (v) => v;
    const x = (v) => left + (v - xRange[0]) / (xRange[1] - xRange[0]) * (right - left);
    const y = (v) => bottom - (warp(v) - warp(yRange[0])) / (warp(yRange[1]) - warp(yRange[0])) * (bottom - top);
    this.scale = { x, y, left, right, top, bottom, xRange, shown };

    yTicks.forEach((tick, i) => {
      this.svg.append(drawing("line", { class: "grid", x1: left, x2: right, y1: y(tick), y2: y(tick) }),
                      drawing("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, labels[i]));
    });
    const xTicks = roundTicks(xRange[0] / unit[1], xRange[1] / unit[1], Math.max(2, (right - left) / 65));
    const xLabels = tickTexts(xTicks);
    xTicks.forEach((tick, i) => {
      const at = x(tick * unit[1]);
      this.svg.append(drawing("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4 }),
                      drawing("text", { x: at, y: bottom + 17, "text-anchor": at > right - 14 ? "end" : "middle" },
                              xLabels[i]));
    });
    const name = axes.find(([id]) => id === state.axis)[2].toLowerCase() + (unit[0] ? ", " + unit[0] : "");
    this.svg.append(drawing("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }),
                    drawing("text", { x: right, y: bottom + 32, "text-anchor": "end" }, name));
    for (const s of shown) {
      for (const at of runs[s.curve.run].resumes[column()]) {
        if (at === null || at < xRange[0] || at > xRange[1]) continue;
        this.svg.append(drawing("line", { class: "resume", x1: x(at), x2: x(at), y1: top, y2: bottom },
                                drawing("title", {}, "continued here: " + runs[s.curve.run].name)));
      }
      if (s.line !== s.raw) this.svg.append(this.path(s.xs, s.raw, s.curve.run, "faint"));
      this.svg.append(this.path(s.xs, s.line, s.curve.run, ""));
    }
    for (const s of shown) this.points(s);
    this.cursor = drawing("g", {});
    this.svg.append(this.cursor);
    this.drawCursor();
  }

  path(xs, values, run, more) {
    const { x, y } = this.scale;
    let text = "", pen = "M";
    values.forEach((value, i) => {
      if (value === null || xs[i] === null) {
        pen = "M";
        return;
      }
      text += `${pen}${x(xs[i]).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    });
    return drawing("path", { class: `curve ${colours(run)} ${more}`, d: text });
  }

  /** Dots for points that are few or have no neighbour to be joined with; a ring for the best. */
  points(s) {
    const { x, y } = this.scale;
    const few = s.raw.length <= 40 && s.curve.best !== undefined;
    s.line.forEach((value, i) => {
      if (value === null || s.xs[i] === null) return;
      const best = i === s.curve.best;
      const alone = (i === 0 || s.line[i - 1] === null) && (i + 1 === s.line.length || s.line[i + 1] === null);
      if (!best && !few && !alone) return;
      this.svg.append(drawing("circle", { class: (best ? "best " : "point ") + colours(s.curve.run), cx: x(s.xs[i]), cy: y(value),
                                          r: best ? 5 : 2.5 }, ...(best ? [drawing("title", {}, "the best")] : [])));
    });
  }

  // Reading

  point(event) {
    if (!this.scale) return;
    const box = this.svg.getBoundingClientRect();
    const { left, right, xRange } = this.scale;
    const at = (event.clientX - box.left) / box.width * this.svg.viewBox.baseVal.width;
    const part = Math.min(1, Math.max(0, (at - left) / (right - left)));
    const wanted = xRange[0] + part * (xRange[1] - xRange[0]);
    let best = null;
    for (const s of this.scale.shown) {
      const i = nearest(s.xs, wanted);
      if (i >= 0 && (best === null || Math.abs(s.xs[i] - wanted) < Math.abs(best - wanted))) best = s.xs[i];
    }
    moveCursor(best, this);
  }

  key(event) {
    if (!this.scale) return;
    const all = [...new Set(this.scale.shown.flatMap((s) => s.xs.filter((x, i) => x !== null && s.raw[i] !== null)))].sort((a, b) => a - b);
    const here = state.cursor === null ? -1 : nearest(all, state.cursor);
    const last = all.length - 1;
    const jump = Math.max(1, Math.round(all.length / 10));
    const to = { ArrowRight: here + 1, ArrowLeft: here < 0 ? last : here - 1, PageUp: here + jump, PageDown: here - jump, Home: 0, End: last }[event.key];
    if (event.key === "Escape") moveCursor(null, null);
    if (to === undefined) return;
    event.preventDefault();
    moveCursor(all[Math.min(last, Math.max(0, to))], this);
    document.getElementById("read-out").textContent = this.tip.textContent;
  }

  drawCursor() {
    if (!this.cursor) return;
    this.cursor.replaceChildren();
    this.tip.hidden = true;
    if (!this.scale || state.cursor === null || state.cursor > this.scale.xRange[1] || state.cursor < this.scale.xRange[0]) return;
    const { x, y, top, bottom, left, right, shown } = this.scale;
    const at = x(state.cursor);
    this.cursor.append(drawing("line", { class: "cursor", x1: at, x2: at, y1: top, y2: bottom }));
    const lines = [];
    let place = null;
    for (const s of shown) {
      const i = nearest(s.xs, state.cursor);
      if (i < 0 || s.line[i] === null) continue;
      this.cursor.append(drawing("circle", { class: "point " + colours(s.curve.run), cx: x(s.xs[i]), cy: y(s.line[i]), r: 4 }));
      const gap = Math.abs(s.xs[i] - state.cursor);
      if (place === null || gap < place.gap) place = { gap, text: positionText(s.curve.records, i) };
      const name = node("span", { class: "name" });
      if (runs.length > 1) name.append(swatch(s.curve.run), node("bdi", {}, runs[s.curve.run].name + " "));
      lines.push(node("div", {}, name, node("b", {}, numberText(s.line[i]) +
        (s.line[i] === s.raw[i] ? "" : ` (${numberText(s.raw[i])})`))));
    }
    if (state.active !== this || !place) return;
    this.tip.replaceChildren(node("div", {}, place.text + (runs.length > 1 ? ": " : " ")), ...lines);
    this.tip.hidden = false;
    const isRight = at > (left + right) / 2, share = this.svg.clientWidth / this.svg.viewBox.baseVal.width;
    this.tip.style.insetInlineStart = isRight ? "auto" : `${at * share + 22}px`;
    this.tip.style.insetInlineEnd = isRight ? `${(this.svg.viewBox.baseVal.width - at) * share + 22}px` : "auto";
  }
}

function moveCursor(x, chart) {
  state.cursor = x;
  state.active = chart;
  for (const other of charts) other.drawCursor();
}

function redraw() {
  for (const chart of charts) chart.draw();
}

// Controls

function setUpControls() {
  const choice = document.getElementById("x-choice");
  for (const [id, key, title] of axes) {
    const known = runs.some((run) => [run.train, ...run.valid].some((records) => records[key].some((v) => v !== null)));
    if (!known) continue;
    const input = node("input", { type: "radio", name: "x", value: id });
    input.checked = id === state.axis;
    input.addEventListener("change", () => {
      state.axis = id;
      state.cursor = null;
      redraw();
    });
    choice.append(node("label", {}, input, title));
  }
  const smoothing = document.getElementById("smoothing"), value = document.getElementById("smoothing-value");
  const smooth = () => {
    state.smoothing = Number(smoothing.value);
    value.textContent = state.smoothing > 0 ? state.smoothing.toFixed(2) : "off";
    redraw();
  };
  smoothing.addEventListener("input", smooth);
  const log = document.getElementById("log");
  log.addEventListener("change", () => {
    state.log = log.checked;
    redraw();
  });
  smoothing.value = "0";  // browsers may keep what was chosen before a reload
  log.checked = false;
  if (runs.length > 1) {
    runs.forEach((run, i) => {
      const button = node("button", { type: "button", "aria-pressed": "true" }, swatch(i), node("bdi", {}, run.name));
      button.addEventListener("click", () => {
        if (!state.hidden.delete(i)) state.hidden.add(i);
        button.setAttribute("aria-pressed", String(!state.hidden.has(i)));
        redraw();
      });
      document.getElementById("legend").append(button);
    });
  }
  document.getElementById("controls").hidden = false;
  document.getElementById("hint").hidden = false;
}

setUpControls();
for (const kind of chartKinds()) {
  const chart = new Chart(kind);
  charts.push(chart);
  document.getElementById("charts").append(chart.figure);
}
if (charts.length === 0) document.getElementById("charts").append(node("p", { class: "note" }, "Nothing is recorded yet."));
redraw();
setUpSamples();
let width = window.innerWidth;
window.addEventListener("resize", () => {
  if (window.innerWidth !== width) redraw();
  width = window.innerWidth;
});
