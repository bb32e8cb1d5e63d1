/** "Break it": damage to drag onto the stage or to choose from a menu, and the damage that is on. "Cure it": the remedies. */

import { label } from "../words.js";
import { dragOnto } from "./drag.js";
import { make, say, title } from "./element.js";
import { FaultMenu } from "./fault-menu.js";
import { keepDrawn } from "./redraw.js";
import { makeRemedies } from "./remedies.js";
import { jumpTo } from "./jump.js";

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const { faults } = lab.declared;
  const told = make("p", { class: "panel__foot faults__about", "aria-hidden": "true" });
  const active = make("ul", { class: "faults__list", role: "list", "aria-label": "Damage that is on" });
  const menu = new FaultMenu(lab, (fault, target, amount) => breakIt(lab, fault, target, amount));
  const chips = faults.map((fault) => offer(fault, menu, lab));
  const remedies = makeRemedies(lab);
  root.append(title("Break it"), active, make("div", { class: "faults__offers" }, ...chips), menu.root,
    title("Cure it"), remedies.root, told);
  explainUnderPointer(root, told);
  const draw = () => {
    drawActive(active, lab);
    remedies.draw();
  };
  remedies.wishes.addEventListener("change", keepDrawn(root, lab, draw));
}

async function breakIt({ session, view }, fault, target, amount) {
  try {
    await session.ask(fault.name, target, amount);
    if (!view.live) view.goLive();
  } catch (problem) {
    if (session.state !== "recorded") session.notify("warning", /** @type {Error} */ (problem).message);
  }
}

/** A chip for a fault: pressed, it opens its menu; dragged onto a node, it breaks that node. */
function offer(fault, menu, lab) {
  const chip = make("button", { class: "chip fault__chip", type: "button", "aria-haspopup": "dialog", "data-fault": fault.name,
    title: fault.effect, "data-about": fault.effect, onclick: () => menu.open(fault, chip) }, fault.label);
  dragOnto(chip, {
    accepts: (node) => fault.targets.includes(node),
    drop: (node) => breakIt(lab, fault, node, fault.unit ? fault.amount : undefined),
    refuse: (node) => lab.session.notify("info",
      `“${fault.label}” cannot hit ${label(lab, node)}; it hits ${fault.targets.map((target) => label(lab, target)).join(", ")}.`),
  });
  return chip;
}

/** The damage that is on at the moment shown; the list is rebuilt only when it differs, so that focus stays. */
function drawActive(list, lab) {
  const { store, view } = lab;
  const on = store.faultsAt(view.t);
  const key = JSON.stringify(on.map(({ fault, target, phase, evidence }) => [fault, target, phase, evidence]));
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.at : "";
  list.replaceChildren(...on.map((fault) => activeChip(fault, lab)));
  list.querySelector(`[data-at="${focused}"]`)?.focus();
}

function activeChip({ fault, target, phase, evidence }, lab) {
  const declared = lab.declared.faults.find((each) => each.name === fault);
  const words = `${declared?.label ?? fault} → ${label(lab, target)}`;
  const seen = phase === "seen";
  const proof = make("button", { class: "fault__proof", type: "button", disabled: !seen, "data-at": `${fault}:${target}`,
    title: seen ? "Go to the event that shows its effect" : "The log does not show its effect yet",
    onclick: () => jumpTo(lab, evidence) },
  make("span", { "aria-hidden": "true" }, seen ? "◆" : "◇"), ` ${words} `, make("span", { class: "fault__phase" }, seen ? "seen →" : "asked"));
  const heal = make("button", { class: "fault__heal", type: "button", "aria-label": `Heal: ${words}`, title: "Heal",
    onclick: () => healIt(lab, fault, target) }, "×");
  return make("li", { class: `chip fault chip--${phase}`, "data-fault-on": `${fault}:${target}` }, proof, heal);
}

async function healIt({ session, view }, fault, target) {
  try {
    await session.heal(fault, target);
    if (!view.live) view.goLive();
  } catch (problem) {
    session.notify("info", /** @type {Error} */ (problem).message);
  }
}

/** One line for whichever chip the pointer or the focus is on. A screen reader has the same as the chip's description. */
function explainUnderPointer(root, told) {
  const tell = (event) => {
    const about = event.target instanceof Element && event.target.closest("[data-about]");
    if (about) say(told, about.dataset.about);
  };
  root.addEventListener("pointerover", tell);
  root.addEventListener("focusin", tell);
}
