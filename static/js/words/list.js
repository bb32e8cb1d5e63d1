/** Below the stage: each word of the lab (parts, knobs, cures), what the product calls it, and where that misleads. */

const FITS = { exact: "= exact", close: "≈ close", none: "∅ none" };

/**
 * @param {HTMLElement} root @param {any} declared @param {import("./switch.js").Vocabulary | null} vocabulary
 * @returns {{named: number, misleading: number}}
 */
export function listWords(root, declared, vocabulary) {
  const list = /** @type {HTMLElement} */ (root.querySelector("[data-list]"));
  const rows = vocabulary ? findRows(declared, vocabulary.words) : [];
  list.hidden = !rows.length;
  list.querySelector("tbody")?.replaceChildren(...rows.map(([label, called]) => makeRow(label, called)));
  const named = rows.filter(([, called]) => called.fit !== "none");
  return { named: named.length, misleading: named.filter(([, called]) => called.false_friend).length };
}

/** A word once, however many nodes play the role. @returns {[string, import("./switch.js").Called][]} */
function findRows(declared, words) {
  const found = new Map();
  for (const node of declared.nodes) {
    const own = words[node.label.toLowerCase()];
    if (own) found.set(node.label, own);
    else if (words[node.role]) found.set(node.role, words[node.role]);
  }
  for (const { label } of [...declared.controls, ...declared.remedies]) {
    if (words[label.toLowerCase()]) found.set(label, words[label.toLowerCase()]);
  }
  return [...found];
}

/** @param {string} label @param {import("./switch.js").Called} called */
function makeRow(label, called) {
  const row = document.createElement("tr");
  const head = document.createElement("th");
  head.scope = "row";
  head.textContent = label;
  const mind = document.createElement("td");
  const warning = called.false_friend ? `◆ False friend: ${called.false_friend} ` : "";
  const source = document.createElement("a");
  source.href = called.source;
  source.rel = "noopener external";
  source.textContent = "source";
  mind.append(warning, called.note ? `${called.note} ` : "", source);
  row.append(head, cell(called.name || "has no such thing"), cell(FITS[called.fit]), mind);
  return row;
}

function cell(text) {
  const made = document.createElement("td");
  made.textContent = text;
  return made;
}
