/** The moment that an address names: its run is made again from its seed, or a recorded one is held at it. */

import { readMoment } from "./permalink.js";
import { showTour } from "./tours.js";

/** A run made again from its seed is hurried up to the moment asked for. */
const HURRY = 10;

/** @param {import("./page.js").Lab} lab @param {Promise<boolean>} loaded whether the recorded run is there */
export async function showMoment(lab, loaded) {
  const moment = readMoment(location.search, lab.declared);
  if (moment.live) {
    await loaded;
    await makeAgain(lab, moment);
  } else if (await showRecorded(lab, loaded, moment.tour)) {
    complain(lab, moment.complaints);
    if (moment.t === undefined) lab.view.start();
    else holdAt(lab.view, moment.t);
  }
  const { store, selection } = lab;
  const mayCome = moment.live && moment.t === undefined && store.live; // a run that has only begun will have the message
  if (mayCome || store.messageById(moment.focus)) selection.select({ message: moment.focus });
  complain(lab, [...pastTheEnd(store, moment), ...(mayCome ? [] : unknownFocus(store, moment))]);
}

/** @param {import("./page.js").Lab} lab @param {Promise<boolean>} loaded @param {string} [tour] @returns {Promise<boolean>} whether a run is there */
async function showRecorded(lab, loaded, tour) {
  const isThere = await loaded;
  if (!tour) return isThere;
  try {
    await showTour(lab, lab.declared.scenarios.find(({ slug }) => slug === tour));
    return true;
  } catch (problem) {
    lab.session.notify("warning", /** @type {Error} */ (problem).message);
    return isThere;
  }
}

/** The same seed gives the same messages: run it again, fast, up to the moment, and hold it there. @param {import("./page.js").Lab} lab */
async function makeAgain(lab, { t, seed, engine, scenario, settings, faults, script, complaints, speed = lab.session.speed }) {
  const { session, store, view } = lab;
  const wish = Object.fromEntries(Object.entries({ seed, engine, scenario }).filter(([, value]) => value !== undefined));
  try {
    await session.start({ ...wish, settings, faults, script, speed: t === undefined ? speed : HURRY });
    complain(lab, complaints);
    if (t === undefined) return;
    await reached(store, t);
    holdAt(view, t);
    if (store.ended) return;
    await session.pause();
    await session.setSpeed(speed);
    view.setRate(speed);
    session.notify("info", `Run again from seed ${store.seed}, and held at the moment the address names. The workload waits.`);
  } catch (problem) {
    if (store.live) session.notify("warning", /** @type {Error} */ (problem).message);
    else if (t !== undefined) view.scrub(t);
    else view.start();
  }
}

/** A tour begins to play when it is shown. @param {import("./view.js").View} view @param {number} t */
function holdAt(view, t) {
  view.pause();
  view.scrub(t);
}

/** @param {import("./page.js").Lab} lab @param {string[]} complaints */
function complain({ session }, complaints) {
  if (complaints.length) session.notify("warning", `The address was not understood as a whole. ${complaints.join(" ")}`);
}

function pastTheEnd(store, { t }) {
  const over = !store.live || store.ended;
  return over && t !== undefined && t > store.now + 1e-3 ? [`“t=${t}” is past the end of this run; its last moment, ${store.now.toFixed(2)} s, is shown.`] : [];
}

function unknownFocus(store, { focus }) {
  if (!focus || store.messageById(focus)) return [];
  const first = store.messages.length ? `; its first is “${store.messages[0].id}”` : "";
  return [`This run has no message “${focus}”${first}.`];
}

/** @param {import("./store.js").Store} store @param {number} t */
function reached(store, t) {
  return new Promise((resolve) => {
    const look = () => (store.now >= t || store.ended) && resolve(undefined);
    store.addEventListener("rows", look);
    store.addEventListener("ended", look);
    look();
  });
}
