/** The words switch: the running stage in the words of a product. The choice is kept here and, for the glossary, in a cookie. */

const KEY = "words";
const YEAR_SECONDS = 365 * 24 * 3600;

/** @typedef {{term: string, name: string, fit: "exact" | "close" | "none", false_friend: string, note: string, source: string}} Called */
/** @typedef {{product: string, name: string, words: Record<string, Called>}} Vocabulary */

/** @param {HTMLElement} root */
export function wireSwitch(root) {
  const declared = JSON.parse(document.getElementById("lab-declared")?.textContent ?? "{}");
  const choice = /** @type {HTMLSelectElement} */ (root.querySelector("select"));
  const said = /** @type {HTMLElement} */ (root.querySelector("[data-said]"));
  let asked = 0;

  const apply = async () => {
    const turn = ++asked;
    const option = choice.selectedOptions[0];
    try {
      const { putOn } = await import("./vocabulary.js");
      const vocabulary = option?.dataset.address ? await fetchWords(option.dataset.address) : null;
      if (turn !== asked) return; // chosen again meanwhile
      const told = putOn(root, declared, vocabulary);
      said.textContent = vocabulary ? `${told.named} words of this lab have a name in ${vocabulary.name}; ${told.misleading} of those mislead.` : "";
    } catch (problem) {
      said.textContent = `The words could not be loaded (${problem.message}). The stage keeps the words it has; choose again to retry.`;
    }
  };
  choice.addEventListener("change", () => {
    keep(choice.value);
    apply();
  });
  const kept = [...choice.options].find((option) => option.value === recall());
  if (kept?.disabled) said.textContent = `You chose ${kept.text}, so this lab speaks its own words.`;
  else if (kept) choice.value = kept.value;
  if (choice.value) apply();
}

/** @param {string} address @returns {Promise<Vocabulary>} */
async function fetchWords(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

/** @param {string} product */
function keep(product) {
  document.cookie = `${KEY}=${product}; path=/; max-age=${product ? YEAR_SECONDS : 0}; samesite=lax`;
  try {
    localStorage.setItem(KEY, product);
  } catch {
    // a browser that keeps nothing still switches this page
  }
}

function recall() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

const root = document.querySelector("[data-words]");
if (root instanceof HTMLElement) wireSwitch(root);
