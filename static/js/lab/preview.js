/** The home page's cards: a recorded run plays over the card's drawing, while it is seen and motion is welcome. */

import { Blitter } from "../stage/blit.js";
import { CROSS, drawMark, readColours } from "../stage/shapes.js";
import { Store } from "./store.js";

const RADIUS = 4.5;
/** Seconds of run time that pass in a second: slow enough for an eye to follow a message. */
const RATE = 0.2;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

class Preview {
  /** @param {HTMLElement} root with the drawing, and the address of a recording */
  constructor(root) {
    this.root = root;
    this.t = 0;
    this._frame = 0;
    new IntersectionObserver(([entry]) => this._seen(entry.isIntersecting), { threshold: 0.3 }).observe(root);
    STILL.addEventListener("change", () => this._seen(this.visible));
    new ResizeObserver(() => this._fit()).observe(root);
    document.addEventListener("themechange", () => this._recolour());
  }

  async _seen(visible) {
    this.visible = visible;
    if (!visible || STILL.matches) return;
    this.store ??= await this._load();
    this._run();
  }

  async _load() {
    const store = new Store();
    const answer = await fetch(this.root.dataset.recording ?? "");
    if (!answer.ok) return null; // the drawing stays, which says what the parts are
    store.load(await answer.json());
    this.canvas = document.createElement("canvas");
    this.canvas.className = "preview__dots";
    this.canvas.setAttribute("aria-hidden", "true");
    this.root.append(this.canvas);
    const label = this.root.parentElement?.querySelector(".tile__label"); // until now it said "drawing"
    if (label) label.textContent = `recorded · ×1/${1 / RATE} time`;
    this._recolour();
    this._fit();
    // Begin where the first message is about to leave.
    this.t = Math.max(0, (store.hops.length ? store.hops.sent[0] : 0) - 0.05);
    return store;
  }

  _recolour() {
    const colours = readColours();
    if (!this.canvas) return;
    const reach = () => RADIUS * 2;
    this.blitter = new Blitter(this.canvas, (pen, mark, x, y, scale) => drawMark(pen, mark, x, y, RADIUS * scale, colours), reach);
    this._fit();
  }

  /** Where the drawing's boxes are on the canvas: it says so itself, by node. */
  _fit() {
    const drawing = this.root.querySelector("svg");
    if (!this.blitter || !drawing) return;
    const frame = this.root.getBoundingClientRect();
    this.blitter.resize(frame.width, frame.height, Math.min(2, devicePixelRatio));
    this.places = new Map();
    for (const box of drawing.querySelectorAll("[data-node]")) {
      const { left, top, width, height } = box.getBoundingClientRect();
      const place = { x: left - frame.left + width / 2, y: top - frame.top + height / 2 };
      this.places.set(/** @type {SVGElement} */ (box).dataset.node, place);
    }
  }

  _run() {
    if (this._frame || !this.store) return;
    this._last = performance.now();
    this._frame = requestAnimationFrame((now) => this._advance(now));
  }

  _advance(now) {
    this._frame = 0;
    if (!this.visible || STILL.matches) return;
    this.t += Math.min(0.1, (now - this._last) / 1000) * RATE;
    this._last = now;
    if (this.t > this.store.now) this.t = 0;
    this._draw();
    this._frame = requestAnimationFrame((next) => this._advance(next));
  }

  _draw() {
    const { hops } = this.store;
    this.blitter.begin();
    hops.flyingAt(this.t, (n) => {
      const part = Math.min(1, (this.t - hops.sent[n]) / (hops.due[n] - hops.sent[n] || 1e-9));
      this._stamp(hops.shape[n], hops.ways[hops.way[n]], part);
    });
    const last = hops.drops.at.length && hops.droppedBy(this.t) - 1;
    if (last >= 0 && this.t - hops.drops.at[last] < RATE) this._stamp(CROSS, hops.ways[hops.way[hops.drops.hop[last]]], 0.8);
    this.blitter.end();
  }

  _stamp(mark, { source, target }, part) {
    const [from, to] = [this.places.get(source), this.places.get(target)];
    if (from && to) this.blitter.stamp(mark, from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
  }
}

for (const root of document.querySelectorAll("[data-recording]")) {
  if (root.id !== "lab") new Preview(/** @type {HTMLElement} */ (root));
}
