// The languages of both sides: which there are, which are chosen or detected, and what follows from them.

import { $, options } from "./dom.js";
import { save } from "./settings.js";
import { able } from "./view.js";

const RIGHT_TO_LEFT = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku-Arab", "ps", "sd", "ug", "ur", "yi"]);

export const isRightToLeft = (code) => RIGHT_TO_LEFT.has(code) || RIGHT_TO_LEFT.has(code.split("-")[0]);

/** A language's name in English, as far as it has one. */
export function nameOf(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

export function wireLanguages(page) {
  const { draft, settings, translating, proposals } = page;

  function swapReason() {
    const { source } = page.pair(),
      { target } = page.languages();
    if (source === "auto") return "The language of the source is not known yet.";
    return page.isPair(target, source)
      ? ""
      : `There is no model from ${page.languageName(target)} to ${page.languageName(source)}.`;
  }

  function fillTo() {
    const { source } = page.pair(),
      wanted = $("to").value || settings.target;
    const codes =
      source === "auto"
        ? [...new Set(page.known.flatMap((l) => l.targets))]
        : (page.known.find((l) => l.code === source)?.targets ?? []);
    const pivots = page.known.find((l) => l.code === source)?.pivots ?? {};
    const via = (code) => (pivots[code] ? ` (via ${page.languageName(pivots[code])})` : "");
    const others = codes.filter((code) => code !== source);
    $("to").replaceChildren(...options(others.map((code) => [code, page.languageName(code) + via(code)])));
    $("to").value = others.includes(wanted) ? wanted : (others[0] ?? "");
  }

  function chooseLanguages(from, to) {
    $("from").value = from;
    fillTo();
    $("to").value = to;
    showLanguages();
  }

  function showLanguages() {
    const { source, target } = page.pair();
    for (const node of [page.source.field, page.source.mirror.element])
      if (source === "auto") node.removeAttribute("lang");
      else node.lang = source;
    for (const node of [page.target.field, page.target.mirror.element]) node.lang = target;
    page.target.field.dir = page.target.mirror.element.dir = isRightToLeft(target) ? "rtl" : "ltr";
    able($("swap"), swapReason());
    able($("swap-languages"), swapReason());
  }

  function languagesChosen() {
    Object.assign(settings, { source: $("from").value, target: $("to").value });
    save();
    translating.unsupported = null;
    showLanguages();
    page.render();
    translating.changed(true);
  }

  let before = [];
  for (const id of ["from", "to"]) {
    $(id).addEventListener("focus", () => (before = [$("from").value, $("to").value]));
    $(id).addEventListener("change", () => {
      page.step(null, { from: before[0], to: before[1] });
      proposals.stop();
      if (id === "from") {
        translating.detected = null;
        fillTo();
      }
      before = [$("from").value, $("to").value];
      translating.letGo();
      draft.forgetTranslation();
      languagesChosen();
    });
  }

  let shownDetected = null;
  function showDetected() {
    if (translating.detected === shownDetected) return;
    shownDetected = translating.detected;
    $("from").options[0].textContent = shownDetected
      ? `Detect: ${page.languageName(shownDetected)}`
      : "Detect language";
    const { target } = page.languages();
    fillTo();
    if ($("to").value !== target) draft.forgetTranslation();
    showLanguages();
  }

  Object.assign(page, { swapReason, fillTo, chooseLanguages, showLanguages, languagesChosen, showDetected });
}
