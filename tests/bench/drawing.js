/** A log with so many messages in the air goes the page's own way, from store to dots; says how many frames a second there were and what each cost. */

import { Scene } from "../js/lab/scene.js";
import { Store } from "../js/lab/store.js";
import { ROW, TICKS_PER_SECOND } from "../js/net/protocol.js";
import { Topology } from "../js/stage/topology.js";

const READERS = 5;
/** Seconds of run time: all are sent within the first ten, and land long after the last frame. */
const SENDING = 10;
const FLIGHT = 60;
const LOOKED_AT = 15;

const asked = new URLSearchParams(location.search);
const dots = Number(asked.get("dots") ?? 0);
const seconds = Number(asked.get("seconds") ?? 4);

const node = (name, role, x, y) => ({ name, label: name, role, x, y, shows: ["backlog"] });
const readers = Array.from({ length: READERS }, (_, i) => node(`reader${i}`, "consumer", 90, 10 + i * 20));
const links = readers.map(({ name }) => ({ source: "broker", target: name }));
const declared = { nodes: [node("broker", "broker", 10, 50), ...readers], links, faults: [] };

const store = new Store();
const scene = new Scene(declared, store);
const topology = new Topology(/** @type {HTMLElement} */ (document.getElementById("stage")), declared);

/** Messages of every role, to and fro, spread evenly over the time of sending. */
function record() {
  const roles = ["event", "command", "request", "reply", "ack", "error", "batch"];
  const ways = links.flatMap(({ source, target }) => [[source, target], [target, source]]);
  const names = ["orders.placed", ["bench.py", "send", 1], ...roles.map((role) => ["OrderPlaced", role, "broker"]), ...ways];
  const [subject, code, firstSort, firstWay] = [1, 2, 3, 3 + roles.length];
  const apart = Math.round((SENDING * TICKS_PER_SECOND) / dots);
  const rows = Array.from({ length: dots }, (_, i) => [
    [ROW.message, firstSort + (i % roles.length), subject, `${i + 1}`],
    [ROW.sent, apart, 0, firstWay + (i % ways.length), FLIGHT * TICKS_PER_SECOND, code],
  ]).flat();
  const frame = { t: "events", seq: 1, base: 0, now: SENDING * TICKS_PER_SECOND, names, rows };
  store.load({ pattern: "bench", engine: "builtin", seed: 1, frames: [frame], seconds: FLIGHT });
}

/** @param {number} passed seconds on the screen */
function draw(passed) {
  scene.at(LOOKED_AT + passed, 1, { message: "", node: "" });
  topology.draw(scene);
}

/** An empty page is this one with no dots: it asks for frames, and draws nothing. */
function measure() {
  let frames = 0;
  let spent = 0;
  const begin = performance.now();
  const step = (now) => {
    const before = performance.now();
    if (dots) draw(Math.max(0, now - begin) / 1000);
    spent += performance.now() - before;
    frames += 1;
    if (now - begin < seconds * 1000) requestAnimationFrame(step);
    else tell(frames, (now - begin) / 1000, spent / frames);
  };
  requestAnimationFrame(step);
}

function tell(frames, passed, cost) {
  if (dots && scene.count !== dots) throw new Error(`${scene.count} of ${dots} messages are drawn`);
  const result = { dots, frames_per_second: frames / passed, ms_per_frame: cost };
  document.documentElement.dataset.result = JSON.stringify(result);
}

if (dots) {
  record();
  draw(0); // sprites are made on their first use, which is not what is measured
}
measure();
