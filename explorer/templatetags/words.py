"""The switch that relabels a lab's stage in the words of a product."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from explorer.models import Product
from explorer.words.naming import count_matches, gather_lab_words
from explorer.words.shelf import list_all_names

register = template.Library()


@register.inclusion_tag("words/switch.html")
def words_switch(lab: dict[str, Any]) -> dict[str, Any]:
    """Offer every product; one that has no name for anything on this lab's page can be seen and not chosen."""
    words, names = gather_lab_words(lab), list_all_names()
    return {
        "products": [
            (product, reverse("words", args=[product.slug]), bool(count_matches(names.get(product.slug, []), words)))
            for product in Product.objects.all()
        ]
    }
