/** Python in three tones: words of the language, strings, comments. A line at a time is enough for a glance. */

import { make } from "./element.js";

const TOKEN = /(#.*$)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b(async|await|def|class|return|if|elif|else|for|while|in|not|and|or|is|None|True|False|try|except|finally|raise|with|as|import|from|lambda|yield|pass|continue|break|assert|del|global|nonlocal|match|case)\b/g;
const TONES = ["comment", "string", "word"];

/** @param {string} line @returns {(Node | string)[]} */
export function tint(line) {
  const parts = [];
  let done = 0;
  for (const found of line.matchAll(TOKEN)) {
    const tone = TONES[found.slice(1).findIndex((group) => group !== undefined)];
    parts.push(line.slice(done, found.index), make("span", { class: `code__${tone}` }, found[0]));
    done = (found.index ?? 0) + found[0].length;
  }
  return [...parts, line.slice(done)];
}
