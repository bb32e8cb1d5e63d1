/** The knobs: at most three in sight, the others under "more". They show the log at the moment shown; turning one goes to the run. */

import { make, say, title } from "./element.js";
import { makeEngineChoice } from "./engine-choice.js";
import { makeKnob } from "./knob.js";
import { keepDrawn } from "./redraw.js";
import { askToRun } from "./run-with-this.js";
import { wishesOf } from "./wishes.js";

const IN_SIGHT = 3;

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const { controls } = lab.declared;
  const wishes = wishesOf(lab);
  const main = controls.filter((control) => control.main).slice(0, IN_SIGHT);
  const more = controls.filter((control) => !main.includes(control));
  const knobs = [...main, ...more].map((control) => makeKnob(control, wishes));
  const engine = makeEngineChoice(wishes);
  const prompt = askToRun(wishes, controls, true);
  const turned = make("span", { class: "muted" });
  root.append(title("Knobs"), ...knobs.slice(0, main.length).map((knob) => knob.root), ...engine.parts, prompt.root);
  if (more.length) {
    root.append(make("details", { class: "drawer knobs__more" },
      make("summary", {}, `${more.length} more`, turned),
      make("div", { class: "drawer__body knobs__rest" }, ...knobs.slice(main.length).map((knob) => knob.root))));
  }
  const draw = () => {
    for (const knob of knobs) knob.draw();
    engine.draw();
    prompt.draw();
    const count = more.filter((control) => wishes.valueOf(control) !== control.default).length;
    say(turned, count ? `${count} turned` : "");
  };
  const soon = keepDrawn(root, lab, draw);
  wishes.addEventListener("change", soon);
}
