/** Go to an event: the view to its moment, the selection to it, its node and its message. */

/** @param {import("../page.js").Lab} lab @param {number} seq */
export function jumpTo({ store, view, selection }, seq) {
  const i = store.indexOfSeq(seq);
  if (i < 0) return;
  const event = store.event(i);
  view.goTo(i);
  selection.select({ seq, node: event.node ?? "", ...(event.message ? { message: event.message } : {}) });
}
