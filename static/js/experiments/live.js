/** Follows runs while they go on: lines of JSON that come as long as the trial lasts, from its first event on. */

import { times } from "../lab/words.js";

/** The screen learns at most so often how far the runs are. */
const WORDS_MS = 250;

/**
 * @param {string} address
 * @param {{shown: import("./arm.js").Arm[], axis: any, view: any, words: HTMLElement, pace: number, still: boolean}} parts
 */
export async function follow(address, parts) {
  const live = new Live(parts);
  try {
    for await (const lines of readLines(address)) live.take(lines);
  } catch (problem) {
    live.fail(problem);
  }
  live.finish();
}

class Live {
  constructor({ shown, axis, view, words, pace, still }) {
    this.arms = new Map(shown.map((arm) => [arm.arm.name, arm]));
    Object.assign(this, { shown, axis, view, words, still });
    this.began = this.told = 0;
    /** Run time per real second of runs that follow real time; null for those that jump. @type {number | null} */
    this.speed = null;
    this.isOver = this.isCut = false;
    /** Real seconds, and run time, of the longest run that is over. */
    this.took = this.longest = 0;
    /** Whoever took the transport in hand is not carried on. */
    this.inHand = false;
    view.setRate(pace);
    words.textContent = "Nothing runs yet. As soon as the runs begin, they are shown here.";
    for (const kind of ["click", "input", "keydown"]) {
      words.previousElementSibling?.addEventListener(kind, () => (this.inHand = true));
    }
    axis.ended = "";
    axis.join(shown.map((arm) => arm.store));
  }

  /** @param {any[]} lines */
  take(lines) {
    for (const line of lines) this._takers[line.t]?.call(this, line);
    if (!this.began) return;
    this.axis.grow();
    if (this.speed) this._followRealTime();
    else if (this.still && !this.inHand) this.view.scrub(this.axis.now);
    else if (!this.inHand && !this.view.playing && this.view.t < this.axis.now) this.view.play();
    this._tell();
  }

  _takers = {
    arm: this._begin,
    frame: ({ arm, frame }) => this.arms.get(arm)?.store.take(frame),
    end: this._end,
    cut: () => (this.isCut = true),
  };

  _begin({ arm, run, speed }) {
    this.began ||= performance.now();
    document.getElementById("bet-full")?.remove(); // too late for another bet
    this.speed = speed;
    this.arms.get(arm)?.begin(run);
  }

  _end({ arm, took, seconds }) {
    const ended = this.arms.get(arm);
    if (!ended) return;
    ended.end(took);
    this.took = Math.max(this.took, took ?? 0);
    this.longest = Math.max(this.longest, seconds);
    this.isOver = this.shown.every((each) => each.isOver);
  }

  /** Real servers take part: the view stays with them. */
  _followRealTime() {
    this.axis.live = true;
    this.view.follow({ now: this.axis.now, speed: this.speed });
    if (!this.view.live && !this.inHand && !this.still) this.view.goLive();
    else if (this.still && !this.inHand) this.view.scrub(this.axis.now);
  }

  _tell() {
    const now = performance.now();
    if (now - this.told < WORDS_MS && !this.isOver) return;
    this.told = now;
    this.words.textContent = this.isOver ? this._sayOver() : this._sayRunning((now - this.began) / 1000);
    this.view.dispatchEvent(new Event("change"));
  }

  _sayRunning(seconds) {
    const cut = this.isCut ? " So many messages are more than can be sent on while they run; all of them come with the recordings." : "";
    if (this.speed) return `Running now, at ${times(this.speed)} of real time, because real servers take part.${cut}`;
    if (!this.shown.some((arm) => arm.isOn)) return `Shown when each is over, since to show it meanwhile would take from the time that is measured. You see it at ${times(this.view.rate)}.`;
    const speed = seconds > 0.3 ? `, ${times(round(this.axis.now / seconds))} as fast as life` : "";
    return `Running now: the runs are at ${this.axis.now.toFixed(1)} s${speed}. They do not wait for you: you see them at ${times(this.view.rate)}.${cut}`;
  }

  _sayOver() {
    const rest = "What else is measured, further runs with other seeds, is not shown.";
    if (!this.took) return `The runs are over; shown at ${times(this.view.rate)}. ${rest}`;
    const fast = ` (${times(round(this.longest / this.took))})`;
    return `${this.longest.toFixed(1)} s of run time took ${this.took.toFixed(1)} s${fast}; shown at ${times(this.view.rate)}. ${rest}`;
  }

  /** @param {Error} problem */
  fail(problem) {
    if (this.isOver) return;
    this.words.textContent = `The runs cannot be followed (${problem.message}); they go on all the same, and their recordings come when they are over.`;
  }

  /** Nothing more comes: the trial is over, was stopped, or its process has died; the page learns which. */
  finish() {
    this.axis.ended ||= "over";
    for (const arm of this.shown) if (!arm.isOver) arm.breakOff();
    this.view.dispatchEvent(new Event("change"));
  }
}

/** @param {string} address */
async function* readLines(address) {
  const answer = await fetch(address);
  if (!answer.ok || !answer.body) throw new Error(`the server answered ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: "" })); // a file that breaks off
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length) yield lines.map((line) => JSON.parse(line));
  }
}

/** Two digits are enough of a speed. @param {number} speed */
function round(speed) {
  return Number(speed.toPrecision(2));
}
