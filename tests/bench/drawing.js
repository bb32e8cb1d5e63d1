/** Moves dots along curves, as the stage does, and says how many frames a second there were and what each cost. */

import { Blitter } from "../js/stage/blit.js";
import { Layout, SEGMENTS } from "../js/stage/layout.js";
import { drawMark, readColours } from "../js/stage/shapes.js";

const WIDTH = 1000;
const HEIGHT = 640;
const READERS = 5;

const asked = new URLSearchParams(location.search);
const dots = Number(asked.get("dots") ?? 0);
const seconds = Number(asked.get("seconds") ?? 4);

const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("dots"));
const colours = readColours();
const blitter = new Blitter(canvas, (pen, mark, x, y, scale) => drawMark(pen, mark, x, y, 6.5 * scale, colours), () => 15);
blitter.resize(WIDTH, HEIGHT, 1);

const node = (name, role, x, y) => ({ name, label: name, role, x, y, shows: [] });
const readers = Array.from({ length: READERS }, (_, i) => node(`reader${i}`, "consumer", 90, 10 + i * 20));
const links = readers.map(({ name }) => ({ source: "broker", target: name }));
const layout = new Layout([node("broker", "broker", 10, 50), ...readers], links, WIDTH, HEIGHT);
const lanes = links.flatMap(({ source, target }) => [layout.lane(source, target), layout.lane(target, source)]);

const starts = Float32Array.from({ length: dots }, (_, i) => (i * 0.6180339) % 1);
const marks = Uint8Array.from({ length: dots }, (_, i) => i % 7);
const xs = new Float32Array(dots);
const ys = new Float32Array(dots);

/** @param {number} t */
function draw(t) {
  for (let i = 0; i < dots; i++) {
    const lane = /** @type {Float32Array} */ (lanes[i % lanes.length]);
    const far = ((starts[i] + t * 0.2) % 1) * SEGMENTS;
    const k = far | 0;
    const part = far - k;
    xs[i] = lane[2 * k] + (lane[2 * k + 2] - lane[2 * k]) * part;
    ys[i] = lane[2 * k + 1] + (lane[2 * k + 3] - lane[2 * k + 1]) * part;
  }
  blitter.begin();
  blitter.stampAll(dots, marks, xs, ys);
  blitter.end();
}

/** An empty page is this one with no dots: it asks for frames, and draws nothing. */
function measure() {
  let frames = 0;
  let spent = 0;
  const begin = performance.now();
  const step = (now) => {
    const before = performance.now();
    if (dots) draw(now / 1000);
    spent += performance.now() - before;
    frames += 1;
    if (now - begin < seconds * 1000) requestAnimationFrame(step);
    else tell(frames, (now - begin) / 1000, spent / frames);
  };
  requestAnimationFrame(step);
}

function tell(frames, passed, cost) {
  const result = { dots, frames_per_second: frames / passed, ms_per_frame: cost };
  document.documentElement.dataset.result = JSON.stringify(result);
}

draw(0); // sprites are made on their first use, which is not what is measured
measure();
