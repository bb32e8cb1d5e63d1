/** The evidence behind a chip: a tap opens it (the browser does that), hover and focus open it too, where the chip is. */

const GAP = 6;
const EDGE = 8;
const LINGER = 250;

for (const chip of document.querySelectorAll("[data-evidence]")) {
  const evidence = document.getElementById(chip.getAttribute("popovertarget") ?? "");
  if (evidence) attach(/** @type {HTMLButtonElement} */ (chip), evidence);
}

/** @param {HTMLButtonElement} chip @param {HTMLElement} evidence */
function attach(chip, evidence) {
  let leaving = 0;
  let hovered = false;
  const open = () => {
    clearTimeout(leaving);
    if (!evidence.matches(":popover-open")) evidence.showPopover({ source: chip });
  };
  const close = () => {
    clearTimeout(leaving);
    leaving = window.setTimeout(() => {
      if (evidence.contains(document.activeElement) || document.activeElement === chip) return;
      if (evidence.matches(":popover-open")) evidence.hidePopover();
    }, LINGER);
  };
  for (const each of [chip, evidence]) {
    each.addEventListener("pointerenter", (event) => {
      hovered = /** @type {PointerEvent} */ (event).pointerType === "mouse";
      if (hovered) open();
    });
    each.addEventListener("pointerleave", () => hovered && close());
  }
  chip.addEventListener("focus", () => chip.matches(":focus-visible") && open());
  chip.addEventListener("blur", close);
  evidence.addEventListener("focusout", close);
  // A mouse has opened it already; its click would only close it again.
  chip.addEventListener("click", (event) => hovered && evidence.matches(":popover-open") && event.preventDefault());
  evidence.addEventListener("toggle", (event) => /** @type {ToggleEvent} */ (event).newState === "open" && place(chip, evidence));
}

/** Below the chip, or above it where there is no room. */
function place(chip, evidence) {
  const at = chip.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = evidence;
  const left = Math.max(EDGE, Math.min(at.right - width, innerWidth - width - EDGE));
  const below = at.bottom + GAP + height < innerHeight || at.top < height + GAP;
  evidence.style.left = `${left}px`;
  evidence.style.top = `${below ? at.bottom + GAP : at.top - height - GAP}px`;
}
