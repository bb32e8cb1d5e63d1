/** The messages in the air as buttons: what a pointer does on the canvas, done by keyboard and read by a screen reader. */

import { label, shortId } from "./words.js";

const MOST = 40;
/** A list that changes under the reader's fingers cannot be used: at most this often, and never while it has the focus. */
const EVERY_MILLISECONDS = 500;

export class FlyingList {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.root = root;
    this.lab = lab;
    this._drawn = 0;
    this._last = "";
  }

  /** @param {import("./scene.js").Scene} scene */
  draw(scene) {
    const now = performance.now();
    const { view } = this.lab;
    if (view.playing && (now - this._drawn < EVERY_MILLISECONDS || this.root.contains(document.activeElement))) return;
    this._drawn = now;
    const hops = [...scene.hop.subarray(0, Math.min(scene.count, MOST))];
    const key = hops.join();
    if (key === this._last) return;
    this._last = key;
    this.root.replaceChildren(...hops.map((n) => this._button(n)));
    if (scene.flying > hops.length) this.root.append(`and ${scene.flying - hops.length} more`);
  }

  _button(n) {
    const hop = this.lab.store.hop(n);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button";
    const again = hop.attempt > 1 ? `, attempt ${hop.attempt}` : "";
    const twice = hop.duplicate ? ", a duplicate" : "";
    button.textContent = `${shortId(hop.message)}: ${label(this.lab, hop.source)} → ${label(this.lab, hop.target)}${again}${twice}`;
    button.addEventListener("click", () => this.lab.selection.select({ message: hop.message, seq: hop.seq, node: "" }));
    return button;
  }
}
