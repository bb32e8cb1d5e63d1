"""The glossary, and a product's words for the switch over the stage."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from explorer.models import Product, Term
from explorer.words.naming import spread_names
from explorer.words.shelf import lay_tables, list_names

COOKIE = "words"


def show_glossary(request: HttpRequest) -> HttpResponse:
    """Every term, and what each product calls it."""
    terms = list(Term.objects.all())
    context = {
        "terms": terms,
        "tables": lay_tables(),
        "chosen": request.COOKIES.get(COOKIE, ""),
        "structured": _structure(request, terms),
    }
    return render(request, "words/glossary.html", context)


def show_words(request: HttpRequest, product: str) -> HttpResponse:
    """What a product calls the words of the labs: {product, name, words: {lab word: name, fit, false_friend, ...}}."""
    found = Product.objects.filter(slug=product).first()
    if found is None:
        there = ", ".join(Product.objects.values_list("slug", flat=True))
        return JsonResponse({"why": f"The glossary knows no product “{product}”; it knows: {there}."}, status=404)
    return JsonResponse({"product": found.slug, "name": found.name, "words": spread_names(list_names(found.slug))})


def _structure(request: HttpRequest, terms: list[Term]) -> dict[str, object]:
    """The terms as schema.org's DefinedTermSet."""
    address = request.build_absolute_uri(request.path)
    return {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "name": "Pattern Explorer glossary",
        "url": address,
        "hasDefinedTerm": [
            {"@type": "DefinedTerm", "name": term.word, "description": term.meaning, "url": f"{address}#{term.slug}"}
            for term in terms
        ],
    }
