/** The log in the formats of other tools, made from what this page holds: it needs no host, no server and no kept run. */

/** The fields of each kind, in their order: as `manage.py lab --json` and explorer/labs/export.py write them. */
const FIELDS = {
  sent: ["message", "source", "target", "due", "attempt", "hop", "why"],
  received: ["message", "node", "hop", "why"],
  dropped: ["message", "node", "hop", "where", "why"],
  settled: ["message", "node", "outcome", "why"],
  changed: ["node", "quantity", "value", "unit", "why"],
  noted: ["node", "text", "message"],
  faulted: ["fault", "target", "phase", "evidence", "by", "amount"],
  tuned: ["control", "value", "by"],
  ended: ["why"],
};

/**
 * One event a line. The last line says how invariants and metrics stood; of a run whose log has no end it is of the kind `kept`.
 * @param {import("./page.js").Lab} lab @returns {string}
 */
export function writeLog({ store, declared }) {
  const lines = Array.from({ length: store.length }, (_, i) => spell(store.event(i)));
  const end = lines.at(-1)?.kind === "ended" ? lines.pop() : keep(store, lines.at(-1));
  return [...lines, { ...end, ...readResults(store, declared) }].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** @param {import("./store.js").Store} store @param {string} what such as "log.jsonl" */
export function nameFile({ slug, seed }, what) {
  return `${slug}-seed-${seed}-${what}`;
}

/** Hand a text to the reader as a file. @param {string} name @param {string} text @param {string} type */
export function download(name, text, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // a browser may begin to read it late
}

function spell(event) {
  const due = event.kind === "sent" ? { due: Number((event.at + event.flight).toFixed(6)) } : {};
  const all = { ...event, ...due };
  return Object.fromEntries(["seq", "at", "kind", ...FIELDS[event.kind]].map((name) => [name, all[name]]));
}

function keep({ lastSeq, ended }, last) {
  return { seq: lastSeq + 1, at: last?.at ?? 0, kind: "kept", ...(ended ? { why: ended } : {}) };
}

/** What invariants and metrics said last. A metric that no chart shows is known of a kept run only. */
function readResults(store, { invariants, metrics }) {
  const last = (name) => store.readings(name).value.at(-1) ?? null;
  return {
    invariants: Object.fromEntries(invariants.map(({ name }) => [name, store.lightAt(name, Infinity).status])),
    metrics: store.metrics ?? Object.fromEntries(metrics.map(({ name, unit }) => [name, { value: last(name), unit }])),
  };
}
