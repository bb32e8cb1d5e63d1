"""The picture a page is shared with: its own, of the right size, painted once, and kept by whoever fetches it."""

from __future__ import annotations

import gzip
import io
import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from explorer.catalogue.drawing import Box, Drawing
from explorer.models import Card, SavedRun
from explorer.social.cards import PAGES, SocialCard, find_card
from explorer.social.painting import fit_words, load_font, paint

ADDRESSES = [
    "/", "/patterns/pub-sub/", "/patterns/etl/", "/patterns/pub-sub/experiments/PS-15/",
    "/patterns/pub-sub/experiments/PS-1/", "/cases/cloudflare-2019/", "/cases/uber-kafka/", "/patterns/pub-sub/quiz/",
    "/choose/", "/cases/", "/claims/", "/glossary/", "/paths/", "/compare/", "/search/",
]  # fmt: skip


def read_meta(page: str, name: str) -> str:
    found = re.search(rf'<meta (?:name="[^"]*" )?(?:property|name)="{name}" content="([^"]*)">', page)
    return unescape(found[1]) if found else ""


@pytest.mark.parametrize("address", [*ADDRESSES, "/progress/", "/review/"])
def test_what_a_page_says_where_it_is_shared_is_what_it_says_of_itself(site: Client, address: str) -> None:
    page = site.get(address, follow=True).content.decode()
    said = read_meta(page, "og:description")
    assert len(said) >= 50
    assert page.count('"og:description"') == page.count('name="description"') == 1
    assert said == unescape(page.split('name="description"')[1].split('content="')[1].split('"')[0])


def fetch(site: Client, address: str) -> tuple[str, bytes]:
    """The address of a page's picture, and the picture."""
    url = read_meta(site.get(address, follow=True).content.decode(), "og:image")
    response = site.get(url.removeprefix("http://testserver"))
    assert response.status_code == 200, (address, url)
    return url, response.content


def test_every_page_has_a_picture_of_its_own_of_1200_by_630(site: Client) -> None:
    pictures = {}
    for address in ADDRESSES:
        url, content = fetch(site, address)
        assert url.startswith("http://testserver/social/")
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == ("PNG", (1200, 630))
        pictures[content] = address
    assert len(pictures) == len(ADDRESSES)


def test_the_page_says_in_words_what_the_picture_shows(site: Client) -> None:
    page = site.get("/patterns/pub-sub/experiments/PS-15/").content.decode()
    said = read_meta(page, "og:image:alt")
    assert said.startswith("Claim PS-15 · Pub-sub: At-least-once delivery")
    assert "Broker, Inventory" in said
    assert read_meta(page, "twitter:card") == "summary_large_image"
    assert (read_meta(page, "og:image:width"), read_meta(page, "og:image:height")) == ("1200", "630")


def test_what_has_no_picture_is_shared_with_that_of_the_home_page(site: Client) -> None:
    home = read_meta(site.get("/").content.decode(), "og:image")
    assert read_meta(site.get("/progress/").content.decode(), "og:image") == home
    assert read_meta(site.get("/no/such/page/").content.decode(), "og:image") == home


def test_a_kept_run_is_shared_with_its_patterns_parts_and_no_picture_of_its_own(site: Client) -> None:
    run = SavedRun.objects.create(
        pattern="pub-sub", engine="builtin", seed=7, title="<b>", events=9, seconds=1.0,
        recording=gzip.compress(Path("static/golden/pub-sub.json").read_bytes()),
    )  # fmt: skip
    url = read_meta(site.get(f"/runs/{run.pk}/").content.decode(), "og:image")
    assert "/social/run/pub-sub.png" in url


def test_whoever_has_the_picture_need_not_fetch_it_again(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    url = read_meta(site.get("/patterns/etl/").content.decode(), "og:image").removeprefix("http://testserver")
    first = site.get(url)
    assert "immutable" in first["Cache-Control"]
    assert "public" in first["Cache-Control"]
    assert "Set-Cookie" not in first
    monkeypatch.setattr("explorer.social.views.paint", lambda card: pytest.fail("painted although it is known"))
    again = site.get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_an_address_without_its_digest_is_not_kept_for_a_year(site: Client) -> None:
    plain = site.get("/social/pattern/etl.png")
    assert "immutable" not in plain["Cache-Control"]
    assert "max-age=86400" in plain["Cache-Control"]


def test_a_picture_is_painted_once(site: Client) -> None:
    card = find_card("pattern", "etl")
    assert card is not None
    assert paint(card) is paint(card)


def test_another_wording_is_another_address(site: Client) -> None:
    before = read_meta(site.get("/patterns/etl/").content.decode(), "og:image")
    Card.objects.filter(slug="etl").update(question="What is it?")
    assert read_meta(site.get("/patterns/etl/").content.decode(), "og:image") != before


@pytest.mark.parametrize("path", ["pattern/none", "case/none", "nonsense", "nonsense/etl", "pattern", "home/etl"])
def test_what_is_no_page_has_no_picture(site: Client, path: str) -> None:
    assert site.get(f"/social/{path}.png").status_code == 404


def test_all_words_of_this_site_fit(site: Client) -> None:
    cards = [find_card("pattern", card.slug) for card in Card.objects.all()]
    cards += [find_card("experiment", claim.slug) for card in Card.objects.all() for claim in card.claims.all()]
    cards += [find_card("case", case.slug) for card in Card.objects.all() for case in card.cases.all()]
    for card in [*cards, *map(find_card, PAGES)]:
        assert card is not None
        assert not fit_words(card.title)[1][-1].endswith("…"), card.title


@pytest.mark.parametrize("words", ["word " * 200, "x" * 400])
def test_words_without_an_end_are_cut_and_do_no_harm(words: str) -> None:
    _, lines = fit_words(words)
    assert len(lines) < 12
    assert lines[-1].endswith("…")
    assert paint(SocialCard("A kind", words, ()))


def test_a_pattern_without_a_place_for_its_parts_is_painted_too() -> None:
    alone = Drawing("One", "one box", (Box("a", "A", "client", 120, 80, 32, 22),), ())
    assert paint(SocialCard("One", "One", (alone,))) != paint(SocialCard("One", "One", ()))


def test_the_words_are_set_in_the_sites_own_face() -> None:
    assert load_font(40, 700).getname()[0] == "Atkinson Hyperlegible Next"
    assert load_font(40, 700).getlength("Pattern") != load_font(40, 400).getlength("Pattern")
