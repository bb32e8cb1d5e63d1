/**
 * All arms of an experiment side by side, on one time axis and one view clock: the runs that are measured now, as they go
 * on, or their recordings.
 */

import { Selection } from "../lab/selection.js";
import { View } from "../lab/view.js";
import { times } from "../lab/words.js";
import { Arm } from "./arm.js";
import { follow } from "./live.js";
import { TimeAxis } from "./time-axis.js";

const PACES = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20];
/** Seconds on the screen that a whole run should take when it plays by itself. */
const SHOWING = 30;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {HTMLElement} root */
export function playArms(root) {
  const { labs, arms, live, trial, seconds } = JSON.parse(document.getElementById("arms-data")?.textContent ?? "{}");
  const shown = arms.map((arm) => new Arm(arm, labs[arm.lab]));
  const axis = new TimeAxis();
  const view = new View(/** @type {any} */ (axis), new Selection());
  const bar = makeBar(view, axis);
  const grid = document.createElement("div");
  grid.className = "arms__grid";
  grid.append(...shown.map((arm) => arm.root));
  root.append(bar.root);
  if (live) root.append(bar.now);
  root.append(grid);
  const draw = () => {
    bar.draw();
    for (const arm of shown) arm.draw(view.t, view.rate);
  };
  view.addEventListener("tick", draw);
  view.addEventListener("change", draw);
  document.fonts.ready.then(draw);
  addEventListener("pagehide", () => keepMoment(trial, view));
  if (live) follow(live, { shown, axis, view, words: bar.now, pace: paceOf(seconds), still: STILL.matches });
  else whenSeen(root, () => load(root, shown, axis, view, trial));
}

/** The slowest pace at which a whole run is seen in good time. @param {number} seconds */
function paceOf(seconds) {
  return PACES.find((pace) => seconds / pace <= SHOWING) ?? PACES[PACES.length - 1];
}

/** Who watched the runs while they went on finds their recordings where he was. */
function keepMoment(trial, view) {
  if (trial && view.t) sessionStorage.setItem("arms", JSON.stringify({ trial, t: view.t, playing: view.playing, pace: view.rate }));
}

function restoreMoment(trial, view) {
  const kept = JSON.parse(sessionStorage.getItem("arms") ?? "null");
  sessionStorage.removeItem("arms");
  if (!trial || kept?.trial !== trial) return false;
  view.scrub(kept.t);
  if (PACES.includes(kept.pace)) view.setRate(kept.pace);
  if (kept.playing && !STILL.matches) view.play();
  return true;
}

async function load(root, shown, axis, view, trial) {
  try {
    await Promise.all(shown.map((arm) => arm.load()));
    axis.join(shown.map((arm) => arm.store));
    view.setRate(paceOf(axis.now));
    if (!restoreMoment(trial, view) && !STILL.matches) view.play();
  } catch (problem) {
    const notice = document.createElement("p");
    notice.className = "notice notice--warning";
    notice.setAttribute("role", "status");
    notice.textContent = `The runs cannot be shown: ${problem.message}. Their numbers are in the tables.`;
    root.prepend(notice);
  }
}

/** Recordings are fetched when somebody looks. */
function whenSeen(root, then) {
  const watch = new IntersectionObserver(([entry]) => {
    if (!entry.isIntersecting) return;
    watch.disconnect();
    then();
  });
  watch.observe(root);
}

/** Play, step, scrub and pace, for all stages at once. */
function makeBar(view, axis) {
  const root = document.createElement("div");
  root.className = "transport arms__bar";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Time, for all runs");
  const play = press("Play", () => view.toggle());
  play.classList.add("button--primary", "arms__play");
  const line = document.createElement("input");
  Object.assign(line, { type: "range", min: "0", step: "any" });
  line.setAttribute("aria-label", "Moment shown");
  line.addEventListener("input", () => view.scrub(Number(line.value)));
  const wrap = document.createElement("div");
  wrap.className = "transport__line arms__line";
  wrap.append(line);
  const moment = document.createElement("output");
  moment.className = "transport__time";
  const pace = document.createElement("select");
  pace.className = "input";
  pace.setAttribute("aria-label", "View speed");
  pace.append(...PACES.map((each) => new Option(times(each), String(each))));
  pace.addEventListener("change", () => view.setRate(Number(pace.value)));
  root.append(play, press("‹ step", () => view.step(-1), "One event back"), press("step ›", () => view.step(1), "One event on"), wrap, moment, pace);
  const draw = () => {
    play.textContent = view.playing ? "❚❚ Pause" : "▶ Play";
    line.max = String(Math.max(axis.now, 0.01));
    line.value = String(view.t);
    line.style.setProperty("--done", `${Math.min(100, (100 * view.t) / Math.max(axis.now, 0.01))}%`);
    line.setAttribute("aria-valuetext", `${view.t.toFixed(2)} seconds of ${axis.now.toFixed(2)}`);
    const words = `${view.t.toFixed(2)} / ${axis.now.toFixed(2)} s`;
    if (moment.textContent !== words) moment.textContent = words;
    pace.value = String(view.pace);
  };
  const now = document.createElement("p");
  now.className = "arms__now";
  return { root, now, draw };
}

function press(words, does, title = "") {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = words;
  button.title = title;
  button.addEventListener("click", does);
  return button;
}
