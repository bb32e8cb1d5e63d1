"""The glossary: what each product calls a term, and the words that the switch puts on a stage."""

from __future__ import annotations

import pytest
from django.test import Client

from explorer.labs.views import describe_lab
from explorer.models import Naming, Product, Term
from explorer.words.naming import Called, count_matches, gather_lab_words, spread_names
from explorer.words.shelf import lay_tables, list_all_names, list_names
from patterns.core.pattern import discover


def called(name: str, fit: str, *lab_words: str) -> Called:
    return Called("Term", name, fit, "", "", "https://example.org/", lab_words)


def test_the_nearer_fit_has_a_word_that_two_terms_claim() -> None:
    spread = spread_names([called("far", "close", "Ack"), called("near", "exact", "ack"), called("", "none", "ack")])
    assert spread["ack"]["name"] == "near"


def test_a_product_without_such_a_thing_matches_nothing() -> None:
    assert count_matches([called("", "none", "broker")], {"broker"}) == 0
    assert count_matches([called("topic", "exact", "broker", "gate")], {"broker"}) == 1


def test_every_naming_stands_in_one_table_once(site: Client) -> None:
    cells = [cell for table in lay_tables() for _, row in table.rows for cell in row if cell]
    assert sorted(cell.pk for cell in cells) == sorted(Naming.objects.values_list("pk", flat=True))
    for table in lay_tables():
        for term, row in table.rows:
            for product, cell in zip(table.products, row, strict=True):
                assert cell is None or (cell.term_id, cell.product_id) == (term.slug, product.slug)


def test_the_glossary_marks_fits_and_false_friends_and_cites_each_cell(site: Client) -> None:
    page = site.get("/glossary/").content.decode()
    body = "".join(part.split("</tbody>")[0] for part in page.split("<tbody>")[1:])
    for fit in Naming.Fit.values:
        assert body.count(f'class="fit fit--{fit}"') == Naming.objects.filter(fit=fit).count()
    assert body.count('class="friend"') == Naming.objects.exclude(false_friend="").count()
    assert body.count('rel="noopener external"') == Naming.objects.count()
    for term in Term.objects.all():
        assert f'id="{term.slug}"' in page


def test_the_words_of_every_product_can_be_fetched(site: Client) -> None:
    for product in Product.objects.all():
        answer = site.get(f"/glossary/words/{product.slug}.json").json()
        assert answer["name"] == product.name
        for naming in Naming.objects.filter(product=product).select_related("term"):
            for word in naming.term.lab_words:
                assert word.lower() in answer["words"]
        assert all(entry["fit"] in Naming.Fit.values and entry["source"] for entry in answer["words"].values())


def test_an_unknown_product_is_answered_with_those_there_are(site: Client) -> None:
    response = site.get("/glossary/words/mqseries.json")
    assert response.status_code == 404
    assert "“mqseries”" in response.json()["why"]
    assert "kafka" in response.json()["why"]


@pytest.mark.parametrize("slug", sorted(discover()))
def test_every_lab_lists_all_products_and_offers_those_that_name_something_on_it(site: Client, slug: str) -> None:
    words = gather_lab_words(describe_lab(slug))
    page = site.get(f"/patterns/{slug}/").content.decode()
    choice = page.split('name="words"')[1].split("</select>")[0]
    names = list_all_names()
    assert choice.count("data-address=") == Product.objects.count() == len(names)
    offered = {product for product in names if f'/glossary/words/{product}.json">' in choice}
    refused = {product for product in names if f'/glossary/words/{product}.json" disabled>' in choice}
    assert offered == {product for product in names if count_matches(list_names(product), words)}
    assert refused == names.keys() - offered
    assert offered
    assert choice.count(": no word for anything here</option>") == len(refused)


def test_a_word_of_one_lab_says_nothing_of_the_same_role_elsewhere() -> None:
    names = [called("listener", "exact", "api-gateway:gateway")]
    node = {"label": "Page server", "role": "gateway"}
    there = {"slug": "api-gateway", "nodes": [node], "controls": [], "remedies": []}
    assert count_matches(names, gather_lab_words(there))
    assert not count_matches(names, gather_lab_words({**there, "slug": "request-response"}))


def test_no_product_calls_the_page_server_a_gateway_and_a_broker_is_a_broker(site: Client) -> None:
    page = next(node for node in describe_lab("request-response")["nodes"] if node["label"] == "Page server")
    own = {f"request-response:{word}" for word in (page["label"].lower(), page["role"])}
    plain = {page["label"].lower(), page["role"]}
    for product, names in list_all_names().items():
        assert not spread_names(names).keys() & (own | plain), product
    assert spread_names(list_names("kafka"))["broker"]["name"] == "broker"
    assert spread_names(list_names("kafka"))["topic"]["name"] == "topic"


@pytest.mark.parametrize("slug", sorted(discover()))
def test_some_product_has_a_word_for_a_node_of_every_lab(site: Client, slug: str) -> None:
    nodes = describe_lab(slug)["nodes"]
    on_stage = {node["role"] for node in nodes} | {node["label"].lower() for node in nodes}
    assert any(count_matches(names, on_stage) for names in list_all_names().values())


def test_the_chosen_product_is_marked_in_the_glossary(site: Client) -> None:
    assert "your words" not in site.get("/glossary/").content.decode()
    site.cookies["words"] = "kafka"
    assert site.get("/glossary/").content.decode().count("your words") == 1
