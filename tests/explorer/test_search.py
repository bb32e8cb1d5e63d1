"""Search: everything can be found, and nothing typed into the box is an error."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from explorer.models import Card, Case, Claim, Question, Term
from explorer.search.entries import list_entries
from explorer.search.index import find, rebuild_index
from explorer.search.query import MOST_WORDS, match_all, match_any, read_words
from patterns.core.pattern import discover

NEED_A_LAB = (Question.Kind.PREDICT, Question.Kind.SPOT)


def test_syntax_is_read_as_words() -> None:
    assert read_words('NOT "dead letter*" OR (queue:^') == ["not", "dead", "letter", "or", "queue"]
    assert read_words("\0 '\"* --") == []
    assert len(read_words(" ".join(f"w{i}" for i in range(99)))) == MOST_WORDS
    assert match_all(["or", "near"]) == '"or" AND "near"*'
    assert match_any(["or", "near"]) == '"or" OR "near"*'


def test_the_index_has_an_entry_for_every_card_claim_case_word_and_question(site: Client) -> None:
    entries = list(list_entries())
    found = Counter(entry.kind for entry in entries)
    unasked = Question.objects.filter(kind__in=NEED_A_LAB).exclude(claim__card__in=list(discover()))
    for name, kind in (("pattern", Card), ("claim", Claim), ("case", Case), ("word", Term)):
        assert found[name] == kind.objects.count()
    assert found["question"] == Question.objects.count() - unasked.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_index")
        assert cursor.fetchone() == (len(entries),)


def test_every_address_in_the_index_is_a_page_and_its_fragment_is_there(site: Client) -> None:
    by_page: dict[str, set[str]] = {}
    for entry in list_entries():
        page, _, fragment = entry.url.partition("#")
        by_page.setdefault(page, set()).add(fragment)
    for page, fragments in by_page.items():
        response = site.get(page)
        assert response.status_code == 200, page
        text = response.content.decode()
        assert all(f'id="{fragment}"' in text for fragment in fragments - {""})


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("uber", "/cases/uber-kafka/"),
        ("pub-sub", "/patterns/pub-sub/"),
        ("PS-15", "/patterns/pub-sub/#PS-15"),
        ("consumer groups", "/glossary/#competing-consumers"),
        ("retry sto", "/cases/dynamodb-2015/"),
        ("1.4 billion", "/cases/slack-job-queue/"),
        ("Scaling Slack's Job Queue", "/cases/slack-job-queue/"),
        ("GW-Q1", "/patterns/api-gateway/quiz/GW-Q1/"),
    ],
)
def test_what_is_there_is_found(site: Client, typed: str, url: str) -> None:
    hits, complete = find(read_words(typed))
    assert complete
    assert url in [hit.url for hit in hits]
    assert url in site.get("/search/", {"q": typed}).content.decode()


def test_a_card_is_found_by_every_part_of_it(site: Client) -> None:
    for card in Card.objects.all():
        for part in (card.resulting_context, card.example_title, card.products[0]):
            words = read_words(part)
            assert f"/patterns/{card.slug}/" in [hit.url for hit in find(words)[0]], part


def test_who_types_a_name_gets_what_bears_it_first(site: Client) -> None:
    entries = list(list_entries())
    names = Counter(" ".join(read_words(entry.name)) for entry in entries)
    for entry in entries:
        words = read_words(entry.name)
        hits, complete = find(words)
        assert complete
        assert entry.url in [hit.url for hit in hits[: names[" ".join(words)]]], entry.name


def test_an_id_that_others_begin_with_comes_before_them(site: Client) -> None:
    urls = [hit.url for hit in find(read_words("P2P-1"))[0]]
    assert urls[0] == "/patterns/peer-to-peer/#P2P-1"
    assert "/patterns/peer-to-peer/#P2P-10" in urls


def test_where_no_place_has_all_words_those_with_some_are_shown_and_said_to(site: Client) -> None:
    hits, complete = find(["kafka", "zzzqqq"])
    assert hits
    assert not complete
    assert "No place has all of" in site.get("/search/?q=kafka+zzzqqq").content.decode()


@pytest.mark.parametrize(
    "typed", ['"', "a OR", "NEAR(a b)", "title:x", "(((", "*", "a AND NOT", "'; DROP TABLE x", "%s", "\0"]
)
def test_search_syntax_in_the_box_is_never_an_error(site: Client, typed: str) -> None:
    assert site.get("/search/", {"q": typed}).status_code == 200


def test_ten_thousand_letters_are_answered(site: Client) -> None:
    response = site.get("/search/", {"q": "broker " * 1500})
    assert response.status_code == 200
    assert len(response.content) < 60_000


@given(typed=st.text(max_size=60))
@limits(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_at_all_breaks_the_search(site: Client, typed: str) -> None:
    find(read_words(typed))


def test_what_is_found_is_marked_and_markup_is_shown_as_text(site: Client) -> None:
    with connection.cursor() as cursor:
        row = ["case", "<b>bold</b>", "an <script>alert(1)</script> zwieback", "/"]
        columns = "kind, title, body, url, sought_title, sought_body"
        cursor.execute(f"INSERT INTO search_index ({columns}) VALUES (%s, %s, %s, %s, %s, %s)", [*row, row[1], row[2]])
    (hit,), _ = find(["zwieback"])
    assert hit.excerpt.endswith("<mark>zwieback</mark>")
    assert "<script" not in hit.excerpt  # PostgreSQL leaves tags out of an excerpt, SQLite keeps them for us to escape
    assert "<script>alert" not in site.get("/search/?q=zwieback").content.decode()


def test_loading_content_again_leaves_each_entry_once(site: Client) -> None:
    assert rebuild_index() == rebuild_index() == len(list(list_entries()))


def test_without_an_index_nothing_is_found_and_nothing_fails(site: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE search_index")
    assert find(["broker"]) == ([], True)
    assert site.get("/search/?q=broker").status_code == 200
