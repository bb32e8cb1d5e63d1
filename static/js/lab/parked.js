/** What a node that parks messages has parked at a moment, read off the log: what arrived there, less what it sent back. */

import { RECEIVED, DROPPED } from "./hops.js";
import { countUpTo } from "./series.js";

/** The quantity by which a node says that it parks. */
const PARKED = "parked";

/** @typedef {{message: string, reader: string, why: string, cause: string, seq: number, at: number}} Parked `cause`: why the reader failed */

/** @param {{shows: string[]}} node as declared */
export function parks(node) {
  return node.shows.includes(PARKED);
}

/**
 * A letter into the node is about the message that caused it; so is a letter out of it, which takes the one parked first along.
 * @param {import("./store.js").Store} store @param {string} node @param {number} t
 * @returns {Parked[]} the oldest first
 */
export function parkedAt(store, node, t) {
  /** @type {Parked[]} */
  const parked = [];
  for (const { hop, comes } of movesOf(store, node, t)) {
    const letter = store.messages[store.hops.message[hop]];
    const about = letter.cause < 0 ? letter : store.messages[letter.cause];
    if (comes) parked.push(describe(store, about, store.hops.seq[hop]));
    else parked.splice(Math.max(0, parked.findIndex(({ message }) => message === about.id)), 1);
  }
  return parked;
}

/** Each arrival and departure up to `t`, in order. What is lost on its way back never left. */
function movesOf({ hops }, node, t) {
  const [into, outOf] = [new Set(), new Set()];
  hops.ways.forEach(({ source, target }, way) => {
    if (target === node) into.add(way);
    if (source === node) outOf.add(way);
  });
  const moves = [];
  const last = countUpTo(hops.sent, t, hops.length);
  for (let hop = 0; hop < last; hop++) {
    const lands = hops.end[hop] <= t;
    if (into.has(hops.way[hop]) && lands && hops.fate[hop] === RECEIVED) moves.push({ hop, comes: true, at: hops.end[hop] });
    const comesBack = lands && hops.fate[hop] === DROPPED;
    if (outOf.has(hops.way[hop]) && !comesBack) moves.push({ hop, comes: false, at: hops.sent[hop] });
  }
  return moves.sort((a, b) => a.at - b.at);
}

/** Who gave up on a message, after what: the last that was said of it before the letter left. */
function describe(store, message, before) {
  const settled = store.settlementsOf(message.id).filter(({ seq }) => seq < before);
  const given = settled.findLast(({ outcome }) => outcome === "dead-lettered");
  const failed = settled.findLast(({ outcome, node }) => node === given?.node && (outcome === "nack" || outcome === "error"));
  return { message: message.id, reader: given?.node ?? "", why: given?.why ?? "", cause: failed?.why ?? "", seq: given?.seq ?? before, at: given?.at ?? 0 };
}
