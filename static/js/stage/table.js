/** A table of rows, a page at a time, one of them selected; arrow keys go from row to row. Knows no run. */

/** @typedef {{seq: number, cells: string[], message: string, chosen: boolean}} Row */

/** Events: `row` (detail: the row), `page` (detail: -1 or 1). */
export class Table extends EventTarget {
  /** @param {HTMLElement} root @param {string[]} heads @param {string} caption */
  constructor(root, heads, caption) {
    super();
    this.root = root;
    const wrap = (this.wrap = make("div", "table-wrap"));
    wrap.tabIndex = 0;
    wrap.setAttribute("role", "region");
    wrap.setAttribute("aria-label", caption);
    const table = make("table", "table table--dense events__table");
    const head = table.createTHead().insertRow();
    for (const words of heads) {
      const cell = make("th", "");
      cell.scope = "col";
      cell.textContent = words;
      head.append(cell);
    }
    this.body = table.createTBody();
    this.body.dataset.rows = "";
    this.body.addEventListener("keydown", (event) => this._key(event));
    wrap.append(table);
    root.append(wrap);
  }

  /** @param {Row[]} rows @param {number} current seq of the row the view stands at */
  draw(rows, current) {
    const hadFocus = this.body.contains(document.activeElement);
    this.body.replaceChildren(...rows.map((row) => this._row(row, row.seq === current)));
    const here = this._focusable();
    if (here) this.wrap.scrollTop = here.offsetTop + here.offsetHeight - this.wrap.clientHeight;
    if (hadFocus) here?.focus({ preventScroll: true });
  }

  _row(row, current) {
    const line = document.createElement("tr");
    line.tabIndex = current ? 0 : -1;
    line.setAttribute("aria-selected", String(row.chosen));
    if (current) line.setAttribute("aria-current", "true");
    row.cells.forEach((words, i) => {
      const cell = line.insertCell();
      cell.textContent = words;
      if (i < 2) cell.className = "number";
    });
    line.addEventListener("click", () => this._tell("row", row));
    /** @type {any} */ (line).pick = () => this._tell("row", row);
    return line;
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const line = /** @type {HTMLElement} */ (event.target).closest("tr");
    if (!line) return;
    const next = { ArrowDown: line.nextElementSibling, ArrowUp: line.previousElementSibling }[event.key];
    if (event.key === "Enter" || event.key === " ") /** @type {any} */ (line).pick();
    else if (next instanceof HTMLElement) next.focus();
    else if (event.key === "PageDown" || event.key === "PageUp") this._tell("page", event.key === "PageDown" ? 1 : -1);
    else return;
    event.preventDefault();
  }

  _focusable() {
    return /** @type {HTMLElement | null} */ (this.body.querySelector("tr[tabindex='0']") ?? this.body.querySelector("tr"));
  }

  _tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function make(tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  return /** @type {any} */ (made);
}
