/** The moment that an address names: its run is made again from its seed, or the recorded one is held at it. */

import { readMoment } from "./permalink.js";

/** A run made again from its seed is hurried up to the moment asked for. */
const HURRY = 10;

/** @param {import("./page.js").Lab} lab @param {Promise<boolean>} loaded whether the recorded run is there */
export async function showMoment(lab, loaded) {
  const moment = readMoment(location.search, lab.declared);
  if (moment.live) {
    await loaded;
    await makeAgain(lab, moment);
  } else if (await loaded) {
    if (moment.t === undefined) lab.view.start();
    else lab.view.scrub(moment.t);
  }
  if (moment.focus) lab.selection.select({ message: moment.focus });
}

/** The same seed gives the same messages: run it again, fast, up to the moment, and hold it there. */
async function makeAgain({ session, store, view }, { t, speed = session.speed, live: _live, focus: _focus, faults, script, ...wish }) {
  const wanted = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));
  try {
    await session.start({ ...wanted, faults, script, speed: t === undefined ? speed : HURRY });
    if (t === undefined) return;
    await reached(store, t);
    view.pause();
    view.scrub(t);
    await session.pause();
    await session.setSpeed(speed);
    view.setRate(speed);
    session.notify("info", `Run again from seed ${store.seed}, and held at the moment the address names. The workload waits.`);
  } catch (problem) {
    if (store.live) session.notify("warning", problem.message);
    else if (t !== undefined) view.scrub(t);
  }
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
