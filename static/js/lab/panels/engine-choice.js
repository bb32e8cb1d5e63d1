/** What carries the messages of the next run; an engine that cannot be had here says why. */

import { make } from "./element.js";

/** @param {import("./wishes.js").Wishes} wishes @returns {{parts: HTMLElement[], draw: () => void}} */
export function makeEngineChoice(wishes) {
  const { engines } = wishes.lab.declared;
  if (engines.length < 2) return { parts: [], draw: () => {} };
  const options = engines.map(({ name, label, missing }) =>
    make("option", { value: name, disabled: Boolean(missing) }, missing ? `${label} (not installed)` : label));
  // why one cannot be had stands below: a choice that is greyed out says it to nobody
  const select = make("select", { class: "input knob__choice", id: "knob-engine", onchange: () => wishes.wishEngine(select.value) }, ...options);
  const root = make("div", { class: "knob knob--engine" }, make("label", { class: "knob__label", for: "knob-engine" }, "Engine"), select);
  const draw = () => {
    const { store } = wishes.lab;
    if (document.activeElement !== select || !wishes.engine) select.value = wishes.engine || store.engine || engines[0].name;
    root.classList.toggle("knob--waits", Boolean(wishes.engine));
  };
  const missing = engines.filter((engine) => engine.missing).map((engine) => make("p", { class: "knob__missing" }, `${engine.missing}.`));
  return { parts: [root, ...missing], draw };
}
