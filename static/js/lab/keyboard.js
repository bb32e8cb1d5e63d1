/** The lab's keys. They listen everywhere but where a key means something already. */

/** @param {HTMLElement} root of the lab @param {import("./page.js").Lab} lab */
export function wireKeys(root, lab) {
  const dialog = /** @type {HTMLDialogElement} */ (root.querySelector("#keys"));
  const keys = makeKeys(root, lab, dialog);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isOverlaid()) return;
    if (isTyping(event.target) || (isPressing(event.target) && (event.key === " " || event.key === "Enter"))) return;
    if (movesWithin(event.target) && /^(Arrow|Home|End)/.test(event.key)) return;
    const act = keys[event.shiftKey && event.key.startsWith("Arrow") ? `Shift+${event.key}` : event.key];
    if (!act || !isInReach(root)) return;
    event.preventDefault();
    act();
  });
}

function makeKeys(root, { view, session, store, selection }, dialog) {
  const workload = () => (session.paused ? session.resume() : session.pause()).catch((why) => session.notify("info", why.message));
  return {
    " ": () => view.toggle(),
    ",": () => view.step(-1),
    ".": () => view.step(1),
    ArrowLeft: () => view.scrub(view.t - 0.1),
    ArrowRight: () => view.scrub(view.t + 0.1),
    "Shift+ArrowLeft": () => view.stepMessage(-1),
    "Shift+ArrowRight": () => view.stepMessage(1),
    Home: () => view.scrub(0),
    End: () => view.scrub(store.now),
    l: () => view.goLive(),
    w: workload,
    m: () => root.querySelector("#flying button")?.focus(),
    Escape: () => selection.clear(),
    "?": () => dialog.showModal(),
  };
}

/** Space must still scroll a reader who has gone on to the card. */
function isInReach(root) {
  const { top, bottom } = root.getBoundingClientRect();
  return bottom > 120 && top < innerHeight - 120;
}

/** A dialog or a menu has the keys to itself, Escape first of all. */
function isOverlaid() {
  return Boolean(document.querySelector("dialog[open], :popover-open"));
}

function isTyping(target) {
  return target instanceof Element && Boolean(target.closest("input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
}

function isPressing(target) {
  return target instanceof Element && Boolean(target.closest("button, a, summary, input"));
}

/** Sliders, tabs and rows have their own arrow keys. */
function movesWithin(target) {
  return target instanceof Element && Boolean(target.closest("input, [role=tab], [data-rows]"));
}
