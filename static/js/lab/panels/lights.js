/** "What must hold": each invariant says holds, violated or cannot tell, in icon, word and colour. A press goes to where it broke. */

import { seconds } from "../words.js";
import { make, say, title } from "./element.js";
import { keepDrawn } from "./redraw.js";
import { jumpTo } from "./jump.js";

const SIGNS = { holds: "●", violated: "◆", unknown: "○" };

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const lights = lab.declared.invariants.map((invariant) => makeLight(invariant, lab));
  root.append(title("What must hold"), make("ul", { class: "lights", role: "list" }, ...lights.map((light) => light.root)));
  keepDrawn(root, lab, () => lights.forEach((light) => light.draw()));
  // On a phone the tab stands for the panel while another is open.
  const tab = lab.sheet.tabs.find((each) => each.dataset.tab === "holds");
  if (tab) keepDrawn(tab, lab, () => say(tab, `Holds ${countHolding(lab)}/${lights.length}`), 2);
}

function countHolding({ declared, store, view }) {
  return declared.invariants.filter(({ name }) => store.lightAt(name, view.t).status === "holds").length;
}

function makeLight(invariant, lab) {
  const sign = make("span", { class: "light__sign", "aria-hidden": "true" });
  const state = make("span", { class: "light__state" });
  const since = make("span", { class: "light__since" });
  const button = make("button", { class: "light", type: "button", "data-invariant": invariant.name, title: invariant.help, onclick: () => goToBreak(invariant, lab) },
    sign, make("span", { class: "light__label" }, invariant.label), state, since);
  const draw = () => {
    const { status, count } = lab.store.lightAt(invariant.name, lab.view.t);
    button.dataset.status = status;
    button.setAttribute("aria-disabled", String(status !== "violated"));
    say(sign, SIGNS[status]);
    say(state, status === "violated" ? `${count} × →` : status === "holds" ? "holds" : "can’t tell");
    say(since, status === "violated" ? quietSince(invariant, lab) : "");
  };
  return { root: make("li", {}, button), draw };
}

function goToBreak(invariant, lab) {
  const { status, first } = lab.store.lightAt(invariant.name, lab.view.t);
  if (status === "violated") jumpTo(lab, first);
}

/** A count never goes down, so a cure shows in that it stops to grow: said once a remedy for this very promise is on. */
function quietSince(invariant, { declared, store, view }) {
  const settings = store.settingsAt(view.t);
  const { count } = store.lightAt(invariant.name, view.t);
  for (const remedy of declared.remedies.filter((each) => each.shown_by === invariant.name && settings[each.name])) {
    const on = turnedOn(store, remedy.name, view.t);
    if (view.t - on >= 1 && store.lightAt(invariant.name, on).count === count) return `holds since ${seconds(on)}: ${remedy.label}`;
  }
  return "";
}

/** When a switch that is on at `t` was turned on. */
function turnedOn(store, name, t) {
  const marker = store.markers.findLast((each) => each.kind === "tuned" && each.at <= t && each.label === `${name}=true`);
  return marker ? marker.at : 0;
}
