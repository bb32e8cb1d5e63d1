"""The glossary out of the database, in the shapes that its pages and the switch over the stage want."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from explorer.models import Naming, Product, Term
from explorer.words.naming import Called

FAMILIES = {
    "messaging": "Messaging",
    "stream": "Stream processing",
    "workflow": "Orchestration and data workflow",
    "gateway": "Gateways",
}


@dataclass(frozen=True, slots=True)
class Table:
    """The words of one family of products: a row for each term that any of them names."""

    slug: str
    title: str
    products: list[Product]
    rows: list[tuple[Term, list[Naming | None]]]


def lay_tables() -> list[Table]:
    """One table for each family, the well-known families first."""
    families: dict[str, list[Product]] = defaultdict(list)
    for product in Product.objects.all():
        families[product.family].append(product)
    cells = {(naming.term_id, naming.product_id): naming for naming in Naming.objects.all()}
    terms = list(Term.objects.all())
    order = [*(slug for slug in FAMILIES if slug in families), *(slug for slug in families if slug not in FAMILIES)]
    return [_lay_table(slug, families[slug], terms, cells) for slug in order]


def _lay_table(
    slug: str, products: list[Product], terms: Iterable[Term], cells: dict[tuple[str, str], Naming]
) -> Table:
    rows = [(term, [cells.get((term.slug, product.slug)) for product in products]) for term in terms]
    named = [(term, row) for term, row in rows if any(row)]
    return Table(slug, FAMILIES.get(slug, slug.capitalize()), products, named)


def list_names(product: str) -> list[Called]:
    """What a product calls every term it has been asked about."""
    return [_call(naming) for naming in Naming.objects.filter(product=product).select_related("term")]


def list_all_names() -> dict[str, list[Called]]:
    """The same for every product, in one reading."""
    names: dict[str, list[Called]] = defaultdict(list)
    for naming in Naming.objects.select_related("term"):
        names[naming.product_id].append(_call(naming))
    return names


def _call(naming: Naming) -> Called:
    return Called(
        naming.term.word,
        naming.name,
        naming.fit,
        naming.false_friend,
        naming.note,
        naming.source,
        tuple(naming.term.lab_words),
    )
