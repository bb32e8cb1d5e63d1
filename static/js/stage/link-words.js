/** Words on links: how many messages one dot stands for; and, where nothing travels, what is under way. */

import { SHAPES } from "./shapes.js";

const SIGNS = { event: "▲", command: "●", request: "●", reply: "○", ack: "○", error: "◆", batch: "▪" };

export class LinkWords {
  /** @param {HTMLElement} stage */
  constructor(stage) {
    this.root = document.createElement("div");
    this.root.className = "stage__words";
    this.root.setAttribute("aria-hidden", "true");
    stage.append(this.root);
    /** @type {Map<string, HTMLElement>} */
    this._words = new Map();
  }

  /** @param {any} scene @param {import("./layout.js").Layout | undefined} layout @param {boolean} still */
  draw(scene, layout, still) {
    const said = still ? counted(scene) : thinned(scene);
    for (const [key, word] of this._words) if (!said.has(key)) word.hidden = true;
    for (const [key, words] of said) {
      const curve = layout?.curves.get(key);
      if (curve) this._say(key, words, curve.middle);
    }
  }

  _say(key, words, [x, y]) {
    let word = this._words.get(key);
    if (!word) {
      word = document.createElement("span");
      this.root.append(word);
      this._words.set(key, word);
    }
    word.hidden = false;
    if (word.textContent !== words) word.textContent = words;
    word.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px) translate(-50%, 8px)`;
  }
}

/** @returns {Map<string, string>} by link, both directions together */
function thinned(scene) {
  const said = new Map();
  scene.ways.forEach(({ source, target }, way) => {
    if (scene.standsFor[way] < 2) return;
    said.set(`${source}\n${target}`, `● = ${scene.standsFor[way]}`);
    said.set(`${target}\n${source}`, `● = ${scene.standsFor[way]}`);
  });
  return said;
}

function counted(scene) {
  /** @type {Map<string, number[]>} */
  const counts = new Map();
  for (let i = 0; i < scene.count; i++) {
    const { source, target } = scene.ways[scene.way[i]];
    for (const key of [`${source}\n${target}`, `${target}\n${source}`]) {
      const each = counts.get(key) ?? SHAPES.map(() => 0);
      each[scene.mark[i] & 7] += scene.standsFor[scene.way[i]];
      counts.set(key, each);
    }
  }
  const spell = (each) => each.flatMap((count, shape) => (count ? [`${SIGNS[SHAPES[shape]]}${count}`] : [])).join(" ");
  return new Map([...counts].map(([key, each]) => [key, spell(each)]));
}
