/** The selected node: what it is, its gauges, what damages it, what it has parked, and the latest messages that came and went. */

import { parks, parkedAt } from "../parked.js";
import { countUpTo } from "../series.js";
import { amount, label, seconds, shortId } from "../words.js";
import { make, say } from "./element.js";
import { jumpTo } from "./jump.js";
import { once } from "./remedies.js";
import { unitOf } from "./units.js";

const LATEST = 8;
const MOST_PARKED = 40;

export class NodeView {
  /** @param {import("../page.js").Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.about = make("p", {});
    this.facts = make("dl", { class: "node-view__facts" });
    this.faults = make("ul", { class: "node-view__list", role: "list", "aria-label": "Damage here" });
    this.parked = new ParkedList(lab);
    this.latest = make("ol", { class: "node-view__list", role: "list" });
    this.root = make("div", { class: "message node-view" }, this.about, this.facts, this.faults, this.parked.root,
      make("p", { class: "eyebrow" }, "Latest here"), this.latest);
  }

  /** @param {any} node as declared */
  draw(node) {
    const { lab } = this;
    say(this.about, node.about);
    drawFacts(this.facts, node, lab);
    replace(this.faults, faultLines(node, lab), lab);
    this.parked.draw(node);
    replace(this.latest, latestLines(node, lab), lab);
  }
}

/** What nobody could handle: which message, for whom, after how many tries and why; and the way back, if the lab has one. */
class ParkedList {
  constructor(lab) {
    this.lab = lab;
    this.count = make("p", { class: "eyebrow" });
    this.list = make("ol", { class: "node-view__list node-view__parked", role: "list" });
    this.more = make("p", { class: "small muted" });
    this.buttons = make("div", { class: "button-row" });
    this.needs = make("p", { class: "small muted" });
    this.root = make("div", { class: "node-view__park" }, this.count, this.buttons, this.needs, this.list, this.more);
  }

  draw(node) {
    this.root.hidden = !parks(node);
    if (this.root.hidden) return;
    this._offer(node);
    const parked = parkedAt(this.lab.store, node.name, this.lab.view.t);
    say(this.count, parked.length ? `Parked: ${parked.length}` : "Nothing is parked");
    say(this.more, parked.length > MOST_PARKED ? `and ${parked.length - MOST_PARKED} more` : "");
    replace(this.list, parked.slice(0, MOST_PARKED).map((each) => ({ ...each, words: `${shortId(each.message)} for ${label(this.lab, each.reader)}`,
      note: [each.why, each.cause && reason(each.cause, this.lab)].filter(Boolean).join(": ") })), this.lab);
    say(this.needs, this.offered.length && this.lab.session.state !== "live" ? "It takes a live run to do that." : "");
    for (const button of this.offered) button.draw();
  }

  _offer(node) {
    if (this.node === node) return;
    this.node = node;
    this.offered = this.lab.declared.remedies.filter((remedy) => remedy.momentary && remedy.at === node.name).map((remedy) => once(remedy, this.lab));
    this.buttons.replaceChildren(...this.offered.map((each) => each.root));
  }
}

/** What damaged it, in the words of the lab: a fault's key is what the log has. */
function reason(why, lab) {
  const [name, target] = why.split(":");
  const fault = lab.declared.faults.find((each) => each.name === name);
  return fault && target ? `“${fault.label}” at ${label(lab, target)}` : why;
}

function drawFacts(list, node, { store, view }) {
  const broken = store.violationsAt(view.t).get(node.name);
  const gauges = [...store.gaugesAt(node.name, view.t)].map(([name, { value, unit }]) => [name, `${amount(value)} ${unit === name ? "" : unitOf(unit)}`.trim()]);
  const facts = [["part", node.role], ...gauges];
  if (broken) facts.push(["promises broken here", `◆ ${broken}`]);
  const key = JSON.stringify(facts);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function faultLines(node, lab) {
  return lab.store.faultsAt(lab.view.t).filter(({ target }) => target === node.name).map(({ fault, phase, evidence, since }) => ({
    seq: evidence, at: since, words: lab.declared.faults.find((each) => each.name === fault)?.label ?? fault, note: phase, bad: true }));
}

/** The newest flights into it and out of it. */
function latestLines({ name }, lab) {
  const { hops } = lab.store;
  const lines = [];
  for (let n = countUpTo(hops.sent, lab.view.t, hops.length) - 1; n >= 0 && lines.length < LATEST; n--) {
    const { source, target } = hops.ways[hops.way[n]] ?? {};
    if (source !== name && target !== name) continue;
    const { message, seq, sent, attempt } = lab.store.hop(n);
    const way = source === name ? `→ ${label(lab, target)}` : `← ${label(lab, source)}`;
    lines.push({ seq, at: sent, message, words: `${shortId(message)} ${way}`, note: attempt > 1 ? `try ${attempt}` : "" });
  }
  return lines;
}

/** Lines that lead to their event; made anew only when they differ, so that a focus stays where it is. */
function replace(list, lines, lab) {
  const key = JSON.stringify(lines);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.hidden = !lines.length;
  const focused = [...list.children].findIndex((each) => each.contains(document.activeElement));
  list.replaceChildren(...lines.map((line) => make("li", {}, lineOf(line, lab))));
  list.children[Math.min(focused, list.children.length - 1)]?.querySelector("button")?.focus();
}

function lineOf({ seq, at, words, note, bad = false }, lab) {
  const noted = note ? [" ", make("span", { class: bad ? "message__note message__note--bad" : "message__note" }, note)] : [];
  return make("button", { class: "message__line", type: "button", disabled: !seq, onclick: () => jumpTo(lab, seq) },
    make("span", { class: "message__at" }, seconds(at)), make("span", { class: "message__words" }, words, ...noted));
}
