/**
 * `?seed=&speed=&<control>=&fault=&t=&focus=`: the moment that an address names. What was done while the run went on carries its
 * time: `fault=drop-ack:inventory=0.4@2.31`, `heal=drop-ack:inventory@5`, `loyalty=true@7`. `tour=` names a recorded tour.
 */

import { spot } from "./misspelt.js";

/**
 * @typedef {{seed?: number, speed?: number, engine?: string, scenario?: string, tour?: string, settings: Record<string, any>, faults: string[],
 *   script: string[], t?: number, focus: string, live: boolean, complaints: string[]}} Moment `live`: it takes a run of its own to
 *   show it; `complaints`: what of the address cannot be meant, each as a sentence
 */

const NAMES = ["seed", "speed", "engine", "scenario", "tour", "fault", "heal", "t", "focus"];
const SLOWEST = 0.05;
const FASTEST = 10;

/**
 * @param {string} query @param {any} declared
 * @returns {Moment}
 */
export function readMoment(query, declared) {
  const given = new URLSearchParams(query);
  const turned = [...declared.controls, ...declared.remedies];
  const complaints = spot([...given.keys()], [...turned.map(({ name }) => name), ...NAMES]);
  const { settings, script } = readChanges(given, turned, complaints);
  const asked = given.getAll("fault");
  const faults = asked.filter((text) => !text.includes("@"));
  script.push(...asked.map((text) => deed(text, (what) => what)).filter((each) => each !== null));
  const [engine, scenario] = [given.get("engine") ?? undefined, given.get("scenario") ?? undefined];
  const tour = readTour(given.get("tour"), declared, complaints);
  const live = Boolean(given.has("seed") || faults.length || script.length || Object.keys(settings).length || engine || scenario);
  const number = (name, low, high, whole = false) => readNumber(given.get(name), { name, low, high, whole }, complaints);
  const [seed, speed, t] = [number("seed", 0, Number.MAX_SAFE_INTEGER, true), number("speed", SLOWEST, FASTEST), number("t", 0, Infinity)];
  return { seed, speed, engine, scenario, tour, settings, faults, script, t, focus: given.get("focus") ?? "", live, complaints };
}

/**
 * The address of the moment on the screen.
 * @param {import("./page.js").Lab} lab
 */
export function writeMoment({ declared, store, view, selection, session }) {
  const query = new URLSearchParams();
  if (store.live) {
    query.set("seed", String(store.seed));
    query.set("speed", String(session.speed));
    if (store.engine !== "builtin") query.set("engine", store.engine);
    if (store.scenario) query.set("scenario", store.scenario);
    writeChanges(query, declared, store.initial);
    for (const done of store.deeds) if (done.at <= view.t) writeDeed(query, done);
  } else if (store.tour) query.set("tour", store.tour);
  query.set("t", view.t.toFixed(4)); // to the tick: an event selected is an event shown
  if (selection.message) query.set("focus", selection.message);
  return `${location.origin}${location.pathname}?${query}`;
}

/** What is set from the start, and what is turned or healed at a time. @param {URLSearchParams} given */
function readChanges(given, turned, complaints) {
  /** @type {Record<string, any>} */
  const settings = {};
  /** @type {string[]} */
  const script = [];
  for (const text of given.getAll("heal")) {
    const healed = deed(text, (key) => `-${key}`);
    if (healed) script.push(healed);
    else complaints.push(`“heal=${text}” says no time; write heal=name:target@seconds.`);
  }
  for (const { name, default: like } of turned) {
    for (const value of given.getAll(name)) {
      const later = deed(value, (what) => `${name}=${what}`);
      if (later) script.push(later);
      else settings[name] = typed(value, like);
    }
  }
  return { settings, script };
}

function readNumber(text, { name, low, high, whole }, complaints) {
  if (text === null) return undefined;
  const number = text.trim() === "" ? NaN : Number(text);
  if (number >= low && number <= high && Number.isFinite(number) && (!whole || Number.isInteger(number))) return number;
  const bounds = high === FASTEST ? `from ${low} to ${high}` : `from ${low} on`;
  complaints.push(`“${name}=${text}” is left out: it is a ${whole ? "whole number" : name === "t" ? "time in seconds" : "number"} ${bounds}.`);
  return undefined;
}

function readTour(slug, { scenarios }, complaints) {
  if (slug === null || scenarios.some((each) => each.slug === slug)) return slug ?? undefined;
  complaints.push(`There is no tour “${slug}”; there are: ${scenarios.map((each) => each.slug).join(", ")}.`);
  return undefined;
}

function writeChanges(query, declared, settings) {
  for (const control of [...declared.controls, ...declared.remedies]) {
    const value = settings[control.name];
    if (value !== undefined && value !== control.default) query.set(control.name, String(value));
  }
}

/** `what@seconds` as a line of the run's script, or null if it names no time. */
function deed(text, spell) {
  const [, what, at] = /^(.*)@([0-9.]+)$/.exec(text) ?? [];
  return at === undefined ? null : `${at} ${spell(what)}`;
}

/** @param {URLSearchParams} query @param {import("./store.js").Store["deeds"][number]} done */
function writeDeed(query, { at, control, value, fault, target, amount, heals }) {
  const when = `@${at.toFixed(4)}`;
  if (control) query.append(control, `${value}${when}`);
  else if (heals) query.append("heal", `${fault}:${target}${when}`);
  else query.append("fault", `${fault}:${target}=${amount}${when}`);
}

/** As the setting's own kind; what is none stays as it was written, and the host says what would be right. */
function typed(value, like) {
  if (typeof like === "boolean") return { true: true, on: true, 1: true, false: false, off: false, 0: false }[value] ?? value;
  return typeof like === "number" && value !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}
