/** A slider for a number's field: both say the same, and the field stays the one that is sent. */

/** @param {HTMLElement} root with a label and an input that knows its bounds */
export function addSlider(root) {
  const field = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const { low, high, step } = field.dataset;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = low ?? "0";
  slider.max = high ?? "1";
  slider.step = step ?? "any";
  slider.setAttribute("aria-label", `${root.querySelector("label")?.textContent ?? ""}, slider`);
  slider.addEventListener("input", () => (field.value = String(Number(Number(slider.value).toPrecision(4)))));
  const follow = () => {
    const value = Number(field.value.replaceAll(",", ""));
    if (field.value.trim() && Number.isFinite(value)) slider.value = String(value);
    else slider.value = String((Number(slider.min) + Number(slider.max)) / 2);
  };
  field.addEventListener("input", follow);
  follow();
  root.append(slider);
}
