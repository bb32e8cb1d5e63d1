/** Puts a product's words on the lab's page: on the nodes of the stage, on the knobs and on the cures; or takes them off again. */

/** A longer name does not fit into a box. */
const LETTERS = 22;
const FITS = { exact: "", close: "≈ ", none: "" };

/** @typedef {import("./switch.js").Called} Called */
/** @typedef {{nodes: any[], controls: any[], remedies: any[]}} Declared */

/** @type {MutationObserver | undefined} panels that come later wear the words too */
let watch;

/**
 * What is called by what it is (Broker, Dead letters, Ack timeout) changes its label; a node with a name of its own (Inventory)
 * keeps it and wears the product's word beside it, and so does whatever has no room for its new name.
 * @param {Declared} declared
 * @param {import("./switch.js").Vocabulary | null} vocabulary null: the lab's own words
 */
export function relabel(declared, vocabulary) {
  const words = vocabulary?.words ?? {};
  for (const node of declared.nodes) {
    const box = document.querySelector(`.stage .node[data-node="${CSS.escape(node.name)}"]`);
    if (box) wearNode(box, node, words);
  }
  wearSettings(declared, words);
  watch?.disconnect();
  watch = new MutationObserver(() => wearSettings(declared, words));
  for (const panel of document.querySelectorAll("[data-panel=knobs], [data-panel=faults]")) watch.observe(panel, { childList: true });
}

function wearNode(box, node, words) {
  const label = node.label.toLowerCase();
  const called = words[label] ?? words[node.role];
  wear(box, box.querySelector(".node__name"), node.label, called, label in words || label === node.role, "node__word");
}

/** @param {Declared} declared @param {Record<string, Called>} words */
function wearSettings({ controls, remedies }, words) {
  const settings = [
    ...controls.map(({ name, label }) => ({ label, place: `.knob[data-control="${CSS.escape(name)}"] :is(.knob__label, .knob__switch > span)` })),
    ...remedies.map(({ name, label }) => ({ label, place: `[data-remedy="${CSS.escape(name)}"] .remedy__name` })),
  ];
  for (const { label, place } of settings) {
    const named = document.querySelector(place);
    if (!named) continue;
    wear(named.parentElement, named, label, words[label.toLowerCase()], true, "setting__word");
    const range = named.closest(".knob")?.querySelector("input[type=range]");
    range?.setAttribute("aria-label", named.textContent ?? label);
  }
}

/**
 * @param {any} root wears the word @param {any} named holds the label @param {string} label the lab's own
 * @param {Called | undefined} called @param {boolean} gives the word may stand in the label's place @param {string} className of the word
 */
function wear(root, named, label, called, gives, className) {
  const fits = Boolean(called?.name);
  const shown = fits ? FITS[called.fit] + called.name + (called.false_friend ? " ◆" : "") : "";
  const plain = fits && gives && called.name.length <= LETTERS && !/[,;]/.test(called.name); // a list is no label
  named.textContent = plain ? shown : label;
  root.querySelector(`.${className}`)?.remove();
  if (fits && !plain) root.append(tag(shown, className));
  const title = fits ? [`${label}: ${called.term}`, called.note, called.false_friend && `False friend: ${called.false_friend}`].filter(Boolean).join(". ") : "";
  (className === "node__word" ? root : named).title = title;
}

function tag(words, className) {
  const made = document.createElement("span");
  made.className = className;
  made.textContent = words;
  return made;
}
