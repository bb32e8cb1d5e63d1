"""The content command: all of it or none, and complaints that name file, line and reason."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from explorer.catalogue.fixtures import BadContentError, read_fixtures
from explorer.catalogue.loading import load_content
from explorer.catalogue.rules import KINDS, check_all
from explorer.models import Card, Case, Claim, Naming, Question
from explorer.quizzes.drawing import list_values
from explorer.quizzes.formula import FormulaError, compute
from explorer.quizzes.grading import is_near
from patterns.core.faults import Fault
from patterns.core.link import Link
from patterns.core.pattern import Control, Node, Pattern
from patterns.core.scenario import Scenario

SHELF = Path(settings.FIXTURE_DIRS[0])

CARD = """\
- model: explorer.card
  pk: relay-race
  fields:
    position: 1
    title: Relay race
    question: Who carries the baton?
    short_question: Who carries the baton?
    definition: One runner after another.
    problem: One runner alone is slow.
    when_to_use: "- when it is far"
    when_not_to_use: "- when it is near"
    resulting_context: The baton arrives.
    related: [{slug: relay-race, why: it is itself}]
    products: [Baton]
    example_title: A school
    example: They ran.
    example_sources: [{title: Report, url: "https://example.org/report", confidence: first-party}]
- model: explorer.claim
  pk: RL-1
  fields:
    card: [relay-race]
    group: how
    position: 1
    wording: The baton is handed over.
    experiment: Count the hands.
    prediction: As many as runners.
    caveat: It may fall.
    expectation: P
- model: explorer.question
  pk: RL-Q1
  fields:
    claim: [RL-1]
    kind: numeric
    bloom: apply
    stem: With {n} runners, how many hand-overs?
    options: [{text: one each, formula: "n", tempts: every runner carries it, fails: the first gets it from nobody}]
    answer:
      {parameters: {n: {min: 2, max: 9, step: 1}}, formula: "n-1", tolerance: 0, tolerance_kind: absolute, unit: times}
    explanation: One between each two.
    hints: [Draw two runners., Draw three., Count the gaps.]
- model: explorer.question
  pk: RL-Q3
  fields:
    claim: [RL-1]
    kind: order
    bloom: remember
    stem: In what order?
    options: [{text: Let go first, tempts: the hand is tired, fails: the baton falls}]
    answer: {steps: [reach, hold, let go]}
    explanation: Nobody holds nothing.
    hints: [Think., Watch., Try.]
"""
QUESTION = CARD.rindex("- model: explorer.question")
"""Where the second of its two questions begins."""


@pytest.fixture
def shelf(tmp_path: Path) -> Callable[[str], Path]:
    """Write a fixture folder with one file."""

    def write(text: str) -> Path:
        (tmp_path / "relay-race.yaml").write_text(text, "utf-8")
        return tmp_path

    return write


def complaints_about(folder: Path) -> list[str]:
    entries, complaints = read_fixtures(folder)
    return [str(complaint) for complaint in complaints + check_all(entries)]


def places(text: str, original: str) -> set[int]:
    """Where a complaint may point: at the changed line, or at the head of its mapping or entry."""
    lines, before = text.splitlines(), original.splitlines()
    first = next(n for n, (a, b) in enumerate(zip([*lines, ""], [*before, ""], strict=False), 1) if a != b)
    heads = [n for n, line in enumerate(lines[:first], 1) if line.startswith(("- model", "    answer"))]
    return {first, first + 1, *heads[-2:]}


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_a_small_right_fixture_has_no_complaint(shelf: Callable[[str], Path]) -> None:
    assert complaints_about(shelf(CARD)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("title: Relay race", "titel: Relay race", "unknown field `titel`"),
        ("title: Relay race", f"title: {'x' * 61}", "at most 60 characters"),
        ("position: 1\n    title", "position: first\n    title", "must be an integer"),
        ("confidence: first-party", "confidence: certain", "unknown confidence 'certain'"),
        ("https://example.org/report", "example.org", "must be an http(s) address"),
        ("{slug: relay-race, why", "{slug: relay-rase, why", "there is no card `relay-rase`"),
        ("card: [relay-race]", "card: [sprint]", "there is no card `sprint`"),
        ("claim: [RL-1]\n    kind: numeric", "claim: [RL-9]\n    kind: numeric", "there is no claim `RL-9`"),
        ("group: how", "group: why", "not a valid choice"),
        ("expectation: P", "expectation: Q", "not a valid choice"),
        ("Draw three., ", "", "needs exactly 3 hints; it has 2"),
        (", fails: the first gets it from nobody", "", "lacks `fails`"),
        ('formula: "n-1"', 'formula: "m-1"', "there is no parameter 'm'"),
        ('formula: "n-1"', "formula: \"__import__('os')\"", "is not allowed"),
        ("With {n} runners", "With some runners", "never tells the learner {n}"),
        ("min: 2, max: 9, step: 1", "least: 2", "needs choices"),
        ("tolerance_kind: absolute", "tolerance_kind: roughly", "must be relative or absolute"),
        ("model: explorer.claim", "model: auth.user", "`auth.user` is no content"),
        ("    caveat: It may fall.\n", "    caveat: It may fall.\n    caveat: Twice.\n", "`caveat` is written twice"),
        ("    caveat: It may fall.\n", "", "lacks the field `caveat`"),
    ],
)
def test_a_mistake_is_named_with_its_line(shelf: Callable[[str], Path], right: str, wrong: str, reason: str) -> None:
    assert CARD.count(right) == 1
    text = CARD.replace(right, wrong)
    complaints = complaints_about(shelf(text))
    told = [complaint for complaint in complaints if reason in complaint]
    assert told, complaints
    assert int(told[0].split(":")[1]) in places(text, CARD)


def test_a_complaint_about_a_value_points_at_its_own_line(shelf: Callable[[str], Path]) -> None:
    text = CARD.replace("group: how", "group: why")
    assert complaints_about(shelf(text))[0].startswith(f"relay-race.yaml:{line_of(text, 'group: why')}: RL-1: ")


def test_a_file_that_is_not_yaml_is_named_and_the_others_are_still_read(shelf: Callable[[str], Path]) -> None:
    folder = shelf(CARD)
    (folder / "broken.yaml").write_text("- model: [explorer.card\n  pk: x\n", "utf-8")
    told = complaints_about(folder)
    assert len(told) == 1
    assert told[0].startswith("broken.yaml:2: not YAML")


def test_the_same_key_in_two_files_names_both_places(shelf: Callable[[str], Path]) -> None:
    folder = shelf(CARD)
    shutil.copy(folder / "relay-race.yaml", folder / "second.yaml")
    assert any("is there already, in relay-race.yaml:1" in told for told in complaints_about(folder))


@pytest.mark.django_db
def test_loading_twice_doubles_nothing_and_what_is_gone_is_pruned(shelf: Callable[[str], Path]) -> None:
    folder = shelf(CARD)
    assert load_content(folder) == load_content(folder)
    assert (Card.objects.count(), Claim.objects.count(), Question.objects.count()) == (1, 1, 2)
    shelf(CARD.replace("RL-Q1", "RL-Q7").replace("title: Relay race", "title: Relay"))
    load_content(folder)
    assert set(Question.objects.values_list("slug", flat=True)) == {"RL-Q3", "RL-Q7"}
    assert Card.objects.get().title == "Relay"


@pytest.mark.django_db
def test_bad_content_changes_nothing_that_is_served(shelf: Callable[[str], Path]) -> None:
    load_content(shelf(CARD))
    with pytest.raises(BadContentError):
        load_content(shelf(CARD.replace("title: Relay race", "title: ''")))
    assert Card.objects.get().title == "Relay race"


@pytest.mark.django_db
def test_the_command_says_what_is_wrong_and_fails(shelf: Callable[[str], Path]) -> None:
    said = StringIO()
    with pytest.raises(CommandError, match="nothing was loaded: 1 complaint,"):
        call_command("content", folder=shelf(CARD.replace("group: how", "group: why")), stderr=said)
    assert "relay-race.yaml" in said.getvalue()


@pytest.mark.django_db
def test_the_command_counts_what_it_loaded(shelf: Callable[[str], Path]) -> None:
    said = StringIO()
    call_command("content", folder=shelf(CARD), stdout=said)
    assert said.getvalue().startswith("1 card, 1 claim, 0 cases, 2 questions")


@pytest.mark.django_db
def test_the_command_says_how_well_cases_are_sourced_and_how_names_fit() -> None:
    said = StringIO()
    call_command("content", stdout=said)
    fewest = min(len(case.sources) for case in Case.objects.all())
    fits = [f"{Naming.objects.filter(fit=fit).count()} {fit}" for fit in ("exact", "close", "none")]
    assert said.getvalue().splitlines()[1:] == [
        f"each case has at least {fewest} sources",
        f"of the names {', '.join(fits)}",
    ]
    assert fewest >= 3


GLOSSARY = """\
- model: explorer.term
  pk: baton
  fields: {word: Baton, meaning: What is carried., origin: Sport, lab_words: ["relay-race:stick"]}
- model: explorer.product
  pk: staffel
  fields: {name: Staffel, family: sport, source: "https://example.org/"}
- model: explorer.naming
  fields:
    term: [baton]
    product: [staffel]
    name: Stab
    fit: close
    note: It is longer.
    source: "https://example.org/"
"""


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("", "", ""),
        ("    note: It is longer.\n", "", "`close` needs a `note` or a `false_friend` that says what differs"),
        ("    note: It is longer.\n", "    note: ' '\n", "`close` needs a `note`"),
        ("    note: It is longer.\n", "    false_friend: It means something else.\n", ""),
        ("    name: Stab\n", "", "`close` needs the product's `name`"),
        ("relay-race:stick", "sprint:stick", "counts in the lab `sprint` only, and there is no such card"),
    ],
)
def test_the_glossary_keeps_what_its_page_promises(
    shelf: Callable[[str], Path], right: str, wrong: str, reason: str
) -> None:
    text = CARD + GLOSSARY.replace(right, wrong)
    complaints = complaints_about(shelf(text))
    assert [reason in told for told in complaints] == [True] * bool(reason)
    if reason:
        assert int(complaints[0].split(":")[1]) >= line_of(text, "pk: baton" if "sprint" in reason else "term: [baton]")


@pytest.mark.django_db
def test_an_empty_folder_does_not_empty_the_site(shelf: Callable[[str], Path], tmp_path: Path) -> None:
    load_content(shelf(CARD))
    (tmp_path / "relay-race.yaml").unlink()
    with pytest.raises(CommandError, match="no content"):
        call_command("content", folder=tmp_path)
    assert Card.objects.count() == 1


@pytest.mark.django_db
def test_the_content_of_this_site_loads_whole() -> None:
    counts = load_content(SHELF)
    assert counts["card"] == Card.objects.count() == 9
    assert counts["claim"] == Claim.objects.count() == 131
    assert counts["case"] == Case.objects.count()
    assert counts["naming"] == Naming.objects.count()
    assert set(counts) <= {str(kind._meta.verbose_name) for kind in KINDS}


@pytest.mark.parametrize("group", ["how", "characteristic", "use", "pro", "con"])
def test_a_group_of_claims_with_one_question_is_refused_where_the_group_begins(
    shelf: Callable[[str], Path], group: str
) -> None:
    text = CARD[:QUESTION].replace("group: how", f"group: {group}")
    (told,) = complaints_about(shelf(text))
    place = f"relay-race.yaml:{line_of(text, f'group: {group}')}"
    said = "needs at least 2 questions that can be asked now; it has 1"
    assert told == f"{place}: RL-1: the group `{group}` of relay-race {said}"


def test_a_group_that_asks_in_one_kind_only_is_refused(shelf: Callable[[str], Path]) -> None:
    first = CARD.index("- model: explorer.question")
    text = CARD[:QUESTION] + CARD[first:QUESTION].replace("RL-Q1", "RL-Q2")
    (told,) = complaints_about(shelf(text))
    place = f"relay-race.yaml:{line_of(text, 'group: how')}"
    said = "needs questions of at least 2 kinds; all of its 2 are numeric"
    assert told == f"{place}: RL-1: the group `how` of relay-race {said}"


PREDICTION = """- model: explorer.question
  pk: RL-Q4
  fields:
    claim: [RL-1]
    kind: predict-the-run
    bloom: apply
    stem: How many hand-overs?
    options:
      - {text: few, range: [0, 4], tempts: it is short, fails: it is not}
      - {text: some, range: [4, 8], tempts: it is long, fails: it is not}
      - {text: many, range: [8, 20], tempts: it is longer, fails: it is not}
    answer: {settings: {}, seconds: 9, seed: 1, metric: hand-overs}
    explanation: The run says.
    hints: [Think., Watch., Try.]
"""


def test_a_question_that_needs_a_lab_counts_for_its_group_only_once_the_lab_is_built(
    shelf: Callable[[str], Path],
) -> None:
    (told,) = complaints_about(shelf(CARD[:QUESTION] + PREDICTION))
    assert told.endswith("needs at least 2 questions that can be asked now; it has 1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("[5, 8]", "ranges touch: the one below ends at 4, so this one begins there, not at 5"),
        ("[3, 8]", "ranges touch: the one below ends at 4, so this one begins there, not at 3"),
        ("[8, 4]", "a range is [from, to], and `from` is the smaller"),
        ("[4, 6, 8]", "a range is [from, to], and `from` is the smaller"),
    ],
)
def test_ranges_with_a_gap_or_an_overlap_are_refused_with_file_and_line(
    shelf: Callable[[str], Path], change: str, said: str
) -> None:
    assert complaints_about(shelf(CARD + PREDICTION)) == []
    text = CARD + PREDICTION.replace("[4, 8]", change)
    line = line_of(text, "text: some")
    assert any(told.startswith(f"relay-race.yaml:{line}: RL-Q4: {said}") for told in complaints_about(shelf(text)))


@pytest.mark.parametrize("group", ["definition", "example"])
def test_a_group_that_is_there_to_be_read_needs_no_question(shelf: Callable[[str], Path], group: str) -> None:
    assert complaints_about(shelf(CARD[:QUESTION].replace("group: how", f"group: {group}"))) == []


def test_every_card_has_its_questions_and_cases() -> None:
    entries, _ = read_fixtures(SHELF)
    claims = {e.key: e.fields["card"][0] for e in entries if e.model == "explorer.claim"}
    questions = Counter(claims[e.fields["claim"][0]] for e in entries if e.model == "explorer.question")
    cases = Counter(e.fields["card"][0] for e in entries if e.model == "explorer.case")
    cards = [e.key for e in entries if e.model == "explorer.card"]
    assert {card: (questions[card] >= 12, cases[card] >= 2) for card in cards} == dict.fromkeys(cards, (True, True))


LAB = Pattern(
    slug="relay-race",
    title="Relay race",
    backend="nowhere:Race",
    nodes=(Node("first", "First runner", "client", 10, 50), Node("second", "Second runner", "service", 90, 50)),
    links=(Link("first", "second"),),
    controls=(Control("pace", "Pace", "m/s", 5.0, low=1.0, high=9.0),),
    remedies=(),
    faults=(Fault("stumble", "stumble", ("second",), "falls"),),
    invariants=(),
    metrics=(),
    figures=(),
    scenarios=(Scenario("fall", "A fall", "See it", 5.0),),
    fidelity=(),
)
SPOT = """\
- model: explorer.question
  pk: RL-Q2
  fields:
    claim: [RL-1]
    kind: spot-the-fault
    bloom: analyse
    stem: Who fell?
    options: [{text: The first, node: first, tempts: near, fails: it ran on, run: "pace=5&fault=stumble:second"}]
    answer: {settings: {pace: 5}, fault: "stumble:second", seed: 7, seconds: 5, target: second}
    explanation: The second.
    hints: [a, b, c]
"""


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("", "", ""),
        ("settings: {pace: 5}", "settings: {pace: 50}", "'pace' cannot be '50'; it is a number from 1 to 9 m/s"),
        ("settings: {pace: 5}", "settings: {speed: 5}", "no setting 'speed'"),
        ('fault: "stumble:second", seed', 'fault: "trip:second", seed', "no fault `trip`"),
        ('fault: "stumble:second", seed', 'fault: "stumble:first", seed', "no target of stumble `first`"),
        ("node: first", "node: third", "no node `third`; it has first, second"),
        ('run: "pace=5&fault=stumble:second"', "run: sprint", "no scenario `sprint`; it has fall"),
        ('run: "pace=5', 'run: "wind=5', "no setting 'wind'"),
    ],
)
def test_what_is_said_of_a_built_lab_is_checked_against_it(
    shelf: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, right: str, wrong: str, reason: str
) -> None:
    monkeypatch.setattr("explorer.catalogue.rules.discover", lambda: {"relay-race": LAB})
    complaints = complaints_about(shelf(CARD + SPOT.replace(right, wrong)))
    assert [reason in told for told in complaints] == [True] * bool(reason)


@pytest.mark.parametrize(
    ("formula", "value"), [("n*(n-1)/2", 45), ("min(n, 4) ** 2", 16), ("-n + ceil(0.2)", -9), ("round(exp(0), 2)", 1)]
)
def test_a_formula_is_arithmetic(formula: str, value: float) -> None:
    assert compute(formula, {"n": 10}) == value


@pytest.mark.parametrize(
    "formula", ["n.real", "open('x')", "n if n else 1", "9**9**9", "n/0", "[n]", "lambda: n", "n +"]
)
def test_a_formula_is_nothing_but_arithmetic(formula: str) -> None:
    with pytest.raises(FormulaError):
        compute(formula, {"n": 10})


def test_a_numeric_question_has_many_numbers_and_no_wrong_way_leads_to_the_right_one() -> None:
    entries, _ = read_fixtures(SHELF)
    for entry in (entry for entry in entries if entry.fields.get("kind") == "numeric"):
        rule = entry.fields["answer"]
        values = {name: list_values(each) for name, each in rule["parameters"].items()}
        drawn = [dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())]
        assert len(drawn) >= 9, entry.key
        for numbers in drawn:
            right = compute(rule["formula"], numbers)
            for option in entry.fields["options"]:
                assert not is_near(compute(option["formula"], numbers), right, rule), (entry.key, option, numbers)
