"""GIFT: whatever is written is read back, every question of the fixtures survives, foreign files get sentences."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from explorer.quizzes.exchange import from_gift, to_gift
from explorer.quizzes.gift import BadGift, GiftQuestion, Option, read_gift, write_gift

letters = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"))
words = st.one_of(st.text(letters, min_size=1, max_size=30), st.text("\\~=#{}:->%[]/n1", min_size=1, max_size=12))
lines = st.lists(words, min_size=1, max_size=3).map(" ".join)
said = st.one_of(st.just(""), lines, st.lists(lines, min_size=2, max_size=3).map("\n".join))
extras = st.dictionaries(st.sampled_from(["claim", "bloom"]), said, max_size=2)


common = {"name": words, "stem": lines, "explanation": said, "extra": extras}
numbers = st.floats(-1e9, 1e9, allow_nan=False)
wrong = st.builds(Option, lines, st.just(False), said)
right = st.builds(Option, lines, st.just(True), said)
single = st.builds(
    GiftQuestion, options=st.tuples(right, wrong, wrong).flatmap(st.permutations).map(tuple), **common
)  # fmt: skip
several = st.builds(
    GiftQuestion, options=st.tuples(right, wrong, right).map(tuple), several=st.just(True), **common
)  # fmt: skip
match = st.builds(GiftQuestion, pairs=st.lists(st.tuples(lines, lines), min_size=2, max_size=5).map(tuple), **common)
numeric = st.builds(GiftQuestion, number=numbers, tolerance=st.floats(0, 1e6), **common)


@given(st.lists(st.one_of(single, several, match, numeric), max_size=4))
def test_what_is_written_is_read_back(questions: list[GiftQuestion]) -> None:
    assert read_gift(write_gift(questions)) == questions


def list_fixtures() -> list[tuple[str, dict[str, object]]]:
    files = (Path(settings.ROOT) / "fixtures").glob("*.yaml")
    rows = [row for file in files for row in yaml.safe_load(file.read_text("utf-8"))]
    return [(row["pk"], row["fields"]) for row in rows if row["model"] == "explorer.question"]


def test_every_question_of_the_fixtures_comes_back_as_it_was() -> None:
    questions = list_fixtures()
    assert len(questions) >= 108
    read = read_gift(write_gift(to_gift(slug, fields) for slug, fields in questions))
    assert [(question.name, from_gift(question, "")) for question in read] == questions


def test_a_changed_option_keeps_the_rest_of_the_question() -> None:
    slug, fields = next(each for each in list_fixtures() if each[1]["kind"] == "single")
    text = write_gift([to_gift(slug, fields)]).replace("::[markdown]", "::[markdown]Mind\\: ")
    changed = from_gift(read_gift(text)[0], "")
    assert changed["stem"] == f"Mind: {fields['stem']}"
    assert {name: changed[name] for name in ("options", "hints", "claim")} == {
        name: fields[name] for name in ("options", "hints", "claim")
    }


def test_a_question_of_another_program_becomes_a_draft() -> None:
    (question,) = read_gift("// by hand\n::Q::Who keeps the event? {=the log#yes ~the queue#no, it forgets}\n")
    fields = from_gift(question, "PS-3")
    assert (fields["claim"], fields["kind"]) == (["PS-3"], "single")
    assert fields["options"][1] == {"text": "the queue", "correct": False, "tempts": "", "fails": "no, it forgets"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n\nNo braces at all", "Line 3: a question needs its answers in braces"),
        ("How many? {#many}", "no number with a tolerance"),
        ("What? {this}", "is no answer"),
        ("// explorer: {broken\nWhat? {=a ~b}", "is not JSON"),
    ],
)
def test_what_is_no_gift_gets_a_sentence_with_its_line(text: str, why: str) -> None:
    with pytest.raises(BadGift, match=why):
        read_gift(text)


def test_the_command_writes_and_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("gift", "export", "pub-sub")
    file = tmp_path / "pub-sub.gift"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    call_command("gift", "import", str(file))
    assert len(yaml.safe_load(capsys.readouterr().out)) == 12
    with pytest.raises(CommandError, match="there is no pattern"):
        call_command("gift", "export", "nonsense")
