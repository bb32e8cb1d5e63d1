/** What each shape means: only those that this run has shown. */

import { DOUBLE, OUTLINE, SHAPES, CROSS, drawMark, readColours } from "../stage/shapes.js";

const SIZE = 18;

export class Legend {
  /** @param {HTMLElement} root @param {import("./store.js").Store} store */
  constructor(root, store) {
    this.root = root;
    this.store = store;
    this._seen = new Set();
    this._messages = 0;
    store.addEventListener("reset", () => this._restart());
    store.addEventListener("rows", () => this._look());
    document.addEventListener("themechange", () => this._draw());
    this._restart();
  }

  _restart() {
    this._seen = new Set();
    this._messages = 0;
    this._look();
  }

  _look() {
    const before = this._seen.size;
    const { messages, hops } = this.store;
    for (; this._messages < messages.length; this._messages++) this._seen.add(messages[this._messages].shape);
    const first = [...this._seen].find((mark) => mark < DOUBLE) ?? 0;
    if (!this._twice && hops.flags.subarray(0, hops.length).some(Boolean)) this._seen.add(first + DOUBLE);
    const given = this._expired ? -1 : hops.expired.subarray(0, hops.length).findIndex(Number.isFinite); // given up while it flew
    if (given >= 0) this._seen.add(hops.shape[given] + OUTLINE);
    if (hops.drops.at.length) this._seen.add(CROSS);
    if (this._seen.size !== before || !this.root.childElementCount) this._draw();
  }

  get _twice() {
    return [...this._seen].some((mark) => mark & DOUBLE);
  }

  get _expired() {
    return [...this._seen].some((mark) => mark & OUTLINE);
  }

  _draw() {
    const colours = readColours();
    const marks = [...this._seen].sort((a, b) => a - b);
    this.root.replaceChildren(...marks.map((mark) => {
      const item = document.createElement("li");
      item.append(picture(mark, colours), mark === CROSS ? "lost" : mark & OUTLINE ? "expired" : mark & DOUBLE ? "duplicate" : SHAPES[mark]);
      return item;
    }));
  }
}

function picture(mark, colours) {
  const canvas = document.createElement("canvas");
  const scale = Math.max(1, devicePixelRatio);
  canvas.width = canvas.height = SIZE * scale;
  canvas.className = "legend__mark";
  canvas.setAttribute("aria-hidden", "true");
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  drawMark(pen, mark, (SIZE / 2) * scale, (SIZE / 2) * scale, (mark & DOUBLE ? 4.6 : 5.8) * scale, colours);
  return canvas;
}
