/** A row of the log spelled out: the twin of `patterns.host.recording.Reader`, field by field. */

import { OUTCOMES, PHASES, TICKS_PER_SECOND } from "../net/protocol.js";

/** @typedef {{seq: number, at: number, kind: string, why: string, code: [string, string, number] | null, [field: string]: any}} LogEvent */

// By row kind, in the order of the protocol's ROWS: each gives the kind's own fields, then the numbers of `code` and `why`.
const SPELL = [
  null,
  (store, [, , message, link, flight, code, attempt = 1, why = 0], i) => {
    const [source, target] = store.names[link];
    const hop = hopSentBy(store, message, i);
    return ["sent", { message: store.messages[message].id, source, target, attempt, flight: flight / TICKS_PER_SECOND, hop, node: source }, code, why];
  },
  (store, [, , hop, code, why = 0]) => ["received", { ...landing(store, hop), hop: hop + 1 }, code, why],
  (store, [, , hop, code, why = 0]) => {
    const { source, target } = store.hop(hop);
    return ["dropped", { ...landing(store, hop), hop: hop + 1, where: `${source}→${target}` }, code, why];
  },
  (store, [, , message, node, outcome, code, why = 0]) => [
    "settled", { message: store.messages[message].id, node: store.names[node], outcome: OUTCOMES[outcome] }, code, why],
  (store, [, , gauge, value, code, why = 0]) => {
    const [node, quantity, unit] = store.names[gauge];
    return ["changed", { node, quantity, value, unit }, code, why];
  },
  (store, [, , node, text, code, message = 0]) => [
    "noted", { node: store.names[node], text: store.names[text], message: message ? store.messages[message - 1].id : "" }, code, 0],
  (store, [, , name, phase, code, evidence = 0, by = 0, amount = 0]) => {
    const [fault, target] = store.names[name];
    return ["faulted", { fault, target, phase: PHASES[phase], evidence, by: store.names[by], amount, node: target }, code, 0];
  },
  (store, [, , control, value, code, by]) => ["tuned", { control: store.names[control], value, by: store.names[by] }, code, 0],
  (store, [, , why, code]) => ["ended", {}, code, why],
];

/** @param {import("./store.js").Store} store @param {number} i @returns {LogEvent} */
export function readEvent(store, i) {
  const row = store.rows[i];
  const [kind, fields, code, why] = /** @type {any} */ (SPELL[row[0]])(store, row, i);
  return { seq: store.seqs[i], at: store.ats[i], kind, ...fields, why: store.names[why], code: store.names[code] || null };
}

function landing(store, hop) {
  const { message, target } = store.hop(hop);
  return { message, node: target };
}

function hopSentBy(store, message, i) {
  const seq = store.seqs[i];
  return 1 + (store.messages[message].hops.find((n) => store.hops.seq[n] === seq) ?? -1);
}
