/** Marks on the timeline: where something was broken, mended or turned. A press goes there. */

import { amount } from "./words.js";

const SIGNS = { violated: "◆", fault: "◆", tuned: "▲", heal: "◇", ended: "■" }; // the gravest first
const GRAVEST = Object.keys(SIGNS);
const MOST = 60;

export class Marks {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.root = root;
    this.lab = lab;
    this.width = this.side = 0;
    this._forget();
    lab.store.addEventListener("reset", () => this._forget());
    new ResizeObserver(([{ contentRect }]) => {
      this.width = contentRect.width;
      this.side = contentRect.height; // a mark is as wide as the row is high
      this.draw();
    }).observe(root);
  }

  draw() {
    const { store } = this.lab;
    const end = Math.max(store.now, 0.01);
    const seen = `${store.markers.length} ${end} ${this.width}`;
    if (seen === this.seen) return;
    this.seen = seen;
    const groups = gather(store.markers.slice(-MOST), this.width ? ((this.side + 1) / this.width) * end : 0);
    const drawn = groups.map((group) => group.map((marker) => marker.seq)).join(";");
    if (drawn !== this.drawn) this._replace(groups);
    this.drawn = drawn;
    groups.forEach(([{ at }], index) => {
      /** @type {HTMLElement} */ (this.root.children[index]).style.left = `${(100 * at) / end}%`;
    });
  }

  _forget() {
    this.seen = this.drawn = "";
  }

  _replace(groups) {
    const at = /** @type {HTMLElement} */ (document.activeElement)?.dataset.at;
    const focused = this.root.contains(document.activeElement) ? groups.findLast(([first]) => first.at <= Number(at)) : null;
    this.root.replaceChildren(...groups.map((group) => this._mark(group)));
    if (focused) /** @type {HTMLElement} */ (this.root.children[groups.indexOf(focused)]).focus();
  }

  _mark(group) {
    const mark = document.createElement("button");
    const kind = GRAVEST.find((each) => group.some((marker) => marker.kind === each));
    mark.type = "button";
    mark.className = `transport__mark transport__mark--${kind}`;
    mark.dataset.at = String(group[0].at);
    mark.textContent = SIGNS[kind] + (group.length > 1 ? "+" : "");
    mark.title = group.map((marker) => `${marker.at.toFixed(2)} s: ${this._describe(marker)}`).join("\n");
    mark.setAttribute("aria-label", mark.title.replaceAll("\n", "; "));
    mark.addEventListener("click", () => this._go(group));
    return mark;
  }

  /** To the first moment of a mark; pressed again, to its next. */
  _go(group) {
    const { view } = this.lab;
    view.scrub((group.find(({ at }) => at > view.t && view.t >= group[0].at) ?? group[0]).at);
  }

  _describe({ kind, label }) {
    const { declared } = this.lab;
    const [name, rest] = label.split(/[:=]/);
    const of = (list) => list.find((each) => each.name === name)?.label ?? name;
    if (kind === "violated") return `“${of(declared.invariants)}” is broken for the first time`;
    if (kind === "tuned") return `${of([...declared.controls, ...declared.remedies])} becomes ${amount({ true: "on", false: "off" }[rest] ?? rest)}`;
    if (kind === "ended") return `the end: ${label}`;
    const where = declared.nodes.find((node) => node.name === rest)?.label ?? rest;
    return `${of(declared.faults)} at ${where} ${kind === "heal" ? "is healed" : "begins"}`;
  }
}

/** Markers so near each other that a finger could not tell them apart stand under one mark, that of the first. */
function gather(markers, near) {
  const groups = [];
  for (const marker of [...markers].sort((a, b) => a.at - b.at)) {
    const last = groups.at(-1);
    if (last && marker.at - last[0].at < near) last.push(marker);
    else groups.push([marker]);
  }
  return groups;
}
