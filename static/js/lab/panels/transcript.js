/** The run as sentences, and on a wide page the code beside them. Only the lines in sight are in the page; the one at the moment shown is marked and kept in sight. */

import { ROW } from "../../net/protocol.js";
import { tell } from "../words.js";
import { countUpTo } from "../series.js";
import { showCode } from "./code-view.js";
import { make, say, title } from "./element.js";
import { jumpTo } from "./jump.js";
import { keepDrawn } from "./redraw.js";

/** After the reader has scrolled by himself, the list does not run away from under him for so long. */
const LEAVE_ALONE_SECONDS = 4;
const SPARE = 6;

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const list = new Lines(lab);
  const gauges = make("input", { type: "checkbox", onchange: () => list.include(gauges.checked) });
  const code = make("div", { class: "transcript__code" });
  const copy = make("button", { class: "button", type: "button", onclick: () => copyAll(list, lab) }, "Copy as text");
  root.append(
    make("div", { class: "transcript__head" }, title("Transcript"),
      make("label", { class: "check small" }, gauges, "with every gauge"), copy),
    make("div", { class: "transcript__pair" }, list.root, code));
  showCode(code, lab);
  keepDrawn(root, lab, () => list.draw());
}

async function copyAll(list, { session }) {
  const text = list.asText();
  try {
    await navigator.clipboard.writeText(text);
    session.notify("info", `The transcript is copied: ${text.split("\n").length} lines.`);
  } catch {
    session.notify("warning", "This browser does not let a page copy by itself. “Share this moment” gives the log as a file.");
  }
}

class Lines {
  /** @param {import("../page.js").Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.withGauges = false;
    /** @type {number[]} the events told, by their index in the store */
    this.told = [];
    this.looked = 0;
    this.space = make("ol", { class: "transcript__lines" });
    this.root = make("div", { class: "transcript__scroll", tabindex: 0, role: "region", "aria-label": "Transcript", "data-rows": "",
      onscroll: () => this._drawLines(), onwheel: () => this._touched(), ontouchmove: () => this._touched(),
      onkeydown: (event) => this._key(event) });
    this.root.append(this.space);
    lab.store.addEventListener("reset", () => this._restart());
    this._leftAlone = 0;
  }

  /** @param {boolean} gauges */
  include(gauges) {
    this.withGauges = gauges;
    this._restart();
    this.draw();
  }

  draw() {
    this._look();
    this.rowHeight ||= Number.parseFloat(getComputedStyle(this.root).getPropertyValue("--row-height")) || 28;
    this.space.style.height = `${this.told.length * this.rowHeight}px`;
    const current = this._atView();
    if (current !== this.current && performance.now() > this._leftAlone) this._bringIn(current);
    this.current = current;
    this._drawLines();
  }

  asText() {
    this._look();
    return this.told.map((i) => this._sentence(i)).map(({ at, words }) => `${at} ${words}`).join("\n");
  }

  _restart() {
    this.told = [];
    this.looked = 0;
    this.current = undefined;
    this.space.replaceChildren();
  }

  /** Gauges change with nearly every event, and what they say shows on the stage. */
  _look() {
    const { store } = this.lab;
    for (; this.looked < store.length; this.looked++) {
      if (this.withGauges || store.rows[this.looked][0] !== ROW.changed) this.told.push(this.looked);
    }
  }

  /** Which line the view stands at. */
  _atView() {
    return countUpTo(this.told, this.lab.view.cursor) - 1;
  }

  _bringIn(current) {
    const top = Math.max(0, current) * this.rowHeight;
    const { scrollTop, clientHeight } = this.root;
    if (top >= scrollTop + this.rowHeight && top <= scrollTop + clientHeight - 2 * this.rowHeight) return;
    this.root.scrollTop = Math.max(0, top - clientHeight + 3 * this.rowHeight);
  }

  _drawLines() {
    const first = Math.max(0, Math.floor(this.root.scrollTop / this.rowHeight) - SPARE);
    const last = Math.min(this.told.length, Math.ceil((this.root.scrollTop + this.root.clientHeight) / this.rowHeight) + SPARE);
    const held = new Map([...this.space.children].map((line) => [Number(/** @type {any} */ (line).dataset.line), line]));
    for (const [n, line] of held) if (n < first || n >= last) line.remove();
    for (let n = first; n < last; n++) if (!held.has(n)) this._insert(n);
    for (const line of this.space.children) this._mark(line);
  }

  /** In its place among the others, so that they are read out in order. */
  _insert(n) {
    const after = [...this.space.children].find((line) => Number(/** @type {any} */ (line).dataset.line) > n);
    this.space.insertBefore(this._line(n), after ?? null);
  }

  _line(n) {
    const { at, words, seq, kind } = this._sentence(this.told[n]);
    const line = make("li", { class: `transcript__line transcript__line--${kind}`, "data-line": n, "aria-setsize": -1, "aria-posinset": n + 1 },
      make("button", { class: "transcript__jump", type: "button", tabindex: -1, title: words, onclick: () => jumpTo(this.lab, seq) },
        make("span", { class: "transcript__at" }, at), make("span", { class: "transcript__words" }, words)));
    line.style.top = `${n * this.rowHeight}px`;
    return line;
  }

  _mark(line) {
    const n = Number(line.dataset.line);
    line.classList.toggle("is-later", n > this.current);
    line.toggleAttribute("data-current", n === this.current);
    if (n === this.current) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }

  _sentence(i) {
    const event = this.lab.store.event(i);
    return { at: `${event.at.toFixed(2)} s`, words: tell(event, this.lab), seq: event.seq, kind: toneOf(event) };
  }

  _touched() {
    this._leftAlone = performance.now() + LEAVE_ALONE_SECONDS * 1000;
  }

  /** Up and down go from line to line, and the view with them. */
  _key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (!step || !this.told.length) return;
    event.preventDefault();
    const n = Math.max(0, Math.min(this._atView() + step, this.told.length - 1));
    jumpTo(this.lab, this.lab.store.seqs[this.told[n]]);
  }
}

function toneOf({ kind, outcome, phase }) {
  if (kind === "dropped" || kind === "ended" || (kind === "faulted" && phase !== "healed")) return "bad";
  if (kind === "settled" && ["nack", "error", "lost", "expired", "dead-lettered"].includes(outcome)) return "bad";
  return kind === "noted" || kind === "tuned" ? "told" : "plain";
}
