/**
 * `?seed=&speed=&<control>=&fault=&t=&focus=`: the moment that an address names. What was done while the run went on carries its
 * time: `fault=drop-ack:inventory=0.4@2.31`, `heal=drop-ack:inventory@5`, `loyalty=true@7`.
 */

/**
 * @typedef {{seed?: number, speed?: number, engine?: string, scenario?: string, settings: Record<string, any>, faults: string[], script: string[], t?: number,
 *   focus: string, live: boolean}} Moment `live`: it takes a run of its own to show it
 */

/**
 * @param {string} query @param {any} declared
 * @returns {Moment}
 */
export function readMoment(query, declared) {
  const given = new URLSearchParams(query);
  const number = (name) => (given.get(name) && Number.isFinite(Number(given.get(name))) ? Number(given.get(name)) : undefined);
  /** @type {Record<string, any>} */
  const settings = {};
  /** @type {string[]} */
  const script = given.getAll("heal").map((text) => deed(text, (key) => `-${key}`)).filter((each) => each !== null);
  for (const control of [...declared.controls, ...declared.remedies]) {
    for (const value of given.getAll(control.name)) {
      const later = deed(value, (what) => `${control.name}=${what}`);
      if (later) script.push(later);
      else settings[control.name] = typed(value, control.default);
    }
  }
  const [faults, asked] = [given.getAll("fault").filter((text) => !text.includes("@")), given.getAll("fault").map((text) => deed(text, (what) => what))];
  script.push(...asked.filter((each) => each !== null));
  const [engine, scenario] = [given.get("engine") ?? undefined, given.get("scenario") ?? undefined];
  const live = Boolean(given.has("seed") || faults.length || script.length || Object.keys(settings).length || engine || scenario);
  const [seed, speed, t] = [number("seed"), number("speed"), number("t")];
  return { seed, speed, engine, scenario, settings, faults, script, t, focus: given.get("focus") ?? "", live };
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
  }
  query.set("t", view.t.toFixed(4)); // to the tick: an event selected is an event shown
  if (selection.message) query.set("focus", selection.message);
  return `${location.origin}${location.pathname}?${query}`;
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

function typed(value, like) {
  if (typeof like === "boolean") return ["true", "on", "1"].includes(value);
  return typeof like === "number" && value !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
}
