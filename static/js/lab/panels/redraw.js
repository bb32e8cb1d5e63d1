/** When a panel draws: after whatever it shows has changed, not oftener than an eye needs, and not while it cannot be seen. */

/**
 * Calls `draw` now and whenever the moment shown, the log, the run's state or the selection changes.
 * @param {HTMLElement} root
 * @param {import("../page.js").Lab} lab
 * @param {() => void} draw
 * @param {number} [perSecond] at most
 * @returns {() => void} ask for a redraw
 */
export function keepDrawn(root, { view, store, session, selection }, draw, perSecond = 10) {
  let timer = 0;
  let last = 0;
  const now = () => {
    timer = 0;
    last = performance.now();
    if (root.checkVisibility()) draw();
  };
  const soon = () => {
    timer ||= setTimeout(now, Math.max(0, last + 1000 / perSecond - performance.now()));
  };
  for (const kind of ["tick", "change"]) view.addEventListener(kind, soon);
  for (const kind of ["reset", "rows", "ended"]) store.addEventListener(kind, soon);
  session.addEventListener("state", soon);
  selection.addEventListener("change", soon);
  // A tab that is opened shows this panel without any of the above.
  new IntersectionObserver(soon, { rootMargin: "100%" }).observe(root); // a little before it is scrolled to
  draw();
  return soon;
}
