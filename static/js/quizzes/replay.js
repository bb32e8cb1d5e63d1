/**
 * A recorded run on a stage of its own, beside a question about it: with nothing but what the question needs. What it shows
 * first is a moment, if one is named: the stage runs up to it, and stands still there.
 */

import { Scene } from "../lab/scene.js";
import { Selection } from "../lab/selection.js";
import { Store } from "../lab/store.js";
import { View } from "../lab/view.js";
import { Topology } from "../stage/topology.js";

/** @typedef {{lab: {nodes: any[], links: any[], faults: any[]}, address: string, moment: number | null, focus: string, said: string}} Wanted */

/** Seconds of run time per second: slow enough for an eye to follow a message. */
const RATE = 0.2;
/** Seconds of run time that are shown before the moment. */
const LEAD = 0.5;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/** @param {HTMLElement} root */
export async function playReplay(root) {
  /** @type {Wanted} */
  const wanted = JSON.parse(document.getElementById("replay-data")?.textContent ?? "{}");
  const store = new Store();
  const selection = new Selection();
  const view = new View(store, selection);
  const scene = new Scene(wanted.lab, store);
  const topology = new Topology(part(root, "stage"), wanted.lab);
  const bar = wireBar(root, view, store, () => showFirst(wanted, view));
  const draw = () => {
    bar();
    topology.draw(scene.at(view.t, view.rate, selection));
  };
  topology.addEventListener("message", (event) => selection.select({ message: store.hop(/** @type {CustomEvent} */ (event).detail).message }));
  topology.addEventListener("node", (event) => selection.select({ node: /** @type {CustomEvent} */ (event).detail }));
  for (const source of [view, selection]) for (const type of ["tick", "change"]) source.addEventListener(type, draw);
  try {
    const answer = await fetch(wanted.address);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    store.load(await answer.json());
  } catch (problem) {
    const { message } = /** @type {Error} */ (problem);
    part(root, "said").textContent = `The recording cannot be shown: ${message}. The question can be answered without it.`;
    return;
  }
  view.setRate(RATE);
  if (wanted.focus) selection.select({ message: wanted.focus });
  await document.fonts.ready;
  showFirst(wanted, view);
}

/** @param {Wanted} wanted @param {View} view */
function showFirst({ moment, said }, view) {
  if (moment === null) {
    view.scrub(0);
    if (!STILL.matches) view.play();
    return;
  }
  if (STILL.matches) return view.scrub(moment);
  view.stops = [{ at: moment, caption: said, node: "" }];
  view.scrub(Math.max(0, moment - LEAD));
  view.play();
}

/** @param {HTMLElement} root @param {View} view @param {Store} store @param {() => void} again @returns {() => void} what draws it */
function wireBar(root, view, store, again) {
  const [play, line, moment, said] = ["play", "line", "moment", "said"].map((name) => part(root, name));
  const range = /** @type {HTMLInputElement} */ (line);
  play.addEventListener("click", () => view.toggle());
  part(root, "back").addEventListener("click", () => view.step(-1));
  part(root, "on").addEventListener("click", () => view.step(1));
  root.querySelector("[data-replay=again]")?.addEventListener("click", again);
  range.addEventListener("input", () => view.scrub(Number(range.value)));
  return () => {
    say(play, view.playing ? "❚❚ Pause" : "▶ Play");
    range.max = String(Math.max(store.now, 0.01));
    range.value = String(view.t);
    range.style.setProperty("--done", `${Math.min(100, (100 * view.t) / Math.max(store.now, 0.01))}%`);
    range.setAttribute("aria-valuetext", `${view.t.toFixed(2)} seconds of ${store.now.toFixed(2)}`);
    say(moment, `${view.t.toFixed(2)} / ${store.now.toFixed(2)} s`);
    if (store.length) say(said, view.stop?.caption ?? "");
  };
}

/** @param {HTMLElement} root @param {string} name */
function part(root, name) {
  return /** @type {HTMLElement} */ (root.querySelector(`[data-replay=${name}]`));
}

/** @param {HTMLElement} place @param {string} words */
function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

const root = document.getElementById("replay");
if (root) playReplay(root);
