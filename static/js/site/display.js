/** The display menu: theme and projector size, kept in this browser. */

const root = document.documentElement;

/** @param {string} name @param {string} value an empty value forgets the choice */
function keep(name, value) {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // Forbidden storage: the choice holds until the page is left.
  }
}

/** Canvases read their colours again on this event; everything else follows the custom properties. */
function announce() {
  document.dispatchEvent(new CustomEvent("themechange"));
}

/** @param {string} theme "light", "dark", or "" for the system's */
function setTheme(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  keep("theme", theme);
  announce();
}

/** @param {boolean} on */
function setProjector(on) {
  root.toggleAttribute("data-projector", on);
  keep("projector", on ? "on" : "");
  announce();
}

/** @param {HTMLElement} menu the fieldset with the choices */
export function wireDisplay(menu) {
  for (const input of menu.querySelectorAll("input")) {
    input.checked = input.name === "theme" ? input.value === (root.dataset.theme ?? "") : "projector" in root.dataset;
    input.addEventListener("change", () => (input.name === "theme" ? setTheme(input.value) : setProjector(input.checked)));
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
}
