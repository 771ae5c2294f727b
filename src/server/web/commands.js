// What buttons and keys do: lock, confirm, copy, swap, clear, panels, text or files.

import { $ } from "./dom.js";
import { sentence } from "./sentences.js";
import { Draft } from "./text.js";

export function wireCommands(page) {
  const { draft, wire, translating, proposals, alternatives, corrections, attention, files, view } = page;

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
    const [from, to] = page.target.selection,
      unit = sentenceAtCaret();
    if (!unit || !unit.sentence.text.trim()) return page.say("There is no sentence here to lock.");
    page.step(null);
    proposals.leave();
    const s = unit.sentence,
      end = s.text.trimEnd().length;
    if (s.locked) {
      s.locked = 0;
      page.say("Unlocked");
      page.announce("Unlocked");
    } else {
      const part = from < to ? Math.min(to - unit.start, end) : end;
      const isWider = from < to && from - unit.start > s.text.length - s.text.trimStart().length;
      Object.assign(s, { locked: part, writtenFor: s.writtenFor ?? s.source });
      const said = isWider
        ? "Locked from the beginning of the sentence: the model cannot keep a passage in its middle yet."
        : "Locked";
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
    Object.assign(s, {
      confirmed: true,
      touched: true,
      fixed: s.text.trimEnd().length,
      writtenFor: s.source,
      newer: null,
      old: Infinity,
      loose: null,
    });
    const { source, target } = page.pair();
    if (s.source.trim() && s.machine.trim() !== s.text.trim()) {
      corrections.add({
        id: s.id,
        source: s.source.trim(),
        machine: s.machine.trim(),
        text: s.text.trim(),
        from: source,
        to: target,
      });
    }
    page.render();
    const sentences = [...draft.units()].filter((u) => u.sentence?.text.trim());
    const next = sentences[sentences.findIndex((u) => u.sentence === s) + 1];
    page.caretTo(
      next
        ? next.start + next.sentence.text.length - next.sentence.text.trimStart().length
        : unit.start + s.text.trimEnd().length,
    );
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

  function swap(isLanguagesOnly) {
    const reason = page.swapReason();
    if (reason) return page.say(reason);
    const { source, target } = page.pair();
    page.step(null);
    alternatives.close();
    proposals.stop();
    const isFinished = draft.target.trim() && draft.paragraphs.every((p) => p.state === "done");
    translating.letGo();
    if (isFinished && !isLanguagesOnly) {
      const old = draft.source.split("\n"),
        text = draft.target;
      draft.paragraphs = new Draft().paragraphs;
      draft.setSource(text);
      draft.paragraphs.forEach((p, i) => {
        if (old[i]) p.sentences = [sentence({ text: old[i], old: 0 })];
      });
    }
    draft.forgetTranslation();
    page.chooseLanguages(target, source);
    page.languagesChosen();
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
  act("as-file", translateAsFile);
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
  for (const id of ["bar-word", "bar-all", "bar-other", "bar-no"])
    $(id).addEventListener("pointerdown", (event) => event.preventDefault());
  act("bar-word", () => proposals.take(false));
  act("bar-all", () => proposals.take(true));
  act("bar-other", openAlternatives);
  act("bar-no", () => proposals.reject());
  for (const [name, choices] of [
    ["source", ["auto", "ltr", "rtl"]],
    ["target", ["ltr", "rtl"]],
  ]) {
    act(`${name}-direction`, () => {
      const { field, mirror } = page[name],
        next = choices[(choices.indexOf(field.dir) + 1) % choices.length];
      setDirection(field, mirror, next);
      $(`${name}-direction`).setAttribute(
        "aria-label",
        `Direction of the ${name === "source" ? "source text" : "translation"}: ${{ auto: "automatic", ltr: "left to right", rtl: "right to left" }[next]}`,
      );
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

  function translateAsFile() {
    showView("files");
    files.add([new File([draft.source], "text.txt", { type: "text/plain" })]);
  }

  let attentionTimer = null;
  function showAttention() {
    clearTimeout(attentionTimer);
    if (!attention.isOpen) return;
    attentionTimer = setTimeout(
      () => {
        const place = page.caretPlace() ?? { isSource: false, offset: page.target.selection[0] };
        const s = (place.isSource ? draft.sentenceAtSource(place.offset) : draft.sentenceAt(place.offset))?.sentence;
        if (!s || (s.old === Infinity && s.loose === null)) attention.show(s ?? null);
      },
      attention.data ? 150 : 0,
    );
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

  Object.assign(page, { openAlternatives, lock, showLock, confirm, copyText, showAttention, translateAsFile });
}
