// Wires the page together: fields, keys, languages, buttons and panels to the draft and the server.

import { Alternatives } from "./alternatives.js";
import { Attention } from "./attention.js";
import { wireCommands } from "./commands.js";
import { Corrections } from "./corrections.js";
import { $, options } from "./dom.js";
import { wireFields } from "./fields.js";
import { Files } from "./files.js";
import { History } from "./history.js";
import { isRightToLeft, nameOf, wireLanguages } from "./languages.js";
import { Mirror } from "./mirror.js";
import { Notes } from "./notes.js";
import { Proposals } from "./proposals.js";
import { applyTheme, bindSettings, isDark, settings } from "./settings.js";
import { Draft } from "./text.js";
import { Translating } from "./translating.js";
import { Announcer, View } from "./view.js";
import { Wire } from "./wire.js";

const wire = new Wire(),
  ask = () => [wire.get("/languages"), wire.get("/frontend/settings")];
let asked = ask(); // while the page is being made
for (const answer of asked) answer.catch(() => {}); // start() tells

applyTheme();

const PANE_LIMIT = 20_000; // above it a field is too slow to type in
const MOST_TIMINGS = 1000;
const FILE_KINDS = [".txt", ".tsv", ".md", ".srt"];

const draft = new Draft(),
  announcer = new Announcer(settings),
  history = new History();
const timings = [];
const pane = (name) => ({ field: $(name), mirror: new Mirror($(name), $(`${name}-mirror`), name), selection: [0, 0] });

/** What the parts of the page know of each other. */
const page = {
  draft,
  wire,
  settings,
  announcer,
  source: pane("source"),
  target: pane("target"),
  composing: null,
  reports: [],
  get field() {
    return page.target.field;
  },
  get mirror() {
    return page.target.mirror;
  },
  server: { charLimit: -1, dragoman: {} },
  known: [],
  languages: () => ({ source: $("from").value, target: $("to").value }),
  pair: () => ({
    source: $("from").value === "auto" ? (translating.detected ?? "auto") : $("from").value,
    target: $("to").value,
  }),
  isSource: (code) => page.known.some((l) => l.code === code),
  isPair: (source, target) => page.known.find((l) => l.code === source)?.targets.includes(target) ?? false,
  languageName: (code) => page.known.find((l) => l.code === code)?.name ?? nameOf(code),
  pairName: () => `${page.languageName(page.pair().source)} to ${page.languageName(page.pair().target)}`,
  installed: () =>
    page.known
      .filter((l) => l.targets.some((t) => t !== l.code))
      .map((l) => l.name)
      .join(", "),
  serverLimit: () => (page.server.charLimit > 0 ? page.server.charLimit : Infinity),
  limit: () => Math.min(page.serverLimit(), PANE_LIMIT),
  most: (alternatives) =>
    Math.min(
      alternatives,
      page.server.dragoman?.alternativesLimit >= 0 ? page.server.dragoman.alternativesLimit : Infinity,
    ),
  batchLimit: () => (page.server.dragoman?.batchLimit > 0 ? page.server.dragoman.batchLimit : Infinity),
  formats: () =>
    page.server.supportedFilesFormat?.length
      ? FILE_KINDS.filter((kind) => page.server.supportedFilesFormat.includes(kind))
      : FILE_KINDS,
  direction: () => page.field.dir,
  isDark,
  isRightToLeft,
  travel,
  step(kind, changed = {}) {
    history.before({ ...present(), ...changed }, kind);
  },
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
  markPieces(sentence, spans = []) {
    const found = sentence && draft.find(sentence.id),
      starts = found && view.starts(found, false);
    view.align(null);
    if (!starts) return page.alignAtCaret();
    for (const [name, span] of spans) {
      const start = starts[name === "source" ? 0 : 1];
      if (span)
        page[name].mirror.mark(spans[0][0] === name ? "align" : "partner", [[start + span[0], start + span[1]]]);
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
const waiting = [];
const view = (page.view = new View(page)),
  translating = (page.translating = new Translating(page)),
  proposals = (page.proposals = new Proposals(page));
const alternatives = (page.alternatives = new Alternatives(page)),
  corrections = (page.corrections = new Corrections(page));
const attention = (page.attention = new Attention(page));
page.files = new Files(page);
page.notes = new Notes(page);
wireLanguages(page);
wireCommands(page);
wireFields(page);
window.dragoman = { timings };

// Rendering of what comes in, once a frame
let isDue = false;
function renderSoon() {
  if (isDue) return;
  isDue = true;
  const go = () => {
    isDue = false;
    page.render();
  };
  if (document.hidden) setTimeout(go, 100);
  else requestAnimationFrame(go);
}
translating.ontext = renderSoon;
translating.onchange = () => {
  if (!page.composing) view.status();
  page.showDetected();
};

// History
function present() {
  const which = document.activeElement === page.source.field ? "source" : "target";
  return {
    paragraphs: draft.snapshot(),
    from: $("from").value,
    to: $("to").value,
    detected: translating.detected,
    which,
    caret: page[which].selection,
    size: draft.source.length + draft.target.length,
  };
}

function travel(isBack) {
  if (page.composing) return;
  alternatives.close();
  proposals.stop();
  const state = isBack ? history.undo(present()) : history.redo(present());
  if (!state) return page.say(isBack ? "Nothing to undo" : "Nothing to redo");
  translating.letGo();
  draft.restore(state.paragraphs);
  translating.detected = state.detected;
  page.chooseLanguages(state.from, state.to);
  page.render();
  page[state.which].field.setSelectionRange(...state.caret);
  corrections.follow(draft);
  page.render();
  if (draft.paragraphs.some((p) => p.state === "changed")) translating.changed(false);
}

// The server
wire.onlost = (seconds) => {
  $("banner").hidden = false;
  $("banner-text").textContent = `dragoman is not answering. Your text is safe here. Retrying in ${seconds} s`;
  if ($("alarm").textContent !== "dragoman is not answering. Your text is safe here.")
    page.alarm("dragoman is not answering. Your text is safe here.");
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
  const answers = asked ?? ask();
  asked = null;
  const [languages, server] = await Promise.all(answers);
  page.known = languages;
  page.server = server;
  corrections.store = server.dragoman?.corrections ?? null;
  corrections.isLearning = server.dragoman?.learning ?? false;
  corrections.show();
  $("key-row").hidden = !server.apiKeys && !server.keyRequired;
  $("files-kinds").textContent =
    `${page.formats().join(", ")}. Files stay on ${isLocal ? "this computer" : location.hostname}.`;
  const sources = languages.filter((l) => l.targets.some((t) => t !== l.code));
  $("from").replaceChildren(
    ...options([["auto", "Detect language"], ...sources.map((l) => [l.code, l.name])]),
  );
  const first = settings.source || (sources.length === 1 ? sources[0].code : (server.language?.source?.code ?? "auto"));
  $("from").value = first;
  if (!$("from").value) $("from").value = sources[0]?.code ?? "auto";
  page.fillTo();
  page.showLanguages();
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
document.addEventListener("visibilitychange", () =>
  document.hidden ? translating.letGo() : settings.typing && translating.now(),
);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => attention.draw());
window.visualViewport?.addEventListener("resize", () => {
  const hidden = window.innerHeight - window.visualViewport.height - window.visualViewport.offsetTop;
  document.documentElement.style.setProperty("--keyboard", `${Math.max(0, Math.round(hidden))}px`);
});
new ResizeObserver(() => page.composing || ((view.gutterKey = null), view.gutter())).observe($("target-mirror"));

page.render();
corrections.show();
start().catch((error) => page.say(`The server did not tell its languages: ${error.message}`, "error"));
if (page.source.field.value) page.sourceEdited(null); // what a browser kept over a reload
