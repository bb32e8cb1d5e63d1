/** The shape of each role: the same on the stage's canvas, in the legend and in the space–time diagram. */

/** A message's role gives its shape; the order is that of the protocol's ROLES. */
export const SHAPES = ["event", "command", "request", "reply", "ack", "error", "batch"];
/** Added to a shape's number. */
export const DOUBLE = 8;
export const OUTLINE = 16;
export const CROSS = 32;
export const HALO = 33;

const INK_ON_MARK = "#15171d";

/** The colours of the theme in force. */
export function readColours() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    event: read("--mark-event"),
    command: read("--mark-request"),
    request: read("--mark-request"),
    reply: read("--mark-reply"),
    ack: read("--mark-reply"),
    error: read("--mark-error"),
    batch: read("--mark-batch"),
    outline: read("--mark-outline"),
    paper: read("--paper"),
    focus: read("--focus"),
    ink: read("--ink"),
    muted: read("--ink-muted"),
    edge: read("--edge"),
    line: read("--line"),
    surface: read("--surface"),
    highlight: read("--highlight"),
    errorText: read("--text-error"),
  };
}

/**
 * Draw one mark with its middle at (x, y).
 * @param {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} pen
 * @param {number} mark a shape's number, with DOUBLE or OUTLINE added; CROSS; HALO
 * @param {number} x @param {number} y @param {number} r radius in pixels
 * @param {ReturnType<typeof readColours>} colours
 */
export function drawMark(pen, mark, x, y, r, colours) {
  pen.lineJoin = "round";
  if (mark === CROSS) return cross(pen, x, y, r, colours);
  if (mark === HALO) return halo(pen, x, y, r, colours);
  const shape = SHAPES[mark & 7];
  if (mark & DOUBLE) outlined(pen, shape, x, y, r * 1.55, colours);
  if (mark & OUTLINE) return expired(pen, shape, x, y, r, colours);
  return filled(pen, shape, x, y, r, colours);
}

function outlined(pen, shape, x, y, r, colours) {
  trace(pen, shape, x, y, r);
  pen.fillStyle = colours.paper;
  pen.fill();
  pen.strokeStyle = colours.outline;
  pen.lineWidth = Math.max(1, r * 0.14);
  pen.stroke();
}

function expired(pen, shape, x, y, r, colours) {
  trace(pen, shape, x, y, r);
  pen.setLineDash([r * 0.45, r * 0.3]);
  pen.strokeStyle = colours.outline;
  pen.lineWidth = Math.max(1, r * 0.2);
  pen.stroke();
  pen.setLineDash([]);
}

function filled(pen, shape, x, y, r, colours) {
  const hollow = shape === "reply" || shape === "ack";
  trace(pen, shape, x, y, hollow ? r * (shape === "ack" ? 0.72 : 0.9) : r);
  pen.fillStyle = hollow ? colours.paper : colours[shape];
  pen.fill();
  pen.strokeStyle = hollow ? colours[shape] : shape === "error" ? colours.error : colours.outline;
  pen.lineWidth = hollow ? r * 0.36 : Math.max(1, r * 0.14);
  pen.stroke();
  if (shape === "command") {
    pen.beginPath();
    pen.arc(x, y, r * 0.3, 0, 7);
    pen.fillStyle = INK_ON_MARK;
    pen.fill();
  }
}

function trace(pen, shape, x, y, r) {
  pen.beginPath();
  if (shape === "event") {
    pen.moveTo(x, y - r * 1.1);
    pen.lineTo(x + r * 1.08, y + r * 0.82);
    pen.lineTo(x - r * 1.08, y + r * 0.82);
    pen.closePath();
  } else if (shape === "error") {
    pen.moveTo(x, y - r * 1.15);
    pen.lineTo(x + r * 1.15, y);
    pen.lineTo(x, y + r * 1.15);
    pen.lineTo(x - r * 1.15, y);
    pen.closePath();
  } else if (shape === "batch") pen.roundRect(x - r * 1.1, y - r * 0.95, r * 2.2, r * 1.9, r * 0.4);
  else pen.arc(x, y, r * 0.92, 0, 7);
}

function cross(pen, x, y, r, colours) {
  pen.beginPath();
  for (const [dx, dy] of [[1, 1], [1, -1]]) {
    pen.moveTo(x - dx * r * 0.75, y - dy * r * 0.75);
    pen.lineTo(x + dx * r * 0.75, y + dy * r * 0.75);
  }
  pen.lineCap = "round";
  pen.strokeStyle = colours.error;
  pen.lineWidth = r * 0.42;
  pen.stroke();
}

function halo(pen, x, y, r, colours) {
  pen.beginPath();
  pen.arc(x, y, r * 2, 0, 7);
  pen.strokeStyle = colours.focus;
  pen.lineWidth = Math.max(2, r * 0.34);
  pen.stroke();
}
