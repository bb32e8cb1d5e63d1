/** One run log out of several, as far as a view needs one: its time and its moments. All stages stand at the same moment. */

export class TimeAxis extends EventTarget {
  constructor() {
    super();
    this.now = 0;
    this.live = false;
    this.ended = "recorded";
    /** @type {import("../lab/store.js").Store[]} */
    this._stores = [];
    /** @type {number[] | null} */
    this._merged = null;
  }

  get length() {
    return this._stores.reduce((sum, store) => sum + store.length, 0);
  }

  /** Times of all events of all runs, in order; put together when somebody steps. */
  get ats() {
    this._merged ??= this._stores.flatMap((store) => store.ats).sort((a, b) => a - b);
    return this._merged;
  }

  /** No event's number means anything across runs. */
  get seqs() {
    return this.ats.map(() => 0);
  }

  /** @param {import("../lab/store.js").Store[]} stores */
  join(stores) {
    this._stores = stores;
    this.grow();
    this.dispatchEvent(new Event("reset"));
  }

  /** The runs have gone on. */
  grow() {
    this._merged = null;
    this.now = Math.max(0, ...this._stores.map((store) => store.now));
  }

  /** @param {number} t */
  indexAt(t) {
    return this._stores.reduce((sum, store) => sum + store.indexAt(t) + 1, 0) - 1;
  }

  eventsOf() {
    return [];
  }
}
