/** Events, times and names as words: one way to say each, for the table, the transcript and the screen reader. */

/** "36/ack/inventory/2" → "#36 ack": a message's own number and what it is. @param {string} id */
export function shortId(id) {
  const [head, ...rest] = id.split("/");
  const number = /^\d/.test(head) ? `#${head}` : head;
  const what = rest.find((part) => /^[a-z]/.test(part));
  return what ? `${number} ${what}` : number;
}

/** @param {number} t seconds of run time */
export function seconds(t) {
  return `${t.toFixed(2)} s`;
}

/** A speed as what it is: "×1/20 time". @param {number} rate */
export function times(rate) {
  return rate >= 1 || rate === 0 ? `×${round(rate)}` : `×1/${round(1 / rate)}`;
}

/** A gauge's value with at most four digits. @param {any} value */
export function amount(value) {
  if (typeof value === "boolean") return value ? "on" : "off";
  return typeof value === "number" ? String(round(value)) : String(value);
}

/** The host's messages begin small and end open, as Python's do. @param {string} text */
export function asSentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}

/** The label of a node. @param {{declared: any}} lab @param {string} name */
export function label(lab, name) {
  return lab.declared.nodes.find((node) => node.name === name)?.label ?? name;
}

/** One event as a sentence. @param {import("./reading.js").LogEvent} event @param {{declared: any, store: any}} lab */
export function tell(event, lab) {
  return SENTENCES[event.kind](event, (name) => label(lab, name), lab);
}

/** What is said, if there is anything, with its beginning. */
const after = (beginning, said) => (said ? beginning + said : "");

const OUTCOMES = {
  ack: "acknowledges", nack: "refuses", reply: "has answered", error: "fails on", expired: "gives up on", "dead-lettered": "parks",
  accepted: "accepts", applied: "applies", skipped: "has done it already and skips", lost: "loses",
};

const SENTENCES = {
  sent: (event, name) =>
    `${name(event.source)} sends ${shortId(event.message)} to ${name(event.target)}${after(", attempt ", event.attempt > 1 && event.attempt)}.`,
  received: (event, name) => `${name(event.node)} receives ${shortId(event.message)}.`,
  dropped: (event, name) => `${shortId(event.message)} is lost on its way to ${name(event.node)}${because(event)}.`,
  settled: (event, name) => `${name(event.node)} ${OUTCOMES[event.outcome] ?? event.outcome} ${shortId(event.message)}${because(event)}.`,
  changed: (event, name) => `${name(event.node)}: ${event.quantity} is ${amount(event.value)}${after(" ", event.unit)}${because(event)}.`,
  noted: (event) => (/[.!?]$/.test(event.text) ? event.text : `${event.text}.`),
  faulted: (event, name, lab) => {
    const fault = lab.declared.faults.find((each) => each.name === event.fault)?.label ?? event.fault;
    const phase = { asked: "is asked for", seen: "shows its effect", healed: "is healed" }[event.phase];
    return `“${fault}” at ${name(event.target)} ${phase}.`;
  },
  tuned: (event, _name, lab) => {
    const turned = [...lab.declared.controls, ...lab.declared.remedies].find((each) => each.name === event.control);
    return `${turned?.label ?? event.control} is now ${amount(event.value)}${after(" ", turned?.unit)}.`;
  },
  ended: (event) => `The run ends: ${event.why}.`,
};

function because(event) {
  return event.why ? ` (${event.why})` : "";
}

function round(value) {
  return Number(value.toPrecision(Math.abs(value) >= 1000 ? 6 : 4));
}
