/** The transport bar: the view on the left, the workload on the right, the timeline between. Two clocks, two controls. */

import { Marks } from "./marks.js";
import { times } from "./words.js";

const PACES = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export class Transport {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.lab = lab;
    this.root = root;
    this.acts = Object.fromEntries(
      [...root.querySelectorAll("[data-act]")].map((each) => [/** @type {HTMLElement} */ (each).dataset.act, /** @type {any} */ (each)]));
    this.timeline = /** @type {HTMLInputElement} */ (root.querySelector("#timeline"));
    this.moment = /** @type {HTMLElement} */ (root.querySelector("#moment"));
    this.marks = new Marks(/** @type {HTMLElement} */ (root.querySelector("#marks")), lab);
    this._offerSpeeds();
    this._listen();
    this.draw();
    this._showState();
  }

  draw() {
    const { view, store } = this.lab;
    const end = Math.max(store.now, 0.01);
    this.timeline.max = String(end);
    this.timeline.value = String(view.t);
    this.timeline.style.setProperty("--done", `${Math.min(100, (100 * view.t) / end)}%`);
    const moment = `${view.t.toFixed(2)} / ${store.now.toFixed(2)} s`;
    if (this.moment.textContent !== moment) this.moment.textContent = moment;
    this.timeline.setAttribute("aria-valuetext", `${view.t.toFixed(2)} seconds of ${store.now.toFixed(2)}`);
    this.marks.draw();
  }

  _listen() {
    const { view, session, store, selection } = this.lab;
    this._on("play", () => view.toggle());
    this._on("back", () => view.step(-1));
    this._on("on", () => view.step(1));
    this._on("along", () => view.stepMessage(1));
    this._on("live", () => view.goLive());
    this._on("run", () => this._start());
    this._on("hold", () => (session.paused ? session.resume() : session.pause()));
    this._on("one", () => session.step());
    this._on("stop", () => session.stop());
    this.acts.pace.addEventListener("change", () => view.setRate(this.acts.pace.value === "auto" ? "auto" : Number(this.acts.pace.value)));
    this.acts.speed.addEventListener("change", () => this._try(session.setSpeed(Number(this.acts.speed.value))));
    this.timeline.addEventListener("input", () => view.scrub(Number(this.timeline.value)));
    view.addEventListener("tick", () => this.draw());
    view.addEventListener("change", () => this._showState());
    session.addEventListener("state", () => this._showState());
    store.addEventListener("reset", () => this._showState());
    store.addEventListener("rows", () => this.draw());
    store.addEventListener("ended", () => this._showState());
    selection.addEventListener("change", () => this._showState());
  }

  _on(act, does) {
    this.acts[act].addEventListener("click", () => this._try(does()));
  }

  /** A command that fails says why; the page goes on. */
  async _try(promise) {
    try {
      await promise;
    } catch (problem) {
      if (this.lab.session.state !== "recorded") this.lab.session.notify("warning", problem.message);
    }
  }

  /** A tour, or what an address tells, is made again as it was asked for, its cures at their time; else as it stood at the end. */
  _start() {
    const { session, store } = this.lab;
    const { wish } = session;
    if (!store.live || wish.scenario || wish.script?.length) return session.start(wish);
    return session.start({ ...wish, settings: { ...wish.settings, ...store.settingsAt(store.now) } });
  }

  _showState() {
    const { view, session, store, selection } = this.lab;
    const { acts } = this;
    const running = session.state === "live";
    say(acts.play.querySelector("[data-icon]"), view.playing ? "❚❚" : "▶");
    acts.play.setAttribute("aria-label", view.playing ? "Pause the view" : "Play the view");
    acts.pace.closest("label").hidden = view.live; // then the workload's speed is the view's
    acts.pace.value = view.live ? nearest(view.rate) : String(view.pace === "auto" ? "auto" : nearest(view.pace));
    acts.live.hidden = !running || view.live;
    acts.along.hidden = !selection.message;
    say(acts.along.querySelector("[data-message]"), selection.message ? `#${selection.message.replace(/\/.*/, "")}` : "one message");
    say(acts.run, { connecting: "Starting …", recorded: "Run live" }[session.state] ?? "Run again");
    acts.run.hidden = running || session.state === "lost";
    acts.run.disabled = session.state === "connecting";
    for (const act of ["hold", "stop"]) acts[act].hidden = !running;
    acts.one.hidden = !running || !session.paused;
    acts.speed.closest("label").hidden = !(running || session.state === "connecting");
    acts.speed.value = nearest(session.speed);
    say(acts.hold.querySelector("[data-icon]"), session.paused ? "▶" : "❚❚");
    acts.hold.setAttribute("aria-label", session.paused ? "Resume the workload" : "Pause the workload");
    acts.hold.setAttribute("aria-pressed", String(session.paused));
    this.draw();
  }

  _offerSpeeds() {
    const options = PACES.map((pace) => new Option(times(pace), String(pace)));
    this.acts.pace.append(new Option("guided", "auto"), ...options);
    this.acts.speed.append(...PACES.map((pace) => new Option(times(pace), String(pace))));
  }
}

/** @param {number} rate */
function nearest(rate) {
  return String(PACES.reduce((best, pace) => (Math.abs(Math.log(pace / rate)) < Math.abs(Math.log(best / rate)) ? pace : best)));
}

function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
