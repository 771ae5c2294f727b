// Shows the sample translations of the runs, which run_page.js has read, over time.
"use strict";

const wordsOf = (() => {
  const segmenter = typeof Intl !== "undefined" && Intl.Segmenter ? new Intl.Segmenter(undefined, { granularity: "word" }) : null;
  return (text) => segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : text.split(/(\s+)/);
})();

/** An output in which words that the reference does not have in this order are marked. */
function compared(output, reference) {
  const words = wordsOf(output), common = commonWords(words, wordsOf(reference));
  const line = node("span", { dir: "auto" });
  words.forEach((word, i) => line.append(common[i] || !word.trim() ? word : node("span", { class: "other" }, word)));
  if (!output) line.append(node("i", {}, "(nothing)"));
  return line;
}

/** Sentences of all runs, those that are the same joined: line, source, reference, and the outputs of each run. */
function sampleGroups() {
  const groups = new Map();
  runs.forEach((run, i) => {
    for (const sample of run.samples) {
      const key = JSON.stringify([sample.line, sample.source, sample.reference]);
      if (!groups.has(key)) groups.set(key, { ...sample, outputs: [] });
      groups.get(key).outputs.push({ run: i, update: sample.update, epoch: sample.epoch, output: sample.output });
    }
  });
  return [...groups.values()].sort((a, b) => a.line - b.line);
}

function historyTable(group) {
  const body = node("tbody");
  for (const { run, update, output } of group.outputs) {
    update.forEach((u, i) => {
      if (i > 0 && output[i] === output[i - 1]) return;  // the same as before
      const row = node("tr", {}, node("th", { scope: "row" }, numberText(u)), node("td", {}, compared(output[i], group.reference)));
      if (runs.length > 1) row.prepend(node("th", { scope: "row" }, swatch(run), node("bdi", {}, runs[run].name)));
      body.append(row);
    });
  }
  const head = node("tr", {}, node("th", { scope: "col" }, "From update"), node("th", { scope: "col" }, "Output"));
  if (runs.length > 1) head.prepend(node("th", { scope: "col" }, "Run"));
  return node("div", { class: "scroll", tabindex: "0" }, node("table", {}, node("thead", {}, head), body));
}

function setUpSamples() {
  const groups = sampleGroups();
  if (groups.length === 0) return;
  const moments = [...new Set(groups.flatMap((group) => group.outputs.flatMap((o) => o.update)))].sort((a, b) => a - b);
  const box = document.getElementById("samples");
  const slider = node("input", { type: "range", min: 0, max: moments.length - 1, step: 1, id: "moment", "aria-label": "Validation" });
  const label = node("output", { for: "moment" });
  box.append(node("div", { class: "moment" }, slider, label));
  const updaters = groups.map((group) => {
    const list = node("dl", {}, node("dt", {}, "source"), node("dd", { dir: "auto" }, group.source), node("dt", {}, "reference"),
                      node("dd", { dir: "auto" }, group.reference));
    const places = group.outputs.map(({ run }) => {
      const place = node("dd", { dir: "auto" });
      const term = node("dt", {}, ...(runs.length > 1 ? [swatch(run), node("bdi", {}, runs[run].name)] : ["output"]));
      list.append(term, place);
      return place;
    });
    const history = node("details", {}, node("summary", {}, "Over time"));
    history.addEventListener("toggle", () => {
      if (history.open && history.children.length === 1) history.append(historyTable(group));
    });
    box.append(node("article", { class: "sample" }, node("h3", {}, "Line " + numberText(group.line) + " of the validation set"), list, history));
    return (moment) => group.outputs.forEach((outputs, i) => {
      const at = outputs.update.filter((u) => u <= moment).length - 1;
      places[i].replaceChildren(at < 0 ? "\u2013" : compared(outputs.output[at], group.reference));
    });
  });
  box.append(node("p", { class: "note" }, "Underlined: words that the reference does not have, or not in this order."));
  const show = () => {
    const moment = moments[Number(slider.value)];
    const epochs = [...new Set(groups.flatMap((g) => g.outputs.map((o) => o.epoch[o.update.indexOf(moment)])))].filter(Boolean);
    label.textContent = `update ${numberText(moment)}` + (epochs.length === 1 ? `, epoch ${epochs[0]}` : "");
    slider.setAttribute("aria-valuetext", label.textContent);
    for (const update of updaters) update(moment);
  };
  slider.value = String(moments.length - 1);
  slider.addEventListener("input", show);
  show();
  document.getElementById("samples-section").hidden = false;
}
