/**
 * The log as an OpenTelemetry trace in OTLP's JSON encoding: the twin of explorer/labs/trace.py, for a run that nobody keeps.
 *
 * One resource for each node, one span for each hop and for each stay of a message at a node; a span's parent is what caused it.
 */

const INTERNAL = 1;
const PRODUCER = 4;
const ERROR = 2;
const BAD_ENDS = new Set(["nack", "error", "expired", "dead-lettered", "lost"]);

/**
 * @typedef {{node: string, name: string, kind: number, message: string, begins: number, ends: number, parent: Span | undefined, number: number,
 *   attributes: Record<string, any>, events: [number, string, Record<string, any>][], error: string}} Span
 */

/** @param {import("./store.js").Store} store @returns {any} an ExportTraceServiceRequest */
export function writeTrace(store) {
  const writer = new Writer(store);
  const shared = { "service.namespace": store.slug, "explorer.engine": store.engine, "explorer.seed": store.seed };
  return {
    resourceSpans: [...groupByNode(writer.spans)].map(([node, spans]) => ({
      resource: { attributes: attributesOf({ "service.name": node, ...shared }) },
      scopeSpans: [{ scope: { name: "pattern-explorer" }, spans: spans.map((span) => writer.write(span)) }],
    })),
  };
}

/** Reads the events, and finds each span's parent by causation. */
class Tracer {
  constructor(store) {
    this.store = store;
    /** @type {Span[]} */
    this.spans = [];
    this.latest = new Map();
    this._stays = new Map();
    this._hops = new Map();
    for (let i = 0; i < store.length; i++) {
      const event = store.event(i);
      const read = this[`_${event.kind}`];
      if (read) read.call(this, event);
    }
  }

  causeOf(message) {
    const { messages } = this.store;
    return messages[this.store.messageById(message)?.cause ?? -1]?.id ?? "";
  }

  _open(node, name, kind, { message, at }, parent) {
    const span = { node, name, kind, message, begins: at, ends: at, parent, number: this.spans.length + 1, attributes: {}, events: [], error: "" };
    this.spans.push(span);
    this.latest.set(message, span);
    return span;
  }

  /** The stay of this message at a node, or of the message that caused it, and so on. */
  _findStay(message, node) {
    for (let each = message; each; each = this.causeOf(each)) {
      const stay = this._stays.get(`${each}\n${node}`);
      if (stay) return stay;
    }
    return undefined;
  }

  _sent(event) {
    const { message, source, target, at } = event;
    let stay = this._findStay(message, source);
    if (!stay) { // born here: the first thing known of it
      stay = this._open(source, `${source} makes`, INTERNAL, event, this.latest.get(this.causeOf(message)));
      this._stays.set(`${message}\n${source}`, stay);
    }
    stay.ends = Math.max(stay.ends, at);
    const hop = this._open(source, `${source} → ${target}`, PRODUCER, event, stay);
    hop.attributes = { "server.address": target, "messaging.delivery.attempt": event.attempt };
    this._hops.set(event.hop, hop);
  }

  _received(event) {
    const hop = this._hops.get(event.hop);
    if (hop) hop.ends = event.at;
    this._stays.set(`${event.message}\n${event.node}`, this._open(event.node, `${event.node} has`, INTERNAL, event, hop));
  }

  _dropped({ hop: number, at, why, where }) {
    const hop = this._hops.get(number);
    if (hop) Object.assign(hop, { ends: at, error: `dropped: ${why || where}` });
  }

  _settled({ message, node, at, outcome, why }) {
    const stay = this._stays.get(`${message}\n${node}`);
    if (!stay) return;
    stay.ends = Math.max(stay.ends, at);
    stay.events.push([at, outcome, why ? { why } : {}]);
    if (BAD_ENDS.has(outcome)) stay.error = why || outcome;
  }

  _noted({ message, node, at, text }) {
    this._stays.get(`${message}\n${node}`)?.events.push([at, text, {}]);
  }
}

/** Spells spans as OTLP does. Each trace that is written has ids of its own, so that two of one run are not taken for one. */
class Writer {
  constructor(store) {
    this.tracer = new Tracer(store);
    this.spans = this.tracer.spans;
    this._parents = store.parents;
    this._prefix = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => hex(byte, 2)).join("");
    this._began = (store.recorded ? Date.parse(store.recorded) : Date.now()) / 1000 - store.now;
  }

  /** @param {Span} span */
  write(span) {
    const { name, kind, begins, ends, message, attributes, events, error, parent } = span;
    const links = this._link(span);
    return {
      traceId: this._traceOf(span), spanId: this._idOf(span), name, kind,
      startTimeUnixNano: this._nanos(begins), endTimeUnixNano: this._nanos(ends),
      attributes: attributesOf({ "messaging.message.id": message, ...attributes }),
      events: events.map(([at, said, about]) => ({ timeUnixNano: this._nanos(at), name: said, attributes: attributesOf(about) })),
      status: error ? { code: ERROR, message: error } : {},
      ...(links.length ? { links } : {}), ...(parent ? { parentSpanId: this._idOf(parent) } : {}),
    };
  }

  /** What a batch, a window or a join was made from: it has no single parent. */
  _link(span) {
    if (!span.name.endsWith(" makes")) return [];
    return (this._parents[span.message] ?? []).map((id) => this.tracer.latest.get(id)).filter(Boolean)
      .map((other) => ({ traceId: this._traceOf(other), spanId: this._idOf(other) }));
  }

  _traceOf(span) {
    let first = span;
    while (first.parent) first = first.parent;
    return this._prefix + hex(first.number, 16);
  }

  _idOf({ number }) {
    return hex(number, 16);
  }

  _nanos(at) {
    return `${Math.round((this._began + at) * 1e6)}000`;
  }
}

function groupByNode(spans) {
  const found = new Map();
  for (const span of spans) {
    if (!found.has(span.node)) found.set(span.node, []);
    found.get(span.node).push(span);
  }
  return found;
}

function attributesOf(values) {
  return Object.entries(values).map(([key, value]) => ({ key, value: valueOf(value) }));
}

function valueOf(value) {
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value !== "number") return { stringValue: String(value) };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function hex(number, digits) {
  return number.toString(16).padStart(digits, "0");
}
