/** "Ask me about this run": the run so far is kept, and its log asks the questions. */

/** @param {import("./page.js").Lab} lab */
export async function ask({ session, view }) {
  view.pause();
  try {
    location.assign(`${await session.save("")}quiz/`);
  } catch (problem) {
    session.notify("warning", /** @type {Error} */ (problem).message);
  }
}
