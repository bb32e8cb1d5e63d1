/** A question's page: focus goes to what came in, and a click on the picture chooses the part it shows. */

document.addEventListener("htmx:after:swap", () => {
  const verdict = /** @type {HTMLElement | null} */ (document.querySelector(".field__error, #question [data-focus]"));
  const alert = document.querySelector("#question [role=alert]");
  if (!alert) verdict?.focus({ preventScroll: false });
  paint();
});

document.addEventListener("click", (event) => {
  const box = /** @type {Element} */ (event.target).closest?.("[data-picture] rect[data-node]");
  const field = box && document.querySelector(`[data-spot] input[value="${CSS.escape(box.getAttribute("data-node") ?? "")}"]`);
  if (!(field instanceof HTMLInputElement)) return;
  field.checked = true;
  field.focus();
  paint();
});

document.addEventListener("change", paint);

/** Outline the part that is chosen. */
function paint() {
  const chosen = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-spot] input:checked"));
  for (const box of document.querySelectorAll("[data-picture] rect[data-node]"))
    box.classList.toggle("drawing__box--chosen", box.getAttribute("data-node") === chosen?.value);
}

paint();
