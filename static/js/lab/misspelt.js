/** Names in an address that mean nothing here, and which one was probably meant. */

/** More than a third of its letters wrong is another word. */
const NEAR = 1 / 3;

/** @param {string[]} given @param {string[]} known @returns {string[]} a sentence for each name that is not known */
export function spot(given, known) {
  return [...new Set(given)].filter((name) => !known.includes(name)).map((name) => {
    const [best] = known.map((each) => ({ each, off: distance(name.toLowerCase(), each) })).sort((a, b) => a.off - b.off);
    return best.off <= NEAR * best.each.length
      ? `“${name}” is no setting of this lab; perhaps “${best.each}” is meant.`
      : `“${name}” is no setting of this lab; there are: ${known.join(", ")}.`;
  });
}

/** How many letters have to be put in, taken out or changed to make one word of the other. @param {string} a @param {string} b */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length];
}
