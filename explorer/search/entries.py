"""Everything that can be found: cards, claims, cases with their facts and sources, words and questions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from explorer.models import Card, Case, Claim, Naming, Term
from explorer.quizzes.store import list_questions

_MARKUP = re.compile(r"[*_`#>|]|\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found. Who types its `name`, and nothing else, means this one."""

    kind: str
    name: str
    title: str
    body: str
    url: str


def list_entries() -> Iterator[Entry]:
    """Everything that can be found, with its address."""
    yield from _list_cards()
    for claim in Claim.objects.select_related("card"):
        address = f"{reverse('pattern', args=[claim.card_id])}#{claim.slug}"
        tested = f"{claim.card.title}: {claim.experiment} {claim.prediction} {claim.caveat}"
        yield Entry("claim", claim.slug, f"{claim.slug} {claim.wording}", plain(tested), address)
    yield from _list_cases()
    yield from _list_words()
    for question in list_questions().select_related("claim__card"):
        # neither the options nor the explanation, for a search must not give an answer away
        card = question.claim.card
        address = reverse("quiz-question", args=[card.slug, question.slug])
        title = f"{question.slug} {plain(question.stem)[:160]}"
        yield Entry("question", question.slug, title, card.title, address)


def _list_cards() -> Iterator[Entry]:
    for card in Card.objects.all():
        prose = (
            card.question, card.definition, card.problem, card.when_to_use, card.when_not_to_use,
            card.resulting_context, *card.products, card.example_title, card.example,
        )  # fmt: skip
        yield Entry("pattern", card.slug, card.title, plain(" ".join(prose)), reverse("pattern", args=[card.slug]))


def _list_cases() -> Iterator[Entry]:
    for case in Case.objects.all():
        facts = (fact["text"] for fact in case.facts)
        sources = (f"{source['title']}, {source['publisher']}." for source in case.sources)
        prose = (case.organisation, case.summary, case.built, case.went_wrong, case.learnt, *facts, *sources)
        yield Entry("case", case.slug, case.title, plain(" ".join(prose)), reverse("case", args=[case.slug]))


def _list_words() -> Iterator[Entry]:
    names: dict[str, list[str]] = {}
    for naming in Naming.objects.exclude(name="").select_related("product"):
        names.setdefault(naming.term_id, []).append(f"{naming.product.name}: {naming.name}.")
    for term in Term.objects.all():
        known = " ".join(names.get(term.slug, []))
        address = f"{reverse('glossary')}#{term.slug}"
        yield Entry("word", term.word, term.word, plain(f"{term.meaning} {known}"), address)


def plain(words: str) -> str:
    """The words without Markdown's marks."""
    return " ".join(_MARKUP.sub(r"\1", words).split())
