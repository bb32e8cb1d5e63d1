"""The catalogue's pages: they teach without a script, say what they cannot show, answer wrong addresses kindly."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import brotli
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from explorer.catalogue.cards import draw_card, sort_claims
from explorer.catalogue.drawing import HEIGHT, WIDTH
from explorer.models import Card, Case, Claim, Trial
from explorer.templatetags.prose import markdown
from patterns.core.pattern import discover

STATIC = Path(settings.STATICFILES_DIRS[0])
SLUGS = [path.stem for path in sorted(Path(settings.FIXTURE_DIRS[0]).glob("*.yaml")) if path.stem != "glossary"]
BUDGET_BYTES = 100_000
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """What a test asks of a page: its tags in order, its ids, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.source = text
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def read(site: Client, path: str, status: int = 200) -> Page:
    response = site.get(path)
    assert response.status_code == status, response.content[:300]
    return Page(response.content.decode())


def paths() -> list[str]:
    return ["/", *(f"/patterns/{slug}/" for slug in SLUGS)]


@pytest.mark.parametrize("path", paths())
def test_a_page_is_well_formed_and_has_nothing_inline(site: Client, path: str) -> None:
    page = read(site, path)
    assert page.open == []
    assert len(page.all("h1")) == 1
    assert all("style" not in attributes for _, attributes in page.tags)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert not page.all("style")
    data = ("application/json", "application/ld+json")  # blocks that never run
    assert all("src" in script or script.get("type") in data for script in page.all("script"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    fragments = [link["href"][1:] for link in page.all("a") if (link.get("href") or "").startswith("#")]
    assert set(fragments) <= set(ids)


@pytest.mark.parametrize("path", paths())
def test_a_heading_never_skips_a_level(site: Client, path: str) -> None:
    levels = [int(tag[1]) for tag, _ in read(site, path).tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))


def test_the_home_page_lists_every_card_in_its_order(site: Client) -> None:
    plain = [link["href"] for link in read(site, "/").all("a") if "class" not in link]
    shown = [href for href in plain if href and href.startswith("/patterns/")]
    assert shown == [reverse("pattern", args=[card.slug]) for card in Card.objects.order_by("position")]


def test_a_card_without_a_lab_says_so_and_its_picture_is_called_a_drawing(site: Client) -> None:
    unbuilt = next(card for card in Card.objects.all() if card.slug not in discover())
    assert "lab not built yet" in read(site, "/").text
    page = read(site, f"/patterns/{unbuilt.slug}/")
    assert "The lab is not built yet" in page.text
    assert "Drawing, not a run" in page.text


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pattern_page_teaches_the_whole_card_without_a_script(site: Client, slug: str) -> None:
    response = site.get(f"/patterns/{slug}/").content.decode()
    card = Card.objects.get(slug=slug)
    for prose in (card.problem, card.definition, card.resulting_context, card.when_to_use, card.example):
        assert markdown(prose) in response
    for claim in card.claims.all():
        assert f'id="{claim.slug}"' in response
    for source in card.example_sources:
        assert source["confidence"] in response


@pytest.mark.parametrize("slug", SLUGS)
def test_every_claim_of_a_card_stands_in_exactly_one_section(site: Client, slug: str) -> None:
    claims = list(Claim.objects.filter(card=slug))
    sections = sort_claims(claims)
    placed = [*sections.how, *sections.use, *sections.pros, *sections.cons, *sections.example]
    assert sorted(claim.slug for claim in placed) == sorted(claim.slug for claim in claims)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_drawing_stays_inside_its_frame(site: Client, slug: str) -> None:
    drawing = draw_card(Card.objects.get(slug=slug))
    assert drawing is not None
    for box in drawing.boxes:
        assert 0 <= box.left <= box.left + box.width <= WIDTH
        assert 0 <= box.top <= box.top + box.height <= HEIGHT


def test_an_unknown_pattern_is_answered_with_the_nearest_and_all(site: Client) -> None:
    page = read(site, "/patterns/pubsub/", status=404)
    assert "There is no pattern “pubsub”." in page.text
    assert "Did you mean Pub-sub ?" in page.text
    assert all(card.slug in page.text for card in Card.objects.all())


def test_an_unknown_address_names_itself_and_guesses_nothing(site: Client) -> None:
    page = read(site, "/zzz/qqq", status=404)
    assert "There is no page at /zzz/qqq." in page.text
    assert "Did you mean" not in page.text


def test_markup_in_an_address_is_shown_as_text(site: Client) -> None:
    response = site.get("/patterns/<script>alert(1)<script>/")
    assert response.status_code == 404
    assert b"<script>alert" not in response.content


def test_markup_in_markdown_is_shown_as_text() -> None:
    assert "<script>" not in markdown("<script>alert(1)</script> and [x](javascript:alert(1))")
    assert "javascript:" not in re.findall(r'href="([^"]*)"', markdown("[x](javascript:alert(1))"))


def test_a_forged_form_is_told_that_nothing_changed(site: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/admin/login/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert b"nothing was changed" in response.content


def test_a_failure_shows_a_page_of_its_own_and_not_the_traceback(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr("explorer.catalogue.views.lay_tiles", fail)
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert b"Something broke on our side" in response.content
    assert b"secret cause" not in response.content


def test_health_is_good_with_content_and_bad_without(site: Client) -> None:
    assert site.get("/healthz").json()["status"] == "ok"
    Card.objects.all().delete()
    response = site.get("/healthz")
    assert response.status_code == 503
    assert "manage.py content" in response.json()["why"]


def test_metrics_are_what_prometheus_reads(site: Client) -> None:
    response = site.get("/metrics")
    lines = response.content.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values["explorer_cards"] == str(Card.objects.count())
    assert values["explorer_claims"] == str(Claim.objects.count())
    for line in lines:
        assert re.fullmatch(r"# (HELP \w+ .+|TYPE \w+ (gauge|counter))|\w+(\{[^}]*\})? [0-9.e+-]+", line)


def test_the_sitemap_lists_every_pattern_and_robots_names_the_sitemap(site: Client) -> None:
    found = read_sitemap(site)
    owed = [reverse(name) for name in ("home", "cases", "claims", "compare", "glossary", "choose", "paths")]
    owed += [reverse("pattern", args=[card.slug]) for card in Card.objects.all()]
    owed += [reverse("case", args=[case.slug]) for case in Case.objects.all()]
    owed += [reverse("experiment", args=[row.card_id, row.slug]) for row in Claim.objects.all()]
    owed += [path for slug in SLUGS for path in list_questions(site, slug)]
    assert set(owed) <= set(found)
    assert len(found) == len(set(found))
    assert b"Sitemap: http://testserver/sitemap.xml" in site.get("/robots.txt").content


def read_sitemap(site: Client) -> list[str]:
    """Paths of all pages that a search engine is told of."""
    root = ElementTree.fromstring(site.get("/sitemap.xml").content)
    found = [loc.text or "" for loc in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    return [address.removeprefix("http://testserver") for address in found]


def test_a_page_whose_claim_was_measured_here_says_when_and_no_other_page_makes_up_a_date(site: Client) -> None:
    assert b"<lastmod>" not in site.get("/sitemap.xml").content
    for day in (3, 9):
        moment = datetime(2026, 3, day, 12, tzinfo=UTC)
        Trial.objects.create(claim="PS-12", pattern="pub-sub", seed=7, state="done", finished=moment)
    (entry,) = [row for row in site.get("/sitemap.xml").content.decode().split("<url>") if "<lastmod>" in row]
    assert "/experiments/PS-12/</loc><lastmod>2026-03-09T12:00:00+00:00</lastmod>" in entry


def structure_of(site: Client, path: str) -> dict[str, dict[str, Any]]:
    """What a page tells machines, by kind."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', read(site, path).source, re.DOTALL)
    return {block["@type"]: block for block in map(json.loads, blocks)}


def test_pages_tell_machines_what_they_are_and_the_way_to_them(site: Client) -> None:
    search = structure_of(site, "/")["WebSite"]["potentialAction"]["target"]["urlTemplate"]
    assert "saga" in read(site, search.replace("{search_term_string}", "saga").removeprefix("http://testserver")).source
    for card in Card.objects.all():
        resource = structure_of(site, f"/patterns/{card.slug}/")["LearningResource"]
        assert (resource["name"], resource["description"]) == (card.title, card.definition)
    quiz = structure_of(site, "/patterns/pub-sub/quiz/PS-Q1/")["Quiz"]
    assert quiz["hasPart"]["url"] == "http://testserver/patterns/pub-sub/quiz/PS-Q1/"
    assert "acceptedAnswer" not in quiz["hasPart"]
    for path in ("/cases/uber-kafka/", "/patterns/pub-sub/experiments/PS-1/", "/patterns/etl/"):
        trail = structure_of(site, path)["BreadcrumbList"]["itemListElement"]
        assert [step["position"] for step in trail] == list(range(1, len(trail) + 1))
        assert trail[-1]["item"] == f"http://testserver{path}"
        assert all(site.get(step["item"].removeprefix("http://testserver")).status_code == 200 for step in trail)


def list_questions(site: Client, slug: str) -> list[str]:
    """Paths of the questions that a card's quiz offers."""
    response = site.get(f"/patterns/{slug}/quiz/", follow=True)
    links = [link.get("href") or "" for link in Page(response.content.decode()).all("a")]
    found = sorted({link for link in links if link.startswith(f"/patterns/{slug}/quiz/")})
    assert found, slug
    return found


def head_of(page: Page) -> tuple[str, str, str]:
    """A page's title, what it says of itself, and the address it calls its own."""
    titles = re.findall(r"<title>([^<]+)</title>", page.source)
    said = [meta["content"] for meta in page.all("meta") if meta.get("name") == "description"]
    own = [link["href"] for link in page.all("link") if link.get("rel") == "canonical"]
    assert len(titles) == len(said) == len(own) == 1
    return titles[0].strip(), str(said[0]), str(own[0])


def test_each_page_has_a_title_a_description_and_an_address_of_its_own(site: Client) -> None:
    paths = [*read_sitemap(site), *(reverse(name) for name in ("review", "progress", "notebook"))]
    seen: tuple[dict[str, str], dict[str, str]] = {}, {}
    for path in paths:
        page = read(site, path)
        title, said, own = head_of(page)
        assert own == f"http://testserver{path}"
        assert page.all("html")[0]["lang"] == "en-GB"
        assert len(page.all("h1")) == 1, path
        assert len(title) >= 10, path
        assert len(said) >= 50, path
        for text, others in zip((title, said), seen, strict=True):
            assert text not in others, f"{path} says the same as {others[text]}: {text}"
            others[text] = path


def test_a_moment_in_the_address_makes_no_other_page(site: Client) -> None:
    assert head_of(read(site, "/patterns/pub-sub/?seed=7&t=6.2"))[2] == "http://testserver/patterns/pub-sub/"
    assert head_of(read(site, "/search/?q=saga"))[2] == "http://testserver/search/"


def test_a_page_that_is_not_there_calls_no_address_its_own(site: Client) -> None:
    assert not [link for link in read(site, "/zzz/", status=404).all("link") if link.get("rel") == "canonical"]


def test_every_page_names_one_sheet_besides_the_site_s(site: Client) -> None:
    repeated = ("/experiments/", "/quiz/")  # pages of one template, of which one is enough
    paths = [path for path in read_sitemap(site) if not any(part in path for part in repeated)]
    paths += [reverse(name) for name in ("review", "progress", "notebook", "login", "register")]
    paths += ["/patterns/pub-sub/quiz/PS-Q1/", "/patterns/pub-sub/experiments/PS-1/", "/zzz/"]
    for path in paths:
        page = Page(site.get(path).content.decode())
        sheets = [link["href"] for link in page.all("link") if link.get("rel") == "stylesheet"]
        assert len(sheets) == 2, f"{path}: {sheets}"


def test_what_may_be_indexed_is_not_forbidden_to_robots(site: Client) -> None:
    rules = RobotFileParser()
    rules.parse(site.get("/robots.txt").content.decode().splitlines())
    assert all(rules.can_fetch("*", path) for path in [*read_sitemap(site), settings.STATIC_URL])
    assert not rules.can_fetch("*", "/admin/")


def test_the_navigation_offers_only_pages_that_exist(site: Client) -> None:
    for link in read(site, "/").all("a"):
        href = link["href"] or ""
        if href.startswith("/"):
            assert site.get(href).status_code == 200, href


def test_an_operator_reads_content_in_the_admin_and_cannot_change_it(site: Client) -> None:
    site.force_login(User.objects.create_superuser("operator"))
    for name in ("card", "claim", "case", "question", "term", "product", "naming", "visitor", "savedrun"):
        assert site.get(f"/admin/explorer/{name}/").status_code == 200
    assert site.get("/admin/explorer/card/pub-sub/change/").status_code == 200
    assert site.post("/admin/explorer/card/pub-sub/change/", {"title": "x"}).status_code == 403
    assert site.get("/admin/explorer/card/add/").status_code == 403


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Pages name the files as `demo` serves them: joined, thinned, hashed. Compressing takes most of its time."""
    folder = tmp_path_factory.mktemp("static")
    storages = {"staticfiles": {"BACKEND": "explorer.static_files.ModuleManifestStorage"}}
    plain = {"STATIC_ROOT": folder, "WHITENOISE_SKIP_COMPRESS_EXTENSIONS": ("js", "css", "svg", "json", "txt", "md")}
    with override_settings(STORAGES=storages, **plain):
        call_command("collectstatic", verbosity=0, interactive=False)
        yield folder


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pattern_page_weighs_less_than_its_budget(site: Client, served: Path, slug: str) -> None:
    """What the page itself names; what its scripts fetch besides is weighed in `tests/browser/test_weight.py`."""
    response = site.get(f"/patterns/{slug}/", headers={"accept-encoding": "gzip, br"})
    page = Page(site.get(f"/patterns/{slug}/").content.decode())
    weights = {"page": len(response.content)}
    for name in _loaded_files(page, served):
        data = (served / name).read_bytes()
        weights[name] = len(data) if name.endswith(".woff2") else len(brotli.compress(data))  # as WhiteNoise serves it
    assert response.headers["Content-Encoding"] in ("gzip", "br")
    assert len(weights) > 6
    assert sum(weights.values()) <= BUDGET_BYTES, sorted(weights.items(), key=lambda item: -item[1])[:12]


def _loaded_files(page: Page, served: Path) -> set[str]:
    """Files that a browser fetches for the page: sheets, scripts with what they import, fonts, what is preloaded."""
    loading = ("stylesheet", "icon", "preload", "modulepreload")
    wanted = {link["href"] for link in page.all("link") if link.get("rel") in loading}
    wanted |= {script["src"] for script in page.all("script") if script.get("src")}
    todo = [str(address).removeprefix(settings.STATIC_URL) for address in wanted]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        if name.endswith((".js", ".css")):
            todo += _references(name, served)
    return found


def _references(name: str, served: Path) -> list[str]:
    """Static imports of a module (not import(), which waits for a click) and the files a sheet names."""
    text = (served / name).read_text("utf-8")
    pattern = r"\burl\(['\"]?([^)'\"]+)" if name.endswith(".css") else r"""\b(?:import|from)\s*["'](\.[^"']+)["']"""
    folder = (served / name).parent
    files = [str((folder / other).resolve().relative_to(served.resolve())) for other in re.findall(pattern, text)]
    # Letters that few pages have: a browser loads them for a page that does, as `unicode-range` tells it.
    return [file for file in files if "-more." not in file]


def test_vendored_files_are_those_that_the_readme_names() -> None:
    vendor = STATIC / "vendor"
    named = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", (vendor / "README.md").read_text("utf-8"), re.MULTILINE)[::-1])
    files = {str(path.relative_to(vendor)) for path in vendor.rglob("*") if path.suffix in (".js", ".woff2")}
    assert set(named.values()) == files
    assert {hashlib.sha256((vendor / name).read_bytes()).hexdigest() for name in files} == set(named)
