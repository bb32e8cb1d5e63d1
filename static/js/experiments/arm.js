/** One arm of an experiment: its run on a stage of its own, while it goes on or recorded. */

import { Scene } from "../lab/scene.js";
import { Selection } from "../lab/selection.js";
import { Store } from "../lab/store.js";
import { amount, tell } from "../lab/words.js";
import { Topology } from "../stage/topology.js";

export class Arm {
  /** @param {{label: string, name?: string, address?: string, page?: string}} arm @param {any} declared the lab */
  constructor(arm, declared) {
    this.arm = arm;
    this.declared = declared;
    this.isOn = this.isOver = false;
    this.store = new Store();
    this.selection = new Selection();
    this.scene = new Scene(declared, this.store);
    this._build();
    this.topology = new Topology(this.stage, declared);
    this.topology.addEventListener("message", (event) => this._open(/** @type {CustomEvent} */ (event).detail));
    this.topology.addEventListener("node", (event) => this._name(/** @type {CustomEvent} */ (event).detail));
  }

  async load() {
    const answer = await fetch(/** @type {string} */ (this.arm.address));
    if (!answer.ok) throw new Error(`the recording of “${this.arm.label}” is gone (the server answered ${answer.status})`);
    this.store.load(await answer.json());
  }

  /** Its run begins now. @param {any} run what the store must know of it */
  begin(run) {
    this.isOn = true;
    this.store.begin(run);
    this._mark("running now", "chip--live");
  }

  /** Its run is over. @param {number | null} took real seconds, null if it was over before it could be seen */
  end(took) {
    this.isOver = true;
    this.isOn = false;
    this._mark(took === null ? "shown afterwards" : `ran in ${took < 10 ? took.toFixed(1) : took.toFixed(0)} s`, "chip--recorded");
  }

  /** It will send no more, and is not over. */
  breakOff() {
    this._mark(this.store.length ? "broken off" : "did not run", "chip--recorded");
  }

  /** @param {number} t @param {number} rate */
  draw(t, rate) {
    this.scene.at(Math.min(t, this.store.now), rate, this.selection);
    this.topology.draw(this.scene);
    if (!this.store.length) return;
    const lost = this.scene.dropped ? `${amount(this.scene.dropped)} lost` : "nothing lost";
    say(this.count, this.store.ended && t >= this.store.now ? `over · ${lost}` : `${this.scene.flying} in the air · ${lost}`);
    say(this.last, this._lastWords(t));
  }

  _mark(words, look) {
    say(this.chip, words);
    this.chip.className = `chip arm__chip ${look}`;
  }

  /** What was noted last, or else what happened last. */
  _lastWords(t) {
    const noted = this.store.captionsAt(t, 1e9).at(-1);
    if (noted) return noted.text;
    const i = this.store.indexAt(t);
    return i < 0 ? "" : tell(this.store.event(i), { declared: this.declared, store: this.store });
  }

  /** A message's whole story is told where the run is replayed. */
  _open(hop) {
    const { message } = this.store.hop(hop);
    if (!this.arm.page) {
      this.selection.select({ message });
      this.topology.draw(this.scene.at(this.scene.t, this.scene.rate, this.selection));
      return;
    }
    location.assign(`${this.arm.page}?t=${this.scene.t.toFixed(4)}&focus=${encodeURIComponent(message)}`);
  }

  _name(node) {
    this.selection.select({ node: this.selection.node === node ? "" : node });
    this.topology.draw(this.scene.at(this.scene.t, this.scene.rate, this.selection));
  }

  _build() {
    this.root = element("figure", "arm");
    const head = element("figcaption", "arm__head");
    const title = element("b", "arm__title");
    title.textContent = this.arm.label;
    this.chip = element("span", "chip arm__chip");
    if (this.arm.address) this._mark("recorded", "chip--recorded");
    else this._mark("waits for its turn", "chip--unknown");
    this.count = element("span", "arm__count");
    head.append(title, this.chip, this.count);
    const frame = element("div", "arm__frame");
    this.stage = element("div", "stage");
    frame.append(this.stage);
    this.last = element("p", "arm__last");
    this.root.append(head, frame, this.last);
  }
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}

function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
