/** A WebSocket that numbers commands, matches answers to them, and comes back when the connection is lost. */

import { VERSION } from "./protocol.js";

const PATIENCE_SECONDS = 15;
const LONGEST_WAIT_SECONDS = 10;
const OUTDATED = "The site has been renewed since this page was loaded; load the page again.";

/**
 * Events: `frame` (detail: the frame), `open` (the host has greeted us: before that it would not hear a command), `closed` (detail: a sentence), `refused` (detail: a sentence; it will not come back).
 */
export class Socket extends EventTarget {
  /** @param {string} path such as "/ws/labs/pub-sub/" */
  constructor(path) {
    super();
    this.url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    /** @type {WebSocket | null} */
    this._socket = null;
    /** @type {Map<number, {answer: (frame: any) => void, refuse: (why: Error) => void, timer: number}>} */
    this._asked = new Map();
    this._number = 0;
    this._failures = 0;
    this._wanted = false;
    this._retry = 0;
    /** The host has greeted us: it is there, and hears commands. */
    this.isOpen = false;
  }

  /** Connect if there is no connection, and keep it. */
  open() {
    this._wanted = true;
    if (this._socket) return;
    clearTimeout(this._retry);
    const socket = (this._socket = new WebSocket(this.url));
    socket.addEventListener("message", (event) => this._take(JSON.parse(event.data)));
    socket.addEventListener("close", (event) => this._lost(event));
  }

  /** Open it, and wait until the host has greeted us. @param {number} patience in seconds @returns {Promise<void>} rejects with a sentence */
  connected(patience) {
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const fail = (event) => reject(new Error(event.type === "refused" ? event.detail : "The server cannot be reached."));
      this.addEventListener("open", () => resolve(undefined), { once: true });
      this.addEventListener("closed", fail, { once: true });
      this.addEventListener("refused", fail, { once: true });
      setTimeout(() => reject(new Error("The labs do not answer just now.")), patience * 1000);
      this.open();
    });
  }

  close() {
    this._wanted = false;
    clearTimeout(this._retry);
    this._socket?.close(1000);
  }

  /**
   * Send a command; resolves with the frame that answers it.
   * @param {{c: string, [field: string]: any}} command
   * @returns {Promise<any>} rejects with a sentence
   */
  ask(command) {
    if (!this.isOpen) return Promise.reject(new Error("There is no connection to the server just now."));
    const id = ++this._number;
    return new Promise((answer, refuse) => {
      const timer = setTimeout(() => this._settle(id, "refuse", new Error(
        `The server did not answer “${command.c}” within ${PATIENCE_SECONDS} s.`)), PATIENCE_SECONDS * 1000);
      this._asked.set(id, { answer, refuse, timer });
      /** @type {WebSocket} */ (this._socket).send(JSON.stringify({ ...command, id }));
    });
  }

  _take(frame) {
    if (frame.t === "hello" && frame.version !== VERSION) return this._refuse(OUTDATED);
    if (frame.t === "hello" && !this.isOpen) {
      this.isOpen = true;
      this._failures = 0;
      this.dispatchEvent(new Event("open"));
    }
    if (frame.re && frame.t === "error") this._settle(frame.re, "refuse", new Error(frame.why));
    else if (frame.re) this._settle(frame.re, "answer", frame);
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
  }

  _settle(id, how, what) {
    const asked = this._asked.get(id);
    if (!asked) return;
    this._asked.delete(id);
    clearTimeout(asked.timer);
    asked[how](what);
  }

  /** @param {CloseEvent} event */
  _lost(event) {
    this._socket = null;
    this.isOpen = false;
    for (const id of [...this._asked.keys()]) this._settle(id, "refuse", new Error("The connection was lost before the answer came."));
    if (!this._wanted) return;
    // 4000 and up are this site's own refusals (too many sockets, no such pattern, a flood): coming back would not help.
    if (event.code >= 4000) return this._refuse(event.reason || "The server refused the connection.");
    this.dispatchEvent(new CustomEvent("closed", { detail: event.reason || "The connection to the server is lost." }));
    this._comeBack();
  }

  /** @param {string} why */
  _refuse(why) {
    this.close();
    this.dispatchEvent(new CustomEvent("refused", { detail: why }));
  }

  /** Wait a random while, longer after each failure, so that a room full of browsers does not come back at once. */
  _comeBack() {
    const most = Math.min(LONGEST_WAIT_SECONDS, 0.5 * 2 ** this._failures++);
    this._retry = setTimeout(() => this.open(), 1000 * (0.2 + Math.random() * most));
  }
}
