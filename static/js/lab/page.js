/** The lab page's entry: makes store, view, session and selection, the stage and the transport, and mounts the panels. */

import { Topology } from "../stage/topology.js";
import { Badge } from "./badge.js";
import { Captions } from "./captions.js";
import { FlyingList } from "./flying.js";
import { wireKeys } from "./keyboard.js";
import { Legend } from "./legend.js";
import { Notices } from "./notices.js";
import { Panels } from "./panels/index.js";
import { Scene } from "./scene.js";
import { Selection } from "./selection.js";
import { Session } from "./session.js";
import { Sheet } from "./sheet.js";
import { Store } from "./store.js";
import { Transport } from "./transport.js";
import { View } from "./view.js";

/** @typedef {{declared: any, store: Store, view: View, session: Session, selection: Selection, sheet: Sheet, panels: Panels}} Lab */

/** @param {HTMLElement} root @returns {Lab} */
export function openLab(root) {
  const declared = JSON.parse(document.getElementById("lab-declared")?.textContent ?? "{}");
  const store = new Store();
  const selection = new Selection();
  const view = new View(store, selection);
  const session = new Session(root.dataset.socket ?? "", store, view);
  const lab = /** @type {Lab} */ ({ declared, store, view, session, selection, sheet: new Sheet(root) });
  buildStage(root, lab);
  new Notices(root, lab);
  new Transport(part(root, "transport"), lab);
  wireKeys(root, lab);
  lab.panels = new Panels(root, lab);
  shareWhenAsked(root, lab);
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
  topology.addEventListener("node", (event) => {
    selection.select({ node: /** @type {CustomEvent} */ (event).detail, message: "", seq: 0 });
    sheet.show("message"); // on a narrow page it is one tab among others
  });
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

/** The menu of "Share this moment" is fetched by its first press; from then on the button opens it by itself. @param {HTMLElement} root @param {Lab} lab */
function shareWhenAsked(root, lab) {
  const button = /** @type {HTMLButtonElement} */ (root.querySelector("[data-act=share]"));
  const open = async () => {
    const { ShareMenu } = await import("./panels/share.js");
    if (button.popoverTargetElement) return;
    const menu = new ShareMenu(lab, button);
    button.after(menu.root);
    button.removeEventListener("click", open);
    button.popoverTargetElement = menu.root;
    menu.root.showPopover({ source: button });
  };
  button.addEventListener("click", open);
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

/** The moment in the address, or else the recorded run from its beginning. @param {HTMLElement} root @param {Lab} lab */
async function showFirst(root, lab) {
  const loaded = loadRecording(root, lab);
  if (location.search) {
    lab.panels.mountAll(); // who was sent to a moment looks at all of it
    const { showMoment } = await import("./moment.js");
    await showMoment(lab, loaded);
  } else if (await loaded) lab.view.start();
}

async function loadRecording(root, { store, session }) {
  const address = root.dataset.recording;
  if (!address) return false;
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    store.load(await answer.json());
    store.payloadsAt = root.dataset.payloads ?? "";
    return true;
  } catch (problem) {
    session.notify("warning", `The recorded run could not be loaded (${problem.message}). “Run live” may still work.`);
    return false;
  }
}

/** @param {HTMLElement} root @param {string} id */
function part(root, id) {
  return /** @type {HTMLElement} */ (root.querySelector(`#${id}`));
}

const root = document.getElementById("lab");
if (root) openLab(root);
