/** "Run live with this": what a change asks for while no run is there to take it. */

import { make, say } from "./element.js";

/**
 * @param {import("./wishes.js").Wishes} wishes
 * @param {{name: string, label: string}[]} settings those whose wishes this place asks about
 * @param {boolean} [asksForEngine]
 * @returns {{root: HTMLElement, draw: () => void}}
 */
export function askToRun(wishes, settings, asksForEngine = false) {
  const words = make("p", { class: "run-with-this__words" });
  const run = make("button", { class: "button button--primary", type: "button", onclick: () => wishes.runLive() }, "Run live with this");
  const back = make("button", { class: "button button--quiet", type: "button", onclick: () => wishes.drop() }, "Leave it");
  const root = make("div", { class: "run-with-this", hidden: true }, words, make("div", { class: "button-row" }, run, back));
  const draw = () => {
    const { state } = wishes.lab.session;
    const engine = asksForEngine && Boolean(wishes.engine);
    const wasHidden = root.hidden;
    root.hidden = !engine && !settings.some((setting) => wishes.waits(setting.name));
    // it comes below what was turned, where a short column may end
    if (wasHidden && !root.hidden) root.scrollIntoView({ block: "nearest" });
    run.disabled = state === "connecting" || state === "lost";
    say(words, { lost: "There is no connection to the server just now.", connecting: "The run is being started …",
      live: "A run keeps its engine; this starts another.", ended: "This run is over; it cannot change any more." }[state] ?? "This run is recorded; it cannot change.");
  };
  return { root, draw };
}
