/** What a claim's page and the comparison bring to life: sliders beside numbers, curves to draw, the arms' runs. */

import { playArms } from "./arms.js";
import { makeDrawable } from "./draw.js";
import { addSlider } from "./slider.js";

function wake(root) {
  for (const field of root.querySelectorAll("[data-slider]:not([data-awake])")) {
    field.dataset.awake = "";
    addSlider(field);
  }
  for (const form of root.querySelectorAll("[data-draw]:not([data-awake])")) {
    form.dataset.awake = "";
    makeDrawable(form);
  }
}

/** The first input that is wrong, or else the notice, gets the focus: whoever pressed learns why nothing began. */
function showWrong(root) {
  const wrong = root.querySelector('[aria-invalid="true"]') ?? root.querySelector(".field__error");
  if (wrong instanceof HTMLElement) wrong.focus();
}

wake(document);
for (const place of document.querySelectorAll("[data-arms]")) playArms(/** @type {HTMLElement} */ (place));
for (const select of document.querySelectorAll("[data-submits]")) {
  select.addEventListener("change", () => /** @type {HTMLSelectElement} */ (select).form?.requestSubmit());
}
document.addEventListener("htmx:after:swap", () => {
  wake(document);
  showWrong(document);
});
