/** "Share this moment": its address, the run kept for good, and its log and trace as files. */

import { writeMoment } from "../permalink.js";
import { seconds } from "../words.js";
import { make, say } from "./element.js";
import { keepDrawn } from "./redraw.js";

export class ShareMenu {
  /** @param {import("../page.js").Lab} lab @param {HTMLElement} button it hangs from */
  constructor(lab, button) {
    this.lab = lab;
    this.address = make("input", { class: "input share__address", readonly: true, "aria-label": "Address of this moment", onfocus: () => this.address.select() });
    this.copied = make("span", { class: "small", role: "status" });
    this.exact = make("p", { class: "small muted" });
    this.name = make("input", { class: "input", maxlength: 120, placeholder: "A name for it", "aria-label": "Name of the kept run" });
    this.keep = make("button", { class: "button", type: "submit" }, "Keep this run");
    this.kept = make("div", { class: "share__kept", role: "status" });
    const form = make("form", { class: "share__keep", onsubmit: (event) => this._save(event) }, this.name, this.keep);
    this.root = make("div", { class: "menu share", id: "share-menu", popover: "auto", role: "dialog", "aria-label": "Share this moment" },
      make("p", { class: "eyebrow" }, "This moment"),
      make("div", { class: "share__row" }, this.address, make("button", { class: "button button--primary", type: "button", onclick: () => this._copy() }, "Copy")),
      this.exact, this.copied, make("p", { class: "eyebrow" }, "The whole run"), form, this.kept, this._offerLog());
    this.root.addEventListener("toggle", (event) => event.newState === "open" && this._opened(button));
    keepDrawn(this.root, lab, () => this.draw(), 4);
  }

  /** What the page holds can be had as a file whether or not anybody keeps it, or is left to keep it. */
  _offerLog() {
    const file = (words, give) => make("button", { class: "button", type: "button", onclick: give }, words);
    this.size = make("span", { class: "small muted" });
    return make("div", { class: "share__files" }, make("p", { class: "eyebrow" }, "Its log, as a file"), this.size,
      make("div", { class: "button-row" }, file("JSON Lines", () => this._give("log.jsonl")), file("OpenTelemetry trace", () => this._give("trace.json"))));
  }

  async _give(what) {
    const { writeLog, nameFile, download } = await import("../export.js");
    const { store } = this.lab;
    if (what === "log.jsonl") return download(nameFile(store, what), writeLog(this.lab), "application/x-ndjson");
    const { writeTrace } = await import("../trace.js");
    return download(nameFile(store, what), JSON.stringify(writeTrace(store)), "application/json");
  }

  _opened(button) {
    this.lab.view.pause();
    this.address.value = writeMoment(this.lab);
    history.replaceState(history.state, "", this.address.value);
    say(this.copied, "");
    const { left, top, bottom } = button.getBoundingClientRect();
    const { offsetWidth: w, offsetHeight: h } = this.root;
    this.root.style.left = `${Math.max(8, Math.min(left, innerWidth - w - 8))}px`;
    this.root.style.top = `${Math.max(8, top - h - 6 > 0 ? top - h - 6 : Math.min(bottom + 6, innerHeight - h - 8))}px`;
    this.draw();
  }

  draw() {
    const { store, session } = this.lab;
    this.keep.disabled = this.name.disabled = !session.run || !store.live || session.state === "lost";
    this.name.placeholder = this.keep.disabled ? "Only a live run can be kept" : "A name for it";
    say(this.size, `${store.length} events, ${seconds(store.now)}, made in this browser`);
    say(this.exact, store.live
      ? "Opened elsewhere, the same seed runs again, and what was done is done again at its time, up to this moment. Keep the run to show exactly this log."
      : "Opened elsewhere, it shows this recording at this moment.");
  }

  async _copy() {
    this.address.select();
    try {
      await navigator.clipboard.writeText(this.address.value);
      say(this.copied, "Copied.");
    } catch {
      say(this.copied, "Selected: copy it with Ctrl+C.");
    }
  }

  /** @param {string} url of a kept run */
  _offerFiles(url) {
    this.kept.replaceChildren("Kept: ", make("a", { href: `${url}?t=${this.lab.view.t.toFixed(4)}` }, "the run at this moment"),
      " · ", make("a", { href: `${url}log.jsonl`, download: "" }, "log (JSON Lines)"),
      " · ", make("a", { href: `${url}trace.json`, download: "" }, "trace (OpenTelemetry)"));
  }

  async _save(event) {
    event.preventDefault();
    say(this.kept, "Keeping it …");
    try {
      this._offerFiles(await this.lab.session.save(this.name.value));
    } catch (problem) {
      say(this.kept, /** @type {Error} */ (problem).message);
    }
  }
}
