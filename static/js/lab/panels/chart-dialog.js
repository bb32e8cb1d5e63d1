/** All figures of a lab, drawn by Plotly. The library is loaded when they are first opened, and from then on only fed. */

import { countUpTo } from "../series.js";
import { make, say } from "./element.js";
import { keepDrawn } from "./redraw.js";

const REDRAWS_PER_SECOND = 2;
const POINTS = 2000;
const LINES = ["--mark-state", "--mark-error", "--mark-reply", "--mark-batch", "--mark-request", "--mark-event"];
const CONFIG = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };

/** @type {Promise<any> | undefined} */
let library;

/** @param {string} address @returns {Promise<any>} Plotly */
function loadLibrary(address) {
  library ??= new Promise((resolve, reject) => {
    const failed = () => {
      library = undefined;
      reject(new Error("The charts' library could not be loaded; close this and open it again."));
    };
    document.head.append(make("script", { src: address, onload: () => resolve(/** @type {any} */ (window).Plotly), onerror: failed }));
  });
  return library;
}

export class ChartDialog {
  /** @param {import("../page.js").Lab} lab @param {string} address of the library */
  constructor(lab, address) {
    this.lab = lab;
    this.address = address;
    /** @type {{plot: any, metrics: string[]}[]} */
    this.charts = [];
    this.state = make("p", { class: "muted", role: "status" });
    this.grid = make("div", { class: "charts__grid" });
    this.moment = make("span", { class: "number muted" });
    this.root = make("dialog", { class: "dialog charts__dialog", "aria-label": "Charts" },
      make("div", { class: "dialog__head" }, make("h2", {}, "Charts "), this.moment,
        make("form", { method: "dialog" }, make("button", { class: "button", type: "submit" }, "Close"))),
      this.state, this.grid);
    document.addEventListener("themechange", () => this._paint());
  }

  async open() {
    this.root.showModal();
    if (this.charts.length) return;
    say(this.state, "The charts are being loaded …");
    try {
      const [plotly, ...drawn] = await Promise.all([loadLibrary(this.address), ...this.lab.declared.figures.map((figure) => this._fetch(figure))]);
      this.plotly = plotly;
      for (const [i, figure] of this.lab.declared.figures.entries()) await this._add(figure, drawn[i]);
      say(this.state, "");
      keepDrawn(this.root, this.lab, () => this._feed(), REDRAWS_PER_SECOND);
    } catch (problem) {
      say(this.state, /** @type {Error} */ (problem).message);
    }
  }

  async _fetch(figure) {
    const answer = await fetch(figure.url);
    if (!answer.ok) throw new Error(`The chart “${figure.title}” could not be loaded (${answer.status}).`);
    return answer.json();
  }

  async _add(figure, { data, layout }) {
    const plot = make("div", { class: "charts__plot", role: "group", "aria-label": figure.title });
    this.grid.append(plot);
    await this.plotly.newPlot(plot, data, layout, CONFIG);
    const chart = { plot, metrics: data.map((line) => line.meta) };
    this.charts.push(chart);
    await this._dress(chart);
  }

  _feed() {
    const { store, view } = this.lab;
    say(this.moment, `at ${view.t.toFixed(2)} s`);
    for (const { plot, metrics } of this.charts) {
      const lines = metrics.map((metric) => upTo(store.readings(metric), view.t));
      const cursor = { type: "line", x0: view.t, x1: view.t, yref: "paper", y0: 0, y1: 1, line: { color: token("--ink-muted"), width: 1, dash: "dot" } };
      this.plotly.update(plot, { x: lines.map((line) => line.x), y: lines.map((line) => line.y) },
        { shapes: [cursor], "xaxis.range": [0, Math.max(1, store.now)] });
    }
  }

  _paint() {
    for (const chart of this.charts) this._dress(chart);
  }

  _dress({ plot, metrics }) {
    return this.plotly.update(plot, { "line.color": metrics.map((_, i) => token(LINES[i % LINES.length])) }, look());
  }
}

/** What there was to read up to `t`; the last value holds until then. */
function upTo(series, t) {
  const count = countUpTo(series.at, t);
  const every = Math.ceil(count / POINTS) || 1;
  const kept = Array.from({ length: count }, (_, i) => i).filter((i) => i % every === 0 || i === count - 1);
  const x = kept.map((i) => series.at[i]);
  const y = kept.map((i) => series.value[i]);
  return count ? { x: [...x, t], y: [...y, y[y.length - 1]] } : { x, y };
}

/** The page's own colours and type, as the theme has them now. */
function look() {
  const edge = token("--edge");
  const axis = { gridcolor: token("--line"), linecolor: edge, zerolinecolor: edge, tickcolor: edge };
  const parts = ["xaxis", "yaxis"].flatMap((name) => Object.entries(axis).map(([key, value]) => [`${name}.${key}`, value]));
  return {
    font: { family: getComputedStyle(document.body).fontFamily, color: token("--ink"), size: 13 },
    modebar: { bgcolor: "transparent", color: token("--ink-muted"), activecolor: token("--ink") },
    // the seconds stand at the ticks, so that the legend has the room below
    "xaxis.title.text": "", "xaxis.ticksuffix": " s", "legend.y": -0.16, "title.font.size": 16, "margin.b": 60, height: 280,
    ...Object.fromEntries(parts),
  };
}

function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
