/** What the reader is told: notices under the transport, and a digest for screen readers at most every five seconds. */

const DIGEST_SECONDS = 5;
const MOST = 3;

export class Notices {
  /** @param {HTMLElement} root @param {import("./page.js").Lab} lab */
  constructor(root, lab) {
    this.lab = lab;
    this.place = /** @type {HTMLElement} */ (root.querySelector("#notices"));
    this.digest = /** @type {HTMLElement} */ (root.querySelector("#digest"));
    this._said = "";
    this._due = 0;
    lab.session.addEventListener("notice", (event) => this._add(/** @type {CustomEvent} */ (event).detail));
    lab.store.addEventListener("reset", () => this.place.replaceChildren());
    lab.view.addEventListener("change", () => lab.view.stop && this._tell(lab.view.stop.caption));
    lab.view.addEventListener("tick", () => this._summarise());
  }

  _add({ kind, text }) {
    const notice = document.createElement("div");
    notice.className = `notice notice--${kind}`;
    notice.setAttribute("role", kind === "error" ? "alert" : "status");
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button button--quiet";
    close.textContent = "Close";
    close.addEventListener("click", () => notice.remove());
    notice.append(words, close);
    const old = [...this.place.children].find((each) => each.firstChild?.textContent === text);
    old?.remove();
    this.place.append(notice);
    while (this.place.children.length > MOST) this.place.firstElementChild?.remove();
  }

  /** Nothing is read out for each dot: where the view is, what is in the air, what does not hold. */
  _summarise() {
    const now = performance.now() / 1000;
    if (now < this._due || !this.lab.view.playing) return;
    this._due = now + DIGEST_SECONDS;
    const { store, view, declared } = this.lab;
    let flying = 0;
    store.flightsAt(view.t, () => (flying += 1));
    const broken = declared.invariants.filter(({ name }) => store.lightAt(name, view.t).status === "violated").map(({ label }) => label);
    const lost = store.droppedBy(view.t);
    this._tell([`${view.t.toFixed(0)} seconds`, `${flying} in the air`, lost && `${lost} lost`, broken.length && `broken: ${broken.join(", ")}`]
      .filter(Boolean).join("; "));
  }

  _tell(words) {
    if (words === this._said) return;
    this._said = this.digest.textContent = words;
    this._due = performance.now() / 1000 + DIGEST_SECONDS;
  }
}
