/**
 * The run log in the browser: a reducer over frames, the twin of `patterns.host.state` and `patterns.host.recording.Reader`.
 *
 * It holds every event as the row it came in, and beside it what lets a moment be looked up quickly (held.js).
 */

import { OUTCOMES, PHASES, ROLES, ROW, STATUSES, TICKS_PER_SECOND } from "../net/protocol.js";
import { unfold } from "../net/rows.js";
import { Held } from "./held.js";
import { DROPPED, DUPLICATE, RECEIVED, UNKNOWN } from "./hops.js";
import { Series, seriesOf } from "./series.js";

const HEALED = PHASES.indexOf("healed");
const EXPIRED = OUTCOMES.indexOf("expired");
const VIOLATED = STATUSES.indexOf("violated");

export class Store extends Held {
  /** A recording, whole. @param {any} recording */
  load(recording) {
    this.clear();
    this.describe({ ...recording, pattern: recording.pattern });
    this.title = recording.title ?? "";
    this.recorded = recording.recorded ?? "";
    this.payloads = recording.payloads ?? {};
    this.parents = recording.parents ?? {};
    this.metrics = recording.metrics ?? null;
    for (const frame of recording.frames) this._reduce(frame);
    this.now = Math.max(this.now, recording.seconds);
    this.dispatchEvent(new Event("reset"));
  }

  /** A new live run: what is held of an older one goes. @param {any} run the `run` frame */
  begin(run) {
    this.clear();
    this.live = true;
    this.describe(run);
    this.dispatchEvent(new Event("reset"));
  }

  /** @param {any} run */
  describe(run) {
    this.slug = run.pattern;
    this.engine = run.engine;
    this.seed = run.seed;
    this.scenario = run.scenario ?? "";
    this.initial = run.settings ?? {};
  }

  /** An `events` or `snapshot` frame. @param {any} frame */
  take(frame) {
    const over = this.ended;
    if (frame.t === "snapshot") this._restore(frame);
    else this._reduce(frame);
    this.dispatchEvent(new Event("rows"));
    if (this.ended && !over) this.dispatchEvent(new Event("ended"));
  }

  /** The run is over without an `ended` event: its host is gone. @param {string} why */
  finish(why) {
    if (this.ended) return;
    this.ended = why;
    this.dispatchEvent(new Event("ended"));
  }

  _reduce(frame) {
    if (frame.seq <= this.lastSeq) return; // sent again after a reconnect
    this.names.push(...(frame.names ?? []));
    let seq = frame.seq;
    for (const row of unfold(frame, this.messages.length, this.hops.length)) {
      if (row[0] === ROW.message) this._meet(row);
      else this._apply(row, row[0] >= ROW.light ? 0 : seq++);
    }
    this.lastSeq = seq - 1;
    this.now = Math.max(this.now, frame.now / TICKS_PER_SECOND);
  }

  /** Catch up by a snapshot: what it skipped leaves a gap in the log, but no wrong state. */
  _restore(frame) {
    this.names = frame.names;
    const rows = frame.rows.slice(this._meetAll(frame.rows));
    const seqs = frame.seqs.slice(frame.rows.length - rows.length);
    const flying = new Set(frame.flying);
    for (let n = 0; n < this.hops.length; n++) if (!flying.has(n)) this.hops.finish(n, frame.now / TICKS_PER_SECOND, UNKNOWN, 0);
    const numbers = frame.flying.values();
    const newest = this.lastSeq;
    rows.forEach((row, i) => {
      if (row[0] === ROW.sent) {
        const number = numbers.next().value;
        if (number < this.hops.length) return;
        this.hops.skipTo(number);
      } else if (seqs[i] && seqs[i] <= newest) return;
      this._apply(row, seqs[i]);
    });
    this._healUnseen(rows, frame.now / TICKS_PER_SECOND);
    this._droppedUnseen = frame.dropped - this.hops.drops.at.length;
    this.hops.skipTo(frame.hops);
    this.lastSeq = frame.seq;
    this.now = Math.max(this.now, frame.now / TICKS_PER_SECOND);
  }

  /** A snapshot names the faults that are on; what was on and is not named was healed in the gap. */
  _healUnseen(rows, now) {
    const on = new Set(rows.filter((row) => row[0] === ROW.faulted).map((row) => this.names[row[2]].join(":")));
    for (const fault of this.faultsAt(Infinity)) {
      const key = `${fault.fault}:${fault.target}`;
      if (!on.has(key)) this._faults.get(key).add(now, { ...fault, phase: "healed", at: now });
    }
  }

  /** @returns {number} how many message rows stand at the beginning */
  _meetAll(rows) {
    let count = 0;
    while (count < rows.length && rows[count][0] === ROW.message) count += 1;
    for (const row of rows.slice(this.messages.length, count)) this._meet(row);
    return count;
  }

  _meet([, sort, subject, identity, back = 0, story = 0]) {
    const number = this.messages.length;
    const [type, role, source] = this.names[sort];
    const cause = back ? number - back : -1;
    const id = typeof identity === "number" ? this.messages[cause].id + this.names[identity] : identity;
    this._byId.set(id, number);
    const shape = Math.max(0, ROLES.indexOf(role));
    const about = { number, id, type, role, shape, source, subject: this.names[subject], cause, story: story ? number - story : -1 };
    this.messages.push({ ...about, hops: [], settled: [], reached: new Set() });
  }

  _apply(row, seq) {
    const at = row[1] / TICKS_PER_SECOND;
    if (seq) {
      this.rows.push(row);
      this.ats.push(at);
      this.seqs.push(seq);
    }
    this._takers[row[0]].call(this, row, at, seq);
  }

  // By row kind, in the order of the protocol's ROWS.
  _takers = [null, this._sent, this._received, this._dropped, this._settled, this._changed, this._noted, this._faulted,
    this._tune, this._end, this._light, this._reading];

  _sent([, , message, link, flight, , attempt = 1], at, seq) {
    const [source, target] = this.names[link];
    const about = this.messages[message];
    const way = this.hops.wayOf(source, target);
    const flags = about.reached.has(target) ? DUPLICATE : 0;
    about.hops.push(this.hops.send(at, at + flight / TICKS_PER_SECOND, message, about.shape, way, attempt, flags, seq));
  }

  _received([, , hop], at, seq) {
    this.hops.finish(hop, at, RECEIVED, seq);
    const message = this.hops.message[hop];
    if (message >= 0) this.messages[message].reached.add(this.hops.ways[this.hops.way[hop]].target);
  }

  _dropped([, , hop], at, seq) {
    this.hops.finish(hop, at, DROPPED, seq);
  }

  _settled([, , message, , outcome], at) {
    const about = this.messages[message];
    about.settled.push(this.rows.length - 1);
    if (outcome === EXPIRED) for (const hop of about.hops) if (this.hops.end[hop] > at) this.hops.expired[hop] = at;
  }

  _changed([, , gauge, value], at) {
    const [node, quantity, unit] = this.names[gauge];
    let quantities = this._gauges.get(node);
    if (!quantities) this._gauges.set(node, (quantities = new Map()));
    let series = quantities.get(quantity);
    if (!series) quantities.set(quantity, (series = Object.assign(new Series(), { unit })));
    series.add(at, value);
  }

  _noted([, , node, text, , message = 0], at, seq) {
    const about = message ? this.messages[message - 1].id : "";
    seriesOf(this._captions, this.names[node]).add(at, { node: this.names[node], text: this.names[text], message: about, seq });
  }

  _faulted([, , name, phase, , evidence = 0, by = 0, amount = 0], at, seq) {
    const [fault, target] = this.names[name];
    seriesOf(this._faults, `${fault}:${target}`).add(at, { fault, target, phase: PHASES[phase], evidence, at });
    if (by && this.names[by] !== "scenario" && phase !== PHASES.indexOf("seen")) this.deeds.push({ at, fault, target, amount, heals: PHASES[phase] === "healed" });
    if (PHASES[phase] === "seen") return;
    this.markers.push({ at, kind: phase === HEALED ? "heal" : "fault", label: `${fault}:${target}`, seq });
  }

  _tune([, , control, value, , by], at, seq) {
    if (this.names[by] !== "scenario") this.deeds.push({ at, control: this.names[control], value });
    seriesOf(this._tuned, this.names[control]).add(at, value);
    this.markers.push({ at, kind: "tuned", label: `${this.names[control]}=${value}`, seq });
  }

  _end([, , why], at, seq) {
    this.ended = this.names[why] || "the run ended";
    this.markers.push({ at, kind: "ended", label: this.ended, seq });
  }

  _light([, , invariant, status, count, first], at) {
    const name = this.names[invariant];
    const before = this.lightAt(name, Infinity).count;
    seriesOf(this._lights, name).add(at, { status: STATUSES[status], count, first });
    if (status !== VIOLATED || count <= before) return;
    if (!before) this.markers.push({ at, kind: "violated", label: name, seq: first });
    const i = this._indexOfBreach(at, before ? 0 : first);
    if (i < 0) return; // in a gap of the log
    const seq = this.seqs[i];
    this._breaks.set(seq, [...(this._breaks.get(seq) ?? []), name]);
    const node = this.event(i).node;
    if (node) seriesOf(this._violations, node).add(at, this._violations.get(node).at.length + 1);
  }

  /** The event that broke it: the first is named; of later ones the light says when, and a stay that ended then is meant. */
  _indexOfBreach(at, first) {
    if (first) return this.indexOfSeq(first);
    const last = this.indexAt(at);
    let i = last;
    while (i > 0 && this.ats[i] === at && this.rows[i][0] !== ROW.settled) i -= 1;
    if (this.ats[i] === at) return i;
    return this.ats[last] === at ? last : -1;
  }

  _reading([, , metric, value], at) {
    seriesOf(this._readings, this.names[metric]).add(at, value);
  }
}
