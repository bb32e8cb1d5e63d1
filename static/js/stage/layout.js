/** Where nodes and links go on a stage of a given size. Pure: no page is needed to test it. */

/**
 * @typedef {{name: string, label: string, role: string, x: number, y: number, shows: string[]}} Node x and y in 0..100
 * @typedef {{source: string, target: string}} Link
 * @typedef {{x: number, y: number, w: number, h: number}} Box x and y are its middle
 * @typedef {{path: string, there: Float32Array, back: Float32Array, middle: [number, number]}} Curve `there` and `back` are
 *   points (x0, y0, x1, y1, ...) at equal distances: one lane each way, so that an answer does not run over its question
 */

/** Points of a curve. A dot's place is interpolated between two of them. */
export const SEGMENTS = 48;
const LANE = 3.5;
const HUBS = new Set(["broker", "gateway", "orchestrator"]);

export class Layout {
  /** @param {Node[]} nodes @param {Link[]} links @param {number} width @param {number} height in CSS pixels */
  constructor(nodes, links, width, height) {
    this.compact = width < 620;
    this.margin = this.compact ? { x: 10, top: 64, bottom: 42 } : { x: 22, top: 58, bottom: 62 };
    /** @type {Map<string, Box>} */
    this.boxes = new Map();
    this._place(nodes, width, height);
    /** @type {Map<string, Curve>} by "source\ntarget" */
    this.curves = new Map();
    const ends = this._ends(links);
    links.forEach((link, i) => ends[i] && this.curves.set(`${link.source}\n${link.target}`, bend(ends[i][0], ends[i][1])));
  }

  /**
   * The points a hop from source to target runs along.
   * @param {string} source @param {string} target @returns {Float32Array | undefined}
   */
  lane(source, target) {
    return this.curves.get(`${source}\n${target}`)?.there ?? this.curves.get(`${target}\n${source}`)?.back;
  }

  _place(nodes, width, height) {
    const room = height - this.margin.top - this.margin.bottom;
    const sizes = [2, 1, 0].map((most) => nodes.map((node) => ({ node, ...this._size(node, most) })));
    const sized = sizes.find((each) => tallest(each) <= room) ?? sizes[2];
    for (const each of sized) each.w = Math.max(...sized.filter((other) => isBelow(each, other)).map((other) => other.w));
    this.lines = 2 - sizes.indexOf(sized);
    const across = fit(sized.map((each) => [each.node.x, each.w]), this.margin.x, width - this.margin.x);
    const down = fit(sized.map((each) => [each.node.y, each.h]), this.margin.top, height - this.margin.bottom);
    for (const { node, w, h } of sized) this.boxes.set(node.name, { x: across(node.x), y: down(node.y), w, h });
    this._part(width, height);
  }

  /** On a narrow stage neighbours may overlap: push them apart, the shorter way, within the stage. */
  _part(width, height) {
    const boxes = [...this.boxes.values()];
    const keep = (box) => {
      box.x = Math.max(this.margin.x + box.w / 2, Math.min(box.x, width - this.margin.x - box.w / 2));
      box.y = Math.max(this.margin.top + box.h / 2, Math.min(box.y, height - this.margin.bottom - box.h / 2));
    };
    for (let round = 0; round < 40; round++) {
      boxes.forEach((one, i) => boxes.slice(i + 1).forEach((other) => pushApart(one, other)));
      boxes.forEach(keep);
    }
  }

  /** @param {Node} node @param {number} most lines of values that there is room for */
  _size(node, most) {
    const letters = Math.max(node.label.length, 6);
    const values = node.shows.filter((quantity) => quantity !== "state").length;
    const lines = Math.min(most, Math.max(1, values)) + (HUBS.has(node.role) ? 1.3 : 0);
    const narrow = Math.min(128, Math.max(HUBS.has(node.role) ? 92 : 72, 7.5 * letters + 18));
    const wide = Math.max(132, Math.min(176, 8.7 * letters + 32), values > 2 ? 180 : 0);
    return { w: this.compact ? narrow : wide, h: this.compact ? 31 + 15 * lines : 40 + 18 * lines };
  }

  /** For each link its two ends: side by side on the edge of a box, in the order of where they lead. */
  _ends(links) {
    /** @type {Map<string, {link: number, end: 0 | 1, box: Box, side: string, toward: Box}[]>} */
    const ports = new Map();
    links.forEach((link, i) => {
      const [from, to] = [this.boxes.get(link.source), this.boxes.get(link.target)];
      if (!from || !to) return;
      for (const [end, name, box, toward] of [[0, link.source, from, to], [1, link.target, to, from]]) {
        const side = sideToward(box, toward);
        const key = `${name} ${side}`;
        ports.set(key, [...(ports.get(key) ?? []), { link: i, end, box, side, toward }]);
      }
    });
    /** @type {any[][]} */
    const ends = links.map(() => null);
    for (const side of ports.values()) spread(side, ends);
    return ends;
  }
}

/** Boxes of one column have one width. */
function isBelow(one, other) {
  return one.node.role === other.node.role && Math.abs(one.node.x - other.node.x) < 8;
}

const GAP = 6;

function pushApart(one, other) {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const overX = (one.w + other.w) / 2 + GAP - Math.abs(dx);
  const overY = (one.h + other.h) / 2 + GAP - Math.abs(dy);
  if (overX <= 0 || overY <= 0) return;
  const [axis, over, way] = overX < overY ? ["x", overX, Math.sign(dx) || 1] : ["y", overY, Math.sign(dy) || 1];
  one[axis] -= (way * over) / 2;
  other[axis] += (way * over) / 2;
}

/** What the fullest column needs, with room between its boxes. */
function tallest(sized) {
  return Math.max(...sized.map(({ node }) =>
    sized.filter((other) => Math.abs(other.node.x - node.x) < 8).reduce((sum, other) => sum + other.h + 10, -10)));
}

/** Percent to pixels, so that boxes of these sizes at these percents fill the room from `low` to `high` and no more. */
function fit(items, low, high) {
  const percents = items.map(([percent]) => percent);
  const [first, last] = [Math.min(...percents), Math.max(...percents)];
  const from = low + Math.max(...items.filter(([percent]) => percent === first).map(([, size]) => size)) / 2;
  const to = high - Math.max(...items.filter(([percent]) => percent === last).map(([, size]) => size)) / 2;
  const middle = (low + high) / 2;
  return (percent) => (last === first ? middle : from + ((percent - first) / (last - first)) * (to - from));
}

function sideToward(box, toward) {
  const gapX = Math.abs(toward.x - box.x) - (box.w + toward.w) / 2;
  const gapY = Math.abs(toward.y - box.y) - (box.h + toward.h) / 2;
  if (gapX >= 12 || gapX >= gapY) return toward.x > box.x ? "right" : "left";
  return toward.y > box.y ? "bottom" : "top";
}

function spread(ports, ends) {
  const upright = ports[0].side === "left" || ports[0].side === "right";
  ports.sort((a, b) => (upright ? a.toward.y - b.toward.y : a.toward.x - b.toward.x));
  ports.forEach(({ link, end, box, side }, i) => {
    const room = upright ? box.h : box.w;
    const offset = ((i + 1) / (ports.length + 1) - 0.5) * Math.min(room - 16, ports.length * 30 + 10);
    const [nx, ny] = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] }[side];
    const x = upright ? box.x + (nx * box.w) / 2 : box.x + offset;
    const y = upright ? box.y + offset : box.y + (ny * box.h) / 2;
    (ends[link] ??= [])[end] = { x, y, nx, ny };
  });
}

/** A cubic curve that leaves and enters at right angles to the boxes. @returns {Curve} */
function bend(a, b) {
  const reach = Math.max(18, Math.hypot(b.x - a.x, b.y - a.y) * 0.42);
  const [cx, cy, dx, dy] = [a.x + a.nx * reach, a.y + a.ny * reach, b.x + b.nx * reach, b.y + b.ny * reach];
  const at = (u) => {
    const v = 1 - u;
    const [p, q, r, s] = [v * v * v, 3 * v * v * u, 3 * v * u * u, u * u * u];
    return [p * a.x + q * cx + r * dx + s * b.x, p * a.y + q * cy + r * dy + s * b.y];
  };
  const points = evenly(at);
  const there = shift(points, LANE);
  const back = reverse(shift(points, -LANE));
  const round = (value) => Math.round(value * 10) / 10;
  const path = `M${round(a.x)} ${round(a.y)}C${[cx, cy, dx, dy, b.x, b.y].map(round).join(" ")}`;
  return { path, there, back, middle: [points[SEGMENTS], points[SEGMENTS + 1]] };
}

/** Points at equal distances along a curve, so that a dot moves at an even pace. */
function evenly(at) {
  const fine = 256;
  const walked = [0];
  let [x, y] = at(0);
  for (let i = 1; i <= fine; i++) {
    const [nextX, nextY] = at(i / fine);
    walked.push(walked[i - 1] + Math.hypot(nextX - x, nextY - y));
    [x, y] = [nextX, nextY];
  }
  const points = new Float32Array(2 * (SEGMENTS + 1));
  for (let k = 0, i = 0; k <= SEGMENTS; k++) {
    const want = (walked[fine] * k) / SEGMENTS;
    while (i < fine && walked[i + 1] < want) i += 1;
    const part = i < fine ? (want - walked[i]) / (walked[i + 1] - walked[i] || 1) : 0;
    points.set(at(Math.min(1, (i + part) / fine)), 2 * k);
  }
  return points;
}

function shift(points, by) {
  const moved = new Float32Array(points.length);
  for (let k = 0; k <= SEGMENTS; k++) {
    const [p, q] = [2 * Math.max(0, k - 1), 2 * Math.min(SEGMENTS, k + 1)];
    const [dx, dy] = [points[q] - points[p], points[q + 1] - points[p + 1]];
    const length = Math.hypot(dx, dy) || 1;
    moved[2 * k] = points[2 * k] - (dy / length) * by;
    moved[2 * k + 1] = points[2 * k + 1] + (dx / length) * by;
  }
  return moved;
}

function reverse(points) {
  const turned = new Float32Array(points.length);
  for (let k = 0; k <= SEGMENTS; k++) turned.set(points.subarray(2 * k, 2 * k + 2), points.length - 2 * k - 2);
  return turned;
}
