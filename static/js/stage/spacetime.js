/** Space–time: a lifeline per node, time to the right, each hop a slanted line. Draws what it is given; knows no run. */

import { CROSS, SHAPES, drawMark, readColours } from "./shapes.js";

const LABELS = 116;
const TOP = 22;
const NEAR = 9;

/**
 * @typedef {{n: number, source: string, target: string, sent: number, end: number, mark: number, dropped: boolean, words: string,
 *   chosen: boolean}} Line
 * @typedef {{from: number, to: number, t: number, nodes: {name: string, label: string}[], lines: Line[]}} Window
 */

/** Events: `message` (detail: hop number). */
export class SpaceTime extends EventTarget {
  /** @param {HTMLElement} root */
  constructor(root) {
    super();
    this.root = root;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "spacetime__canvas";
    this.canvas.setAttribute("aria-hidden", "true");
    root.append(this.canvas);
    this.pen = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    this.colours = readColours();
    document.addEventListener("themechange", () => {
      this.colours = readColours();
      if (this._window) this.draw(this._window);
    });
    this.canvas.addEventListener("click", (event) => this._clicked(event));
  }

  /** @param {Window} window */
  draw(window) {
    this._window = window;
    const { pen, colours } = this;
    const scale = Math.min(2, devicePixelRatio);
    this.width = this.root.clientWidth;
    this.height = TOP + window.nodes.length * 34 + 6;
    if (this.canvas.width !== Math.round(this.width * scale) || this.canvas.height !== Math.round(this.height * scale)) {
      this.canvas.width = Math.round(this.width * scale);
      this.canvas.height = Math.round(this.height * scale);
      this.canvas.style.height = `${this.height}px`;
    }
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    this._drawTicks(window);
    this.rows = new Map(window.nodes.map((node, i) => [node.name, TOP + i * 34 + 17]));
    for (const node of window.nodes) this._drawLife(node);
    for (const line of window.lines) this._drawLine(line, window.t);
    this._rule(this._x(window.t), colours.ink, 1.5);
  }

  _x(t) {
    const { from, to } = /** @type {Window} */ (this._window);
    return LABELS + ((t - from) / (to - from)) * (this.width - LABELS - 8);
  }

  _drawTicks({ from, to }) {
    const step = niceStep((to - from) / 8);
    this.pen.font = '11px "Atkinson Hyperlegible Mono", monospace';
    this.pen.textAlign = "center";
    for (let k = Math.ceil(from / step); k * step <= to; k++) {
      this._rule(this._x(k * step), this.colours.line, 1);
      this.pen.fillStyle = this.colours.muted;
      this.pen.fillText(`${Number((k * step).toFixed(3))} s`, this._x(k * step), 12);
    }
  }

  _rule(x, colour, width) {
    if (x < LABELS) return;
    this.pen.strokeStyle = colour;
    this.pen.lineWidth = width;
    this._stroke(x, TOP - 4, x, this.height);
  }

  _drawLife(node) {
    const y = this.rows.get(node.name);
    const { pen, colours } = this;
    pen.font = '600 13px "Atkinson Hyperlegible Next", sans-serif';
    pen.textAlign = "right";
    pen.fillStyle = colours.ink;
    pen.fillText(node.label, LABELS - 10, y + 4, LABELS - 14);
    pen.strokeStyle = colours.edge;
    pen.lineWidth = 1;
    this._stroke(LABELS, y, this.width - 8, y);
  }

  /** @param {Line} line @param {number} t what is later is pale: it has not happened yet */
  _drawLine(line, t) {
    const { pen, colours } = this;
    const [x1, x2, y1, y2] = this._ends(line);
    pen.globalAlpha = line.sent > t ? 0.25 : 1;
    pen.strokeStyle = line.chosen ? colours.focus : colours[SHAPES[line.mark & 7]];
    pen.lineWidth = line.chosen ? 3 : 1.5;
    this._stroke(x1, y1, x2, y2);
    if (line.dropped) drawMark(pen, CROSS, x2, y2 + (y1 - y2) * 0.18, 5, colours);
    else drawMark(pen, line.mark, x2, y2, line.chosen ? 5 : 3.6, colours);
    if (line.chosen && line.words) this._drawWords(line.words, (x1 + x2) / 2, (y1 + y2) / 2);
    pen.globalAlpha = 1;
  }

  _drawWords(words, x, y) {
    const { pen, colours } = this;
    pen.font = '600 11px "Atkinson Hyperlegible Next", sans-serif';
    pen.textAlign = "left";
    pen.lineWidth = 3;
    pen.strokeStyle = colours.paper;
    pen.strokeText(words, x + 6, y);
    pen.fillStyle = colours.ink;
    pen.fillText(words, x + 6, y);
  }

  _ends(line) {
    return [this._x(line.sent), this._x(line.end), this.rows.get(line.source) ?? 0, this.rows.get(line.target) ?? 0];
  }

  _stroke(x1, y1, x2, y2) {
    this.pen.beginPath();
    this.pen.moveTo(Math.max(LABELS, x1), x1 < LABELS ? y1 + ((y2 - y1) * (LABELS - x1)) / (x2 - x1 || 1) : y1);
    this.pen.lineTo(x2, y2);
    if (x2 >= LABELS) this.pen.stroke();
  }

  /** @param {MouseEvent} event */
  _clicked(event) {
    if (!this._window) return;
    const frame = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    let best = -1;
    let distance = NEAR;
    for (const line of this._window.lines) {
      const d = distanceTo(x, y, this._ends(line));
      if (d < distance) [best, distance] = [line.n, d];
    }
    if (best >= 0) this.dispatchEvent(new CustomEvent("message", { detail: best }));
  }
}

function distanceTo(x, y, [x1, x2, y1, y2]) {
  const length = (x2 - x1) ** 2 + (y2 - y1) ** 2 || 1;
  const part = Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length));
  return Math.hypot(x - x1 - part * (x2 - x1), y - y1 - part * (y2 - y1));
}

function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= least) ?? power;
}
