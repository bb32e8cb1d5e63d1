/** What is selected: one selection for the topology, the space–time diagram, the table and every panel. */

export class Selection extends EventTarget {
  constructor() {
    super();
    /** Id of the selected message, or "". */
    this.message = "";
    /** Name of the selected node, or "". */
    this.node = "";
    /** Seq of the selected event, or 0. */
    this.seq = 0;
  }

  /** Change what is named; the rest stays. @param {{message?: string, node?: string, seq?: number}} what */
  select(what) {
    const { message = this.message, node = this.node, seq = this.seq } = what;
    if (message === this.message && node === this.node && seq === this.seq) return;
    Object.assign(this, { message, node, seq });
    this.dispatchEvent(new Event("change"));
  }

  clear() {
    this.select({ message: "", node: "", seq: 0 });
  }
}
