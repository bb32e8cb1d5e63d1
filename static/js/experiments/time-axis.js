/** One run log out of several, as far as a view needs one: its time and its moments. All stages stand at the same moment. */

import { countUpTo } from "../lab/series.js";

export class TimeAxis extends EventTarget {
  constructor() {
    super();
    this.now = 0;
    this.live = false;
    this.ended = "recorded";
    /** @type {number[]} times of all events of all runs, in order */
    this.ats = [];
    /** @type {number[]} no event's number means anything across runs */
    this.seqs = [];
  }

  get length() {
    return this.ats.length;
  }

  /** @param {import("../lab/store.js").Store[]} stores */
  join(stores) {
    this.now = Math.max(0, ...stores.map((store) => store.now));
    this.ats = stores.flatMap((store) => store.ats).sort((a, b) => a - b);
    this.seqs = this.ats.map(() => 0);
    this.dispatchEvent(new Event("reset"));
  }

  /** @param {number} t */
  indexAt(t) {
    return countUpTo(this.ats, t) - 1;
  }

  eventsOf() {
    return [];
  }
}
