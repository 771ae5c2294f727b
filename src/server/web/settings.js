// What the user has chosen. Only these choices are kept, in localStorage: never a text, never the API key.

import { options } from "./dom.js";

const STORE = "dragoman.settings";
const DEFAULTS = {
  theme: "auto", // auto, light, dark
  typing: true, // translate while typing
  tab: true, // Tab takes words of proposals
  proposals: "sentence", // word, phrase, sentence
  beam: 0, // 0: the server's
  spelling: false,
  announce: "short", // off, short, full
  log: true, // corrections are sent to the server's log
  source: "",
  target: "",
};
const CHOICES = {
  theme: { auto: "as the system", light: "light", dark: "dark" },
  proposals: { word: "a word", phrase: "a phrase", sentence: "the sentence" },
  announce: { off: "off", short: "short", full: "full, with the text" },
};

function load() {
  let stored = {};
  try {
    stored = JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    /* no storage, or not ours */
  }
  const isOurs = ([name, value]) => name in DEFAULTS && typeof value === typeof DEFAULTS[name];
  return { ...DEFAULTS, ...Object.fromEntries(Object.entries(stored).filter(isOurs)) };
}

export const settings = load();

export function save() {
  try {
    localStorage.setItem(STORE, JSON.stringify(settings));
  } catch {
    /* private windows may have none */
  }
}

export const isDark = () =>
  settings.theme === "dark" || (settings.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);

export function applyTheme() {
  document.documentElement.dataset.theme = settings.theme;
}

/** Binds the dialog's controls, whose names are those of the settings. */
export function bindSettings(dialog, wire, onchange) {
  const form = dialog.querySelector("form");
  for (const control of form.elements) {
    if (!(control.name in DEFAULTS)) continue;
    if (control.name in CHOICES) control.replaceChildren(...options(Object.entries(CHOICES[control.name])));
    if (control.type === "checkbox") control.checked = settings[control.name];
    else control.value = String(settings[control.name]);
  }
  form.addEventListener("change", ({ target }) => {
    if (target.name === "key") wire.key = target.value.trim();
    if (!(target.name in DEFAULTS)) return onchange(target.name);
    if (target.type === "checkbox") settings[target.name] = target.checked;
    else if (typeof DEFAULTS[target.name] !== "number") settings[target.name] = target.value;
    else settings[target.name] = Math.min(Math.max(Math.round(Number(target.value)) || 0, 0), Number(target.max));
    save();
    applyTheme();
    onchange(target.name);
  });
}

/** A name for a download out of any name: letters, digits, and `. _ -`. */
export function safeName(name) {
  return (
    name
      .normalize("NFC")
      .replace(/[^\p{L}\p{N}\p{M}._-]+/gu, "_")
      .replace(/^[._]+/, "")
      .slice(-120) || "text"
  );
}

/** Hands a file to the user. */
export function download(name, parts, type = "text/plain;charset=utf-8") {
  const blob = new Blob(parts, { type });
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: safeName(name) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return blob;
}
