/** Source files of a lab, each fetched once, and the function that a line stands in. */

/** A function longer than this is shown around its line only. */
const LONGEST = 80;

/** Whether a line is the lab's own: what a viewer asks for is recorded by the host, whose source is not shown. @param {string} file @param {string} slug */
export function isOfLab(file, slug) {
  return [slug.replaceAll("-", "_"), "carriers", "engines"].includes(file.split("/")[0]);
}

export class SourceFiles {
  /** @param {string} address that takes ?file= */
  constructor(address) {
    this.address = address;
    /** @type {Map<string, Promise<string[]>>} */
    this._files = new Map();
  }

  /** @param {string} file */
  has(file) {
    return this._files.has(file);
  }

  /** @param {string} file below patterns/ @returns {Promise<string[]>} its lines; rejects with a sentence */
  read(file) {
    let lines = this._files.get(file);
    if (!lines) {
      lines = this._fetch(file);
      this._files.set(file, lines);
      lines.catch(() => this._files.delete(file));
    }
    return lines;
  }

  async _fetch(file) {
    const answer = await fetch(`${this.address}?file=${encodeURIComponent(file)}`).catch(() => {
      throw new Error("The source cannot be fetched just now: there is no connection to the server.");
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(answer.status === 404 ? text : `The source could not be read (${answer.status}).`);
    return text.split("\n");
  }
}

/**
 * @param {string[]} lines of the file
 * @param {string} name qualified, such as `Broker.deliver`
 * @param {number} line from 1
 * @returns {{from: number, to: number}} the function's lines, from 0, without `to`
 */
export function findFunction(lines, name, line) {
  const own = name.split(".").filter((part) => !part.startsWith("<")).pop() ?? "";
  const begins = new RegExp(`^\\s*(async )?def ${own}\\b`);
  let from = line - 1;
  while (from > 0 && !begins.test(lines[from])) from -= 1;
  if (!begins.test(lines[from])) return around(lines, line);
  const depth = indentOf(lines[from]);
  let to = from + 1;
  while (to < lines.length && (!lines[to].trim() || indentOf(lines[to]) > depth || /^\s*\)/.test(lines[to]))) to += 1;
  while (!lines[to - 1].trim()) to -= 1;
  return to - from > LONGEST ? around(lines, line) : { from, to };
}

function around(lines, line) {
  return { from: Math.max(0, line - LONGEST / 4), to: Math.min(lines.length, line + LONGEST / 4) };
}

function indentOf(line) {
  return line.length - line.trimStart().length;
}
