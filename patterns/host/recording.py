"""A run kept: what was declared, every frame it sent, every payload, what was made from several.

Golden runs and saved runs are recordings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from patterns.core.clock import wall_time
from patterns.core.log import FIELDS
from patterns.core.run import Run
from patterns.host.encoder import Encoder
from patterns.host.protocol import OUTCOMES, PHASES, ROWS, STATUSES, TICKS_PER_SECOND
from patterns.host.rows import fold, unfold

FORMAT = 2
"""What was kept before is read too: see `upgrade`. 1: rows that count from their frame's base, and nothing back."""


def record(run: Run, encoder: Encoder, scenario: str = "", title: str = "", *, with_metrics: bool = False) -> bytes:
    """The recording of a run so far, as JSON. Frames hold what a chart shows; `with_metrics` adds how all metrics
    stand, for what is kept to be read again and exported."""
    encoder.frame()
    metrics = {"metrics": run.metrics()} if with_metrics else {}
    return orjson.dumps(
        {
            "format": FORMAT,
            "pattern": run.pattern.slug,
            "engine": run.engine,
            "seed": run.seed,
            "settings": encoder.settings,
            "scenario": scenario,
            "title": title,
            "recorded": wall_time().isoformat(timespec="seconds"),
            "events": encoder.seq,
            "seconds": round(run.log.events[-1].at, 4) if run.log.events else 0.0,
            "frames": [orjson.Fragment(frame) for _, frame in encoder.history],
            "payloads": {message.id: message.data for message in run.log.messages.values() if message.data},
            "parents": {message.id: message.parents for message in run.log.messages.values() if message.parents},
            **metrics,
        }
    )


def upgrade(recording: dict[str, Any]) -> dict[str, Any]:
    """A recording of any format so far, in this one.

    Raises:
        ValueError: it was written by a later version.
    """
    if recording["format"] > FORMAT:
        raise ValueError(f"a recording of format {recording['format']}, which is newer than this site's {FORMAT}")
    if recording["format"] < FORMAT:
        messages = hops = 0
        for frame in recording["frames"]:
            messages, hops = fold(frame, messages, hops)
        recording["format"] = FORMAT
    return recording


class Reader:
    """Reads frames back: each log event as a dict of seq, at, kind and its fields (names resolved, seconds), messages
    beside. Rows of invariants and metrics come as kinds light and reading with seq 0."""

    def __init__(self) -> None:
        self.names: list[Any] = [""]
        self.messages: list[dict[str, Any]] = []
        self.hops: list[dict[str, Any]] = []

    def read(self, recording: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """All events of a recording, in order."""
        for frame in recording["frames"]:
            yield from self.read_frame(frame)

    def read_frame(self, frame: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The events of one `events` frame."""
        self.names.extend(frame.get("names", ()))
        seq = frame["seq"]
        for row in unfold(frame, len(self.messages), len(self.hops)):
            kind = ROWS[row[0]]
            if kind.name == "message":
                self._meet(row)
                continue
            values = dict(zip(kind.fields, row[1:], strict=False))
            counted = kind.name in FIELDS
            event = {"seq": seq if counted else 0, "at": values["at"] / TICKS_PER_SECOND}
            yield {**event, "kind": kind.name, **self._spell(kind.name, values)}
            seq += counted

    def _meet(self, row: list[Any]) -> None:
        sort, subject, identity, *backs = row[1:]
        back, story = [*backs, 0, 0][:2]
        number = len(self.messages)
        kind, role, source = self.names[sort]
        if isinstance(identity, int):
            identity = self.messages[number - back]["id"] + self.names[identity]
        message = {"id": identity, "type": kind, "role": role, "source": source, "subject": self.names[subject]}
        message["causation_id"] = self.messages[number - back]["id"] if back else ""
        message["correlation_id"] = self.messages[number - story]["id"] if story else ""
        self.messages.append(message)

    def _spell(self, kind: str, values: dict[str, Any]) -> dict[str, Any]:
        why = self.names[values.get("why", 0)]
        code = self.names[values["code"]] if "code" in values else None
        return {**getattr(self, f"_{kind}")(values), "why": why, "code": code}

    def _sent(self, row: dict[str, Any]) -> dict[str, Any]:
        source, target = self.names[row["link"]]
        message = self.messages[row["message"]]["id"]
        hop = {"message": message, "source": source, "target": target, "attempt": row.get("attempt", 1)}
        self.hops.append(hop)
        return {**hop, "flight": row["flight"] / TICKS_PER_SECOND, "hop": len(self.hops)}

    def _received(self, row: dict[str, Any]) -> dict[str, Any]:
        hop = self.hops[row["hop"]]
        return {"message": hop["message"], "node": hop["target"], "hop": row["hop"] + 1}

    def _dropped(self, row: dict[str, Any]) -> dict[str, Any]:
        hop = self.hops[row["hop"]]
        where = f"{hop['source']}→{hop['target']}"
        return {"message": hop["message"], "node": hop["target"], "hop": row["hop"] + 1, "where": where}

    def _settled(self, row: dict[str, Any]) -> dict[str, Any]:
        message = self.messages[row["message"]]["id"]
        return {"message": message, "node": self.names[row["node"]], "outcome": OUTCOMES[row["outcome"]]}

    def _changed(self, row: dict[str, Any]) -> dict[str, Any]:
        node, quantity, unit = self.names[row["gauge"]]
        return {"node": node, "quantity": quantity, "value": row["value"], "unit": unit}

    def _noted(self, row: dict[str, Any]) -> dict[str, Any]:
        message = row.get("message", 0)
        about = self.messages[message - 1]["id"] if message else ""
        return {"node": self.names[row["node"]], "text": self.names[row["text"]], "message": about}

    def _faulted(self, row: dict[str, Any]) -> dict[str, Any]:
        fault, target = self.names[row["fault"]]
        by = self.names[row.get("by", 0)]
        phase = PHASES[row["phase"]]
        return {"fault": fault, "target": target, "phase": phase, "evidence": row.get("evidence", 0), "by": by} | {
            "amount": row.get("amount", 0)
        }

    def _tuned(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"control": self.names[row["control"]], "value": row["value"], "by": self.names[row["by"]]}

    def _ended(self, row: dict[str, Any]) -> dict[str, Any]:
        return {}

    def _light(self, row: dict[str, Any]) -> dict[str, Any]:
        status = STATUSES[row["status"]]
        return {
            "invariant": self.names[row["invariant"]],
            "status": status,
            "count": row["count"],
            "first": row["first"],
        }

    def _reading(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"metric": self.names[row["metric"]], "value": row["value"]}
