"use strict";
const CELL = 18;
const chosen = document.querySelector("form");
const weight = document.getElementById("weight");

/** Shows the panels that the three choices name. */
function choose() {
  for (const panel of document.querySelectorAll(".panel")) {
    panel.hidden = ["kind", "layer", "head"].some((name) => {
      const value = chosen.elements[name].value;
      return value !== "all" && value !== panel.dataset[name];
    });
  }
}

/** What a panel shows: its tokens, and its weights row by row. */
function content(panel) {
  if (!panel.content) {
    const texts = (name) => [...panel.querySelectorAll("." + name)].map((element) => element.textContent);
    panel.content = { rows: texts("row"), columns: texts("column"), weights: JSON.parse(panel.dataset.weights) };
  }
  return panel.content;
}

/** Marks a cell, and says its tokens and weight. */
function point(panel, row, column) {
  const { rows, columns, weights } = content(panel);
  if (row < 0 || column < 0 || row >= rows.length || column >= columns.length) return;
  panel.place = [row, column];
  for (const old of document.querySelectorAll(".mark")) old.remove();
  const frame = panel.querySelector(".frame");
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const at = { class: "mark", x: +frame.getAttribute("x") + column * CELL, y: +frame.getAttribute("y") + row * CELL, width: CELL, height: CELL };
  for (const [name, value] of Object.entries(at)) mark.setAttribute(name, value);
  panel.querySelector("svg").append(mark);
  const isolated = (text) => Object.assign(document.createElement("bdi"), { textContent: text });
  weight.replaceChildren(isolated(rows[row]), " looks at ", isolated(columns[column]), ": " + weights[row * columns.length + column].toFixed(3));
}

for (const panel of document.querySelectorAll(".panel")) {
  panel.addEventListener("pointermove", (event) => {
    const box = panel.querySelector(".frame").getBoundingClientRect();
    const { rows, columns } = content(panel);
    point(panel, Math.floor((event.clientY - box.top) / box.height * rows.length),
          Math.floor((event.clientX - box.left) / box.width * columns.length));
  });
  panel.addEventListener("focus", () => point(panel, ...(panel.place ?? [0, 0])));
  panel.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [row, column] = panel.place ?? [0, 0];
    point(panel, row + step[0], column + step[1]);
  });
}
chosen.addEventListener("change", choose);
choose();
