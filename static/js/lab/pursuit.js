/** How a view keeps up with a live run: a little behind what the workload's clock says, and never by a jump that an eye would see. */

/** The view stays this far behind a live run (real seconds), so that a frame that comes late makes no dot jump. */
const BEHIND = 0.13;
/** Further off than this (seconds at the workload's speed), catching up gently would take too long. */
const TOO_FAR = 0.6;

export class Pursuit {
  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.speed = 1;
    this._paused = false;
    this._now = this._wall = 0;
  }

  /** What the workload's clock says now. @param {{now: number, speed?: number, paused?: boolean}} clock @returns {boolean} whether its speed is another */
  follow({ now, speed = this.speed, paused = this._paused }) {
    const changed = speed !== this.speed;
    Object.assign(this, { speed, _paused: paused, _now: now, _wall: performance.now() / 1000 });
    return changed;
  }

  /** The moment to show just now. */
  target() {
    const passed = this._paused ? 0 : Math.min(0.5, performance.now() / 1000 - this._wall) * this.speed;
    const behind = this._paused || this.store.ended ? 0 : BEHIND * this.speed;
    return Math.max(0, Math.min(this._now + passed - behind, this.store.now));
  }

  /** From `t` towards the target, a little faster or slower than the workload, by how far off it is. @param {number} t @param {number} dt real seconds */
  step(t, dt) {
    const target = this.target();
    const off = target - t;
    if (Math.abs(off) > this.speed * TOO_FAR) return target;
    const pull = Math.min(2, Math.max(0, 1 + (off / this.speed) * 4));
    return Math.max(t, Math.min(t + dt * this.speed * pull, target + BEHIND * this.speed, this.store.now));
  }
}
