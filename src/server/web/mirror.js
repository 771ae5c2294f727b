// A pane's text again, under its transparent text field: a <div> for each line with one text node, so that places can be
// measured and marked (CSS Custom Highlights) without a single element in between, which would break joined letters.

export const canMark = typeof Highlight === "function" && Boolean(CSS.highlights);

export class Mirror {
  isPlain = false; // without marks, as they take too long
  #starts = [0];
  #lines = [];

  /** @param name of the pane, which ends the names of its highlights: ghost-target */
  constructor(field, element, name) {
    Object.assign(this, { field, element, name, text: "" });
    this.update("", true);
  }

  /** Shows a text. Lines that did not change keep their nodes. */
  update(text, always = false) {
    if (text === this.text && !always) return;
    const lines = text.split("\n"),
      old = this.#lines;
    let head = 0,
      tail = 0;
    const most = Math.min(lines.length, old.length);
    while (head < most && old[head].text === lines[head]) ++head;
    while (tail < most - head && old.at(-1 - tail).text === lines.at(-1 - tail)) ++tail;
    const gone = old.slice(head, old.length - tail),
      next = old[old.length - tail]?.node ?? null;
    const come = lines.slice(head, lines.length - tail).map((line, i) => {
      const reused = gone[i] ?? this.#make(next);
      if (reused.text !== line) reused.node.firstChild.data = reused.text = line;
      return reused;
    });
    for (const { node } of gone.slice(come.length)) node.remove();
    this.#lines = [...old.slice(0, head), ...come, ...old.slice(old.length - tail)];
    this.#starts = [];
    let start = 0;
    for (const line of lines) {
      this.#starts.push(start);
      start += line.length + 1;
    }
    this.text = text;
  }

  #make(next) {
    const node = document.createElement("div");
    node.append(document.createTextNode(""), document.createElement("br")); // <br>: an empty line has a height too
    this.element.insertBefore(node, next);
    return { node, text: "" };
  }

  #lineAt(offset) {
    let low = 0,
      high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Ranges, one for each line, of the text from a to b. */
  ranges(a, b, make = (fields) => new StaticRange(fields)) {
    const result = [];
    for (let n = this.#lineAt(a); n < this.#lines.length && this.#starts[n] < b; ++n) {
      const { node, text } = this.#lines[n],
        start = this.#starts[n];
      const from = Math.max(a - start, 0),
        to = Math.min(b - start, text.length);
      if (from < to)
        result.push(
          make({ startContainer: node.firstChild, startOffset: from, endContainer: node.firstChild, endOffset: to }),
        );
    }
    return result;
  }

  /** Marks spans [a, b] as a highlight, in place of what it marked before. */
  mark(kind, spans) {
    if (!canMark) return;
    if (this.isPlain) spans = [];
    const name = `${kind}-${this.name}`,
      highlight = new Highlight();
    for (const [a, b] of spans) for (const range of this.ranges(a, b)) highlight.add(range);
    if (highlight.size) CSS.highlights.set(name, highlight);
    else CSS.highlights.delete(name);
  }

  /** Boxes of a span on the screen; of an empty span, or an empty line, the place of a caret. */
  boxes(a, b) {
    const live = ({ startContainer, startOffset, endContainer, endOffset }) => {
      const range = document.createRange();
      range.setStart(startContainer, startOffset);
      range.setEnd(endContainer, endOffset);
      return range;
    };
    const boxes = this.ranges(a, b, live)
      .flatMap((range) => [...range.getClientRects()])
      .filter((box) => box.width || box.height);
    if (boxes.length) return boxes;
    const n = this.#lineAt(a),
      node = this.#lines[n].node.firstChild,
      offset = Math.min(a - this.#starts[n], node.length);
    const box = live({
      startContainer: node,
      startOffset: offset,
      endContainer: node,
      endOffset: offset,
    }).getBoundingClientRect();
    return [box.height ? box : this.#lines[n].node.getBoundingClientRect()];
  }

  /** The place in the text under a point of the screen, or null if no letter is there. */
  offsetAt(x, y) {
    const found = this.#caret(x, y);
    if (found === null) return null;
    const near = (box) => x >= box.left - 2 && x <= box.right + 2 && y >= box.top - 2 && y <= box.bottom + 2;
    return this.boxes(Math.max(0, found - 1), Math.min(this.text.length, found + 1)).some(near) ? found : null;
  }

  #caret(x, y) {
    const direct = document.caretPositionFromPoint?.(x, y);
    if (direct?.offsetNode === this.field) return direct.offset;
    this.field.style.pointerEvents = "none"; // other browsers: ask for the mirror, which is below
    const at = document.caretPositionFromPoint?.(x, y) ?? document.caretRangeFromPoint?.(x, y);
    this.field.style.pointerEvents = "";
    const node = at?.offsetNode ?? at?.startContainer,
      n = this.#lines.findIndex((line) => line.node.contains(node ?? null));
    return n < 0 ? null : this.#starts[n] + (node.nodeType === Node.TEXT_NODE ? (at.offset ?? at.startOffset) : 0);
  }
}

/** Makes a field's text another one, changing only what differs; selection and focus stay. */
export function write(field, text, [from, oldEnd, newEnd]) {
  if (field.value === text) return;
  const { selectionStart, selectionEnd, selectionDirection } = field;
  const inserted = text.slice(from, newEnd);
  const moved = (n) => (n <= from ? n : n >= oldEnd ? n + newEnd - oldEnd : Math.min(n, newEnd));
  field.setRangeText(inserted, from, oldEnd, "preserve");
  field.setSelectionRange(moved(selectionStart), moved(selectionEnd), selectionDirection);
}
