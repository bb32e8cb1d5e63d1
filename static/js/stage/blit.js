/**
 * Thousands of sprites without a graphics card: each sprite is a list of pixels, and a frame is written into one array.
 * Measured without GPU, 5,000 `drawImage` calls a frame cost several times what these writes and one `putImageData` do.
 */

/** Sprites are kept at this many places within a pixel, each way, so that slow dots glide. */
const PHASES = 4;

/** The pixels of one sprite, relative to its middle. `solid` hide what is below them, `edge` are mixed with it. */
class Sprite {
  /** @param {ImageData} image @param {number} middle */
  constructor(image, middle) {
    this.reach = middle;
    const pixels = new Uint32Array(image.data.buffer);
    const solid = [];
    const edge = [];
    for (let i = 0; i < pixels.length; i++) {
      const alpha = image.data[4 * i + 3];
      if (alpha) (alpha === 255 ? solid : edge).push([(i % image.width) - middle, Math.floor(i / image.width) - middle, pixels[i]]);
    }
    this.all = [...solid, ...edge];
    this.solids = solid.length;
    this.colours = Uint32Array.from(this.all, (each) => each[2]);
    this.offsets = new Int32Array(this.all.length);
  }

  /** @param {number} width of the canvas in pixels */
  fit(width) {
    this.all.forEach(([dx, dy], i) => (this.offsets[i] = dy * width + dx));
    return this;
  }
}

export class Blitter {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(pen: OffscreenCanvasRenderingContext2D, mark: any, x: number, y: number, scale: number) => void} draw
   * @param {(mark: any) => number} reach how far a mark goes from its middle, in CSS pixels
   */
  constructor(canvas, draw, reach) {
    this.canvas = canvas;
    this.draw = draw;
    this.reach = reach;
    this.pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    /** @type {Map<string, Sprite[]>} words, then by phase */
    this._sprites = new Map();
    /** @type {Sprite[][]} the same by number, for marks that are numbers: a Map is too slow for thousands a frame */
    this._numbered = [];
    this.resize(canvas.clientWidth, canvas.clientHeight, 1);
  }

  /** @param {number} width @param {number} height in CSS pixels @param {number} scale device pixels per CSS pixel */
  resize(width, height, scale) {
    this.scale = scale;
    this.width = this.canvas.width = Math.max(1, Math.round(width * scale));
    this.height = this.canvas.height = Math.max(1, Math.round(height * scale));
    this._image = this.pen.createImageData(this.width, this.height);
    this._pixels = new Uint32Array(this._image.data.buffer);
    /** The rows that this frame touches. */
    this._top = this._bottom = 0;
    this.forget();
  }

  /** Draw every sprite afresh: the colours have changed. */
  forget() {
    this._sprites.clear();
    this._numbered = [];
  }

  /** Begin a frame: only the rows that the last one touched are cleared. */
  begin() {
    this._pixels.fill(0, this._top * this.width, this._bottom * this.width);
    this._wasTop = this._top;
    this._wasBottom = this._bottom;
    this._top = this.height;
    this._bottom = 0;
  }

  /** Stamp one mark at (x, y), in CSS pixels. @param {any} mark @param {number} x @param {number} y */
  stamp(mark, x, y) {
    const px = x * this.scale;
    const py = y * this.scale;
    const left = Math.floor(px);
    const top = Math.floor(py);
    const phase = (((px - left) * PHASES) | 0) + PHASES * (((py - top) * PHASES) | 0);
    const sprite = this._sprite(mark, phase);
    const reach = sprite.reach;
    if (left < reach || top < reach || left >= this.width - reach || top >= this.height - reach) return;
    if (top - reach < this._top) this._top = top - reach;
    if (top + reach + 1 > this._bottom) this._bottom = top + reach + 1;
    write(this._pixels, sprite, top * this.width + left);
  }

  /** Stamp many. @param {number} count @param {ArrayLike<number>} marks @param {Float32Array} xs @param {Float32Array} ys */
  stampAll(count, marks, xs, ys) {
    for (let i = 0; i < count; i++) this.stamp(marks[i], xs[i], ys[i]);
  }

  /** Show the frame. */
  end() {
    const top = Math.min(this._wasTop, this._top);
    const bottom = Math.max(this._wasBottom, this._bottom);
    if (bottom > top) this.pen.putImageData(this._image, 0, 0, 0, top, this.width, bottom - top);
  }

  _sprite(mark, phase) {
    let phases = typeof mark === "number" ? this._numbered[mark] : this._sprites.get(mark);
    if (!phases) {
      phases = [];
      if (typeof mark === "number") this._numbered[mark] = phases;
      else this._sprites.set(mark, phases);
    }
    return phases[phase] ?? (phases[phase] = this._make(mark, phase));
  }

  _make(mark, phase) {
    const middle = Math.ceil(this.reach(mark) * this.scale) + 2;
    const side = 2 * middle + 1;
    const canvas = new OffscreenCanvas(side, side);
    const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
    const part = (n) => middle + (n + 0.5) / PHASES;
    this.draw(pen, mark, part(phase % PHASES), part(Math.floor(phase / PHASES)), this.scale);
    return new Sprite(pen.getImageData(0, 0, side, side), middle).fit(this.width);
  }
}

function write(pixels, sprite, base) {
  const offsets = sprite.offsets;
  const colours = sprite.colours;
  const solids = sprite.solids;
  for (let i = 0; i < solids; i++) pixels[base + offsets[i]] = colours[i];
  for (let i = solids; i < offsets.length; i++) {
    const below = pixels[base + offsets[i]];
    pixels[base + offsets[i]] = below === 0 ? colours[i] : mix(below, colours[i]);
  }
}

/** One pixel over another, two channels at a time; the lower counts as opaque, since it belongs to another sprite. */
function mix(below, above) {
  const alpha = above >>> 24;
  const rest = 256 - alpha;
  const redBlue = (((above & 0xff00ff) * alpha + (below & 0xff00ff) * rest) >>> 8) & 0xff00ff;
  const green = (((above & 0xff00) * alpha + (below & 0xff00) * rest) >>> 8) & 0xff00;
  const opacity = Math.max(alpha, below >>> 24);
  return ((opacity << 24) | redBlue | green) >>> 0;
}
