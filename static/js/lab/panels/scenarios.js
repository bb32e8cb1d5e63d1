/** Guided tours: what each is about, live or recorded, and how far the one that is on has come. */

import { recordingOf, showTour } from "../tours.js";
import { make, say } from "./element.js";
import { keepDrawn } from "./redraw.js";

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const { scenarios } = lab.declared;
  if (!scenarios.length) return;
  const count = make("span", { class: "muted" }, `${scenarios.length}`);
  const drawer = make("details", { class: "drawer scenarios" }, make("summary", {}, "Guided tours ", count));
  const items = scenarios.map((scenario) => new Tour(scenario, lab, () => (drawer.open = false)));
  drawer.append(make("div", { class: "drawer__body" }, make("ol", { class: "scenarios__list", role: "list" }, ...items.map((item) => item.root))));
  root.append(drawer);
  keepDrawn(root, lab, () => items.forEach((item) => item.draw()), 4);
}

class Tour {
  constructor(scenario, lab, done) {
    this.scenario = scenario;
    this.lab = lab;
    this.state = make("span", { class: "scenario__state" });
    const live = make("button", { class: "button", type: "button", "data-tour": scenario.slug, onclick: () => {
      done();
      return this._playLive();
    } }, "Play live");
    const recorded = make("button", { class: "button button--quiet", type: "button", onclick: () => {
      done();
      return this._playRecorded();
    } }, "Recorded");
    this.root = make("li", { class: "scenario" }, make("h3", { class: "scenario__title" }, scenario.title, " ", this.state),
      make("p", { class: "scenario__goal" }, scenario.goal),
      make("div", { class: "button-row" }, live, ...(recordingOf(scenario, lab.declared) ? [recorded] : [])));
  }

  draw() {
    const { store, view } = this.lab;
    const on = store.scenario === this.scenario.slug;
    const { stops } = this.scenario;
    const passed = stops.filter((stop) => stop.at <= view.t + 1e-9).length;
    this.root.toggleAttribute("data-on", on);
    say(this.state, on ? `stop ${passed} of ${stops.length}` : `${stops.length} stops`);
  }

  async _playLive() {
    const { slug, seed, speed } = this.scenario;
    // what cannot be started is told by the session
    await this.lab.session.start({ scenario: slug, seed, speed, settings: {}, faults: [] }).catch(() => {});
  }

  async _playRecorded() {
    try {
      await showTour(this.lab, this.scenario);
    } catch (problem) {
      this.lab.session.notify("warning", /** @type {Error} */ (problem).message);
    }
  }
}
