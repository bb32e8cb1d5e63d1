/** The cures: switches that stay on, and buttons for what is done once. */

import { make, say } from "./element.js";
import { askToRun } from "./run-with-this.js";
import { wishesOf } from "./wishes.js";

/** @param {import("../page.js").Lab} lab */
export function makeRemedies(lab) {
  const wishes = wishesOf(lab);
  const { remedies } = lab.declared;
  const chips = remedies.map((remedy) => (remedy.momentary ? once(remedy, lab) : toggle(remedy, wishes)));
  const prompt = askToRun(wishes, remedies);
  const root = make("div", { class: "remedies" }, make("div", { class: "faults__offers" }, ...chips.map((chip) => chip.root)), prompt.root);
  const draw = () => {
    for (const chip of chips) chip.draw();
    prompt.draw();
  };
  return { root, draw, wishes };
}

function toggle(remedy, wishes) {
  const sign = make("span", { class: "remedy__sign", "aria-hidden": "true" });
  const root = make("button", { class: "chip chip--cure", type: "button", "data-remedy": remedy.name, title: remedy.help, "data-about": remedy.help,
    onclick: () => wishes.wish(remedy.name, !wishes.valueOf(remedy)) }, sign, make("span", { class: "remedy__name" }, remedy.label));
  const draw = () => {
    const on = Boolean(wishes.valueOf(remedy));
    root.setAttribute("aria-pressed", String(on));
    root.classList.toggle("chip--asked", wishes.open.has(remedy.name));
    say(sign, on ? "☑" : "☐");
  };
  return { root, draw };
}

/** What is done once, as a button. @param {any} remedy @param {import("../page.js").Lab} lab */
export function once(remedy, lab) {
  const press = () => lab.session.set(remedy.name, true).catch((problem) => lab.session.notify("warning", problem.message));
  const root = make("button", { class: "chip", type: "button", "data-remedy": remedy.name, title: remedy.help, "data-about": remedy.help,
    onclick: press }, make("span", { "aria-hidden": "true" }, "↻"), make("span", { class: "remedy__name" }, remedy.label));
  const draw = () => {
    const running = lab.session.state === "live";
    root.setAttribute("aria-disabled", String(!running));
    root.title = running ? remedy.help : `${remedy.help} Needs a live run.`;
    root.disabled = !running;
  };
  return { root, draw };
}
