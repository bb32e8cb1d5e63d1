/** The selected message: what it is, where it went and how that ended, what it broke, its payload, the lines that sent it. */

import { label, seconds, shortId } from "../words.js";
import { make, say, title } from "./element.js";
import { follow } from "./follow.js";
import { describeMessage } from "./message-story.js";
import { keepDrawn } from "./redraw.js";
import { jumpTo } from "./jump.js";

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const heading = title("Message");
  const about = make("p", { class: "message__about" });
  const story = make("ol", { class: "message__story", role: "list" });
  const family = make("p", { class: "message__family" });
  const payload = new Payload(lab);
  const actions = make("div", { class: "button-row message__actions" },
    make("button", { class: "button", type: "button", onclick: () => follow(lab) }, "Follow this message"),
    make("button", { class: "button", type: "button", onclick: () => lab.view.stepMessage(1) }, "Step along ", make("span", { "aria-hidden": "true" }, "»")));
  const none = make("div", { class: "message__none" }, make("p", { class: "muted small" }, "Press a dot on the stage to see where it has been."),
    make("button", { class: "button", type: "button", onclick: () => selectNewest(lab) }, "Take the newest"));
  const body = make("div", { class: "message" }, about, actions, story, family, payload.root);
  root.append(heading, none, body);
  keepDrawn(root, lab, () => {
    const message = lab.store.messageById(lab.selection.message);
    none.hidden = Boolean(message);
    body.hidden = !message;
    say(heading, message ? `Message ${shortId(message.id)}` : "Message");
    if (!message) return payload.show("");
    say(about, [message.type, message.subject].filter(Boolean).join(" · "));
    about.title = message.id;
    drawStory(story, describeMessage(message.id, lab), lab);
    drawFamily(family, message, lab);
    return payload.show(message.id);
  }, 6);
}

function selectNewest({ store, view, selection }) {
  for (let i = store.indexAt(view.t); i >= 0; i--) {
    const { kind, message, seq } = store.event(i);
    if (kind === "sent") return selection.select({ message, seq, node: "" });
  }
  return undefined;
}

function drawStory(list, lines, lab) {
  const { t } = lab.view;
  const key = JSON.stringify(lines);
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(...lines.map((line) => make("li", {}, storyLine(line, lab))));
  }
  lines.forEach((line, i) => {
    const button = list.children[i].firstElementChild;
    button.classList.toggle("is-later", line.at > t);
    button.toggleAttribute("aria-current", line.seq === lab.selection.seq);
  });
}

function storyLine({ seq, at, words, note, bad, broke }, lab) {
  const parts = [make("span", { class: "message__at" }, seconds(at)), make("span", { class: "message__words" }, words,
    ...(note ? [" ", make("span", { class: bad ? "message__note message__note--bad" : "message__note" }, note)] : []),
    ...broke.map((promise) => make("strong", { class: "message__broke" }, `◆ broke “${promise}”`)))];
  return make("button", { class: "message__line", type: "button", onclick: () => jumpTo(lab, seq) }, ...parts);
}

/** Where it came from, and what came of it. */
function drawFamily(place, message, lab) {
  const { messages } = lab.store;
  const children = messages.filter((each) => each.cause === message.number).slice(0, 12);
  const key = `${message.number} ${children.length}`;
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  const parts = [];
  if (message.cause >= 0) parts.push("caused by ", link(messages[message.cause], lab), children.length ? "; " : "");
  if (children.length) parts.push("caused ", ...children.flatMap((child, i) => [i ? " · " : "", link(child, lab)]));
  place.replaceChildren(...parts);
}

function link(message, lab) {
  return make("button", { class: "message__link", type: "button", title: `${message.type} from ${label(lab, message.source)}`,
    onclick: () => lab.selection.select({ message: message.id, seq: 0, node: "" }) }, `${shortId(message.id)}, ${label(lab, message.source)}`);
}

/** Payload and source lines, asked for when they are opened. */
class Payload {
  /** @param {import("../page.js").Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.id = "";
    this.text = make("pre", { class: "message__payload", tabindex: 0, "aria-label": "Payload" });
    this.code = make("button", { class: "button", type: "button", onclick: () => this._showCode() }, "The line that sent it");
    this.drawer = make("details", { class: "drawer", ontoggle: () => this._load() }, make("summary", {}, "Payload"),
      make("div", { class: "drawer__body" }, this.text));
    this.root = make("div", { class: "message__more" }, this.drawer, this.code);
  }

  /** @param {string} id */
  show(id) {
    if (id === this.id) return;
    this.id = id;
    this._load();
  }

  async _load() {
    const { id } = this;
    if (!id || !this.drawer.open) return;
    say(this.text, "…");
    const text = await this.lab.session.inspect(id).then((message) => JSON.stringify(message, null, 2), (problem) => problem.message);
    if (id === this.id) say(this.text, text);
  }

  _showCode() {
    const [first] = this.lab.store.hopsOf(this.id);
    if (!first) return;
    jumpTo(this.lab, first.seq);
    this.lab.sheet.show("code");
  }
}
