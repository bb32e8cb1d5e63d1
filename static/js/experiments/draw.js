/**
 * Curves to draw: each number of the form is a point that a pointer sets or pulls, and the number still says it exactly. A
 * number that is not there yet is no point.
 */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 640;
const HEIGHT = 240;
const EDGE = 24;
const NEAR = 60;

/** @param {HTMLElement} root with a fieldset of number inputs for each curve */
export function makeDrawable(root) {
  const curves = [...root.querySelectorAll("[data-curve]")].map((set) => [...set.querySelectorAll("input")]);
  const svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plot draw__plot", "aria-hidden": "true" });
  const lines = curves.map((_, i) => svg.appendChild(element("polyline", { class: `plot__curve plot__curve--${i + 1}` })));
  const dots = curves.map((inputs, i) => inputs.map(() => svg.appendChild(element("circle", { class: `plot__dot plot__curve--${i + 1}`, r: "8" }))));
  const draw = () =>
    curves.forEach((inputs, i) => {
      const points = inputs.map((input, place) => (isDrawn(input) ? [across(place, inputs.length), up(Number(input.value))] : null));
      lines[i].setAttribute("points", points.filter(Boolean).join(" "));
      points.forEach((point, place) => {
        const [cx, cy] = point ?? [0, 0];
        set(dots[i][place], { cx, cy, visibility: point ? "visible" : "hidden" });
      });
    });
  root.prepend(svg);
  root.addEventListener("input", draw);
  pull(svg, curves, draw);
  draw();
}

/** One pointer draws one curve: the one whose point it took hold of, or else the first that has no point there. */
function pull(svg, curves, draw) {
  let held = -1;
  const move = (event) => {
    const { x, y } = within(svg, event);
    const input = inputAt(curves[held], x);
    input.value = String(Math.max(0, Math.min(100, Math.round((100 * (HEIGHT - EDGE - y)) / (HEIGHT - 2 * EDGE)))));
    draw();
  };
  svg.addEventListener("pointerdown", (event) => {
    held = choose(curves, within(svg, event));
    if (held < 0) return;
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
    move(event);
  });
  svg.addEventListener("pointermove", (event) => held >= 0 && move(event));
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => (held = -1));
}

function choose(curves, { x, y }) {
  let best = curves.findIndex((inputs) => !isDrawn(inputAt(inputs, x)));
  let least = NEAR;
  curves.forEach((inputs, i) => inputs.forEach((input, place) => {
    if (!isDrawn(input)) return;
    const far = Math.hypot(x - across(place, inputs.length), y - up(Number(input.value)));
    if (far < least) [best, least] = [i, far];
  }));
  return best;
}

/** @param {HTMLInputElement} input */
function isDrawn(input) {
  return input.value.trim() !== "";
}

function inputAt(inputs, x) {
  const place = Math.round(((x - EDGE) / (WIDTH - 2 * EDGE)) * (inputs.length - 1));
  return inputs[Math.max(0, Math.min(place, inputs.length - 1))];
}

function within(svg, event) {
  const box = svg.getBoundingClientRect();
  return { x: ((event.clientX - box.left) * WIDTH) / box.width, y: ((event.clientY - box.top) * HEIGHT) / box.height };
}

function across(place, count) {
  return EDGE + ((WIDTH - 2 * EDGE) * place) / Math.max(1, count - 1);
}

function up(height) {
  return HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * Math.max(0, Math.min(100, height))) / 100;
}

function element(name, attributes) {
  return set(document.createElementNS(SVG, name), attributes);
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}
