/** Drag a chip onto a node of the stage. By mouse or pen; a finger and a keyboard use the chip's menu. */

import { make } from "./element.js";

/** Less than this is a press, not a drag. */
const FAR = 6;

/**
 * @param {HTMLElement} chip
 * @param {{accepts: (node: string) => boolean, drop: (node: string) => void, refuse: (node: string) => void}} onto
 */
export function dragOnto(chip, onto) {
  chip.addEventListener("pointerdown", (down) => {
    if (down.pointerType === "touch" || down.button !== 0) return;
    const drag = new Drag(chip, down, onto);
    document.addEventListener("pointermove", drag);
    document.addEventListener("pointerup", drag);
    document.addEventListener("pointercancel", drag);
    document.addEventListener("keydown", drag, { capture: true });
  });
}

class Drag {
  constructor(chip, down, onto) {
    this.chip = chip;
    this.down = down;
    this.onto = onto;
    this.ghost = null;
    this.over = null;
  }

  /** @param {PointerEvent & KeyboardEvent} event */
  handleEvent(event) {
    if (event.type === "pointermove") this._move(event);
    else if (event.type === "pointerup") this._drop();
    else if (event.type === "pointercancel" || event.key === "Escape") this._end();
  }

  _move(event) {
    if (!this.ghost && Math.hypot(event.clientX - this.down.clientX, event.clientY - this.down.clientY) < FAR) return;
    this.ghost ??= this._lift();
    this.ghost.style.translate = `${event.clientX + 8}px ${event.clientY + 8}px`;
    this._hover(nodeAt(event));
  }

  _lift() {
    const ghost = make("div", { class: "chip fault__ghost", "aria-hidden": "true" }, this.chip.textContent);
    document.body.append(ghost);
    for (const node of allNodes()) node.classList.toggle("node--target", this.onto.accepts(node.dataset.node));
    return ghost;
  }

  _hover(node) {
    if (node === this.over) return;
    this.over?.classList.remove("node--aimed");
    this.over = node;
    if (node && this.onto.accepts(node.dataset.node)) node.classList.add("node--aimed");
  }

  _drop() {
    const name = this.ghost && this.over?.dataset.node;
    if (this.ghost) this.chip.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => this.chip.removeEventListener("click", swallow, { capture: true }));
    this._end();
    if (!name) return;
    if (this.onto.accepts(name)) this.onto.drop(name);
    else this.onto.refuse(name);
  }

  _end() {
    this._hover(null);
    this.ghost?.remove();
    for (const node of allNodes()) node.classList.remove("node--target");
    for (const kind of ["pointermove", "pointerup", "pointercancel"]) document.removeEventListener(kind, this);
    document.removeEventListener("keydown", this, { capture: true });
  }
}

/** The press that ends a drag on its own chip is not meant as one. */
function swallow(event) {
  event.stopImmediatePropagation();
  event.preventDefault();
}

function allNodes() {
  return /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".stage [data-node]"));
}

function nodeAt(event) {
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  return /** @type {HTMLElement | null} */ (under.map((each) => each.closest(".stage [data-node]")).find(Boolean) ?? null);
}
