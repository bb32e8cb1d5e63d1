/** The view clock: which moment of the log is on the screen. Local to this browser; the workload's clock is session.js. */

import { Pursuit } from "./pursuit.js";
import { countUpTo } from "./series.js";

/** A tab that was hidden must not leap over the run when it comes back. */
const LONGEST_FRAME = 0.1;
/** Seconds of run time before the next event in which a guided view is slow already. */
const SOON = 0.05;

/** @typedef {{at: number, caption: string, node: string}} Stop */

/** Events: `tick` (t changed), `change` (playing, live, rate or stop changed). */
export class View extends EventTarget {
  /** @param {import("./store.js").Store} store @param {import("./selection.js").Selection} selection */
  constructor(store, selection) {
    super();
    this.store = store;
    this.selection = selection;
    this.t = 0;
    this.playing = false;
    this.live = false;
    /** The index of the event the view stands at: the last one at or before t, or the one stepped to. */
    this.cursor = -1;
    /** "auto" slows down before a stop, so that what its caption says can be seen coming. @type {number | "auto"} */
    this.pace = 0.1;
    /** @type {Stop[]} */
    this.stops = [];
    /** @type {Stop | null} */
    this.stop = null;
    /** Goes on by itself after a stop, until the reader takes the transport in hand. */
    this.autoplay = false;
    this._pursuit = new Pursuit(store);
    this._followed = false;
    this._frame = 0;
    this._last = 0;
    this._proceed = 0;
    store.addEventListener("reset", () => this._rewind());
  }

  /** Seconds of run time that pass on the screen in a real second. */
  get rate() {
    if (this.live) return this._pursuit.speed;
    return this.pace === "auto" ? this._guidedRate() : this.pace;
  }

  play() {
    this._takeInHand();
    this._play();
  }

  pause() {
    this._takeInHand();
    this._halt();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Show the moment `t`, exactly. @param {number} t */
  scrub(t) {
    this._takeInHand();
    if (this.live) this.playing = false; // who looks back wants to see it, not to be carried on
    this._leaveLive();
    this.stop = null;
    this._moveTo(Math.max(0, Math.min(t, this.store.now)));
    this._changed();
  }

  /** Go to the next or the previous event. @param {1 | -1} direction */
  step(direction) {
    this.goTo(Math.max(0, Math.min(this.cursor + direction, this.store.length - 1)));
  }

  /** Go to the next or the previous event of the selected message. @param {1 | -1} direction */
  stepMessage(direction) {
    const events = this.store.eventsOf(this.selection.message);
    const next = direction > 0 ? events.find((i) => i > this.cursor) : events.findLast((i) => i < this.cursor);
    if (next !== undefined) this.goTo(next);
  }

  /** Stand at one event, exactly: others may have happened at the same time. @param {number} i its index in the store */
  goTo(i) {
    if (!this.store.length) return;
    this._takeInHand();
    this._leaveLive();
    this.playing = false;
    this.stop = null;
    this.t = this.store.ats[i];
    this.cursor = i;
    this.selection.select({ seq: this.store.seqs[i] });
    this._changed();
    this._tell();
  }

  /** Follow the live run. */
  goLive() {
    this._takeInHand();
    if (!this.store.live || this.store.ended) return this.scrub(this.store.now);
    this.live = this.playing = true;
    this.stop = null;
    this._moveTo(this._pursuit.target());
    this._changed();
    this._run();
  }

  /** @param {number | "auto"} pace */
  setRate(pace) {
    this.pace = pace;
    this._changed();
  }

  /** Go on after a stop. */
  proceed() {
    clearTimeout(this._proceed);
    if (!this.stop) return;
    this.stop = null;
    // Behind a live run that went on meanwhile: catch up with it, and miss no stop on the way.
    if (this._followed) this.pace = Math.min(10, 2 * this._pursuit.speed);
    this._play();
  }

  /** Play from the beginning without being asked, and go on by itself after each stop. */
  start() {
    this.autoplay = true;
    this.pace = this.stops.length ? "auto" : 0.5;
    this._play();
  }

  /** What the workload's clock says now. @param {{now: number, speed?: number, paused?: boolean}} clock */
  follow(clock) {
    if (this._pursuit.follow(clock)) this._changed();
  }

  // --- within ------------------------------------------------------------------------------------------------

  _takeInHand() {
    this.autoplay = false;
    clearTimeout(this._proceed);
  }

  _play() {
    this.stop = null;
    if (this.t >= this.store.now && !(this.store.live && !this.store.ended)) this._moveTo(0);
    this.playing = true;
    this._changed();
    this._run();
  }

  _halt() {
    this._leaveLive();
    this.playing = false;
    this._changed();
  }

  _leaveLive() {
    if (!this.live) return;
    this.live = false;
    this.pace = this._pursuit.speed;
  }

  _rewind() {
    clearTimeout(this._proceed);
    this.stop = null;
    this.live = this._followed = this.playing = false;
    this._pursuit.follow({ now: 0, paused: false });
    this.t = 0;
    this.cursor = -1;
    this.stops = [];
    this._changed();
    this._tell();
  }

  _moveTo(t) {
    this.t = t;
    this.cursor = this.store.indexAt(t);
    this._tell();
  }

  _run() {
    if (this._frame) return;
    this._last = performance.now();
    this._frame = requestAnimationFrame((now) => this._advance(now));
  }

  _advance(now) {
    this._frame = 0;
    if (!this.playing) return;
    const dt = Math.min(LONGEST_FRAME, Math.max(0, (now - this._last) / 1000));
    this._last = now;
    this._walk(this.live ? this._pursuit.step(this.t, dt) : Math.min(this.t + dt * this.rate, this.store.now));
    if (this.playing) this._frame = requestAnimationFrame((next) => this._advance(next));
  }

  /** Move to `t`, unless a stop stands in between. */
  _walk(t) {
    const stop = this.stops.find((each) => each.at > this.t && each.at <= t);
    if (stop) return this._standAt(stop);
    if (t !== this.t) this._moveTo(t);
    if (this.live && this.store.ended && t >= this.store.now) this._halt();
    else if (!this.live && t >= this.store.now) this._atTheEnd();
    return undefined;
  }

  _standAt(stop) {
    this._followed = this.live;
    this._leaveLive();
    this.playing = false;
    this.stop = stop;
    this._moveTo(stop.at);
    this._changed();
    if (this.autoplay) this._proceed = setTimeout(() => this.proceed(), readingSeconds(stop.caption) * 1000);
  }

  _atTheEnd() {
    if (this.store.live && !this.store.ended) return this.goLive();
    return this._halt();
  }

  /** Slow where there is something to see, slower before a stop, and quick through empty time. */
  _guidedRate() {
    if (this._nothingMoves()) return 1;
    const next = this.stops[countUpTo(this.stops.map((stop) => stop.at), this.t)];
    return next && next.at - this.t < 0.7 ? 0.1 : 0.5;
  }

  _nothingMoves() {
    const { store, t } = this;
    let flying = false;
    store.flightsAt(t, () => { flying = true; });
    return !flying && store.ats[store.indexAt(t) + 1] > t + SOON;
  }

  _tell() {
    this.dispatchEvent(new Event("tick"));
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} text how long a slow reader needs for it */
function readingSeconds(text) {
  return 1.5 + text.split(/\s+/).length * 0.36;
}
