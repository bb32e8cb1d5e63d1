/** One challenge for each remedy: its fault, what breaks, the cure, and that nothing breaks any more. */

import { label } from "../words.js";

/** Seconds of run time without a new violation that count as cured. */
const QUIET_SECONDS = 3;

/** @typedef {{remedy: any, fault: any, target: string, promise: any, given: [string, any][]}} Challenge */

/** @param {any} declared @returns {Challenge[]} those whose damage a promise of the lab can show first */
export function challengesOf(declared) {
  const found = declared.remedies.filter((remedy) => !remedy.momentary).map((remedy) => {
    const [name, target] = remedy.cures.split(":");
    const fault = declared.faults.find((each) => each.name === name);
    const promise = declared.invariants.find((each) => each.name === remedy.shown_by);
    return { remedy, fault, target: target ?? fault?.targets[0], promise, given: remedy.given };
  });
  return found.filter(({ fault, promise }) => fault && promise);
}

/**
 * @param {Challenge} challenge
 * @param {import("../page.js").Lab} lab
 * @returns {{words: string, done: boolean, part: string, at: string}[]} `part` and `at` (a selector) say where it is done
 */
export function checkSteps({ remedy, fault, target, promise, given }, lab) {
  const { store, view, declared } = lab;
  const { t } = view;
  const live = store.live;
  const asked = lastMark(store, t, (mark) => mark.kind === "fault" && mark.label === `${fault.name}:${target}`);
  const cured = lastMark(store, t, (mark) => mark.kind === "tuned" && mark.label === `${remedy.name}=true`);
  const { count } = store.lightAt(promise.name, t);
  const held = cured && asked && cured.at > asked.at && t - cured.at >= QUIET_SECONDS && store.lightAt(promise.name, cured.at + QUIET_SECONDS / 3).count === count;
  const settings = store.settingsAt(t);
  const light = { part: "holds", at: `[data-invariant="${promise.name}"]` };
  return [
    ...given.map(([name, value]) => ({ words: `Set ${settingLabel(declared, name)} to ${spell(value)}`, done: live && settings[name] === value, ...placeOf(name, declared) })),
    { words: `Break it: ${fault.label} at ${label(lab, target)}`, done: live && Boolean(asked), part: "break", at: `[data-fault="${fault.name}"]` },
    { words: `See it: “${promise.label}” is violated`, done: live && count > 0, ...light },
    { words: `Cure it: ${remedy.label}`, done: live && Boolean(cured) && Boolean(asked), ...placeOf(remedy.name, declared) },
    { words: `See it hold for ${QUIET_SECONDS} s`, done: live && Boolean(held) && count > 0, ...light },
  ];
}

function lastMark(store, t, fits) {
  return store.markers.findLast((mark) => mark.at <= t && fits(mark));
}

function placeOf(name, declared) {
  const isRemedy = declared.remedies.some((each) => each.name === name);
  return isRemedy ? { part: "break", at: `[data-remedy="${name}"]` } : { part: "knobs", at: `[data-control="${name}"] :is(input, select)` };
}

function settingLabel(declared, name) {
  return [...declared.controls, ...declared.remedies].find((each) => each.name === name)?.label ?? name;
}

function spell(value) {
  return typeof value === "boolean" ? (value ? "on" : "off") : String(value);
}
