"use strict";
/* Runs before the first paint, so that a chosen theme does not flash: a classic script in the head, on purpose.
 * Says also that there is a script (data-script), for `.needs-script` and `.without-script`. */
(() => {
  const root = document.documentElement;
  root.dataset.script = "";
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("projector")) root.dataset.projector = "";
  } catch {
    // A browser that forbids storage shows the system's theme.
  }
})();
