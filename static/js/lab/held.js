/**
 * What is held of a run's log, and looking it up: everything the page shows is a pure function of (log, t). store.js takes it in.
 */

import { DUPLICATE, Hops } from "./hops.js";
import { readEvent } from "./reading.js";
import { Series, countUpTo } from "./series.js";

/**
 * @typedef {{number: number, id: string, type: string, role: string, shape: number, source: string, subject: string, cause: number,
 *   story: number, hops: number[], settled: number[], reached: Set<string>}} Message
 * @typedef {{at: number, kind: "fault" | "heal" | "tuned" | "violated" | "ended", label: string, seq: number}} Marker
 */

const NO_LIGHT = { status: "holds", count: 0, first: 0 };

export class Held extends EventTarget {
  constructor() {
    super();
    this.clear();
  }

  clear() {
    /** @type {any[]} */
    this.names = [""];
    /** @type {Message[]} */
    this.messages = [];
    this.hops = new Hops();
    /** @type {any[][]} rows that stand alone, their times in ticks; `ats` has them in seconds */
    this.rows = [];
    /** @type {number[]} */
    this.ats = [];
    /** @type {number[]} */
    this.seqs = [];
    /** @type {Marker[]} */
    this.markers = [];
    /** Everything up to here has been taken in. A snapshot skips events, so it may be more than the last one held. */
    this.lastSeq = 0;
    this.now = 0;
    this.ended = "";
    this.live = false;
    this.seed = 1;
    this.slug = this.engine = this.scenario = this.title = this.recorded = "";
    /** @type {Record<string, any>} */
    this.initial = {};
    /** @type {Record<string, any>} payloads by message id: a recording brings them, a live run is asked for each */
    this.payloads = {};
    /** Where the payloads of this recording stand, if not in it. */
    this.payloadsAt = "";
    /** What a message was made from, where several went into it. @type {Record<string, string[]>} */
    this.parents = {};
    /** Which guided tour this recording is, if it was chosen as one. */
    this.tour = "";
    /** What the run began as, and how its metrics stood at its end, if it is a recording that says so. @type {Record<string, {value: any, unit: string}> | null} */
    this.metrics = null;
    /** @type {Map<string, number>} */
    this._byId = new Map();
    /** @type {Map<string, Map<string, Series<any>>>} */
    this._gauges = new Map();
    this._lights = new Map();
    this._readings = new Map();
    this._captions = new Map();
    this._faults = new Map();
    this._tuned = new Map();
    /** What viewers did, in order: an address tells it again. @type {{at: number, control?: string, value?: any, fault?: string, target?: string, amount?: number, heals?: boolean}[]} */
    this.deeds = [];
    this._violations = new Map();
    /** @type {Map<number, string[]>} what an event broke, by its seq */
    this._breaks = new Map();
    this._droppedUnseen = 0;
  }

  get length() {
    return this.rows.length;
  }

  /** The i-th event held, spelled out. @param {number} i */
  event(i) {
    return readEvent(this, i);
  }

  /** @param {number} seq @returns {number} the index of the event, -1 if it is not held */
  indexOfSeq(seq) {
    const i = countUpTo(this.seqs, seq) - 1;
    return this.seqs[i] === seq ? i : -1;
  }

  /** @param {number} seq */
  eventBySeq(seq) {
    const i = this.indexOfSeq(seq);
    return i < 0 ? undefined : this.event(i);
  }

  /** The index of the last event at or before `t`, -1 if none. @param {number} t */
  indexAt(t) {
    return countUpTo(this.ats, t) - 1;
  }

  /** @param {string} node @param {string} quantity @param {number} t */
  gaugeAt(node, quantity, t) {
    return this._gauges.get(node)?.get(quantity)?.valueAt(t);
  }

  /** All quantities of a node that have a value at `t`. @param {string} node @param {number} t */
  gaugesAt(node, t) {
    /** @type {Map<string, {value: any, unit: string}>} */
    const found = new Map();
    for (const [quantity, series] of this._gauges.get(node) ?? []) {
      const value = series.valueAt(t);
      if (value !== undefined) found.set(quantity, { value, unit: /** @type {any} */ (series).unit });
    }
    return found;
  }

  /** @param {number} t @param {(hop: number) => void} visit called with the number of each hop in the air */
  flightsAt(t, visit) {
    this.hops.flyingAt(t, visit);
  }

  /** How many hops never landed, up to `t`. @param {number} t */
  droppedBy(t) {
    return this._droppedUnseen + this.hops.droppedBy(t);
  }

  /** One hop, spelled out; `end` is Infinity while it flies. @param {number} n */
  hop(n) {
    const hops = this.hops;
    const message = this.messages[hops.message[n]];
    const fate = ["flying", "received", "dropped", "unknown"][hops.fate[n]];
    return { n, ...hops.ways[hops.way[n]], message: message?.id ?? "", sent: hops.sent[n], due: hops.due[n], end: hops.end[n],
      attempt: hops.attempt[n], fate, duplicate: Boolean(hops.flags[n] & DUPLICATE), seq: hops.seq[n], endSeq: hops.endSeq[n] };
  }

  /** @param {string} id */
  messageById(id) {
    return this.messages[this._byId.get(id) ?? -1];
  }

  /** @param {string} id */
  hopsOf(id) {
    return (this.messageById(id)?.hops ?? []).map((n) => this.hop(n));
  }

  /** @param {string} id */
  settlementsOf(id) {
    return (this.messageById(id)?.settled ?? []).map((i) => this.event(i));
  }

  /** The indices of the events that are about a message, in order. @param {string} id */
  eventsOf(id) {
    const message = this.messageById(id);
    if (!message) return [];
    const seqs = message.hops.flatMap((n) => [this.hops.seq[n], this.hops.endSeq[n]]).filter(Boolean);
    const found = [...seqs.map((seq) => this.indexOfSeq(seq)).filter((i) => i >= 0), ...message.settled];
    return found.sort((a, b) => a - b);
  }

  /** @param {string} invariant @param {number} t @returns {{status: string, count: number, first: number}} */
  lightAt(invariant, t) {
    return this._lights.get(invariant)?.valueAt(t) ?? NO_LIGHT;
  }

  /** @param {string} metric @returns {Series<number>} */
  readings(metric) {
    return this._readings.get(metric) ?? new Series();
  }

  /** Faults that are on at `t`. @param {number} t */
  faultsAt(t) {
    const on = [];
    for (const series of this._faults.values()) {
      const last = countUpTo(series.at, t) - 1;
      if (last < 0 || series.value[last].phase === "healed") continue;
      let first = last;
      while (first > 0 && series.value[first].phase !== "asked") first -= 1;
      on.push({ ...series.value[last], since: series.at[first] });
    }
    return on;
  }

  /** Every setting as it is at `t`. @param {number} t */
  settingsAt(t) {
    const settings = { ...this.initial };
    for (const [control, series] of this._tuned) {
      const value = series.valueAt(t);
      if (value !== undefined) settings[control] = value;
    }
    return settings;
  }

  /** The newest caption of each node, if it is at most `lasts` seconds old. @param {number} t @param {number} lasts */
  captionsAt(t, lasts) {
    const found = [];
    for (const series of this._captions.values()) {
      const i = countUpTo(series.at, t) - 1;
      if (i >= 0 && series.at[i] > t - lasts) found.push({ ...series.value[i], at: series.at[i] });
    }
    return found.sort((a, b) => a.at - b.at || a.seq - b.seq);
  }

  /** How often something that must hold was broken at each node, up to `t`. @param {number} t */
  violationsAt(t) {
    /** @type {Map<string, number>} */
    const found = new Map();
    for (const [node, series] of this._violations) if (series.valueAt(t)) found.set(node, series.valueAt(t));
    return found;
  }

  /** What one of these events broke, by the names of the invariants. @param {number[]} seqs */
  breaksAt(seqs) {
    return seqs.flatMap((seq) => this._breaks.get(seq) ?? []);
  }

  /** @param {number} from @param {number} to */
  markersBetween(from, to) {
    return this.markers.filter((marker) => marker.at > from && marker.at <= to);
  }
}
