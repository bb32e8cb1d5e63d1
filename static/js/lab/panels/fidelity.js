/** "What is real": what this lab shows as it is, what it scales, and what it cannot show. */

import { make, say, title } from "./element.js";
import { keepDrawn } from "./redraw.js";

const KINDS = [["real", "●", "Real"], ["scaled", "◐", "Scaled"], ["not shown", "○", "Not shown"]];

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const { fidelity, engines } = lab.declared;
  const engine = make("p", { class: "fidelity__engine" });
  const groups = KINDS.map(([how, sign, word]) => {
    const lines = fidelity.filter((line) => line.how === how);
    return make("section", { class: "fidelity__group", hidden: !lines.length },
      make("h3", { class: "fidelity__how" }, make("span", { "aria-hidden": "true" }, `${sign} `), word),
      make("dl", {}, ...lines.flatMap((line) => [make("dt", {}, line.what), make("dd", {}, line.why)])));
  });
  root.append(title("What is real"), engine, make("div", { class: "fidelity" }, ...groups));
  keepDrawn(root, lab, () => say(engine, describeEngine(lab.store, engines)), 2);
}

function describeEngine({ engine, live, recorded, seed }, engines) {
  const used = engines.find((each) => each.name === engine);
  if (!used) return "";
  const day = recorded ? ` on ${recorded.slice(0, 10)}` : "";
  const when = live ? "This run is live" : `This run was recorded${day}`;
  return `${when}, with seed ${seed}, on the engine “${used.label}”. ${used.about}`.trim();
}
