/** Puts a product's words on the nodes of the stage, or takes them off again. */

/** A longer name does not fit into a box. */
const LETTERS = 22;
const FITS = { exact: "", close: "≈ ", none: "" };

/**
 * A node that is called by what it is (Broker, Dead letters) changes its label; one with a name of its own (Inventory) keeps it and
 * wears the product's word above its box, and so does one whose new name is too long for it.
 * @param {{nodes: {name: string, label: string, role: string}[]}} declared
 * @param {import("./switch.js").Vocabulary | null} vocabulary null: the lab's own words
 */
export function relabel(declared, vocabulary) {
  for (const node of declared.nodes) {
    const box = document.querySelector(`.stage .node[data-node="${CSS.escape(node.name)}"]`);
    if (box) wear(box, node, vocabulary?.words ?? {});
  }
}

function wear(box, node, words) {
  const label = node.label.toLowerCase();
  const called = words[label] ?? words[node.role];
  const fits = Boolean(called?.name);
  const plain = fits && called.name.length <= LETTERS && (label in words || label === node.role);
  const shown = fits ? FITS[called.fit] + called.name + (called.false_friend ? " ◆" : "") : "";
  box.querySelector(".node__name").textContent = plain ? shown : node.label;
  box.querySelector(".node__word")?.remove();
  if (fits && !plain) box.append(tag(shown));
  box.title = fits ? [`${node.label}: ${called.term}`, called.note, called.false_friend && `False friend: ${called.false_friend}`].filter(Boolean).join(". ") : "";
}

function tag(words) {
  const made = document.createElement("span");
  made.className = "node__word";
  made.textContent = words;
  return made;
}
