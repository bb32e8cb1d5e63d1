/** Every hop of a run in typed columns, so that a moment with thousands of flights is found without making objects. */

import { countUpTo } from "./series.js";

export const FLYING = 0;
export const RECEIVED = 1;
export const DROPPED = 2;
/** Ended while nobody told this viewer how (he lagged, or came later). */
export const UNKNOWN = 3;

/** The message had already been received where this hop goes. */
export const DUPLICATE = 1;

const NEVER = Infinity;

export class Hops {
  constructor() {
    this.length = 0;
    /** @type {{source: string, target: string}[]} each direction of a link, by its number */
    this.ways = [];
    /** @type {Map<string, number>} */
    this._wayOf = new Map();
    /** @type {number[]} hops sent so far, by way */
    this._sentOver = [];
    /** Hops that were dropped, in the order in which that happened. */
    this.drops = { hop: /** @type {number[]} */ ([]), at: /** @type {number[]} */ ([]) };
    this._firstOpen = 0;
    this._longest = 0;
    this._reserve(1024);
  }

  /** @param {number} capacity */
  _reserve(capacity) {
    this.sent = grow(this.sent, new Float64Array(capacity));
    this.due = grow(this.due, new Float64Array(capacity));
    this.end = grow(this.end, new Float64Array(capacity));
    /** When the message expired while this hop flew. */
    this.expired = grow(this.expired, new Float64Array(capacity));
    this.message = grow(this.message, new Int32Array(capacity));
    this.way = grow(this.way, new Uint16Array(capacity));
    this.attempt = grow(this.attempt, new Uint16Array(capacity));
    this.fate = grow(this.fate, new Uint8Array(capacity));
    this.flags = grow(this.flags, new Uint8Array(capacity));
    /** The number of its message's role: which shape is drawn. */
    this.shape = grow(this.shape, new Uint8Array(capacity));
    /** Which of its way's hops this one is: aggregation draws every n-th. */
    this.ordinal = grow(this.ordinal, new Uint32Array(capacity));
    this.seq = grow(this.seq, new Uint32Array(capacity));
    this.endSeq = grow(this.endSeq, new Uint32Array(capacity));
  }

  /** @param {string} source @param {string} target */
  wayOf(source, target) {
    const key = `${source}\n${target}`;
    let way = this._wayOf.get(key);
    if (way === undefined) {
      way = this.ways.length;
      this.ways.push({ source, target });
      this._sentOver.push(0);
      this._wayOf.set(key, way);
    }
    return way;
  }

  /** @returns {number} the new hop's number */
  send(sent, due, message, shape, way, attempt, flags, seq) {
    const n = this.length;
    if (n === this.sent.length) this._reserve(n * 2);
    this.length = n + 1;
    this.sent[n] = sent;
    this.due[n] = due;
    this.end[n] = NEVER;
    this.expired[n] = NEVER;
    this.message[n] = message;
    this.shape[n] = shape;
    this.way[n] = way;
    this.attempt[n] = attempt;
    this.flags[n] = flags;
    this.ordinal[n] = this._sentOver[way]++;
    this.seq[n] = seq;
    return n;
  }

  /** @param {number} n @param {number} at @param {number} fate @param {number} seq */
  finish(n, at, fate, seq) {
    if (n >= this.length || this.fate[n] !== FLYING) return;
    this.end[n] = at;
    this.fate[n] = fate;
    this.endSeq[n] = seq;
    this._longest = Math.max(this._longest, at - this.sent[n]);
    while (this._firstOpen < this.length && this.fate[this._firstOpen] !== FLYING) this._firstOpen += 1;
    if (fate === DROPPED) {
      this.drops.hop.push(n);
      this.drops.at.push(at);
    }
  }

  /** Make room for hops that were sent while this viewer was not told; they are never drawn. @param {number} total */
  skipTo(total) {
    const before = this.length ? this.sent[this.length - 1] : 0;
    while (this.length < total) {
      const n = this.send(before, before, -1, 0, this.wayOf("", ""), 1, 0, 0);
      this.finish(n, before, UNKNOWN, 0);
    }
  }

  /**
   * Visit every hop in the air at `t`, oldest first.
   * @param {number} t
   * @param {(hop: number) => void} visit
   */
  flyingAt(t, visit) {
    const from = Math.min(countUpTo(this.sent, t - this._longest - 1e-9, this.length), this._firstOpen);
    const to = countUpTo(this.sent, t, this.length);
    for (let n = from; n < to; n++) if (this.end[n] > t) visit(n);
  }

  /** How many hops had been dropped by `t`. @param {number} t */
  droppedBy(t) {
    return countUpTo(this.drops.at, t);
  }
}

/**
 * @template {Float64Array | Int32Array | Uint16Array | Uint8Array | Uint32Array} A
 * @param {A | undefined} old
 * @param {A} wider
 * @returns {A}
 */
function grow(old, wider) {
  if (old) wider.set(/** @type {any} */ (old));
  return wider;
}
