/**
 * What is selected. A message: what it is, where it went and how that ended, what it broke, its payload, the lines that sent it. Or a
 * node, whose view is fetched when one is first pressed.
 */

import { seconds, shortId } from "../words.js";
import { make, say, title } from "./element.js";
import { Family } from "./family.js";
import { follow } from "./follow.js";
import { describeMessage } from "./message-story.js";
import { keepDrawn } from "./redraw.js";
import { jumpTo } from "./jump.js";

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const heading = title("Message");
  const about = make("p", { class: "message__about" });
  const story = make("ol", { class: "message__story", role: "list" });
  const family = new Family(lab);
  const node = new NodePlace(lab);
  const payload = new Payload(lab);
  const actions = make("div", { class: "button-row message__actions" },
    make("button", { class: "button", type: "button", onclick: () => follow(lab) }, "Follow this message"),
    make("button", { class: "button", type: "button", onclick: () => lab.view.stepMessage(1) }, "Step along ", make("span", { "aria-hidden": "true" }, "»")));
  const none = make("div", { class: "message__none" }, make("p", { class: "muted small" }, "Press a dot on the stage to see where it has been, or a part to see what is in it."),
    make("button", { class: "button", type: "button", onclick: () => selectNewest(lab) }, "Take the newest"));
  const body = make("div", { class: "message" }, about, actions, story, family.root, payload.root);
  root.append(heading, none, body, node.root);
  keepDrawn(root, lab, () => {
    const message = lab.store.messageById(lab.selection.message);
    const part = message ? undefined : lab.declared.nodes.find(({ name }) => name === lab.selection.node);
    none.hidden = Boolean(message || part);
    body.hidden = !message;
    say(heading, message ? `Message ${shortId(message.id)}` : (part?.label ?? "Message"));
    node.draw(part);
    if (!message) return payload.show("");
    say(about, [message.type, message.subject].filter(Boolean).join(" · "));
    about.title = message.id;
    drawStory(story, describeMessage(message.id, lab), lab);
    family.draw(message);
    return payload.show(message.id);
  }, 6);
}

/** Where the view of a node stands once there is one. */
class NodePlace {
  /** @param {import("../page.js").Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.root = make("div", {});
  }

  /** @param {any} node as declared, or undefined */
  async draw(node) {
    this.root.hidden = !node;
    const isNew = node !== this.node;
    this.node = node;
    if (!node) return;
    if (!this.view) {
      const { NodeView } = await import("./node-view.js");
      this.view ??= new NodeView(this.lab);
      this.root.replaceChildren(this.view.root);
    }
    if (node !== this.node) return; // another was pressed meanwhile
    this.view.draw(node);
    if (isNew) bringUp(this.root);
  }
}

/** To the top of the column beside the stage; a narrow page has no such column. @param {HTMLElement} place */
function bringUp(place) {
  const side = place.closest(".lab__side");
  const part = place.closest(".lab__part");
  if (side && part) side.scrollTop += part.getBoundingClientRect().top - side.getBoundingClientRect().top - 8;
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
