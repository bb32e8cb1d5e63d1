/** One node on the stage: a button with its label, its live values, the state of its queue, and what is wrong with it. */

const CELLS = 6;
const QUEUES = new Set(["backlog", "queue", "pool", "waiting", "buffer"]);
const HUBS = new Set(["broker", "gateway", "orchestrator"]);

export class NodeBox {
  /** @param {any} node as declared @param {() => void} press */
  constructor(node, press) {
    this.node = node;
    this.shown = false;
    this.root = document.createElement("button");
    this.root.type = "button";
    this.root.className = `node node--${node.role}`;
    this.root.dataset.node = node.name;
    this.root.classList.toggle("node--long", node.label.length > 12);
    this.root.addEventListener("click", press);
    this.name = part(this.root, "node__name", node.label);
    this.first = part(this.root, "node__value");
    this.rest = part(this.root, "node__value");
    this.cells = part(this.root, "node__cells");
    this.cells.setAttribute("aria-hidden", "true");
    this.cells.hidden = true;
    this.fault = part(this.root, "node__fault");
    this.broken = part(this.root, "node__broken");
    this.quantities = node.shows.filter((quantity) => quantity !== "state");
    this.queue = HUBS.has(node.role) ? this.quantities.find((quantity) => QUEUES.has(quantity)) : undefined;
  }

  /** @param {import("./layout.js").Layout} layout @param {number} width of the stage */
  place(layout, width) {
    const box = layout.boxes.get(this.node.name);
    this.compact = layout.compact;
    this.shown = Boolean(box);
    this.root.hidden = !box;
    if (!box) return;
    this.root.dataset.lines = String(layout.lines);
    const { style } = this.root;
    style.transform = `translate(${Math.round(box.x - box.w / 2)}px, ${Math.round(box.y - box.h / 2)}px)`;
    style.width = `${box.w}px`;
    style.height = `${box.h}px`;
    // The count of what was broken stands outside the box, on the side where there is room.
    this.root.classList.toggle("node--at-right", box.x + box.w / 2 > width - 60);
  }

  /** @param {any} scene */
  draw(scene) {
    const gauges = scene.gauges(this.node.name);
    const state = gauges.get("state")?.value ?? "up";
    const down = state === "down";
    this._mark("node--down", down);
    this._mark("node--selected", scene.selected.node === this.node.name);
    const told = this.quantities.filter((quantity) => gauges.has(quantity)).map((quantity) => spell(quantity, gauges.get(quantity)));
    const worth = state === "up" || down ? told : [state, ...told];
    say(this.first, down ? "down" : (worth[0] ?? ""));
    say(this.rest, down ? (worth[0] ?? "") : worth.slice(1, this.compact ? 2 : 4).join(" · "));
    this._drawCells(gauges.get(this.queue)?.value);
    this._drawTroubles(scene);
  }

  /** A queue as a row of cells; where it is longer than the row, a cell stands for several. */
  _drawCells(value) {
    if (value === undefined) return;
    const [filled, room] = String(value).split("/").map(Number);
    const each = room ? room / CELLS : roundNumber(filled / CELLS);
    const key = `${Math.min(CELLS, Math.ceil(filled / each))} ${each}`;
    if (key === this._cells) return;
    this._cells = key;
    this.cells.hidden = false;
    const cells = Array.from({ length: CELLS }, (_, i) => cell(i < parseInt(key, 10)));
    this.cells.replaceChildren(...cells, !room && each > 1 ? ` ▪=${each}` : "");
  }

  _drawTroubles(scene) {
    const faults = scene.faults.filter((fault) => fault.target === this.node.name);
    say(this.fault, faults.map((fault) => fault.label).join(", "));
    this._mark("node--fault-seen", faults.some((fault) => fault.phase === "seen"));
    const count = scene.violations.get(this.node.name);
    say(this.broken, count ? `◆ +${count}` : "");
  }

  _mark(name, on) {
    if (this.root.classList.contains(name) !== on) this.root.classList.toggle(name, on);
  }
}

function part(root, name, words = "") {
  const made = document.createElement("span");
  made.className = name;
  made.textContent = words;
  root.append(made);
  return made;
}

function cell(full) {
  const made = document.createElement("i");
  if (full) made.className = "node__cell--full";
  return made;
}

/** Text is written only when it differs: thousands of ticks change nothing. */
function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}

function spell(quantity, { value, unit }) {
  const number = typeof value === "number" ? String(Number(value.toPrecision(4))) : value;
  const short = { s: " s", ratio: "", "%": " %" }[unit] ?? "";
  return `${quantity} ${number}${short}`;
}

function roundNumber(needed) {
  let number = 1;
  for (let i = 0; number < needed; i++) number *= i % 3 === 1 ? 2.5 : 2;
  return number;
}
