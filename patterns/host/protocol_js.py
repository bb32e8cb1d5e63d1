"""Writes `static/js/net/protocol.js` from `patterns/host/protocol.py`: `python -m patterns.host.protocol_js`.

The file is committed; a test fails when it is stale.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from patterns.host import protocol

TARGET = Path(__file__).parent.parent.parent / "static" / "js" / "net" / "protocol.js"
NUMBERS = ("VERSION", "TICKS_PER_SECOND", "FRAMES_PER_SECOND", "MAX_COMMAND_BYTES", "MAX_COMMANDS_PER_SECOND")
LISTS = ("ROLES", "OUTCOMES", "PHASES", "STATUSES")
TYPES = {
    "int": "number",
    "float": "number",
    "float | None": "number",
    "str": "string",
    "list[str]": "string[]",
    "dict[str, Any]": "Record<string, any>",
    "Any": "string | number | boolean",
}


def generate() -> str:
    """The module's text."""
    parts = ["/** What browser and host say to each other. Generated from patterns/host/protocol.py: do not edit. */\n"]
    parts += [f"export const {name} = {json.dumps(getattr(protocol, name))};" for name in NUMBERS + LISTS]
    parts += ["/** Number of each kind of row. */", f"export const ROW = {json.dumps(protocol.ROW)};"]
    parts.append("/** The field after `at` that counts back from the newest in an events frame, by kind of row. */")
    parts.append(f"export const BACK = {json.dumps(protocol.BACK)};")
    parts.append("/** Fields of a row after its number, by that number; the last ones may be missing. */")
    parts += ["export const FIELDS = [", *(f"  {json.dumps(row.fields)}, // {row.name}" for row in protocol.ROWS), "];"]
    parts += [_describe_frame(name, described) for name, described in protocol.FRAMES.items()]
    parts += [_describe_command(command) for command in protocol.COMMANDS]
    return "\n".join(parts) + "\n"


def _describe_frame(name: str, described: dict[str, str]) -> str:
    lines = [f"\n/** @typedef {{object}} {name.capitalize()}Frame", f' * @property {{"{name}"}} t']
    for field, meaning in described.items():
        kind, _, words = meaning.partition(": ")
        kind = {"object": "Record<string, any>", "array": "any[]", "array of rows": "any[][]"}.get(kind, kind)
        kind = kind.replace("array of number", "number[]")
        if kind.startswith("[{"):
            kind = "object[]"
        lines.append(f" * @property {{{kind}}} {field} {words}".rstrip())
    return "\n".join([*lines, " */"])


def _describe_command(command: type[Any]) -> str:
    lines = [f"\n/** {' '.join((command.__doc__ or '').split())}", f" * @typedef {{object}} {command.__name__}Command"]
    lines.append(f' * @property {{"{command.c}"}} c')
    for field in fields(command):
        lines.append(f" * @property {{{TYPES[str(field.type)]}}} [{field.name}]")
    return "\n".join([*lines, " */"])


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
