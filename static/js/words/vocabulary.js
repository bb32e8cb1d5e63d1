/** A product's words on the whole page: on the stage, and in the list below it. Fetched when a product is first chosen. */

import { listWords } from "./list.js";
import { relabel } from "./relabel.js";

/**
 * @param {HTMLElement} root of the switch @param {any} declared
 * @param {import("./switch.js").Vocabulary | null} vocabulary null: the lab's own words
 */
export function putOn(root, declared, vocabulary) {
  relabel(declared, vocabulary);
  return listWords(root, declared, vocabulary);
}
