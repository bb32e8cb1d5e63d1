"""A recorded run as an OpenTelemetry trace, in OTLP's JSON encoding.

One resource for each node; one span for each hop and for each stay of a message at a node; a span's parent is what
caused it. A message without a cause begins a trace. See https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding:
ids are hexadecimal, 64-bit numbers are strings, enumerations are numbers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from patterns.host.recording import Reader

INTERNAL, CLIENT, PRODUCER = 1, 3, 4
ERROR = 2
BAD_ENDS = frozenset({"nack", "error", "expired", "dead-lettered", "lost"})
SCOPE = {"name": "pattern-explorer"}


@dataclass(slots=True)
class Span:
    """A span while the log is read. Times in seconds of run time."""

    node: str
    name: str
    kind: int
    message: str
    begins: float
    ends: float
    parent: Span | None
    number: int
    attributes: dict[str, Any] = field(default_factory=dict)
    events: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    error: str = ""


class Tracer:
    """Reads a recording's events, and finds each span's parent by causation."""

    def __init__(self, recording: dict[str, Any]) -> None:
        self.spans: list[Span] = []
        self._recording = recording
        self._reader = Reader()
        self.joined: dict[str, list[str]] = recording.get("parents", {})
        self._causes: dict[str, str] = {}
        self._latest: dict[str, Span] = {}
        self._stays: dict[tuple[str, str], Span] = {}
        self._hops: dict[int, Span] = {}
        self._makers = {
            "sent": self._send, "received": self._receive, "dropped": self._drop, "settled": self._settle,
            "noted": self._note,
        }  # fmt: skip

    def read(self) -> list[Span]:
        """All spans, in the order in which they began."""
        for event in self._reader.read(self._recording):
            self._causes.update((m["id"], m["causation_id"]) for m in self._reader.messages[len(self._causes) :])
            if event["kind"] in self._makers:
                self._makers[event["kind"]](event)
        return self.spans

    def find_root(self, message: str) -> str:
        """The message with which the story of this one began."""
        while cause := self._causes.get(message):
            message = cause
        return message

    def last_of(self, message: str) -> Span | None:
        """The latest span of a message."""
        return self._latest.get(message)

    def _open(self, node: str, name: str, kind: int, event: dict[str, Any], parent: Span | None) -> Span:
        span = Span(node, name, kind, event["message"], event["at"], event["at"], parent, len(self.spans) + 1)
        self.spans.append(span)
        self._latest[span.message] = span
        return span

    def _find_stay(self, message: str, node: str) -> Span | None:
        """The stay of this message at a node, or of the message that caused it, and so on."""
        while message:
            if (message, node) in self._stays:
                return self._stays[message, node]
            message = self._causes.get(message, "")
        return None

    def _send(self, event: dict[str, Any]) -> None:
        stay = self._find_stay(event["message"], event["source"])
        if stay is None:  # born here: the first thing known of it
            cause = self._causes.get(event["message"], "")
            stay = self._open(event["source"], f"{event['source']} makes", INTERNAL, event, self.last_of(cause))
            self._stays[event["message"], event["source"]] = stay
        stay.ends = max(stay.ends, event["at"])
        hop = self._open(event["source"], f"{event['source']} → {event['target']}", PRODUCER, event, stay)
        hop.attributes = {"server.address": event["target"], "messaging.delivery.attempt": event["attempt"]}
        self._hops[event["hop"]] = hop

    def _receive(self, event: dict[str, Any]) -> None:
        hop = self._hops[event["hop"]]
        hop.ends = event["at"]
        stay = self._open(event["node"], f"{event['node']} has", INTERNAL, event, hop)
        self._stays[event["message"], event["node"]] = stay

    def _drop(self, event: dict[str, Any]) -> None:
        hop = self._hops[event["hop"]]
        hop.ends, hop.error = event["at"], f"dropped: {event['why'] or event['where']}"

    def _settle(self, event: dict[str, Any]) -> None:
        stay = self._stays.get((event["message"], event["node"]))
        if stay is None:
            return
        stay.ends = max(stay.ends, event["at"])
        stay.events.append((event["at"], event["outcome"], {"why": event["why"]} if event["why"] else {}))
        if event["outcome"] in BAD_ENDS:
            stay.error = event["why"] or event["outcome"]

    def _note(self, event: dict[str, Any]) -> None:
        stay = self._stays.get((event["message"], event["node"]))
        if stay is not None:
            stay.events.append((event["at"], event["text"], {}))


def write_trace(recording: dict[str, Any], name: str) -> dict[str, Any]:
    """The `ExportTraceServiceRequest` of a recording; `name` keeps the ids of two runs apart."""
    tracer = Tracer(recording)
    spans = tracer.read()
    ended = datetime.fromisoformat(recording["recorded"]).timestamp()
    writer = Writer(name, tracer, ended - recording["seconds"])
    by_node: dict[str, list[dict[str, Any]]] = {}
    for span in spans:
        by_node.setdefault(span.node, []).append(writer.write(span))
    shared = {
        "service.namespace": recording["pattern"],
        "explorer.engine": recording["engine"],
        "explorer.seed": recording["seed"],
    }
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": node, **shared})},
                "scopeSpans": [{"scope": SCOPE, "spans": written}],
            }
            for node, written in by_node.items()
        ]
    }


class Writer:
    """Spells spans as OTLP does. `began` is when the run began, in Unix seconds."""

    def __init__(self, name: str, tracer: Tracer, began: float) -> None:
        self._name, self._tracer, self._began = name, tracer, began

    def write(self, span: Span) -> dict[str, Any]:
        """One span."""
        attributes = {"messaging.message.id": span.message, **span.attributes}
        written: dict[str, Any] = {
            "traceId": self._trace(span),
            "spanId": self._digest(f"span {span.number}", 8),
            "name": span.name,
            "kind": span.kind,
            "startTimeUnixNano": self._nanos(span.begins),
            "endTimeUnixNano": self._nanos(span.ends),
            "attributes": _attributes(attributes),
            "events": [
                {"timeUnixNano": self._nanos(at), "name": name, "attributes": _attributes(said)}
                for at, name, said in span.events
            ],
            "status": {"code": ERROR, "message": span.error} if span.error else {},
        }
        if joined := self._link(span):
            written["links"] = joined
        if span.parent is not None:
            written["parentSpanId"] = self._digest(f"span {span.parent.number}", 8)
        return written

    def _link(self, span: Span) -> list[dict[str, Any]]:
        """What a batch, a window or a join was made from: it has no single parent."""
        if span.kind != INTERNAL or not span.name.endswith("makes"):
            return []
        joined = [self._tracer.last_of(message) for message in self._tracer.joined.get(span.message, ())]
        return [
            {"traceId": self._trace(other), "spanId": self._digest(f"span {other.number}", 8)}
            for other in joined
            if other
        ]

    def _trace(self, span: Span) -> str:
        return self._digest(self._tracer.find_root(self._find_first(span).message), 16)

    def _find_first(self, span: Span) -> Span:
        while span.parent is not None:
            span = span.parent
        return span

    def _digest(self, what: str, size: int) -> str:
        return hashlib.blake2b(f"{self._name}:{what}".encode(), digest_size=size).hexdigest()

    def _nanos(self, at: float) -> str:
        return str(round((self._began + at) * 1_000_000) * 1000)


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}
