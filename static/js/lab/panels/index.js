/**
 * Every panel of the lab page, fetched when it is needed: a group when one of its places is first seen, and all of them as soon as
 * the reader does anything, so that nothing he reaches for is missing. Who only watches loads only what he sees.
 */

/** @typedef {(root: HTMLElement, lab: import("../page.js").Lab) => void} Mount */
/** @typedef {{heads: Record<string, string>, load: () => Promise<{PANELS: Record<string, Mount>}>}} Group `heads`: a heading that holds each place */

/** @type {Group[]} */
const GROUPS = [
  { heads: { goal: "", scenarios: "", knobs: "", lights: "", charts: "" }, load: () => import("./beside.js") },
  { heads: { faults: "Break it", message: "Message" }, load: () => import("./further.js") },
  { heads: { transcript: "Transcript", code: "Code that ran", fidelity: "What is real" }, load: () => import("./below.js") },
];
const ACTS = ["pointerdown", "pointermove", "keydown", "focusin", "scroll"];

export class Panels {
  /** @param {HTMLElement} root of the lab @param {import("../page.js").Lab} lab */
  constructor(root, lab) {
    this.root = root;
    this.lab = lab;
    /** @type {Map<Group, Promise<void>>} */
    this._mounted = new Map();
    const [first, ...others] = GROUPS;
    this._whenSeen(first).then(() => others.forEach((group) => this._whenSeen(group))); // they stand below the first
    const act = () => {
      for (const type of ACTS) removeEventListener(type, act);
      this.mountAll();
    };
    for (const type of ACTS) addEventListener(type, act, { passive: true });
  }

  /** @returns {Promise<unknown>} that all are there */
  mountAll() {
    return Promise.all(GROUPS.map((group) => this._mount(group)));
  }

  /** @param {Group} group */
  _mount(group) {
    let mounted = this._mounted.get(group);
    if (!mounted) this._mounted.set(group, (mounted = this._fetch(group)));
    return mounted;
  }

  async _fetch(group) {
    try {
      const { PANELS } = await group.load();
      for (const place of this._places(group)) {
        place.replaceChildren();
        PANELS[place.dataset.panel ?? ""](place, this.lab);
      }
    } catch (problem) {
      this.lab.session.notify("warning", `A part of the page could not be loaded (${problem.message}). Reload the page to have it.`);
    }
  }

  /** @param {Group} group @returns {Promise<void>} */
  _whenSeen(group) {
    const places = this._places(group);
    if (!this._mounted.has(group)) places.forEach((place) => place.append(...heading(group.heads[place.dataset.panel ?? ""])));
    return new Promise((resolve) => {
      const eye = new IntersectionObserver((entries) => {
        if (!this._mounted.has(group) && !entries.some((entry) => entry.isIntersecting)) return;
        eye.disconnect();
        resolve(this._mount(group));
      });
      places.forEach((place) => eye.observe(place));
    });
  }

  /** @param {Group} group @returns {HTMLElement[]} */
  _places(group) {
    return Object.keys(group.heads).flatMap((name) => [...this.root.querySelectorAll(`[data-panel=${name}]`)].map((place) => /** @type {HTMLElement} */ (place)));
  }
}

/** What stands in a place until its panel does. @param {string} words */
function heading(words) {
  if (!words) return [];
  const made = document.createElement("h2");
  made.className = "panel__title";
  made.textContent = words;
  return [made];
}
