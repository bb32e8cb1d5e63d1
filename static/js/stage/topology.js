/**
 * The topology: nodes as buttons, links as curves, messages as dots on a canvas above them.
 *
 * Draws a scene (`lab/scene.js` makes one) and knows nothing of runs. Events: `message` (detail: hop number), `node` (detail: name).
 */

import { Blitter } from "./blit.js";
import { Layout, SEGMENTS } from "./layout.js";
import { LinkWords } from "./link-words.js";
import { NodeBox } from "./node-box.js";
import { HALO, drawMark, readColours } from "./shapes.js";

const RADIUS = 6.5;
const SVG = "http://www.w3.org/2000/svg";
/** A finger hits this far from a dot's middle. */
const NEAR = 16;

export class Topology extends EventTarget {
  /** @param {HTMLElement} root @param {{nodes: any[], links: any[]}} declared */
  constructor(root, declared) {
    super();
    this.root = root;
    this.declared = declared;
    this.links = document.createElementNS(SVG, "svg");
    this.links.classList.add("stage__links");
    this.links.setAttribute("aria-hidden", "true");
    this.nodes = element("div", "stage__nodes");
    this.nodes.setAttribute("role", "group");
    this.nodes.setAttribute("aria-label", "Parts of the system");
    this.canvas = document.createElement("canvas");
    this.canvas.className = "stage__dots";
    this.canvas.setAttribute("aria-hidden", "true");
    this.tray = element("p", "stage__tray");
    root.append(this.links, this.nodes, this.canvas, this.tray);
    this.boxes = declared.nodes.map((node) => new NodeBox(node, () => this._tell("node", node.name)));
    this.nodes.append(...this.boxes.map((box) => box.root));
    this.words = new LinkWords(root);
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
    this._paint();
    this._shown = "";
    this._resized = true;
    new ResizeObserver(() => {
      this._resized = true;
      if (this._scene) this.draw(this._scene);
    }).observe(root);
    document.addEventListener("themechange", () => this._repaint());
    root.addEventListener("click", (event) => this._clicked(event), { capture: true });
  }

  /** @param {any} scene */
  draw(scene) {
    this._scene = scene;
    this._arrange(scene);
    for (const box of this.boxes) if (box.shown) box.draw(scene);
    this._say(this.tray, scene.dropped ? `✕ lost ${scene.dropped}` : "");
    this.words.draw(scene, this.layout, this.still.matches);
    if (this.still.matches) this._flash(scene);
    this._drawDots(scene);
  }

  /** The box of a node, in the stage's pixels. @param {string} name */
  boxOf(name) {
    return this.layout?.boxes.get(name);
  }

  // --- where things are ----------------------------------------------------------------------------------------

  /** Lay out again if the stage's size changed, or a switch added or took a part. */
  _arrange(scene) {
    const nodes = this.declared.nodes.filter((node) => scene.shows(node));
    const links = this.declared.links.filter((link) => scene.shows(link));
    const shown = `${nodes.length} ${links.map((link) => link.source + link.target)}`;
    if (shown === this._shown && !this._resized) return;
    this._shown = shown;
    this._resized = false;
    const { clientWidth: width, clientHeight: height } = this.root;
    if (!width || !height) return;
    this.layout = new Layout(nodes, links, width, height);
    this.root.classList.toggle("stage--compact", this.layout.compact);
    this.blitter.resize(width, height, Math.min(2, devicePixelRatio));
    this._lanes = [];
    this._drawLinks(links, width, height);
    for (const box of this.boxes) box.place(this.layout, width);
  }

  _drawLinks(links, width, height) {
    this.links.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this._paths = new Map();
    const stores = new Set(this.declared.nodes.filter((node) => node.role === "store" || node.role === "sink").map((node) => node.name));
    this.links.replaceChildren(...links.map((link) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", this.layout.curves.get(`${link.source}\n${link.target}`)?.path ?? "");
      path.classList.add("stage__link");
      path.classList.toggle("stage__link--side", stores.has(link.target));
      this._paths.set(`${link.source}\n${link.target}`, path);
      return path;
    }));
  }

  _lane(scene, way) {
    const known = this._lanes[way];
    if (known !== undefined) return known; // asked for each dot of each frame
    const { source, target } = scene.ways[way];
    return (this._lanes[way] = this.layout.lane(source, target) ?? null);
  }

  // --- dots ----------------------------------------------------------------------------------------------------

  _paint() {
    this.colours = readColours();
    this.blitter = new Blitter(this.canvas, (pen, mark, x, y, scale) => this._drawSprite(pen, mark, x, y, scale), (mark) => this._reach(mark));
  }

  _repaint() {
    this.colours = readColours();
    this.blitter.forget();
    if (this._scene) this.draw(this._scene);
  }

  _radius() {
    return this.layout?.compact ? RADIUS * 0.9 : RADIUS;
  }

  _reach(mark) {
    if (typeof mark === "number") return this._radius() * 2.3;
    return mark.length * 4.4 + 4;
  }

  /** A mark is a shape's number, or words to stand beside one. */
  _drawSprite(pen, mark, x, y, scale) {
    if (typeof mark === "number") return drawMark(pen, mark, x, y, this._radius() * scale, this.colours);
    pen.font = `600 ${11.5 * scale}px "Atkinson Hyperlegible Next", sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.lineWidth = 3 * scale;
    pen.strokeStyle = this.colours.paper;
    pen.strokeText(mark, x, y);
    pen.fillStyle = this.colours.ink;
    return pen.fillText(mark, x, y);
  }

  _drawDots(scene) {
    if (!this.layout) return;
    this.blitter.begin();
    if (!this.still.matches) {
      this._locate(scene);
      for (const i of scene.chosen) this.blitter.stamp(HALO, scene.xs[i], scene.ys[i]);
      this.blitter.stampAll(scene.count, scene.mark, scene.xs, scene.ys);
      this._drawLabels(scene);
      for (const fall of scene.falls) this._drawFall(scene, fall);
    }
    this.blitter.end();
  }

  /** Where each dot is: its place from 0 to 1, looked up between two points of its lane. */
  _locate(scene) {
    const { way, place, xs, ys } = scene;
    for (let i = 0; i < scene.count; i++) {
      const lane = this._lane(scene, way[i]);
      const far = place[i] * SEGMENTS;
      const k = Math.min(SEGMENTS - 1, far | 0);
      const part = far - k;
      xs[i] = lane ? lane[2 * k] + (lane[2 * k + 2] - lane[2 * k]) * part : -99;
      ys[i] = lane ? lane[2 * k + 1] + (lane[2 * k + 3] - lane[2 * k + 1]) * part : -99;
    }
  }

  _drawLabels(scene) {
    for (let i = 0; i < scene.count; i++) {
      const words = scene.label(i);
      if (words !== "") this.blitter.stamp(words, Math.round(scene.xs[i]), Math.round(scene.ys[i] + this._radius() * 2.6));
    }
  }

  /** From where it was lost into the tray, faster and faster. */
  _drawFall(scene, fall) {
    const lane = this._lane(scene, fall.way);
    if (!lane) return;
    const k = 2 * Math.round(fall.place * SEGMENTS);
    const to = [this.tray.offsetLeft + 12, this.tray.offsetTop + 12];
    const down = fall.age * fall.age;
    this.blitter.stamp(fall.mark, lane[k] + (to[0] - lane[k]) * fall.age * down, lane[k + 1] + (to[1] - lane[k + 1]) * down);
  }

  /** Instead of travel: a link is bold while something is under way on it. */
  _flash(scene) {
    const busy = new Set();
    for (let i = 0; i < scene.count; i++) {
      const { source, target } = scene.ways[scene.way[i]];
      busy.add(`${source}\n${target}`).add(`${target}\n${source}`);
    }
    for (const [key, path] of this._paths) path.classList.toggle("stage__link--busy", busy.has(key));
  }

  // --- what is pressed -----------------------------------------------------------------------------------------

  /** @param {MouseEvent} event */
  _clicked(event) {
    if (!this._scene || event.detail === 0) return; // pressed by keyboard: the button itself is meant
    const frame = this.root.getBoundingClientRect();
    const hit = this._nearest(event.clientX - frame.left, event.clientY - frame.top);
    if (hit < 0) return;
    event.stopPropagation();
    event.preventDefault();
    this._tell("message", this._scene.hop[hit]);
  }

  _nearest(x, y) {
    const scene = this._scene;
    let best = -1;
    let distance = NEAR * NEAR;
    for (let i = 0; i < scene.count && !this.still.matches; i++) {
      const d = (scene.xs[i] - x) ** 2 + (scene.ys[i] - y) ** 2;
      if (d < distance) [best, distance] = [i, d];
    }
    return best;
  }

  _say(place, words) {
    if (place.textContent !== words) place.textContent = words;
  }

  _tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function element(tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}
