/** Values as people read them: a ratio as per cent, a switch as on or off, and a number with no digits that say nothing. */

/** @param {string} unit */
export function unitOf(unit) {
  return unit === "ratio" ? "%" : unit;
}

/** The number to show for a value in its declared unit. @param {number} value @param {string} unit */
export function toShown(value, unit) {
  return Number((unit === "ratio" ? value * 100 : value).toPrecision(6));
}

/** The value in its declared unit for a number as shown. @param {number} shown @param {string} unit */
export function fromShown(shown, unit) {
  return Number((unit === "ratio" ? shown / 100 : shown).toPrecision(12));
}

/** @param {any} value @param {string} [unit] */
export function tellValue(value, unit = "") {
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value !== "number") return String(value);
  const shown = toShown(value, unit);
  return `${Number.isInteger(shown) ? shown : Number(shown.toPrecision(3))} ${unitOf(unit)}`.trim();
}
