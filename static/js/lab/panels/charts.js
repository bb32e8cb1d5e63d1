/** The charts: the first two figures as light drawings, all of them with Plotly once they are opened. */

import { make, title } from "./element.js";
import { keepDrawn } from "./redraw.js";
import { Sparkline } from "./sparkline.js";

const IN_SIGHT = 2;
const REDRAWS_PER_SECOND = 2;

/** @param {HTMLElement} root with data-plotly, the address of the library @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const sparklines = lab.declared.figures.slice(0, IN_SIGHT).map((figure) => new Sparkline(figure, lab));
  const open = make("button", { class: "button charts__open", type: "button", onclick: () => openAll(root, lab) },
    `Open all ${lab.declared.figures.length} charts`);
  root.append(title("Measured"), ...sparklines.map((each) => each.root), open);
  keepDrawn(root, lab, () => sparklines.forEach((each) => each.draw()), REDRAWS_PER_SECOND);
}

/** @type {import("./chart-dialog.js").ChartDialog | undefined} */
let dialog;

/** A page that is only watched loads nothing of this. */
async function openAll(root, lab) {
  const { ChartDialog } = await import("./chart-dialog.js");
  if (!dialog) {
    dialog = new ChartDialog(lab, root.dataset.plotly ?? "");
    root.append(dialog.root);
  }
  await dialog.open();
}
