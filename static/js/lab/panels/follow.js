/** Follow one message: play slowly from its first event, and stand still at its last. */

const PACE = 0.1;

/** @param {import("../page.js").Lab} lab */
export function follow({ store, view, selection }) {
  const events = store.eventsOf(selection.message);
  if (!events.length) return;
  const { message } = selection;
  const [from, to] = [store.ats[events[0]], store.ats[events[events.length - 1]]];
  view.scrub(Math.max(0, from - 0.01));
  view.setRate(PACE);
  view.play();
  const watch = () => {
    const over = selection.message !== message || !view.playing;
    if (!over && view.t < to) return;
    if (!over) view.pause();
    view.removeEventListener("tick", watch);
    view.removeEventListener("change", watch);
  };
  view.addEventListener("tick", watch);
  view.addEventListener("change", watch);
}
