/** Captions as bubbles at the nodes: what the log noted a moment ago, and what a scenario says where it stops. */

/** More bubbles than this at once cannot be read. */
const MOST = 2;

export class Captions {
  /**
   * @param {HTMLElement} stage
   * @param {import("./view.js").View} view
   * @param {(name: string) => {x: number, y: number, w: number, h: number} | undefined} boxOf
   */
  constructor(stage, view, boxOf) {
    this.stage = stage;
    this.view = view;
    this.boxOf = boxOf;
    this.bubbles = Array.from({ length: MOST }, () => this._make("bubble"));
    this.stop = this._make("bubble bubble--stop");
    this.words = document.createElement("p");
    this.on = document.createElement("button");
    this.on.type = "button";
    this.on.className = "button";
    this.on.textContent = "Go on";
    this.on.addEventListener("click", () => view.proceed());
    this.stop.append(this.words, this.on);
  }

  /** @param {import("./scene.js").Scene} scene */
  draw(scene) {
    const stop = this.view.stop;
    this.stop.hidden = !stop;
    if (stop) {
      say(this.words, stop.caption);
      this._place(this.stop, stop.node, []);
    }
    const newest = stop ? [] : scene.captions.slice(-MOST).reverse();
    /** @type {DOMRect[]} */
    const taken = [];
    this.bubbles.forEach((bubble, i) => {
      const caption = newest[i];
      bubble.hidden = !caption;
      if (!caption) return;
      say(bubble, caption.text);
      if (!this._place(bubble, caption.node, taken)) bubble.hidden = true;
    });
  }

  /** Above the node, below it if there is no room. @returns {boolean} whether it covers none of `taken` */
  _place(bubble, node, taken) {
    const box = this.boxOf(node) ?? { x: this.stage.clientWidth / 2, y: 60, w: 0, h: 0 };
    const { offsetWidth: w, offsetHeight: h } = bubble;
    const x = Math.max(8, Math.min(box.x - w / 2, this.stage.clientWidth - w - 8));
    const above = box.y - box.h / 2 - h - 12;
    const below = above < 4;
    const y = below ? box.y + box.h / 2 + 12 : above;
    bubble.classList.toggle("bubble--below", below);
    bubble.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    bubble.style.setProperty("--tip", `${Math.round(Math.max(14, Math.min(box.x - x, w - 14)))}px`);
    const free = taken.every((other) => x > other.right || x + w < other.x || y > other.bottom || y + h < other.y);
    taken.push(new DOMRect(x, y, w, h));
    return free;
  }

  _make(name) {
    const bubble = document.createElement("div");
    bubble.className = name;
    bubble.hidden = true;
    this.stage.append(bubble);
    return bubble;
  }
}

function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
