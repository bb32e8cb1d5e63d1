/** The menu of a fault: what it does, how much of it, and where. Choosing where breaks it. */

import { label } from "../words.js";
import { make, say } from "./element.js";
import { fromShown, tellValue, toShown, unitOf } from "./units.js";

const STEPS = 100;

export class FaultMenu {
  /** @param {import("../page.js").Lab} lab @param {(fault: any, target: string, amount: number | undefined) => void} choose */
  constructor(lab, choose) {
    this.lab = lab;
    this.choose = choose;
    this.root = make("div", { class: "menu fault-menu", popover: "auto", role: "dialog", "aria-label": "Break it" });
    this.root.addEventListener("toggle", (event) => this._toggled(event.newState === "open"));
    this.root.addEventListener("keydown", (event) => this._move(event));
  }

  /** @param {any} fault @param {HTMLElement} chip the menu hangs from it */
  open(fault, chip) {
    this.chip = chip;
    this.amount = fault.unit ? fault.amount : undefined;
    const targets = fault.targets.filter((target) => this._isThere(target)).map((target) => this._target(fault, target));
    this.root.setAttribute("aria-label", `Break it: ${fault.label}`);
    this.root.replaceChildren(
      make("p", { class: "fault-menu__effect" }, fault.effect),
      ...(fault.unit ? [this._slider(fault)] : []),
      make("p", { class: "eyebrow" }, "Where"),
      make("div", { class: "fault-menu__targets" }, ...targets),
      make("p", { class: "small muted" }, this._note(fault)));
    this.root.showPopover();
    targets[0]?.focus();
  }

  _note(fault) {
    const lasts = fault.lasts ? `Heals by itself after ${fault.lasts} s of run time.` : "Stays until you heal it.";
    return this.lab.session.state === "live" ? lasts : `${lasts} Choosing starts a live run.`;
  }

  _isThere(target) {
    const { declared, store, view } = this.lab;
    const node = declared.nodes.find((each) => each.name === target);
    return !node?.shown_with || this.lab.session.state !== "live" || Boolean(store.settingsAt(view.t)[node.shown_with]);
  }

  _target(fault, target) {
    return make("button", { class: "button", type: "button", "data-target": target, onclick: () => {
      this.root.hidePopover();
      this.choose(fault, target, this.amount);
    } }, label(this.lab, target));
  }

  _slider(fault) {
    const [low, high, now] = [fault.low, fault.high, fault.amount].map((value) => toShown(value, fault.unit));
    const told = make("output", {}, tellValue(fault.amount, fault.unit));
    const range = make("input", { type: "range", min: low, max: high, step: (high - low) / STEPS, value: now, "aria-label": `How much, in ${unitOf(fault.unit)}` });
    const show = () => {
      this.amount = fromShown(Number(range.value), fault.unit);
      say(told, tellValue(this.amount, fault.unit));
      range.setAttribute("aria-valuetext", told.textContent);
      range.style.setProperty("--done", `${(100 * (range.value - low)) / (high - low)}%`);
    };
    range.addEventListener("input", show);
    show();
    return make("div", { class: "slider" }, make("span", {}, "How much"), told, range);
  }

  /** Beside its chip, and wholly on the screen. */
  _toggled(open) {
    if (!open) {
      if (this.root.contains(document.activeElement) || document.activeElement === document.body) this.chip?.focus();
      return;
    }
    const chip = this.chip.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = this.root;
    const below = chip.bottom + 6 + h < innerHeight;
    this.root.style.left = `${Math.max(8, Math.min(chip.left, innerWidth - w - 8))}px`;
    this.root.style.top = `${Math.max(8, below ? chip.bottom + 6 : chip.top - h - 6)}px`;
  }

  _move(event) {
    const targets = [...this.root.querySelectorAll("[data-target]")];
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step || !targets.includes(document.activeElement)) return;
    event.preventDefault();
    event.stopPropagation();
    targets[(targets.indexOf(document.activeElement) + step + targets.length) % targets.length].focus();
  }
}
