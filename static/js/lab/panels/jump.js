/** Go to an event: the view to its moment, the selection to it, its node and its message. */

/** @param {import("../page.js").Lab} lab @param {number} seq */
export function jumpTo({ store, view, selection, session }, seq) {
  const i = store.indexOfSeq(seq);
  if (i < 0) return session.notify("info", `Event ${seq} is in a part of the log that this browser was not sent, so there is nothing to go to.`);
  const event = store.event(i);
  view.goTo(i);
  selection.select({ seq, node: event.node ?? "", ...(event.message ? { message: event.message } : {}) });
  return undefined;
}
