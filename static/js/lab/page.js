/** The lab page's entry: makes store, view, session and selection, the stage and the transport, and mounts the panels. */

import { Topology } from "../stage/topology.js";
import { Badge } from "./badge.js";
import { Captions } from "./captions.js";
import { FlyingList } from "./flying.js";
import { wireKeys } from "./keyboard.js";
import { Legend } from "./legend.js";
import { Notices } from "./notices.js";
import { PANELS } from "./panels/index.js";
import { readMoment } from "./permalink.js";
import { Scene } from "./scene.js";
import { Selection } from "./selection.js";
import { Session } from "./session.js";
import { Sheet } from "./sheet.js";
import { Store } from "./store.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";

/** @typedef {{declared: any, store: Store, view: View, session: Session, selection: Selection, sheet: Sheet}} Lab */

/** A run made again from its seed is hurried up to the moment asked for. */
const HURRY = 10;

/** @param {HTMLElement} root @returns {Lab} */
export function openLab(root) {
  const declared = JSON.parse(document.getElementById("lab-declared")?.textContent ?? "{}");
  const store = new Store();
  const selection = new Selection();
  const view = new View(store, selection);
  const session = new Session(root.dataset.socket ?? "", store, view);
  const lab = { declared, store, view, session, selection, sheet: new Sheet(root) };
  buildStage(root, lab);
  new Notices(root, lab);
  new Transport(part(root, "transport"), lab);
  wireKeys(root, lab);
  mountPanels(root, lab);
  askWhenPressed(part(root, "ask"), lab);
  store.addEventListener("reset", () => (view.stops = stopsOf(lab)));
  showFirst(root, lab);
  return lab;
}

/** @param {HTMLElement} root @param {Lab} lab */
function buildStage(root, lab) {
  const { declared, store, view, selection, sheet } = lab;
  const stage = part(root, "stage");
  const scene = new Scene(declared, store);
  const topology = new Topology(stage, declared);
  const captions = new Captions(stage, view, (node) => topology.boxOf(node));
  const badge = new Badge(root, lab);
  const flying = new FlyingList(part(root, "flying"), lab);
  const drawDiagrams = diagramsWhenOpened(root, lab);
  new Legend(part(root, "legend"), store);
  let seen = true;
  const draw = () => {
    drawDiagrams();
    if (!seen && view.playing) return; // scrolled away: nobody looks at the dots
    scene.at(view.t, view.rate, selection);
    topology.draw(scene);
    captions.draw(scene);
    badge.draw(scene);
    flying.draw(scene);
  };
  new IntersectionObserver(([entry]) => (seen = entry.isIntersecting)).observe(stage);
  topology.addEventListener("message", (event) => {
    const hop = store.hop(/** @type {CustomEvent} */ (event).detail);
    selection.select({ message: hop.message, seq: hop.seq, node: "" });
  });
  topology.addEventListener("node", (event) => selection.select({ node: /** @type {CustomEvent} */ (event).detail }));
  for (const [source, types] of [[view, ["tick", "change"]], [selection, ["change"]], [sheet, ["change"]], [store, ["reset"]]]) {
    for (const type of types) source.addEventListener(type, draw);
  }
  document.fonts.ready.then(draw);
}

/**
 * Space–time and table are fetched when their tab is first opened: most visitors never do.
 * @param {HTMLElement} root @param {Lab} lab
 */
function diagramsWhenOpened(root, lab) {
  /** @type {{draw: () => void}[]} */
  const diagrams = [];
  const open = async () => {
    if (!["spacetime", "table"].includes(lab.sheet.shown ?? "")) return;
    lab.sheet.removeEventListener("change", open);
    const { EventsPart, SpaceTimePart } = await import("./diagrams.js");
    diagrams.push(new SpaceTimePart(part(root, "spacetime"), lab), new EventsPart(part(root, "events"), lab));
    for (const diagram of diagrams) diagram.draw();
  };
  lab.sheet.addEventListener("change", open);
  return () => diagrams.forEach((diagram) => diagram.draw());
}

/** @param {HTMLElement} root @param {Lab} lab */
function mountPanels(root, lab) {
  for (const place of root.querySelectorAll("[data-panel]")) {
    const mount = PANELS[/** @type {HTMLElement} */ (place).dataset.panel ?? ""];
    if (mount) mount(/** @type {HTMLElement} */ (place), lab);
  }
}

/** A live run can be asked about; how is fetched by the press. @param {HTMLElement} place @param {Lab} lab */
function askWhenPressed(place, lab) {
  lab.store.addEventListener("reset", () => (place.hidden = !lab.store.live));
  place.addEventListener("click", async () => (await import("./ask.js")).ask(lab));
}

/** Where a scenario stops to say something. @param {Lab} lab */
function stopsOf({ declared, store }) {
  return declared.scenarios.find((scenario) => scenario.slug === store.scenario)?.stops ?? [];
}

/** The moment in the address, or else the recorded run. @param {HTMLElement} root @param {Lab} lab */
async function showFirst(root, lab) {
  const moment = readMoment(location.search, lab.declared);
  const loaded = loadRecording(root, lab);
  if (moment.live) {
    await loaded;
    await makeAgain(lab, moment);
  } else if (await loaded) {
    if (moment.t === undefined) lab.view.start();
    else lab.view.scrub(moment.t);
  }
  if (moment.focus) lab.selection.select({ message: moment.focus });
}

async function loadRecording(root, { store, session }) {
  const address = root.dataset.recording;
  if (!address) return false;
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    store.load(await answer.json());
    return true;
  } catch (problem) {
    session.notify("warning", `The recorded run could not be loaded (${problem.message}). “Run live” may still work.`);
    return false;
  }
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

/** @param {Store} store @param {number} t */
function reached(store, t) {
  return new Promise((resolve) => {
    const look = () => (store.now >= t || store.ended) && resolve(undefined);
    store.addEventListener("rows", look);
    store.addEventListener("ended", look);
    look();
  });
}

/** @param {HTMLElement} root @param {string} id */
function part(root, id) {
  return /** @type {HTMLElement} */ (root.querySelector(`#${id}`));
}

const root = document.getElementById("lab");
if (root) openLab(root);
