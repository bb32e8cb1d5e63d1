/** The parts below the stage as tabs. On a wide page the knobs, lights and charts stand beside the stage, and need no tab. */

const WIDE = matchMedia("(min-width: 68.75rem)");
const FIRST = { wide: "transcript", narrow: "bet" };

export class Sheet extends EventTarget {
  /** @param {HTMLElement} root of the lab */
  constructor(root) {
    super();
    /** @type {HTMLElement[]} */
    this.tabs = [...root.querySelectorAll("[role=tab]")].map((tab) => /** @type {HTMLElement} */ (tab));
    /** @type {Map<string, HTMLElement>} */
    this.parts = new Map([...root.querySelectorAll("[data-part]")].map((part) => [/** @type {any} */ (part).dataset.part, /** @type {any} */ (part)]));
    for (const tab of this.tabs) this._wire(tab);
    WIDE.addEventListener("change", () => this._fit());
    this._fit();
  }

  /** @param {string} name of a part */
  show(name) {
    const tab = this.tabs.find((each) => each.dataset.tab === name);
    if (!tab || !this._offered(tab)) return;
    for (const each of this.tabs) {
      each.setAttribute("aria-selected", String(each === tab));
      each.tabIndex = each === tab ? 0 : -1;
    }
    for (const [part, element] of this.parts) element.hidden = part !== name && !this._standsBeside(part);
    this.shown = name;
    bringIn(tab);
    this.dispatchEvent(new Event("change"));
  }

  _wire(tab) {
    const name = tab.dataset.tab ?? "";
    const part = this.parts.get(name);
    tab.id = `tab-${name}`;
    if (part) {
      part.id ||= `part-${name}`;
      tab.setAttribute("aria-controls", part.id);
      part.setAttribute("aria-labelledby", tab.id);
    }
    tab.addEventListener("click", () => this.show(name));
    tab.addEventListener("keydown", (event) => this._key(event, tab));
  }

  _key(event, tab) {
    const tabs = this.tabs.filter((each) => this._offered(each));
    const i = tabs.indexOf(tab);
    const next = { ArrowRight: tabs[(i + 1) % tabs.length], ArrowLeft: tabs.at(i - 1), Home: tabs[0], End: tabs.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    this.show(next.dataset.tab ?? "");
    next.focus();
  }

  _offered(tab) {
    return !WIDE.matches || !tab.classList.contains("lab__tab--side");
  }

  _standsBeside(part) {
    return WIDE.matches && Boolean(this.parts.get(part)?.closest(".lab__side"));
  }

  /** The page became wide or narrow: which parts are tabs changes with it. */
  _fit() {
    for (const [name, part] of this.parts) {
      if (this._standsBeside(name)) part.removeAttribute("role");
      else part.setAttribute("role", "tabpanel");
    }
    const tab = this.tabs.find((each) => each.dataset.tab === this.shown);
    this.show(tab && this._offered(tab) ? (this.shown ?? "") : WIDE.matches ? FIRST.wide : FIRST.narrow);
  }
}

/** Along the row of tabs only: the page itself stays where the reader has it. @param {HTMLElement} tab */
function bringIn(tab) {
  const row = tab.parentElement;
  if (!row) return;
  const [at, frame] = [tab.getBoundingClientRect(), row.getBoundingClientRect()];
  if (at.left < frame.left || at.right > frame.right) row.scrollLeft += at.left - frame.left - (frame.width - at.width) / 2;
}
