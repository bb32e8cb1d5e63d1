/** The workload: the live run behind the page, its commands and its state. The view clock is view.js. */

import { Socket } from "../net/socket.js";
import { TICKS_PER_SECOND } from "../net/protocol.js";
import { inspectHeld } from "./payloads.js";
import { asSentence } from "./words.js";

/**
 * @typedef {"recorded" | "connecting" | "live" | "ended" | "lost"} State
 * @typedef {{seed?: number, engine?: string, settings?: Record<string, any>, scenario?: string, speed?: number, faults?: string[]}} Wish
 */

const SERVER_GONE = "The connection to the server is lost. What happened so far stays here, and the page tries to come back.";

/** A host that has to be started first needs a second or two. */
const GREETING_SECONDS = 20;

/** Events: `state`, `notice` (detail `{kind, text}`). */
export class Session extends EventTarget {
  /** @param {string} path of the socket @param {import("./store.js").Store} store @param {import("./view.js").View} view */
  constructor(path, store, view) {
    super();
    this.store = store;
    this.view = view;
    /** @type {State} */
    this.state = "recorded";
    this.why = "";
    this.paused = false;
    this.speed = 0.1;
    this.run = "";
    /** @type {Wish} what the next run starts with, kept from the last one */
    this.wish = {};
    this.socket = new Socket(path);
    this.socket.addEventListener("frame", (event) => this._take(/** @type {CustomEvent} */ (event).detail));
    this.socket.addEventListener("closed", () => this._lose());
    this.socket.addEventListener("refused", (event) => this._refused(/** @type {CustomEvent} */ (event).detail));
    this.socket.addEventListener("open", () => this._comeBack());
  }

  /** Start a run of our own. @param {Wish} [wish] @returns {Promise<void>} */
  async start(wish = {}) {
    const before = { state: this.state, wish: this.wish };
    const { speed = this.speed, ...rest } = wish;
    this.wish = rest;
    this._be("connecting", "");
    try {
      await this.socket.connected(GREETING_SECONDS);
      await this.socket.ask({ c: "start", ...rest, speed });
    } catch (problem) {
      this._stayWith(before, asSentence(/** @type {Error} */ (problem).message));
      throw problem;
    }
  }

  stop() {
    return this._command({ c: "stop" });
  }

  async pause() {
    await this._command({ c: "pause" });
    this._clock({ paused: true });
  }

  async resume() {
    await this._command({ c: "resume" });
    this._clock({ paused: false });
  }

  /** While paused: let the workload's next deadline pass, and no more. */
  step() {
    return this._command({ c: "step" });
  }

  /** @param {number} speed seconds of run time per real second */
  async setSpeed(speed) {
    this.speed = speed;
    if (this.state === "live") await this._command({ c: "speed", speed });
    this._clock({ speed });
  }

  /** Turn a control or remedy; on a recorded run, start a live one that has it so. @param {string} control @param {any} value */
  set(control, value) {
    if (this.state === "live") return this._command({ c: "set", control, value });
    return this._startWith({ [control]: value });
  }

  /** @param {string} fault @param {string} [target] @param {number} [amount] */
  async ask(fault, target = "", amount = undefined) {
    if (this.state !== "live") await this._startWith({});
    return this._command({ c: "ask", fault, target, ...(amount === undefined ? {} : { amount }) });
  }

  /** @param {string} fault @param {string} [target] */
  heal(fault, target = "") {
    return this._command({ c: "heal", fault, target });
  }

  /** One message whole: its CloudEvents attributes and its data. @param {string} message its id @returns {Promise<any>} */
  async inspect(message) {
    if (this.state === "live" || (this.store.live && this.socket.isOpen)) {
      return (await this._command({ c: "inspect", message })).message;
    }
    return inspectHeld(this.store, message);
  }

  /** Leave the live run, if there is one, and show a recording. @param {any} recording */
  async replay(recording) {
    if (this.state === "live") await this.stop();
    this.run = "";
    this._be("recorded", "");
    this.store.load(recording);
    this.view.start();
  }

  /** Keep the run so far. @param {string} title @returns {Promise<string>} its address */
  async save(title) {
    return (await this._command({ c: "save", title })).url;
  }

  /** Say something to the reader. @param {"info" | "warning" | "error"} kind @param {string} text */
  notify(kind, text) {
    this.dispatchEvent(new CustomEvent("notice", { detail: { kind, text: asSentence(text) } }));
  }

  // --- within ------------------------------------------------------------------------------------------------

  async _command(command) {
    if (!this.run) throw new Error("This run is recorded. “Run live” starts one that listens.");
    if (this.state === "lost") throw new Error("There is no connection to the server just now.");
    return this.socket.ask(command);
  }

  /** Several knobs may be turned before the run is there: the first starts it, the others follow as commands. */
  async _startWith(settings) {
    // one that has ended is started again as it was set; a recorded one is somebody else's, so from the defaults
    const before = this.store.live ? this.store.settingsAt(this.store.now) : {};
    if (this.state !== "connecting") return this.start({ settings: { ...before, ...settings } });
    await new Promise((resolve) => this.addEventListener("state", resolve, { once: true }));
    if (this.state !== "live") throw new Error(this.why);
    for (const [control, value] of Object.entries(settings)) await this.set(control, value);
    return undefined;
  }

  /** A start was refused. The host drops a run only for one that has begun, so what was there goes on. */
  _stayWith({ state, wish }, why) {
    if (state === "live" && !this.store.ended) {
      this.wish = wish;
      if (!this.socket.isOpen) return this._lose();
      this._be("live", "");
      return this.notify("warning", `${why} Your run goes on.`);
    }
    if (!this.socket.isOpen) this.socket.close();
    this._be(state === "recorded" ? "recorded" : "ended", why);
    return this.notify("warning", this.store.live ? why : `${why} The page stays with the recorded run.`);
  }

  _take(frame) {
    const take = this[`_on_${frame.t}`];
    if (take) take.call(this, frame);
  }

  _on_run(frame) {
    if (frame.run === this.run) return; // joined again: the log goes on
    this.run = frame.run;
    this.speed = frame.speed ?? this.speed;
    this.paused = false;
    this.store.begin(frame);
    this.view.follow({ now: 0, speed: this.speed, paused: false });
    this._be("live", "");
    this.view.goLive();
  }

  _on_events(frame) {
    this.store.take(frame);
    this.view.follow({ now: this.store.now });
    if (this.store.ended) this._be("ended", this.store.ended);
    else if (this.state === "lost") this._be("live", "");
  }

  _on_snapshot(frame) {
    this._on_events(frame);
  }

  _on_clock(frame) {
    this.store.now = Math.max(this.store.now, frame.now / TICKS_PER_SECOND);
    this._clock({ speed: frame.speed, paused: frame.paused });
  }

  _on_lagged(frame) {
    this.notify("warning", frame.why || `${frame.skipped} events were skipped, because this browser could not keep up.`);
  }

  _on_gone(frame) {
    this._finish(frame.why);
    this.notify("error", frame.why);
  }

  _on_error(frame) {
    if (!frame.re) this.notify("warning", frame.why);
  }

  _clock({ speed = this.speed, paused = this.paused }) {
    const changed = speed !== this.speed || paused !== this.paused;
    Object.assign(this, { speed, paused });
    this.view.follow({ now: this.store.now, speed, paused });
    if (changed) this.dispatchEvent(new Event("state"));
  }

  _lose() {
    if (this.state !== "live" && this.state !== "connecting") return;
    if (!this.run || this.store.ended) return; // nothing that could be lost
    this._be("lost", SERVER_GONE);
    this.notify("error", SERVER_GONE);
  }

  async _comeBack() {
    if (this.state !== "lost") return;
    try {
      await this.socket.ask({ c: "join", run: this.run, seq: this.store.lastSeq });
      this._be("live", "");
      this.notify("info", "The connection is back, and the run goes on.");
    } catch {
      this._finish("The server is back, but the run ended with it. Its log is still here; “Run live” starts a new one.");
      this.notify("warning", this.why);
    }
  }

  /** The run is over, and nobody is left to say so in its log. */
  _finish(why) {
    this.run = "";
    this.store.finish(why);
    this._be("ended", why);
  }

  _refused(why) {
    if (this.state !== "live" && this.state !== "lost") return;
    this._finish(why);
    this.notify("error", `${asSentence(why)} The log of the run is still here.`);
  }

  /** @param {State} state @param {string} why */
  _be(state, why) {
    if (state === this.state && why === this.why) return;
    this.state = state;
    this.why = why;
    this.dispatchEvent(new Event("state"));
  }
}
