/** The code that ran: the function of the current event with the line that recorded it, and the lines that ran before it. */

import { seconds } from "../words.js";
import { currentEvent, showCode } from "./code-view.js";
import { make, title } from "./element.js";
import { jumpTo } from "./jump.js";
import { keepDrawn } from "./redraw.js";
import { isOfLab } from "./source.js";

const RECENT = 8;

/** @param {HTMLElement} root @param {import("../page.js").Lab} lab */
export function mount(root, lab) {
  const source = make("div");
  const recent = make("ol", { class: "code-drawer__recent", role: "list" });
  root.append(title("Code that ran"), make("div", { class: "code-drawer" }, source,
    make("div", {}, make("p", { class: "eyebrow" }, "Ran just before"), recent)));
  showCode(source, lab);
  keepDrawn(root, lab, () => drawRecent(recent, currentEvent(lab), lab), 5);
}

function drawRecent(list, i, lab) {
  const { store } = lab;
  const found = [];
  for (let n = i; n >= 0 && found.length < RECENT && i - n < 200; n--) {
    const { code, at, seq } = store.event(n);
    if (code && isOfLab(code[0], lab.declared.slug) && !found.some((each) => each.code.join() === code.join())) found.push({ code, at, seq });
  }
  const key = found.map(({ seq }) => seq).join();
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...found.map(({ code: [file, name, line], at, seq }) => make("li", {},
    make("button", { class: "code-drawer__jump", type: "button", onclick: () => jumpTo(lab, seq) },
      make("span", { class: "code-drawer__at" }, seconds(at)), make("span", {}, name), make("span", { class: "muted" }, `${file.split("/").pop()}:${line}`)))));
}
