/** A message among others: what caused it, what it was made from, what came of it. Each leads to its own story. */

import { label, shortId } from "../words.js";
import { make } from "./element.js";

const MOST = 12;

export class Family {
  /** @param {import("../page.js").Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.root = make("div", { class: "message__family" });
    /** @type {Set<string>} messages whose host was asked what they were made from */
    this.asked = new Set();
    lab.store.addEventListener("reset", () => this.asked.clear());
  }

  draw(message) {
    this._ask(message);
    const { store } = this.lab;
    const { messages } = store;
    const parents = store.parents[message.id] ?? [];
    const cause = message.cause >= 0 && !parents.includes(messages[message.cause].id) ? [messages[message.cause]] : [];
    const rows = [["caused by", cause], ["made from", parents.map((id) => store.messageById(id)).filter(Boolean)],
      ["caused", messages.filter((each) => each.cause === message.number)],
      ["went into", messages.filter(({ id }) => store.parents[id]?.includes(message.id))]].filter(([, each]) => each.length);
    const key = JSON.stringify([message.id, rows.map(([, each]) => each.length)]);
    if (this.root.dataset.key === key) return;
    this.root.dataset.key = key;
    this.root.replaceChildren(...rows.map(([words, each]) => this._row(words, each)));
  }

  _row(words, messages) {
    const links = messages.slice(0, MOST).flatMap((each, i) => [i ? " · " : "", this._link(each)]);
    const more = messages.length > MOST ? [` and ${messages.length - MOST} more`] : [];
    return make("p", {}, `${words} `, ...links, ...more);
  }

  _link(message) {
    const { lab } = this;
    return make("button", { class: "message__link", type: "button", title: `${message.type} from ${label(lab, message.source)}`,
      onclick: () => lab.selection.select({ message: message.id, seq: 0, node: "" }) }, `${shortId(message.id)}, ${label(lab, message.source)}`);
  }

  /** The rows of a log name one cause; of what was made from several, only the host or a recording tells all. */
  async _ask({ id }) {
    const { store, session } = this.lab;
    if (session.state !== "live" || this.asked.has(id)) return;
    this.asked.add(id);
    const whole = await session.inspect(id).catch(() => null); // without an answer the panel shows the one cause it has
    if (!whole?.parents?.length || !store.messageById(id)) return;
    store.parents[id] = whole.parents;
    if (this.lab.selection.message === id) this.draw(store.messageById(id));
  }
}
