/** A message's way as lines: each flight with its time and attempt, each stay with its end, each answer that was lost. */

import { label, shortId } from "../words.js";

const STAYS = {
  ack: "acknowledged", nack: "refused", reply: "answered", error: "failed", expired: "given up", "dead-lettered": "parked",
  accepted: "accepted", applied: "applied", skipped: "recognised, skipped", lost: "lost for good",
};
const BAD = new Set(["nack", "error", "expired", "dead-lettered", "lost"]);

/**
 * @param {string} id
 * @param {import("../page.js").Lab} lab
 * @returns {{seq: number, at: number, words: string, note: string, bad: boolean, broke: string[]}[]} in the order of time
 */
export function describeMessage(id, lab) {
  const { store } = lab;
  const message = store.messageById(id);
  const lines = [...store.hopsOf(id).map((hop) => flight(hop, lab)), ...store.settlementsOf(id).map((event) => stay(event, lab))];
  for (const child of store.messages) {
    if (child.cause === message.number) lines.push(...store.hopsOf(child.id).filter((hop) => hop.fate === "dropped").map((hop) => lostAnswer(hop, lab)));
  }
  return lines.sort((a, b) => a.at - b.at || a.seq - b.seq);
}

function flight(hop, lab) {
  const words = `${label(lab, hop.source)} → ${label(lab, hop.target)}`;
  const again = hop.attempt > 1 ? `try ${hop.attempt}, ` : "";
  const bad = hop.fate === "dropped";
  const note = bad ? `${again}lost on the way` : `${again}${duration((hop.fate === "flying" ? hop.due : hop.end) - hop.sent)}`;
  return { seq: hop.seq, at: hop.sent, words, note, bad, broke: broken([hop.seq, hop.endSeq], lab) };
}

function stay(event, lab) {
  const why = event.why ? ` (${event.why})` : "";
  const note = `${STAYS[event.outcome] ?? event.outcome}${why}`;
  return { seq: event.seq, at: event.at, words: label(lab, event.node), note, bad: BAD.has(event.outcome), broke: broken([event.seq], lab) };
}

function lostAnswer(hop, lab) {
  return { seq: hop.endSeq, at: hop.end, words: `${label(lab, hop.source)} → ${label(lab, hop.target)}`,
    note: `${shortId(hop.message)} lost`, bad: true, broke: [] };
}

/** What must hold and did not from one of these events on. */
function broken(seqs, { store, declared }) {
  return store.breaksAt(seqs).map((name) => declared.invariants.find((each) => each.name === name)?.label ?? name);
}

/** @param {number} time in seconds */
function duration(time) {
  return time < 1 ? `${Math.round(time * 1000)} ms` : `${time.toFixed(2)} s`;
}
