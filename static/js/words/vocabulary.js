/** A product's words on the whole page: on the stage, and in the list below it. Fetched when a product is first chosen. */

import { listWords } from "./list.js";
import { relabel } from "./relabel.js";

/**
 * @param {HTMLElement} root of the switch @param {any} declared
 * @param {import("./switch.js").Vocabulary | null} vocabulary null: the lab's own words
 */
export function putOn(root, declared, vocabulary) {
  const own = vocabulary && { ...vocabulary, words: narrow(vocabulary.words, declared.slug) };
  relabel(declared, own);
  return listWords(root, declared, own);
}

/** `api-gateway:gateway` is a word of that lab only, and goes before the plain word. @param {string} lab */
function narrow(words, lab) {
  const plain = Object.entries(words).filter(([word]) => !word.includes(":"));
  const own = Object.entries(words).filter(([word]) => word.startsWith(`${lab}:`));
  return Object.fromEntries([...plain, ...own.map(([word, called]) => [word.slice(lab.length + 1), called])]);
}
