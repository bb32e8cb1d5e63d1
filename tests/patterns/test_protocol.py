"""What browser and host say: any nonsense gets a sentence, and what is generated is fresh."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.host import protocol_js
from patterns.host.protocol import COMMANDS, FRAMES, ROWS, CommandError, Pause, Set, Start, parse_command

NOTHING_WRONG = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = sorted({name for command in COMMANDS for name in command.__dataclass_fields__} | {"id"})


@given(NOTHING_WRONG)
def test_nonsense_is_refused_with_a_sentence(data):
    with pytest.raises(CommandError) as problem:
        parse_command(data)
    assert len(str(problem.value)) > 20


@given(st.sampled_from([c.c for c in COMMANDS]), st.dictionaries(st.sampled_from(NAMES), NOTHING_WRONG, max_size=4))
def test_a_known_command_with_any_fields_is_parsed_or_refused(name, fields):
    refusal = ""
    try:
        number, command = parse_command({**fields, "c": name})
    except CommandError as problem:
        refusal = str(problem)
    assert name in refusal or (command.c == name and isinstance(number, int))


def test_a_command_is_parsed_with_its_defaults():
    assert parse_command({"c": "pause", "id": 3}) == (3, Pause())
    assert parse_command({"c": "start"}) == (0, Start())
    assert parse_command({"c": "set", "id": 1, "control": "rate", "value": 2.5}) == (1, Set("rate", 2.5))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "a command is a JSON object"),
        ({"c": "explode"}, "no command 'explode'; there are: start, join"),
        ({"c": "speed", "speed": "fast"}, "'speed' wants speed as float, not 'fast'"),
        ({"c": "speed", "sped": 1}, "'speed' has no field 'sped'; it has: speed"),
        ({"c": "start", "faults": [1]}, "'start' wants faults as list[str]"),
        ({"c": "set", "control": "x", "value": {}}, "'set' wants value"),
    ],
)
def test_a_refusal_says_what_was_wrong_and_what_would_be_right(data, said):
    with pytest.raises(CommandError, match="^" + said.replace("[", r"\[")):
        parse_command(data)


def test_a_huge_command_is_not_repeated_in_the_refusal():
    with pytest.raises(CommandError) as problem:
        parse_command({"c": "x" * 16_000})
    assert len(str(problem.value)) < 300


def test_the_browsers_copy_of_the_protocol_is_fresh():
    text = protocol_js.TARGET.read_text(encoding="utf-8")
    assert text == protocol_js.generate(), "run: python -m patterns.host.protocol_js"


def test_the_browsers_copy_names_every_row_field_and_frame():
    text = protocol_js.generate()
    assert all(f"// {row.name}" in text and str(row.fields[-1]) in text for row in ROWS)
    assert all(f"{name.capitalize()}Frame" in text for name in FRAMES)
    assert orjson.loads(text.split("export const ROW = ")[1].split(";")[0])["sent"] == 1
