/** What to try next: break it, see it, cure it, see it hold. Made from what the lab declares, ticked off from what the log shows. */

import { label } from "../words.js";
import { challengesOf, checkSteps } from "./challenge.js";
import { make, say, title } from "./element.js";
import { keepDrawn } from "./redraw.js";

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const challenges = challengesOf(lab.declared);
  if (!challenges.length) return;
  let number = 0;
  const lead = make("p", { class: "goal__lead" });
  const list = make("ol", { class: "goal__steps", role: "list" });
  const next = make("button", { class: "button button--quiet goal__next", type: "button", onclick: () => {
    number = (number + 1) % challenges.length;
    soon();
  } }, "Try another");
  root.append(title("Try it"), lead, list, next);
  const draw = () => {
    const challenge = challenges[number];
    const steps = checkSteps(challenge, lab);
    say(lead, leadOf(challenge, steps, lab));
    drawSteps(list, steps, lab);
    next.hidden = challenges.length < 2;
    say(next, steps.every((step) => step.done) ? "Next one" : "Try another");
  };
  const soon = keepDrawn(root, lab, draw, 4);
}

function leadOf({ remedy, fault, target }, steps, lab) {
  if (steps.every((step) => step.done)) return `Done: ${remedy.label} cures “${fault.label}”, and the log proves it.`;
  return lab.store.live ? `${fault.effect} What does ${label(lab, target)} make of it?` : "This is a recording. Run live, and do it yourself:";
}

function drawSteps(list, steps, lab) {
  const key = steps.map((step) => step.words).join("\n");
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(...steps.map((step) => make("li", {}, make("span", { class: "goal__tick", "aria-hidden": "true" }),
      make("button", { class: "goal__words", type: "button", onclick: () => leadTo(step, lab) }, step.words), make("span", { class: "visually-hidden" }))));
  }
  steps.forEach((step, i) => {
    const [tick, , state] = list.children[i].children;
    list.children[i].toggleAttribute("data-done", step.done);
    say(tick, step.done ? "✓" : String(i + 1));
    say(state, step.done ? " (done)" : "");
  });
}

/** To the place where a step is done, wherever the page has put it. */
async function leadTo({ part, at }, { sheet, panels }) {
  sheet.show(part);
  await panels.mountAll();
  const place = /** @type {HTMLElement | null} */ (document.querySelector(at));
  const drawer = place?.closest("details");
  if (drawer) drawer.open = true;
  if (!place) return;
  place.scrollIntoView({ block: "center" });
  place.focus();
  place.toggleAttribute("data-pointed", true); // who came by mouse sees no focus ring
  place.addEventListener("blur", () => place.removeAttribute("data-pointed"), { once: true });
}
