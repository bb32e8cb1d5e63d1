/** One knob: a slider with its number, a choice or a switch. */

import { make, say } from "./element.js";
import { fromShown, tellValue, toShown, unitOf } from "./units.js";

/** A slider that is dragged says where it is this often, not at each pixel. */
const EVERY_MILLISECONDS = 150;
const PLACES = 1000;
/** From this ratio of range to default on, the low end would be a few pixels wide; the slider then gives it more room. */
const WIDE = 20;

let count = 0;

/**
 * @param {any} control as declared
 * @param {import("./wishes.js").Wishes} wishes
 * @returns {{root: HTMLElement, draw: () => void}}
 */
export function makeKnob(control, wishes) {
  const id = `knob-${++count}`;
  const shape = typeof control.default === "boolean" ? makeSwitch : control.choices.length ? makeChoice : makeSlider;
  const why = make("p", { class: "field__error knob__error", id: `${id}-why`, hidden: true, role: "alert" });
  const help = make("p", { class: "knob__help", id: `${id}-help` }, control.help);
  const knob = shape(control, wishes, id);
  const root = make("div", { class: "knob", "data-control": control.name }, ...knob.parts, why, help);
  const draw = () => {
    const problem = wishes.refused.get(control.name) ?? "";
    why.hidden = !problem;
    say(why, problem);
    for (const input of knob.inputs) input.toggleAttribute("aria-invalid", Boolean(problem));
    root.classList.toggle("knob--waits", wishes.waits(control.name));
    knob.show(wishes.valueOf(control));
  };
  return { root, draw };
}

function makeSwitch(control, wishes, id) {
  const input = make("input", { type: "checkbox", role: "switch", "aria-describedby": `${id}-help`,
    onchange: () => wishes.wish(control.name, input.checked) });
  const parts = [make("label", { class: "check knob__switch" }, input, make("span", {}, control.label))];
  return { parts, inputs: [input], show: (value) => void (input.checked = Boolean(value)) };
}

function makeChoice(control, wishes, id) {
  const options = control.choices.map((choice) => make("option", { value: choice }, choice));
  const input = make("select", { class: "input knob__choice", id, "aria-describedby": `${id}-help`,
    onchange: () => wishes.wish(control.name, input.value) }, ...options);
  const parts = [make("label", { class: "knob__label", for: id }, control.label), input];
  return { parts, inputs: [input], show: (value) => document.activeElement === input || (input.value = String(value)) };
}

function makeSlider(control, wishes, id) {
  const send = lastOf((value) => wishes.wish(control.name, value));
  const unit = unitOf(control.unit);
  const describedBy = `${id}-help ${id}-why`;
  const number = make("input", { class: "knob__number", id, type: "text", inputmode: "decimal", autocomplete: "off",
    "aria-describedby": describedBy, onchange: () => takeTyped(control, wishes, number.value) });
  const range = make("input", { type: "range", min: 0, max: PLACES, step: 1, "aria-label": control.label, "aria-describedby": describedBy });
  range.addEventListener("input", () => send(wishes.hold(control.name, valueAt(control, range.value / PLACES))));
  range.addEventListener("keydown", (event) => stepByKey(event, control, wishes, send));
  const parts = [
    make("div", { class: "knob__head" }, make("label", { class: "knob__label", for: id }, control.label),
      make("span", { class: "knob__value" }, number, make("span", { class: "knob__unit" }, unit ? ` ${unit}` : ""))),
    range,
  ];
  const show = (value) => {
    const place = placeOf(control, value);
    range.value = String(Math.round(place * PLACES));
    range.style.setProperty("--done", `${100 * place}%`);
    range.setAttribute("aria-valuetext", tellValue(value, control.unit));
    if (document.activeElement !== number) number.value = String(toShown(value, control.unit));
    number.size = Math.max(2, number.value.length);
  };
  // what was typed and refused goes when its field is left; the sentence stays
  number.addEventListener("blur", () => show(wishes.valueOf(control)));
  return { parts, inputs: [number], show };
}

/** What was typed, or the sentence that says what could be. */
function takeTyped(control, wishes, text) {
  const value = fromShown(Number(text.trim().replace(",", ".")), control.unit);
  const isBetween = control.counts && (value - control.low) % control.step !== 0;
  if (text.trim() && value >= control.low && value <= control.high && !isBetween) return wishes.wish(control.name, value);
  const bounds = `${control.counts ? "in whole numbers " : ""}from ${toShown(control.low, control.unit)} to ${tellValue(control.high, control.unit)}`;
  return wishes.refuse(control.name, `${control.label} cannot be “${text.slice(0, 20)}”; it goes ${bounds}.`);
}

/** The arrows go by the control's own step, whatever a pixel of the slider is worth. */
function stepByKey(event, control, wishes, send) {
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
  const to = { Home: control.low, End: control.high }[event.key] ?? (steps && wishes.valueOf(control) + steps * control.step);
  if (to === undefined) return;
  event.preventDefault();
  send(wishes.hold(control.name, within(control, to)));
}

// The slider's scale: even, or cubic where the range is wide, so that small values have room.

function bendOf(control) {
  const usual = Math.max(Math.abs(control.default), control.step);
  return (control.high - control.low) / usual > WIDE ? 3 : 1;
}

function valueAt(control, place) {
  return within(control, control.low + (control.high - control.low) * place ** bendOf(control));
}

function placeOf(control, value) {
  const part = (value - control.low) / (control.high - control.low);
  return Math.max(0, Math.min(1, part)) ** (1 / bendOf(control));
}

function within(control, value) {
  const stepped = control.low + Math.round((value - control.low) / control.step) * control.step;
  return Number(Math.max(control.low, Math.min(stepped, control.high)).toPrecision(10));
}

/** Pass on the last value of a burst, and some on the way. @param {(value: any) => void} take */
function lastOf(take) {
  let timer = 0;
  let value;
  return (next) => {
    value = next;
    timer ||= setTimeout(() => {
      timer = 0;
      take(value);
    }, EVERY_MILLISECONDS);
  };
}
