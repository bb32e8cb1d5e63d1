/**
 * The function of the current event, with the line that recorded it. While the view plays, a file that is not here yet is not
 * fetched, since nobody reads lines that go by: where they stand is said, and they come when the view stands still.
 */

import { make, say } from "./element.js";
import { keepDrawn } from "./redraw.js";
import { SourceFiles, findFunction, isOfLab } from "./source.js";
import { tint } from "./tint.js";

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function showCode(root, lab) {
  const files = new SourceFiles(lab.declared.code);
  const where = make("p", { class: "code-drawer__where" });
  const text = make("pre", { class: "code code-drawer__text", tabindex: 0, role: "region", "aria-label": "Source" });
  root.append(where, text);
  let shown = "";
  keepDrawn(root, lab, () => {
    const i = currentEvent(lab);
    const code = i < 0 ? null : lab.store.event(i).code;
    const mayFetch = !lab.view.playing || lab.view.live || (code && files.has(code[0]));
    const key = code ? `${code.join()} ${mayFetch}` : "";
    if (key === shown && key) return undefined;
    shown = key;
    if (code && isOfLab(code[0], lab.declared.slug)) return show(files, code, where, text, mayFetch, () => shown === key);
    text.replaceChildren();
    return say(where, code ? "Asked for from outside: no line of the lab ran." : "Nothing has run yet.");
  }, 5);
}

/** The event chosen, if the view stands at it or after it; else the newest one shown. @param {import("../page.js").Lab} lab */
export function currentEvent({ store, view, selection }) {
  const chosen = selection.seq ? store.indexOfSeq(selection.seq) : -1;
  return chosen >= 0 && store.ats[chosen] <= view.t + 1e-9 && !view.playing ? chosen : view.cursor;
}

async function show(files, [file, name, line], where, text, mayFetch, isWanted) {
  say(where, `patterns/${file}, line ${line}, in ${name}`);
  if (!mayFetch) return text.replaceChildren();
  try {
    const lines = await files.read(file);
    if (!isWanted()) return;
    const { from, to } = findFunction(lines, name, line);
    const shown = dedent(lines.slice(from, to));
    text.replaceChildren(...shown.map((source, i) => sourceLine(source, from + i + 1, line)));
    const ran = text.querySelector(".code__line--ran");
    if (ran) text.scrollTop = ran.offsetTop - text.clientHeight / 2;
  } catch (problem) {
    if (isWanted()) say(text, /** @type {Error} */ (problem).message);
  }
}

/** A method stands deep in its class; a narrow page has no room for that. */
function dedent(lines) {
  const depth = Math.min(...lines.filter((line) => line.trim()).map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(depth));
}

function sourceLine(source, number, ran) {
  const isRan = number === ran;
  return make("span", { class: isRan ? "code__line code__line--ran" : "code__line", ...(isRan ? { "aria-current": "true" } : {}) },
    make("span", { class: "code__number" }, `${isRan ? "▶" : " "}${String(number).padStart(4)}  `), ...tint(source), "\n");
}
