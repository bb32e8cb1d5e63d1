/** One moment of a run as the stage draws it: (store, t, rate) in, typed arrays and a few plain values out. */

import { CROSS, DOUBLE, OUTLINE } from "../stage/shapes.js";
import { DUPLICATE } from "./hops.js";
import { countUpTo } from "./series.js";
import { shortId } from "./words.js";

/** Above this many dots a second on one way (on the screen's clock), a dot stands for several messages. */
const EACH_DRAWN_UP_TO = 25;
const FALL_SECONDS = 0.9;
const CAPTION_SECONDS = 4;
const LABELS_UP_TO = 12;
/** No message has this number; hops that nobody told this viewer of have -1. */
const NOBODY = -2;

export class Scene {
  /** @param {any} declared @param {import("./store.js").Store} store */
  constructor(declared, store) {
    this.declared = declared;
    this.store = store;
    this.labels = new Map(declared.faults.map((fault) => [fault.name, fault.label]));
    this._reserve(256);
    this.count = 0;
    /** How many messages a dot stands for, by way. */
    this.standsFor = new Uint16Array(64).fill(1);
    this.falls = [];
    this._chosen = NOBODY;
  }

  _reserve(capacity) {
    this.hop = new Uint32Array(capacity);
    this.way = new Uint16Array(capacity);
    this.place = new Float32Array(capacity);
    this.mark = new Uint8Array(capacity);
    this.xs = new Float32Array(capacity);
    this.ys = new Float32Array(capacity);
  }

  /**
   * @param {number} t seconds of run time
   * @param {number} rate seconds of run time per second on the screen
   * @param {{message: string, node: string}} selected
   */
  at(t, rate, selected) {
    this.t = t;
    this.rate = rate;
    this.selected = selected;
    this.settings = this.store.settingsAt(t);
    this.ways = this.store.hops.ways;
    this._thin(t, rate);
    this._chosen = this.store.messageById(selected.message)?.number ?? NOBODY;
    this._takeFlights(t, this._chosen);
    this._takeFalls(t, rate);
    this.dropped = this.store.droppedBy(t);
    this.captions = this.store.captionsAt(t, CAPTION_SECONDS * rate);
    this.violations = this.store.violationsAt(t);
    this.faults = this.store.faultsAt(t).map((fault) => ({ ...fault, label: this.labels.get(fault.fault) ?? fault.fault }));
    return this;
  }

  /** Whether a node or link that a switch adds is there. @param {{shown_with?: string}} part */
  shows(part) {
    return !part.shown_with || Boolean(this.settings[part.shown_with]);
  }

  /** What a node says about itself. @param {string} name */
  gauges(name) {
    return this.store.gaugesAt(name, this.t);
  }

  /** The label of the i-th dot: of each while there are few, then of later tries and of the chosen message. @param {number} i */
  label(i) {
    const hops = this.store.hops;
    const hop = this.hop[i];
    const attempt = hops.attempt[hop];
    const isChosen = hops.message[hop] === this._chosen;
    const isOneOfMany = this.count > LABELS_UP_TO && !isChosen;
    if (isOneOfMany && attempt === 1) return "";
    const again = attempt > 1 ? ordinal(attempt) : "";
    if (isOneOfMany) return again;
    const message = this.store.messages[hops.message[hop]];
    const [name] = shortId(message.id).split(" "); // its shape says what it is
    const tries = again && `${again} try`;
    if (isChosen) return `${name} ${tries}`.trim();
    return again ? tries : message.role === "ack" ? "" : name;
  }

  _thin(t, rate) {
    const { hops } = this.store;
    if (this.standsFor.length < hops.ways.length) this.standsFor = new Uint16Array(2 * hops.ways.length);
    this.standsFor.fill(1);
    const counts = new Uint32Array(hops.ways.length);
    const seconds = 2;
    const to = countUpTo(hops.sent, t, hops.length);
    for (let n = countUpTo(hops.sent, t - seconds * rate, hops.length); n < to; n++) counts[hops.way[n]] += 1;
    this.thinned = false;
    counts.forEach((count, way) => {
      this.standsFor[way] = roundNumber(count / seconds / EACH_DRAWN_UP_TO);
      this.thinned ||= this.standsFor[way] > 1;
    });
  }

  _takeFlights(t, chosen) {
    const { attempt, due, expired, flags, message: messages, ordinal, sent, shape, way: ways } = this.store.hops;
    const { standsFor } = this;
    this.count = this.flying = 0;
    this.chosen = [];
    this.store.hops.flyingAt(t, (n) => {
      this.flying += 1;
      const message = messages[n];
      const way = ways[n];
      if (standsFor[way] > 1 && ordinal[n] % standsFor[way] && message !== chosen && attempt[n] === 1) return;
      if (this.count === this.hop.length) this._widen();
      const i = this.count++;
      this.hop[i] = n;
      this.way[i] = way;
      this.place[i] = Math.min(1, (t - sent[n]) / (due[n] - sent[n] || 1e-9));
      this.mark[i] = shape[n] + (flags[n] & DUPLICATE ? DOUBLE : 0) + (expired[n] <= t ? OUTLINE : 0);
      if (message === chosen) this.chosen.push(i);
    });
  }

  _widen() {
    const old = [this.hop, this.way, this.place, this.mark];
    this._reserve(this.hop.length * 2);
    [this.hop, this.way, this.place, this.mark].forEach((column, i) => column.set(old[i]));
  }

  /** What was dropped a moment ago and still falls. */
  _takeFalls(t, rate) {
    const { hops } = this.store;
    this.falls = [];
    const to = countUpTo(hops.drops.at, t);
    for (let i = countUpTo(hops.drops.at, t - FALL_SECONDS * rate); i < to; i++) {
      const n = hops.drops.hop[i];
      const place = Math.min(1, (hops.end[n] - hops.sent[n]) / (hops.due[n] - hops.sent[n] || 1e-9));
      this.falls.push({ way: hops.way[n], place, age: (t - hops.drops.at[i]) / (FALL_SECONDS * rate), mark: CROSS });
    }
  }
}

/** The next of 1, 2, 5, 10, 20, 50, ... that is enough. @param {number} needed */
function roundNumber(needed) {
  let number = 1;
  for (let i = 0; number < needed; i++) number *= i % 3 === 1 ? 2.5 : 2;
  return number;
}

/** @param {number} n */
function ordinal(n) {
  const teen = n % 100 > 10 && n % 100 < 14;
  return `${n}${(!teen && ["", "st", "nd", "rd"][n % 10]) || "th"}`;
}
