/** What this is: live or recorded, at which speed, by which engine; and how many messages a dot stands for. */

import { times } from "./words.js";

export class Badge {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.lab = lab;
    this.badge = /** @type {HTMLElement} */ (root.querySelector("#badge"));
    this.honesty = /** @type {HTMLElement} */ (root.querySelector("#honesty"));
    lab.session.addEventListener("state", () => this.draw());
  }

  /** @param {import("./scene.js").Scene} [scene] */
  draw(scene = this._scene) {
    this._scene = scene;
    const { store, view } = this.lab;
    const live = this._isLive();
    this.badge.classList.toggle("chip--live", live);
    this.badge.classList.toggle("chip--recorded", !live);
    const words = [this._what(), `${times(view.rate)} time`, store.engine && `${store.engine} engine`].filter(Boolean).join(" · ");
    say(this.badge, words);
    say(this.honesty, scene?.thinned ? "a dot stands for several messages where its link says so" : "every message is drawn");
  }

  _isLive() {
    return this.lab.session.state === "live";
  }

  _what() {
    const { store, session, view } = this.lab;
    if (session.state === "connecting") return "starting";
    if (session.state === "lost") return "connection lost · log kept";
    if (!store.live) return store.length ? "recorded" : "nothing recorded";
    if (session.state === "ended") return "run over · log kept";
    if (session.paused) return "live · workload paused";
    return view.live ? "live" : "live · you look back";
  }
}

function say(place, words) {
  if (place.textContent !== words) place.textContent = words;
}
