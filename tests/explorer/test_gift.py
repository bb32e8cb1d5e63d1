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
from explorer.quizzes.gift import GiftQuestion, Option, write_gift
from explorer.quizzes.gift_reading import read_gift

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


anything = st.lists(st.one_of(single, several, match, numeric), max_size=4)


@given(anything)
def test_what_is_written_is_read_back(questions: list[GiftQuestion]) -> None:
    reading = read_gift(write_gift(questions))
    assert (reading.questions, reading.complaints) == (questions, [])


@given(anything, st.sampled_from(["\n", "\r\n"]))
def test_what_other_programs_put_around_questions_changes_none_of_them(questions: list[GiftQuestion], end: str) -> None:
    own = write_gift(questions).replace("\n\n", "\n\n// question: 7  name: x\n$CATEGORY: $course$/top/x\n").splitlines()
    reading = read_gift("\ufeff" + end.join(["$CATEGORY: top/a", "", *own]))
    assert (reading.questions, reading.complaints) == (questions, [])


@given(st.builds(lambda low, span: (low, low + span), st.integers(-(10**6), 10**6), st.integers(0, 10**6)), lines)
def test_a_range_is_its_middle_and_half_its_width(ends: tuple[int, int], stem: str) -> None:
    low, high = ends
    (question,) = read_gift(f"::Q::{write_stem(stem)} {{#{low}..{high}}}").questions
    assert question == GiftQuestion("Q", stem, number=(low + high) / 2, tolerance=(high - low) / 2)
    (again,) = read_gift(write_gift([question])).questions
    assert again == question


@given(lines, lines, st.sampled_from(["T", "TRUE", "F", "FALSE", "true", "f"]))
def test_true_and_false_are_a_choice_of_two(wrong_said: str, right_said: str, word: str) -> None:
    text = f"::Q::Is it? {{{word}#{write_stem(wrong_said)}#{write_stem(right_said)}}}"
    (question,) = read_gift(text).questions
    right, wrong = sorted(question.options, key=lambda option: not option.correct)
    assert (right.text, right.feedback) == ("True" if word[0].upper() == "T" else "False", right_said)
    assert (wrong.correct, wrong.feedback) == (False, wrong_said)
    assert [option.text for option in question.options] == ["True", "False"]


@given(st.text(st.sampled_from("ab1 \n\\~=#{}:->%[]./$T"), max_size=60))
def test_whatever_a_file_holds_it_is_read_or_told_of_with_a_line(text: str) -> None:
    reading = read_gift(text)
    assert all(complaint.startswith("Line ") for complaint in reading.complaints)
    told = [line for line in text.splitlines() if line.strip() and not line.startswith(("//", "$CATEGORY:"))]
    assert bool(reading.questions or reading.complaints) == bool(told)


def write_stem(words: str) -> str:
    """The words as a question's stem is written."""
    return write_gift([GiftQuestion("", words)]).split("[markdown]")[1].rsplit(" {", 1)[0]


def list_fixtures() -> list[tuple[str, dict[str, object]]]:
    files = (Path(settings.ROOT) / "fixtures").glob("*.yaml")
    rows = [row for file in files for row in yaml.safe_load(file.read_text("utf-8"))]
    return [(row["pk"], row["fields"]) for row in rows if row["model"] == "explorer.question"]


def test_every_question_of_the_fixtures_comes_back_as_it_was() -> None:
    questions = list_fixtures()
    assert len(questions) >= 108
    read = read_gift(write_gift(to_gift(slug, fields) for slug, fields in questions)).questions
    assert [(question.name, from_gift(question, "")) for question in read] == questions


def test_a_changed_option_keeps_the_rest_of_the_question() -> None:
    slug, fields = next(each for each in list_fixtures() if each[1]["kind"] == "single")
    text = write_gift([to_gift(slug, fields)]).replace("::[markdown]", "::[markdown]Mind\\: ")
    changed = from_gift(read_gift(text).questions[0], "")
    assert changed["stem"] == f"Mind: {fields['stem']}"
    assert {name: changed[name] for name in ("options", "hints", "claim")} == {
        name: fields[name] for name in ("options", "hints", "claim")
    }


def test_a_question_of_another_program_becomes_a_draft() -> None:
    (question,) = read_gift(
        "// by hand\n::Q::Who keeps the event? {=the log#yes ~the queue#no, it forgets}\n"
    ).questions
    fields = from_gift(question, "PS-3")
    assert (fields["claim"], fields["kind"]) == (["PS-3"], "single")
    assert fields["options"][1] == {"text": "the queue", "correct": False, "tempts": "", "fails": "no, it forgets"}


ORDINARY = [
    ("When? {#=1822:0#yes =%50%1822:2}", {"number": 1822.0, "tolerance": 0.0, "explanation": "yes"}),
    ("When? {#=1822:1 =1823:5}", {"number": 1823.0, "tolerance": 5.0}),
    ("How many? {#42:1#close enough####It is known.}", {"number": 42.0, "explanation": "close enough\nIt is known."}),
    ("Gandhi's birthday is in {=October ~May} 1869.", {"stem": "Gandhi's birthday is in _____ 1869."}),
    ("A log {~%100%keeps ~forgets}, always.", {"stem": "A log _____, always.", "several": True}),
    ("Which? {=%100%a ~b}", {"options": (Option("a", True), Option("b", False)), "several": False}),
    ("Which? {=a ~%50%b ~c}", {"options": (Option("a", True), Option("b", False), Option("c", False))}),
    ("Which? {~%50%a ~%50%b ~%-100%c}", {"several": True}),
]


@pytest.mark.parametrize(("text", "fields"), ORDINARY)
def test_what_moodle_writes_every_day_is_taken(text: str, fields: dict[str, object]) -> None:
    (question,) = read_gift(text).questions
    assert {name: getattr(question, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("\n\nNo braces at all", "Line 3: a question needs its answers in braces"),
        ("How many? {#many}", "“many” is no number"),
        ("How many? {#=1:0 =9:0}", "two numbers that lie apart are both right"),
        ("How many? {#~1:0}", "no number is wholly right"),
        ("What? {this}", "is no answer"),
        ("// explorer: {broken\nWhat? {=a ~b}", "Line 2: the comment after “// explorer:” is not JSON"),
        ("Who? {=Ann =Anna}", "a short answer, {=this =that}, has no kind of question here"),
        ("Who? {=Ann =Ben ~Cy}", "of several right answers one is to be chosen"),
        ("Who? {~Ann ~Ben}", "no answer is wholly right"),
        ("Tell. {}", "an essay, {}, has no answer that could be told right from wrong"),
        ("One? {=a ~b}\nTwo? {=c ~d}", "put a blank line between two"),
        ("Which? {=a ~%50%b}", "Line 1: “b” earns 50 % there; here it is wrong."),
        ("When? {#=1822:0 =%50%1822:2}", "“1822:2” earns 50 % there"),
    ],
)
def test_what_cannot_be_taken_gets_a_sentence_with_its_line_and_keeps_nothing_else_out(text: str, why: str) -> None:
    reading = read_gift(f"{text}\n\nAnd this? {{=yes ~no}}\n")
    (told,) = reading.complaints
    assert why in told
    assert told.startswith("Line ")
    assert reading.questions[-1].stem == "And this?"


def test_the_command_takes_what_it_can_and_tells_the_rest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "moodle.gift"
    file.write_text("\ufeff$CATEGORY: top\n\nWho? {=Ann =Anna}\n\nIs it? {T}\n", encoding="utf-8")
    call_command("gift", "import", str(file), claim="PS-3")
    out, told = capsys.readouterr()
    assert f"{file}: Line 3: a short answer" in told
    (entry,) = yaml.safe_load(out)
    assert [option["correct"] for option in entry["fields"]["options"]] == [True, False]
    file.write_text("Who? {=Ann =Anna}\n", encoding="utf-8")
    with pytest.raises(CommandError, match="no question of it could be taken"):
        call_command("gift", "import", str(file), claim="PS-3")


def test_the_command_writes_and_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("gift", "export", "pub-sub")
    file = tmp_path / "pub-sub.gift"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    call_command("gift", "import", str(file))
    assert len(yaml.safe_load(capsys.readouterr().out)) == 12
    with pytest.raises(CommandError, match="there is no pattern"):
        call_command("gift", "export", "nonsense")
