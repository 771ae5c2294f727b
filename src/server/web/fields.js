// The two text fields: what is typed, composed, pointed at and clicked.

import { $ } from "./dom.js";
import { difference } from "./text.js";

const CLICK_MS = 250; // a list of other words opens that long after a click, so that a double click selects
const SLOW_MS = 100, // from a key to its being drawn, of which a frame's 16 may be waiting
  SLOW_KEYS = 5; // one after another, and the marks of the pane are too much for this computer
const SENTENCE_END = /(?:[.?!؟]\s|[。？！]\s?)$/;

export function wireFields(page) {
  const { draft, settings, translating, proposals, alternatives, view } = page;
  let hovered = null;

  // The source
  function sourceEdited(event) {
    const { field, mirror } = page.source;
    if (page.composing === field)
      return (mirror.update(field.value), void $("source-pane").removeAttribute("data-blank"));
    const isTyped =
      !event ||
      event.inputType?.startsWith("insertText") ||
      event.inputType?.startsWith("delete") ||
      event.inputType === "insertLineBreak";
    if (field.value === draft.source) return;
    page.step(isTyped ? "type source" : null);
    draft.setSource(field.value);
    page.source.selection = [field.selectionStart, field.selectionEnd];
    const isSentence =
      SENTENCE_END.test(field.value.slice(Math.max(0, field.selectionStart - 2), field.selectionStart)) &&
      event?.inputType !== "deleteContentBackward";
    translating.changed(!isTyped || isSentence);
    page.render();
  }

  // The translation
  function targetEdited(event, isComposed = false) {
    const { field, mirror } = page.target;
    if (page.composing === field) return void mirror.update(field.value);
    const old = draft.target,
      caret = field.selectionStart,
      { value } = field;
    if (value === old) return;
    const [from, oldEnd, newEnd] = difference(old, value, caret);
    const inserted = value.slice(from, newEnd);
    if (isComposed && from === oldEnd && proposals.consume(inserted, from)) return page.render();
    const isTyped = isComposed || event?.inputType?.startsWith("insertText"),
      isDeleted = event?.inputType?.startsWith("delete");
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
    const { field } = page.target,
      control = event.ctrlKey || event.metaKey,
      isPlain = !control && !event.altKey && !event.shiftKey;
    const take = (done) => {
      if (done) event.preventDefault();
      return done;
    };
    if (take(alternatives.key(event))) return;
    if (event.key === "Tab" && isPlain && settings.tab && proposals.standsAt(field.selectionStart))
      take(proposals.take(false));
    else if (event.key === "End" && isPlain && proposals.standsAt(field.selectionStart)) take(proposals.take(true));
    else if (event.key === "Escape" && isPlain) take(proposals.reject());
    else if ((event.key === "F2" && isPlain) || (event.key === "ArrowDown" && event.altKey && !control))
      take(page.openAlternatives() || true);
    else if (event.key === "F8" && isPlain) take(page.lock() || true);
    else if (event.key === "Enter" && control) take(page.confirm() || true);
  }

  function fieldKey(event, which) {
    if (event.isComposing || event.keyCode === 229) return;
    const control = event.ctrlKey || event.metaKey,
      key = event.key.toLowerCase();
    if (control && !event.altKey && (key === "z" || key === "y")) {
      event.preventDefault();
      return page.travel(key === "z" && !event.shiftKey);
    }
    if (event.key === "ArrowUp" && event.altKey) {
      event.preventDefault();
      const span = view.align(caretPlace()),
        other = which === page.source ? page.target : page.source;
      if (span) scrollIntoView(other, span);
      return;
    }
    if (which === page.target) return targetKey(event);
    if (event.key === "Enter" && control) {
      event.preventDefault();
      translating.now();
    }
  }

  function scrollIntoView(which, span) {
    const [box] = which.mirror.boxes(...span),
      low = window.innerHeight - 80;
    if (box.top < 20 || box.bottom > low) window.scrollBy(0, box.top - window.innerHeight / 2);
  }

  for (const which of [page.source, page.target]) {
    const { field } = which,
      isSource = which === page.source,
      edited = isSource ? sourceEdited : targetEdited;
    field.addEventListener("keydown", (event) => fieldKey(event, which));
    field.addEventListener("beforeinput", (event) => {
      if (event.inputType === "historyUndo" || event.inputType === "historyRedo") {
        event.preventDefault();
        return page.travel(event.inputType === "historyUndo");
      }
      if (!isSource) beforeTargetInput(event);
    });
    field.addEventListener("input", (event) => {
      const since = performance.now();
      edited(event);
      requestAnimationFrame(() => setTimeout(() => keyDrawn(which, since)));
    });
    field.addEventListener("compositionstart", () => {
      if (!isSource) alternatives.close();
      page.composing = field;
    });
    field.addEventListener("compositionend", () => {
      page.composing = null;
      if (isSource) sourceEdited(null);
      else targetEdited(null, true);
      page.render();
    });
    field.addEventListener("pointermove", (event) => {
      if (page.composing || event.buttons) return;
      const since = performance.now(),
        offset = which.mirror.offsetAt(event.clientX, event.clientY);
      if (offset === (hovered?.isSource === isSource ? hovered.offset : null)) return;
      hovered = offset === null ? null : { isSource, offset };
      view.align(hovered ?? caretPlace());
      page.timing("hover", since);
    });
    field.addEventListener("pointerleave", () => {
      hovered = null;
      if (!page.composing) alignAtCaret();
    });
    field.addEventListener("blur", () => alignAtCaret());
  }
  page.field.addEventListener("blur", () => {
    alternatives.close();
    proposals.leave();
    $("bar").hidden = true;
  });
  page.field.addEventListener("focus", () => ($("bar").hidden = !matchMedia("(pointer: coarse)").matches));

  /** The caret's place if a field has the focus: {isSource, offset}. */
  function caretPlace() {
    const isSource = document.activeElement === page.source.field;
    return isSource || document.activeElement === page.field
      ? { isSource, offset: document.activeElement.selectionStart }
      : null;
  }

  function alignAtCaret() {
    if (!hovered) alignAt(caretPlace());
  }

  function alignAt(place) {
    view.align(place);
    page.showAttention();
  }

  document.addEventListener("selectionchange", () => {
    const place = caretPlace();
    if (!place || page.composing) return;
    const which = place.isSource ? page.source : page.target,
      { field } = which;
    if (field.selectionStart === which.selection[0] && field.selectionEnd === which.selection[1]) return;
    which.selection = [field.selectionStart, field.selectionEnd];
    hovered = null;
    if (!place.isSource) proposals.caretMoved(place.offset);
    alignAt(place);
    page.showLock();
  });

  /** A pane in which keys are drawn late, again and again, gets rid of its marks; the user is told, and offered Files. */
  function keyDrawn(which, since) {
    page.timing("key drawn", since);
    which.slow = performance.now() - since > SLOW_MS ? (which.slow ?? 0) + 1 : 0;
    if (which.slow < SLOW_KEYS || which.mirror.isPlain) return;
    setPlain(which, true);
    page.announce("Typing is slow here: the marks of this pane are off");
  }

  function setPlain(which, isPlain) {
    which.mirror.isPlain = isPlain;
    which.slow = 0;
    page.render();
  }

  // Clicks on words
  let clicked = null,
    pressedAt = null;
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

  Object.assign(page, { sourceEdited, caretPlace, alignAtCaret, setPlain });
}
