/** A quantity over run time: a step function that grows at its end. */

/**
 * How many of the sorted times are at or before `t`.
 * @param {ArrayLike<number>} times
 * @param {number} t
 * @param {number} [length] how many of `times` are in use
 */
export function countUpTo(times, t, length = times.length) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @template T */
export class Series {
  constructor() {
    /** @type {number[]} */
    this.at = [];
    /** @type {T[]} */
    this.value = [];
  }

  /** @param {number} at @param {T} value */
  add(at, value) {
    this.at.push(at);
    this.value.push(value);
  }

  /** The value at `t`, or undefined before the first. @param {number} t @returns {T | undefined} */
  valueAt(t) {
    return this.value[countUpTo(this.at, t) - 1];
  }
}

/**
 * The series of a key, made when it is first asked for.
 * @template K, T
 * @param {Map<K, Series<T>>} all
 * @param {K} key
 */
export function seriesOf(all, key) {
  let series = all.get(key);
  if (!series) all.set(key, (series = new Series()));
  return series;
}
