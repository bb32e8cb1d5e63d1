/** The space–time diagram and the table of events: fed from the store, on the one selection, drawn only while they are seen. */

import { SpaceTime } from "../stage/spacetime.js";
import { Table } from "../stage/table.js";
import { DROPPED } from "./hops.js";
import { countUpTo } from "./series.js";
import { shortId, tell } from "./words.js";

const MOST_LINES = 1500;
const ROWS = 60;
const SPANS = [0.25, 0.5, 1, 2, 5, 10, 30];

export class SpaceTimePart {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.root = root;
    this.lab = lab;
    this.span = 1;
    const bar = document.createElement("p");
    bar.className = "events__bar";
    bar.append(choose("Seconds shown", SPANS.map((span) => [String(span), `${span} s`]), "1", (value) => {
      this.span = Number(value);
      this.draw();
    }));
    root.append(bar);
    this.diagram = new SpaceTime(root);
    this.diagram.addEventListener("message", (event) => {
      const hop = lab.store.hop(/** @type {CustomEvent} */ (event).detail);
      lab.selection.select({ message: hop.message, seq: hop.seq, node: "" });
    });
  }

  draw() {
    if (this.root.hidden) return;
    const { store, view, declared } = this.lab;
    const settings = store.settingsAt(view.t);
    const from = Math.max(0, view.t - this.span * 0.7);
    const nodes = declared.nodes.filter((node) => !node.shown_with || settings[node.shown_with]);
    this.diagram.draw({ from, to: from + this.span, t: view.t, nodes, lines: this._lines(from, from + this.span) });
  }

  _lines(from, to) {
    const { store, selection } = this.lab;
    const { hops, messages } = store;
    const lines = [];
    const last = countUpTo(hops.sent, to, hops.length);
    // A hop that began long before the window may still be under way in it.
    for (let n = last - 1; n >= 0 && lines.length < MOST_LINES && hops.sent[n] > from - 10; n--) {
      const end = Number.isFinite(hops.end[n]) ? hops.end[n] : hops.due[n];
      const message = messages[hops.message[n]];
      if (end < from || !message) continue;
      const again = hops.attempt[n] > 1 ? ` (${hops.attempt[n]})` : "";
      lines.push({ n, ...hops.ways[hops.way[n]], sent: hops.sent[n], end, mark: message.shape, dropped: hops.fate[n] === DROPPED,
        words: shortId(message.id) + again, chosen: message.id === selection.message });
    }
    return lines.sort((a, b) => Number(a.chosen) - Number(b.chosen));
  }
}

export class EventsPart {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.root = root;
    this.lab = lab;
    this.only = "all";
    this.page = 0;
    this._drawn = "";
    const bar = document.createElement("p");
    bar.className = "events__bar";
    const kinds = ["sent", "received", "dropped", "settled", "changed", "noted", "faulted", "tuned"].map((kind) => [kind, `only ${kind}`]);
    bar.append(
      choose("Which events", [["all", "all events"], ["message", "only the selected message"], ...kinds], "all", (value) => {
        this.only = value;
        this._turn(0);
      }),
      press("‹ earlier", () => this._turn(-1)),
      press("later ›", () => this._turn(1)),
    );
    root.append(bar);
    this.table = new Table(root, ["nr", "s", "kind", "what happened", "message"], "Events of the run");
    this.table.addEventListener("row", (event) => this._pick(/** @type {CustomEvent} */ (event).detail));
    this.table.addEventListener("page", (event) => this._turn(/** @type {CustomEvent} */ (event).detail));
    lab.view.addEventListener("tick", () => (this.page = lab.view.playing ? 0 : this.page));
  }

  draw() {
    if (this.root.hidden) return;
    const { store, view, selection } = this.lab;
    const key = [store.length, view.cursor, selection.message, this.only, this.page].join();
    if (key === this._drawn) return;
    this._drawn = key;
    const current = store.seqs[view.cursor] ?? 0;
    this.table.draw(this._indices().map((i) => this._row(store.event(i), i)), current);
  }

  /** The page that the view stands on, or one before or after it: newest last. */
  _indices() {
    const { store, view, selection } = this.lab;
    const wanted = this.only === "message" ? store.eventsOf(selection.message) : this._matching(view.cursor + 1 + this.page * ROWS);
    return wanted.slice(-ROWS);
  }

  /** The last `ROWS` events before `end` that are of the chosen kind. */
  _matching(end) {
    const { store } = this.lab;
    const found = [];
    for (let i = Math.min(end, store.length) - 1; i >= 0 && found.length < ROWS; i--) {
      if (this.only === "all" || store.event(i).kind === this.only) found.push(i);
    }
    return found.reverse();
  }

  _row(event, i) {
    const message = event.message ?? "";
    const cells = [String(event.seq), event.at.toFixed(3), event.kind, tell(event, this.lab), message && shortId(message)];
    return { seq: event.seq, cells, message, chosen: Boolean(message) && message === this.lab.selection.message, i };
  }

  _pick(row) {
    if (row.message) this.lab.selection.select({ message: row.message });
    this.lab.view.goTo(row.i);
  }

  _turn(by) {
    this.page = by ? this.page + by : 0;
    this._drawn = "";
    this.draw();
  }
}

function choose(name, options, value, changed) {
  const wrap = document.createElement("label");
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = name;
  const select = document.createElement("select");
  select.className = "input";
  select.append(...options.map(([key, said]) => new Option(said, key, key === value, key === value)));
  select.addEventListener("change", () => changed(select.value));
  wrap.append(words, select);
  return wrap;
}

function press(words, does) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = words;
  button.addEventListener("click", does);
  return button;
}

