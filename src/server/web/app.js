// Wires the page together: fields, keys, languages, buttons and panels to the draft and the server.

import { Alternatives } from "./alternatives.js";
import { Attention } from "./attention.js";
import { Corrections } from "./corrections.js";
import { Files } from "./files.js";
import { Mirror } from "./mirror.js";
import { Proposals } from "./proposals.js";
import { applyTheme, bindSettings, isDark, save, settings } from "./settings.js";
import { Draft, History, difference, sentence } from "./text.js";
import { Translating } from "./translating.js";
import { $, Announcer, View, able, make } from "./view.js";
import { Wire } from "./wire.js";

applyTheme();

const PANE_LIMIT = 20_000;  // above it a field is too slow to type in
const MOST_TIMINGS = 1000;
const CLICK_MS = 250;       // a list of other words opens that long after a click, so that a double click selects
const SENTENCE_END = /(?:[.?!؟]\s|[。？！]\s?)$/;
const RIGHT_TO_LEFT = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku-Arab", "ps", "sd", "ug", "ur", "yi"]);

const draft = new Draft(), wire = new Wire(), announcer = new Announcer(settings), history = new History();
const timings = [];
const pane = (name) => ({ field: $(name), mirror: new Mirror($(name), $(`${name}-mirror`), name), selection: [0, 0] });

/** What the parts of the page know of each other. */
const page = {
  draft, wire, settings, announcer, source: pane("source"), target: pane("target"), composing: null, reports: [],
  get field() { return page.target.field; },
  get mirror() { return page.target.mirror; },
  server: { charLimit: -1, dragoman: {} }, known: [],
  languages: () => ({ source: $("from").value, target: $("to").value }),
  pair: () => ({ source: $("from").value === "auto" ? translating.detected ?? "auto" : $("from").value, target: $("to").value }),
  isSource: (code) => page.known.some((l) => l.code === code),
  isPair: (source, target) => page.known.find((l) => l.code === source)?.targets.includes(target) ?? false,
  languageName: (code) => page.known.find((l) => l.code === code)?.name ?? nameOf(code),
  pairName: () => `${page.languageName(page.pair().source)} to ${page.languageName(page.pair().target)}`,
  installed: () => page.known.filter((l) => l.targets.some((t) => t !== l.code)).map((l) => l.name).join(", "),
  serverLimit: () => page.server.charLimit > 0 ? page.server.charLimit : Infinity,
  limit: () => Math.min(page.serverLimit(), PANE_LIMIT),
  formats: () => (page.server.supportedFilesFormat ?? [".txt"]).filter((f) => [".txt", ".tsv", ".md", ".srt"].includes(f)),
  isRightToLeft: (code) => RIGHT_TO_LEFT.has(code) || RIGHT_TO_LEFT.has(code.split("-")[0]),
  direction: () => page.field.dir,
  isDark, copyText,
  step(kind) { history.before(present(), kind); },
  render() {
    if (page.composing) return;
    view.all();
  },
  caretTo(offset) {
    page.target.field.setSelectionRange(offset, offset);
    page.target.selection = [offset, offset];
  },
  announce: (text, wait = 0) => announcer.say(text, wait, "other"),
  alarm: (text) => announcer.alarm(text),
  say: (text, kind) => view.say(text, kind),
  timing(name, since) {
    timings.push({ name, ms: performance.now() - since });
    if (timings.length > MOST_TIMINGS) timings.shift();
    performance.measure(name, { start: since });
  },
  alignAtCaret() {
    if (!hovered) alignAt(caretPlace());
  },
  markPieces(sentence, spans = []) {
    const found = sentence && draft.find(sentence.id), starts = found && view.starts(found, false);
    view.align(null);
    if (!starts) return page.alignAtCaret();
    for (const [name, span] of spans) {
      const start = starts[name === "source" ? 0 : 1];
      if (span) page[name].mirror.mark(spans[0][0] === name ? "align" : "partner", [[start + span[0], start + span[1]]]);
    }
  },
  whenThere(signal, onwait) {
    if (!wire.gone) return;
    onwait();
    return new Promise((resolve, reject) => {
      waiting.push(resolve);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  },
  undoConfirmation(id) {
    const s = draft.find(id)?.sentence;
    if (s) s.confirmed = false;
    corrections.remove(id);
    page.render();
  },
};
let hovered = null;
const waiting = [];
const view = new View(page), translating = page.translating = new Translating(page), proposals = page.proposals = new Proposals(page);
const alternatives = page.alternatives = new Alternatives(page), corrections = new Corrections(page);
const attention = new Attention(page), files = new Files(page);
window.dragoman = { timings };

function nameOf(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

// Rendering of what comes in, once a frame
let isDue = false;
function renderSoon() {
  if (isDue) return;
  isDue = true;
  const go = () => {
    isDue = false;
    page.render();
  };
  if (document.hidden) setTimeout(go, 100); else requestAnimationFrame(go);
}
translating.ontext = renderSoon;
translating.onchange = () => {
  if (!page.composing) view.status();
  showDetected();
};

// History
function present() {
  const which = document.activeElement === page.source.field ? "source" : "target";
  return { paragraphs: draft.snapshot(), from: $("from").value, to: $("to").value, detected: translating.detected, which, caret: page[which].selection,
           size: draft.source.length + draft.target.length };
}

function travel(isBack) {
  if (page.composing) return;
  alternatives.close();
  proposals.stop();
  const state = isBack ? history.undo(present()) : history.redo(present());
  if (!state) return page.say(isBack ? "Nothing to undo" : "Nothing to redo");
  translating.letGo();
  draft.restore(state.paragraphs);
  chooseLanguages(state.from, state.to);
  translating.detected = state.detected;
  page.render();
  page[state.which].field.setSelectionRange(...state.caret);
  corrections.follow(draft);
  page.render();
  if (draft.paragraphs.some((p) => p.state === "changed")) translating.changed(false);
}

// The source
function sourceEdited(event) {
  const { field, mirror } = page.source;
  if (page.composing === field) return mirror.update(field.value), void $("source-pane").removeAttribute("data-blank");
  const isTyped = !event || event.inputType?.startsWith("insertText") || event.inputType?.startsWith("delete") || event.inputType === "insertLineBreak";
  if (field.value === draft.source) return;
  page.step(isTyped ? "type source" : null);
  draft.setSource(field.value);
  page.source.selection = [field.selectionStart, field.selectionEnd];
  const isSentence = SENTENCE_END.test(field.value.slice(Math.max(0, field.selectionStart - 2), field.selectionStart)) && event?.inputType !== "deleteContentBackward";
  translating.changed(!isTyped || isSentence);
  page.render();
}

// The translation
function targetEdited(event, isComposed = false) {
  const { field, mirror } = page.target;
  if (page.composing === field) return void mirror.update(field.value);
  const old = draft.target, caret = field.selectionStart, { value } = field;
  if (value === old) return;
  const [from, oldEnd, newEnd] = difference(old, value, caret);
  let inserted = value.slice(from, newEnd);
  if (isComposed && from === oldEnd && proposals.consume(inserted, from)) return page.render();
  const isTyped = isComposed || event?.inputType?.startsWith("insertText"), isDeleted = event?.inputType?.startsWith("delete");
  const wasProposing = proposals.active !== null;
  page.step(isTyped || isDeleted ? "type target" : null);
  const place = draft.editTarget(from, oldEnd, inserted);
  page.target.selection = [caret, caret];
  if (place && (isTyped || (isDeleted && wasProposing)) && !inserted.includes("\n")) proposals.changed(place);
  else proposals.leave();
  page.render();
  page.timing("target key", event?.timeStamp ?? performance.now());
}

function beforeTargetInput(event) {
  const { field } = page.target;
  if (alternatives.isOpen) alternatives.close();
  if (event.isComposing || event.inputType !== "insertText" || field.selectionStart !== field.selectionEnd) return;
  const since = performance.now();
  if (!event.data || !proposals.consume(event.data, field.selectionStart)) return;
  event.preventDefault();
  page.timing("typed as proposed", since);
}

function targetKey(event) {
  const { field } = page.target, control = event.ctrlKey || event.metaKey, isPlain = !control && !event.altKey && !event.shiftKey;
  const take = (done) => {
    if (done) event.preventDefault();
    return done;
  };
  if (take(alternatives.key(event))) return;
  if (event.key === "Tab" && isPlain && settings.tab && proposals.standsAt(field.selectionStart)) take(proposals.take(false));
  else if (event.key === "End" && isPlain && proposals.standsAt(field.selectionStart)) take(proposals.take(true));
  else if (event.key === "Escape" && isPlain) take(proposals.reject());
  else if ((event.key === "F2" && isPlain) || (event.key === "ArrowDown" && event.altKey && !control)) take(openAlternatives() || true);
  else if (event.key === "F8" && isPlain) take(lock() || true);
  else if (event.key === "Enter" && control) take(confirm() || true);
}

function fieldKey(event, which) {
  if (event.isComposing || event.keyCode === 229) return;
  const control = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
  if (control && !event.altKey && (key === "z" || key === "y")) {
    event.preventDefault();
    return travel(key === "z" && !event.shiftKey);
  }
  if (event.key === "ArrowUp" && event.altKey) {
    event.preventDefault();
    const span = view.align(caretPlace()), other = which === page.source ? page.target : page.source;
    if (span) scrollTo(other, span);
    return;
  }
  if (which === page.target) return targetKey(event);
  if (event.key === "Enter" && control) {
    event.preventDefault();
    translating.now();
  }
}

function scrollTo(which, span) {
  const [box] = which.mirror.boxes(...span), low = window.innerHeight - 80;
  if (box.top < 20 || box.bottom > low) window.scrollBy(0, box.top - window.innerHeight / 2);
}

for (const which of [page.source, page.target]) {
  const { field } = which, isSource = which === page.source, edited = isSource ? sourceEdited : targetEdited;
  field.addEventListener("keydown", (event) => fieldKey(event, which));
  field.addEventListener("beforeinput", (event) => {
    if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
      event.preventDefault();
      return travel(event.inputType === "historyUndo");
    }
    if (!isSource) beforeTargetInput(event);
  });
  field.addEventListener("input", (event) => {
    const since = performance.now();
    edited(event);
    requestAnimationFrame(() => setTimeout(() => page.timing("key drawn", since)));
  });
  field.addEventListener("compositionstart", () => {
    if (!isSource) alternatives.close();
    page.composing = field;
  });
  field.addEventListener("compositionend", () => {
    page.composing = null;
    if (isSource) sourceEdited(null); else targetEdited(null, true);
    page.render();
  });
  field.addEventListener("pointermove", (event) => {
    if (page.composing || event.buttons) return;
    const since = performance.now(), offset = which.mirror.offsetAt(event.clientX, event.clientY);
    if (offset === (hovered?.isSource === isSource ? hovered.offset : null)) return;
    hovered = offset === null ? null : { isSource, offset };
    view.align(hovered ?? caretPlace());
    page.timing("hover", since);
  });
  field.addEventListener("pointerleave", () => {
    hovered = null;
    if (!page.composing) page.alignAtCaret();
  });
  field.addEventListener("blur", () => page.alignAtCaret());
}
page.field.addEventListener("blur", () => {
  alternatives.close();
  proposals.leave();
  $("bar").hidden = true;
});
page.field.addEventListener("focus", () => $("bar").hidden = !matchMedia("(pointer: coarse)").matches);

/** The caret's place if a field has the focus: {isSource, offset}. */
function caretPlace() {
  const isSource = document.activeElement === page.source.field;
  return isSource || document.activeElement === page.field ? { isSource, offset: document.activeElement.selectionStart } : null;
}

function alignAt(place) {
  view.align(place);
  showAttention();
}

document.addEventListener("selectionchange", () => {
  const place = caretPlace();
  if (!place || page.composing) return;
  const which = place.isSource ? page.source : page.target, { field } = which;
  if (field.selectionStart === which.selection[0] && field.selectionEnd === which.selection[1]) return;
  which.selection = [field.selectionStart, field.selectionEnd];
  hovered = null;
  if (!place.isSource) proposals.caretMoved(place.offset);
  alignAt(place);
  showLock();
});

// Clicks on words
let clicked = null, pressedAt = null;
page.field.addEventListener("pointerdown", (event) => {
  clearTimeout(clicked);
  alternatives.close();
  pressedAt = [event.clientX, event.clientY];
});
page.field.addEventListener("click", (event) => {
  clearTimeout(clicked);
  const isDrag = pressedAt && Math.hypot(event.clientX - pressedAt[0], event.clientY - pressedAt[1]) > 4;
  if (event.detail !== 1 || isDrag || event.shiftKey || page.composing) return;
  const offset = page.target.mirror.offsetAt(event.clientX, event.clientY);
  if (offset === null) return;
  clicked = setTimeout(() => {
    if (page.field.selectionStart === page.field.selectionEnd) alternatives.open(offset);
  }, CLICK_MS);
});

// What the buttons do
function sentenceAtCaret() {
  return draft.sentenceAt(page.target.selection[0]);
}

function openAlternatives() {
  const isOpen = alternatives.open(page.field.selectionStart);
  if (!isOpen && !draft.target.trim()) page.say("There is no translation yet.");
  return isOpen;
}

function lock() {
  const [from, to] = page.target.selection, unit = sentenceAtCaret();
  if (!unit || !unit.sentence.text.trim()) return page.say("There is no sentence here to lock.");
  page.step(null);
  proposals.leave();
  const s = unit.sentence, end = s.text.trimEnd().length;
  if (s.locked) {
    s.locked = 0;
    page.say("Unlocked");
    page.announce("Unlocked");
  } else {
    const part = from < to ? Math.min(to - unit.start, end) : end;
    const isWider = from < to && from - unit.start > s.text.length - s.text.trimStart().length;
    Object.assign(s, { locked: part, writtenFor: s.writtenFor ?? s.source });
    const said = isWider ? "Locked from the beginning of the sentence: the model cannot keep a passage in its middle yet." : "Locked";
    page.say(said);
    page.announce(said);
  }
  page.render();
  showLock();
}

function showLock() {
  const isLocked = Boolean(sentenceAtCaret()?.sentence.locked);
  $("lock").setAttribute("aria-pressed", String(isLocked));
  $("lock").textContent = isLocked ? "Unlock" : "Lock";
}

function confirm() {
  const unit = sentenceAtCaret();
  if (!unit || !unit.sentence.text.trim()) return page.say("There is no sentence here to confirm.");
  page.step(null);
  proposals.stop();
  const s = draft.find(unit.sentence.id).sentence;
  Object.assign(s, { confirmed: true, touched: true, fixed: s.text.trimEnd().length, writtenFor: s.source, newer: null, old: Infinity, loose: null });
  const { source, target } = page.pair();
  if (s.source.trim() && s.machine.trim() !== s.text.trim()) {
    corrections.add({ id: s.id, source: s.source.trim(), machine: s.machine.trim(), text: s.text.trim(), from: source, to: target });
  }
  page.render();
  const sentences = [...draft.units()].filter((u) => u.sentence?.text.trim());
  const next = sentences[sentences.findIndex((u) => u.sentence === s) + 1];
  page.caretTo(next ? next.start + next.sentence.text.length - next.sentence.text.trimStart().length : unit.start + s.text.trimEnd().length);
  page.say("Confirmed");
  page.announce("Confirmed");
  page.render();
}

async function copyText(text, field = null) {
  try {
    await navigator.clipboard.writeText(text);
    view.say("Copied", "", 2000);
    page.announce("Copied");
  } catch {
    if (!field) return page.say(text);
    field.focus();
    field.select();
    page.say("The browser does not let this page copy. The text is selected: press Ctrl+C.");
  }
}

function swapReason() {
  const { source } = page.pair(), { target } = page.languages();
  if (source === "auto") return "The language of the source is not known yet.";
  return page.isPair(target, source) ? "" : `There is no model from ${page.languageName(target)} to ${page.languageName(source)}.`;
}

function swap(isLanguagesOnly) {
  const reason = swapReason();
  if (reason) return page.say(reason);
  const { source, target } = page.pair();
  page.step(null);
  alternatives.close();
  proposals.stop();
  const isFinished = draft.target.trim() && draft.paragraphs.every((p) => p.state === "done");
  translating.letGo();
  if (isFinished && !isLanguagesOnly) {
    const old = draft.source.split("\n"), text = draft.target;
    draft.paragraphs = new Draft().paragraphs;
    draft.setSource(text);
    draft.paragraphs.forEach((p, i) => { if (old[i]) p.sentences = [sentence({ text: old[i], old: 0 })]; });
  }
  draft.forgetTranslation();
  chooseLanguages(target, source);
  languagesChosen();
}

function act(id, work) {
  $(id).addEventListener("click", (event) => {
    if ($(id).getAttribute("aria-disabled") !== "true") return work(event);
    page.say($(id).title);
  });
}
act("swap", () => swap(false));
$("swap-menu").addEventListener("beforetoggle", () => {
  const box = $("swap").getBoundingClientRect();
  Object.assign($("swap-menu").style, { left: `${box.left}px`, top: `${box.bottom + 6}px` });
});
act("swap-languages", () => {
  $("swap-menu").hidePopover();
  swap(true);
});
act("clear", () => {
  page.step(null);
  proposals.stop();
  translating.letGo();
  draft.paragraphs = new Draft().paragraphs;
  translating.unsupported = null;
  page.render();
  page.source.field.focus();
});
act("translate", () => translating.now());
act("as-file", () => {
  showView("files");
  files.add([new File([draft.source], "text.txt", { type: "text/plain" })]);
});
act("show-alternatives", () => {
  page.field.focus();
  openAlternatives();
});
act("lock", lock);
act("confirm", () => {
  confirm();
  page.field.focus();
});
act("copy", () => copyText(draft.target, page.field));
act("cancel", () => {
  translating.stop();
  page.announce("Stopped");
});
act("again", () => translating.retry());
act("banner-retry", () => wire.tryNow());
for (const id of ["bar-word", "bar-all", "bar-other", "bar-no"]) $(id).addEventListener("pointerdown", (event) => event.preventDefault());
act("bar-word", () => proposals.take(false));
act("bar-all", () => proposals.take(true));
act("bar-other", openAlternatives);
act("bar-no", () => proposals.reject());
for (const [name, choices] of [["source", ["auto", "ltr", "rtl"]], ["target", ["ltr", "rtl"]]]) {
  act(`${name}-direction`, () => {
    const { field, mirror } = page[name], next = choices[(choices.indexOf(field.dir) + 1) % choices.length];
    setDirection(field, mirror, next);
    $(`${name}-direction`).setAttribute("aria-label", `Direction of the ${name === "source" ? "source text" : "translation"}: ${{ auto: "automatic", ltr: "left to right", rtl: "right to left" }[next]}`);
  });
}
function setDirection(field, mirror, direction) {
  field.dir = mirror.element.dir = direction;
  page.render();
}
for (const name of ["attention", "corrections"]) {
  act(`open-${name}`, () => {
    const panel = $(`${name}-panel`);
    panel.hidden = !panel.hidden;
    $(`open-${name}`).setAttribute("aria-expanded", String(!panel.hidden));
    if (name === "attention") showAttention();
    view.status();
  });
}
for (const name of ["keys", "settings"]) act(`open-${name}`, () => $(name).showModal());

let attentionTimer = null;
function showAttention() {
  clearTimeout(attentionTimer);
  if (!attention.isOpen) return;
  attentionTimer = setTimeout(() => {
    const place = caretPlace() ?? { isSource: false, offset: page.target.selection[0] };
    const s = (place.isSource ? draft.sentenceAtSource(place.offset) : draft.sentenceAt(place.offset))?.sentence;
    if (!s || (s.old === Infinity && s.loose === null)) attention.show(s ?? null);
  }, attention.data ? 150 : 0);
}

// Text or files
function showView(name) {
  for (const each of ["text", "files"]) {
    $(`${each}-view`).hidden = each !== name;
    $(`view-${each}`).setAttribute("aria-pressed", String(each === name));
  }
}
act("view-text", () => showView("text"));
act("view-files", () => showView("files"));
for (const kind of ["dragenter", "dragover", "drop", "dragleave"]) {
  window.addEventListener(kind, (event) => {
    const isFile = event.dataTransfer?.types.includes("Files");
    if (!isFile) return;
    event.preventDefault();
    document.body.toggleAttribute("data-dragging", kind === "dragover" || kind === "dragenter");
    if (kind !== "drop" || !event.dataTransfer.files.length) return;
    showView("files");
    files.add(event.dataTransfer.files);
  });
}

// Languages
function fillTo() {
  const { source } = page.pair(), wanted = $("to").value || settings.target;
  const codes = source === "auto" ? [...new Set(page.known.flatMap((l) => l.targets))] : page.known.find((l) => l.code === source)?.targets ?? [];
  const pivots = page.known.find((l) => l.code === source)?.pivots ?? {};
  const options = codes.filter((code) => code !== source).map((code) =>
    make("option", { value: code, textContent: page.languageName(code) + (pivots[code] ? ` (via ${page.languageName(pivots[code])})` : "") }));
  $("to").replaceChildren(...options);
  $("to").value = codes.includes(wanted) && wanted !== source ? wanted : options[0]?.value ?? "";
}

function chooseLanguages(from, to) {
  $("from").value = from;
  fillTo();
  $("to").value = to;
  showLanguages();
}

function showLanguages() {
  const { source, target } = page.pair();
  for (const node of [page.source.field, page.source.mirror.element]) if (source === "auto") node.removeAttribute("lang"); else node.lang = source;
  for (const node of [page.target.field, page.target.mirror.element]) node.lang = target;
  page.target.field.dir = page.target.mirror.element.dir = page.isRightToLeft(target) ? "rtl" : "ltr";
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

for (const id of ["from", "to"]) {
  $(id).addEventListener("focus", () => page.before = [$("from").value, $("to").value]);
  $(id).addEventListener("change", () => {
    const state = { ...present(), from: page.before?.[0] ?? $("from").value, to: page.before?.[1] ?? $("to").value };
    history.before(state, null);
    proposals.stop();
    if (id === "from") {
      translating.detected = null;
      fillTo();
    }
    page.before = [$("from").value, $("to").value];
    translating.letGo();
    draft.forgetTranslation();
    languagesChosen();
  });
}

let shownDetected = null;
function showDetected() {
  if (translating.detected === shownDetected) return;
  shownDetected = translating.detected;
  $("from").options[0].textContent = shownDetected ? `Detect: ${page.languageName(shownDetected)}` : "Detect language";
  const { target } = page.languages();
  fillTo();
  if ($("to").value !== target) draft.forgetTranslation();
  showLanguages();
}

// The server
wire.onlost = (seconds) => {
  $("banner").hidden = false;
  $("banner-text").textContent = `dragoman is not answering. Your text is safe here. Retrying in ${seconds} s`;
  if ($("alarm").textContent !== "dragoman is not answering. Your text is safe here.") page.alarm("dragoman is not answering. Your text is safe here.");
  view.status();
};
wire.onback = async () => {
  $("banner").hidden = true;
  page.alarm("");
  page.announce("dragoman is answering again");
  waiting.splice(0).forEach((resolve) => resolve());
  if (!page.known.length) await start();
  translating.now();
};

async function start() {
  const [languages, server] = await Promise.all([wire.get("/languages"), wire.get("/frontend/settings")]);
  page.known = languages;
  page.server = server;
  corrections.store = server.dragoman?.corrections ?? null;
  corrections.isLearning = server.dragoman?.learning ?? false;
  corrections.show();
  $("key-row").hidden = !server.apiKeys && !server.keyRequired;
  $("files-kinds").textContent = `${page.formats().join(", ")}. Files stay on ${isLocal ? "this computer" : location.hostname}.`;
  const sources = languages.filter((l) => l.targets.some((t) => t !== l.code));
  $("from").replaceChildren(make("option", { value: "auto", textContent: "Detect language" }), ...sources.map((l) => make("option", { value: l.code, textContent: l.name })));
  const first = settings.source || (sources.length === 1 ? sources[0].code : server.language?.source?.code ?? "auto");
  $("from").value = first;
  if (!$("from").value) $("from").value = sources[0]?.code ?? "auto";
  fillTo();
  showLanguages();
  page.render();
  if (!sources.length) page.say("No model is installed: start with dragoman serve -m MODEL.", "error");
  page.timing("usable", 0);
  if (draft.source.trim()) translating.changed(true);
}

const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(location.hostname);
if (!isLocal) {
  $("place").textContent = `runs on ${location.hostname}`;
  $("source-hint").textContent = `Type, paste or drop a file. Text goes to ${location.hostname} only.`;
}

bindSettings($("settings"), wire, (name) => {
  for (const { field } of [page.source, page.target]) field.spellcheck = settings.spelling;
  if (name === "theme") attention.draw();
  if (name === "beam") {
    for (const p of draft.paragraphs) if (p.source.trim()) p.state = "changed";
    translating.changed(true);
  }
  page.render();
});
for (const { field } of [page.source, page.target]) field.spellcheck = settings.spelling;
document.addEventListener("visibilitychange", () => document.hidden ? translating.letGo() : settings.typing && translating.now());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => attention.draw());
window.visualViewport?.addEventListener("resize", () => {
  const hidden = window.innerHeight - window.visualViewport.height - window.visualViewport.offsetTop;
  document.documentElement.style.setProperty("--keyboard", `${Math.max(0, Math.round(hidden))}px`);
});
new ResizeObserver(() => page.composing || (view.gutterKey = null, view.gutter())).observe($("target-mirror"));

page.render();
corrections.show();
start().catch((error) => page.say(`The server did not tell its languages: ${error.message}`, "error"));
if (page.source.field.value) sourceEdited(null);  // what a browser kept over a reload
