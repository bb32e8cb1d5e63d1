/** One figure as a small drawing: its lines up to the moment shown, their last values, and the axes' ends. */

import { countUpTo } from "../series.js";
import { make, say, trace } from "./element.js";
import { tellValue, toShown, unitOf } from "./units.js";

const HEIGHT = 92;
const LEFT = 34;
const BOTTOM = 18;
const TOP = 8;
const RIGHT = 6;

export class Sparkline {
  /** @param {{title: string, metrics: string[], unit: string}} figure @param {import("../page.js").Lab} lab */
  constructor(figure, lab) {
    this.figure = figure;
    this.lab = lab;
    this.metrics = figure.metrics.map((name) => lab.declared.metrics.find((metric) => metric.name === name));
    this.lines = figure.metrics.map((_, i) => trace("path", { class: `spark__line spark__line--${i + 1}` }));
    this.dots = figure.metrics.map((_, i) => trace("circle", { class: `spark__dot spark__dot--${i + 1}`, r: 3 }));
    this.cursor = trace("line", { class: "spark__cursor" });
    this.axes = trace("path", { class: "spark__axes" });
    this.ends = ["end", "end", "start", "end"].map((anchor) => trace("text", { class: "spark__end", "text-anchor": anchor }));
    this.svg = trace("svg", { class: "spark__picture", "aria-hidden": "true", height: HEIGHT },
      this.axes, this.cursor, ...this.lines, ...this.dots, ...this.ends);
    this.values = this.metrics.map(() => make("span", { class: "number spark__value" }));
    const legend = this.metrics.map((metric, i) => make("li", { title: metric.help },
      trace("svg", { class: "spark__key", viewBox: "0 0 18 6", "aria-hidden": "true" }, trace("path", { class: `spark__line spark__line--${i + 1}`, d: "M0 3H18" })),
      make("span", { class: "spark__name" }, metric.label), this.values[i]));
    this.root = make("figure", { class: "spark" }, make("figcaption", { class: "spark__title" }, figure.title),
      this.svg, make("ul", { class: "spark__legend", role: "list" }, ...legend));
  }

  draw() {
    const width = this.svg.parentElement.clientWidth;
    if (!width) return;
    const { store, view } = this.lab;
    const series = this.figure.metrics.map((name) => store.readings(name));
    const end = Math.max(store.now, 1);
    const top = roundUp(series.reduce((most, each) => each.value.reduce((a, b) => Math.max(a, b), most), 0));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.x = (at) => LEFT + (at / end) * (width - LEFT - RIGHT);
    this.y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - BOTTOM - TOP);
    series.forEach((each, i) => this._drawLine(each, i, view.t, width));
    this._drawFrame(width, top, end, view.t);
  }

  _drawLine(series, i, t, width) {
    const count = countUpTo(series.at, t);
    const last = series.value[count - 1];
    this.lines[i].setAttribute("d", count ? this._path(series, count, t, width) : "");
    this.dots[i].toggleAttribute("hidden", !count);
    if (count) for (const [name, value] of Object.entries({ cx: this.x(t), cy: this.y(last) })) this.dots[i].setAttribute(name, value.toFixed(1));
    say(this.values[i], count ? tellValue(last, this.metrics[i].unit) : "–");
  }

  /** Steps, since a reading holds until the next; where there are more than pixels, one for each pixel. */
  _path(series, count, t, width) {
    const every = Math.max(1, Math.floor(count / (2 * width)));
    let path = "";
    for (let n = 0; n < count; n += every) {
      const x = this.x(series.at[n]).toFixed(1);
      path += path ? `H${x}V${this.y(series.value[n]).toFixed(1)}` : `M${x} ${this.y(series.value[n]).toFixed(1)}`;
    }
    return `${path}V${this.y(series.value[count - 1]).toFixed(1)}H${this.x(t).toFixed(1)}`;
  }

  _drawFrame(width, top, end, t) {
    const floor = HEIGHT - BOTTOM;
    this.axes.setAttribute("d", `M${LEFT} ${TOP}V${floor}H${width - RIGHT}`);
    const x = this.x(t).toFixed(1);
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: TOP, y2: floor })) this.cursor.setAttribute(name, String(value));
    const { unit } = this.figure;
    const words = [`${toShown(top, unit)}${unitOf(unit) === "%" ? " %" : ""}`, "0", "0 s", `${Number(end.toPrecision(3))} s`];
    const places = [[LEFT - 5, TOP + 8], [LEFT - 5, floor], [LEFT, HEIGHT - 3], [width - RIGHT, HEIGHT - 3]];
    this.ends.forEach((text, i) => {
      text.setAttribute("x", String(places[i][0]));
      text.setAttribute("y", String(places[i][1]));
      say(text, words[i]);
    });
  }
}

/** The next of 1, 2, 5, 10, 20, ... (and 0.5, 0.2, ...) that is enough. @param {number} value */
function roundUp(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return Number(([1, 2, 5, 10].find((each) => each * power >= value * 0.999) * power).toPrecision(6));
}
