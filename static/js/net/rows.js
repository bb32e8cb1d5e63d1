/** Rows of an events frame count from the rows before them; here they are made to stand alone. The twin of `patterns.host.rows`. */

import { BACK, ROW } from "./protocol.js";

const OF_MESSAGE = kindsOf("message");
const OF_HOP = kindsOf("hop");

/**
 * The rows of an events frame with their times from 0 and their messages and hops by number.
 * @param {{base: number, rows: any[][]}} frame stays as it is
 * @param {number} messages how many there were before it
 * @param {number} hops
 */
export function* unfold(frame, messages, hops) {
  let at = frame.base;
  for (const row of frame.rows) {
    const kind = row[0];
    if (kind === ROW.message) {
      messages += 1;
      yield row;
      continue;
    }
    const whole = row.slice();
    at = whole[1] += at;
    if (OF_MESSAGE.has(kind)) whole[2] = messages - 1 - row[2];
    else if (OF_HOP.has(kind)) whole[2] = hops - 1 - row[2];
    if (kind === ROW.sent) hops += 1;
    yield whole;
  }
}

/** @param {string} field */
function kindsOf(field) {
  return new Set(Object.entries(BACK).filter(([, counted]) => counted === field).map(([kind]) => ROW[kind]));
}
