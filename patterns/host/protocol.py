"""What browser and host say to each other: declared once, here.

`static/js/net/protocol.js` is generated from this module (`python -m patterns.host.protocol_js`).

Both sides speak JSON. A viewer sends commands: `{"c": "set", "id": 7, "control": "publish-rate", "value": 20}`. The
host sends
frames: `{"t": "events", ...}`. The log travels as rows of small integers, since a frame goes to every viewer of a run
twenty times a second:

* Number 0 is the empty name. Every other name (node, link, type, caption, line of code) is sent once, in the frame that
  first uses it, and from then on is its
  number in `names`.
* Times in rows are ticks of 0.1 ms. In an events frame `at` counts from the row before, the first from the frame's
  `base`; `flight` counts from the row's own `at`.
* Messages and hops are numbered from 0 in the order of their `message` and `sent` rows. In an events frame the fields
  named in BACK say how many later ones there are already: 0 is the newest so far, and most rows are about a new one.
* A snapshot's rows stand alone: times from 0, messages and hops by their numbers.
* Log events are numbered from the frame's `seq` in the order of their rows. Rows of the kinds message, light and
  reading
  are no log events and take no number.
* Fields at the end of a row that are at their default are left out.

Longer than most files: the whole protocol, read in one place.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

VERSION = 2
TICKS_PER_SECOND = 10_000
FRAMES_PER_SECOND = 20

MAX_COMMAND_BYTES = 16_384
MAX_QUEUED_COMMANDS = 32
MAX_UNSENT_BYTES = 1_048_576
MAX_COMMANDS_PER_SECOND = 20
MAX_RUNS_PER_VISITOR = 8

ROLES = ("event", "command", "request", "reply", "ack", "error", "batch")
OUTCOMES = (
    "ack", "nack", "reply", "error", "expired", "dead-lettered", "accepted", "applied", "skipped", "lost",
)  # fmt: skip
PHASES = ("asked", "seen", "healed")
STATUSES = ("holds", "violated", "unknown")


@dataclass(frozen=True, slots=True)
class RowKind:
    """One kind of row: its first element is `number`, then `fields` in order. The last `optional` fields may be
    missing: then each is its default (attempt 1, names ""; numbers 0)."""

    number: int
    name: str
    fields: tuple[str, ...]
    optional: int = 0


ROWS: tuple[RowKind, ...] = (
    # sort: name of [type, role, source]; *_back: how many messages ago (0: none);
    # id: the whole id, or the number of the name that follows the id of the cause
    RowKind(0, "message", ("sort", "subject", "id", "causation_back", "correlation_back"), 2),
    RowKind(1, "sent", ("at", "message", "link", "flight", "code", "attempt", "why"), 2),
    RowKind(2, "received", ("at", "hop", "code", "why"), 1),
    RowKind(3, "dropped", ("at", "hop", "code", "why")),
    RowKind(4, "settled", ("at", "message", "node", "outcome", "code", "why"), 1),
    RowKind(5, "changed", ("at", "gauge", "value", "code", "why"), 1),  # gauge: name of [node, quantity, unit]
    RowKind(6, "noted", ("at", "node", "text", "code", "message"), 1),  # message: number + 1, 0 for none
    RowKind(
        7, "faulted", ("at", "fault", "phase", "code", "evidence", "by", "amount"), 3
    ),  # fault: name of [fault, target]
    RowKind(8, "tuned", ("at", "control", "value", "code", "by")),
    RowKind(9, "ended", ("at", "why", "code")),
    RowKind(10, "light", ("at", "invariant", "status", "count", "first")),
    RowKind(11, "reading", ("at", "metric", "value")),
)
ROW = {row.name: row.number for row in ROWS}
BACK = {"sent": "message", "received": "hop", "dropped": "hop", "settled": "message"}
"""The field after `at` that counts back from the newest, in an events frame."""


class CommandError(ValueError):
    """A command that cannot be: the sentence says what was wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a run and watch it; a run this viewer watched before goes on only if others watch it. Seed and speed 0 are
    the scenario's own, else 1; a fault is written `name:target` or `name:target=amount`. `script` is what happens
    later, as a permalink tells it: `2.31 drop-ack:inventory=0.4`, `5 -drop-ack:inventory` (heals), `7 loyalty=true`."""

    c: ClassVar[str] = "start"
    seed: int = 0
    engine: str = "builtin"
    settings: dict[str, Any] = field(default_factory=dict)
    scenario: str = ""
    speed: float = 0.0
    faults: list[str] = field(default_factory=list)
    script: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Join:
    """Watch a run that is there; `seq` is the last event already held: the rest follows, or a snapshot."""

    c: ClassVar[str] = "join"
    run: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run."""

    c: ClassVar[str] = "stop"


@dataclass(frozen=True, slots=True)
class Pause:
    """Let the workload's clock stand still."""

    c: ClassVar[str] = "pause"


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the workload's clock go on."""

    c: ClassVar[str] = "resume"


@dataclass(frozen=True, slots=True)
class Step:
    """While paused: release the workload's next deadline only."""

    c: ClassVar[str] = "step"


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of run time per real second, 0.05 to 10."""

    c: ClassVar[str] = "speed"
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Set:
    """Turn a control or remedy."""

    c: ClassVar[str] = "set"
    control: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a fault. Without an amount, its declared one; `lasts` in seconds of run time, 0 until healed."""

    c: ClassVar[str] = "ask"
    fault: str = ""
    target: str = ""
    amount: float | None = None
    lasts: float | None = None


@dataclass(frozen=True, slots=True)
class Heal:
    """Take a fault away."""

    c: ClassVar[str] = "heal"
    fault: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Inspect:
    """Ask for one message whole, by its id: the answer is a `message` frame."""

    c: ClassVar[str] = "inspect"
    message: str = ""


@dataclass(frozen=True, slots=True)
class Save:
    """Keep the run so far: the site stores the recording and answers with its address."""

    c: ClassVar[str] = "save"
    title: str = ""


Command = Start | Join | Stop | Pause | Resume | Step | Speed | Set | Ask | Heal | Inspect | Save
COMMANDS: tuple[type[Command], ...] = (
    Start, Join, Stop, Pause, Resume, Step, Speed, Set, Ask, Heal, Inspect, Save,
)  # fmt: skip

FRAMES: dict[str, dict[str, str]] = {
    "hello": {"version": "number", "pattern": "string", "engines": "[{name, label, missing}]"},
    "run": {
        "run": "string: id of the run; the id already held means that what follows goes on from there",
        "pattern": "string",
        "engine": "string",
        "seed": "number",
        "settings": "object: all settings when the run began",
        "scenario": "string",
        "speed": "number",
    },
    "events": {
        "seq": "number: of the first log event in rows",
        "base": "number: ticks; the first row's `at` counts from here, each other one's from the row before",
        "now": "number: ticks of run time when the frame was made",
        "names": "array: new names, left out where there are none; a name is a string or a list of strings, a line of "
        "code [file, function, line]",
        "rows": "array of rows",
    },
    "snapshot": {
        "seq": "number: of the last log event it includes",
        "now": "number: ticks",
        "names": "array: all names so far",
        "rows": "array: all message rows, then the rows that make up the state now",
        "seqs": "array of number: the seq of each row that is a log event, else 0",
        "flying": "array of number: the hop of each sent row here, in order",
        "hops": "number: how many hops there were",
        "dropped": "number: how many hops were dropped",
    },
    "clock": {"now": "number: ticks", "speed": "number", "paused": "boolean"},
    "message": {"re": "number: id of the command", "message": "object: the CloudEvents attributes"},
    "ok": {"re": "number: id of the command"},
    "saved": {"re": "number", "url": "string"},
    "error": {"re": "number: id of the command or 0", "why": "string: a sentence"},
    "lagged": {"skipped": "number: log events this viewer was not sent", "why": "string"},
    "gone": {"why": "string: a sentence; the run is over and its host with it"},
}


def parse_command(data: object) -> tuple[int, Command]:
    """Turn a decoded JSON object into its id and command.

    Raises:
        CommandError: not an object, an unknown command or field, or a field of the wrong type.
    """
    if not isinstance(data, dict):
        raise CommandError('a command is a JSON object such as {"c": "pause", "id": 1}')
    kinds = {kind.c: kind for kind in COMMANDS}
    kind = kinds.get(str(data.get("c")))
    if kind is None:
        raise CommandError(f"no command {data.get('c')!r:.60}; there are: {', '.join(kinds)}")
    number = data.get("id", 0)
    given = {name: value for name, value in data.items() if name not in ("c", "id")}
    for name, value in given.items():
        _check_field(kind, name, value)
    return number if isinstance(number, int) else 0, kind(**given)


def _check_field(kind: type[Command], name: str, value: object) -> None:
    known = {item.name: item for item in fields(kind)}
    if name not in known:
        raise CommandError(f"'{kind.c}' has no field {name!r:.60}; it has: {', '.join(known) or 'none'}")
    wanted = str(known[name].type)
    fits = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, int | float) and not isinstance(value, bool),
        "float | None": value is None or (isinstance(value, int | float) and not isinstance(value, bool)),
        "str": isinstance(value, str),
        "list[str]": isinstance(value, list) and all(isinstance(item, str) for item in value),
        "dict[str, Any]": isinstance(value, dict),
        "Any": isinstance(value, str | int | float | bool),
    }
    if not fits[wanted]:
        raise CommandError(f"'{kind.c}' wants {name} as {wanted}, not {value!r:.60}")
