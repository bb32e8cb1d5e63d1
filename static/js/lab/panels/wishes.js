/** What the reader turned and the log does not show yet: sent to a live run, or kept until one is started with it. */

/** @type {WeakMap<object, Wishes>} */
const ALL = new WeakMap();

/** The wishes of a lab, one for all its panels. @param {import("../page.js").Lab} lab */
export function wishesOf(lab) {
  let wishes = ALL.get(lab);
  if (!wishes) ALL.set(lab, (wishes = new Wishes(lab)));
  return wishes;
}

/** Events: `change`. */
export class Wishes extends EventTarget {
  /** @param {import("../page.js").Lab} lab */
  constructor(lab) {
    super();
    this.lab = lab;
    /** @type {Map<string, any>} setting → value */
    this.open = new Map();
    /** What the next run is to run on, or "" for what this one runs on. */
    this.engine = "";
    /** @type {Map<string, string>} setting → the sentence with which it was refused */
    this.refused = new Map();
    lab.store.addEventListener("reset", () => this.drop());
    lab.view.addEventListener("change", () => this._forgetMet());
    lab.view.addEventListener("tick", () => this._forgetMet());
  }

  /** The value to show for a setting: wished, else as it is in the log at the moment shown. @param {{name: string, default: any}} setting */
  valueOf(setting) {
    if (this.open.has(setting.name)) return this.open.get(setting.name);
    return this.lab.store.settingsAt(this.lab.view.t)[setting.name] ?? setting.default;
  }

  /** Whether a run has to be started before the wish can come true. @param {string} name */
  waits(name) {
    return this.open.has(name) && this.lab.session.state !== "live";
  }

  /** Show a value that is still being chosen. @param {string} name @param {any} value */
  hold(name, value) {
    this.refused.delete(name);
    this.open.set(name, value);
    this._changed();
    return value;
  }

  /** @param {string} name @param {any} value */
  async wish(name, value) {
    const { session, view } = this.lab;
    this.hold(name, value);
    if (session.state !== "live") return;
    if (!view.live) view.goLive();
    try {
      await session.set(name, value);
    } catch (problem) {
      this.refuse(name, /** @type {Error} */ (problem).message);
    }
  }

  /** No run changes its engine under way: this always asks for another one. @param {string} name */
  wishEngine(name) {
    this.engine = name === this.lab.store.engine ? "" : name;
    this._changed();
  }

  /** @param {string} name @param {string} why */
  refuse(name, why) {
    this.open.delete(name);
    this.refused.set(name, why);
    this._changed();
  }

  /** Start a run that has everything as wished; after a live one, the rest as that one had it. */
  async runLive() {
    const { session, store } = this.lab;
    const before = store.live ? store.settingsAt(store.now) : {};
    // a refusal is told by the session; the wishes stay to be tried again
    const engine = this.engine || (store.live ? store.engine : session.wish.engine);
    const wish = { settings: { ...before, ...Object.fromEntries(this.open) }, ...(engine ? { engine } : {}) };
    await session.start(wish).catch(() => {});
  }

  drop() {
    this.engine = "";
    this.open.clear();
    this.refused.clear();
    this._changed();
  }

  _forgetMet() {
    const { store, session, view } = this.lab;
    if (session.state !== "live") return;
    const shown = store.settingsAt(view.t);
    for (const [name, value] of this.open) if (!view.live || shown[name] === value) this.open.delete(name);
  }

  _changed() {
    this.dispatchEvent(new Event("change"));
  }
}
