"""The operator's view. Content is read here and written in `fixtures/`: an edit here would be gone at the next load."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from explorer.models import Card, Case, Claim, Naming, Product, Question, SavedRun, Term, Visitor


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for the type checker only
    """Shows rows, changes none."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Card)
class CardAdmin(ReadOnly):
    """Cards, in the order of the home page."""

    list_display = ("title", "slug", "question")


@admin.register(Claim)
class ClaimAdmin(ReadOnly):
    """Claims, by card and group."""

    list_display = ("slug", "card", "group", "expectation", "wording")
    list_filter = ("card", "group", "expectation")
    search_fields = ("slug", "wording", "experiment")


@admin.register(Question)
class QuestionAdmin(ReadOnly):
    """Questions, by kind."""

    list_display = ("slug", "claim", "kind", "bloom", "stem")
    list_filter = ("claim__card", "kind", "bloom")
    search_fields = ("slug", "stem")


@admin.register(Case)
class CaseAdmin(ReadOnly):
    """Case studies."""

    list_display = ("title", "organisation", "card")
    list_filter = ("card",)
    search_fields = ("title", "organisation", "summary")


@admin.register(Term)
class TermAdmin(ReadOnly):
    """Words of the glossary."""

    list_display = ("word", "origin")
    search_fields = ("word", "meaning")


@admin.register(Product)
class ProductAdmin(ReadOnly):
    """Products whose words the glossary knows."""

    list_display = ("name", "family")
    list_filter = ("family",)


@admin.register(Naming)
class NamingAdmin(ReadOnly):
    """What each product calls a term."""

    list_display = ("term", "product", "name", "fit")
    list_filter = ("product", "fit")


class Deletable(ReadOnly):
    """Shows rows; an operator may delete one for somebody who asks for it."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super(ReadOnly, self).has_delete_permission(request, obj)


@admin.register(Visitor)
class VisitorAdmin(Deletable):
    """Visitors."""

    list_display = ("id", "user", "created")


@admin.register(SavedRun)
class SavedRunAdmin(Deletable):
    """Saved runs; the recording itself is left out, it is bytes."""

    list_display = ("title", "pattern", "engine", "events", "seconds", "created")
    list_filter = ("pattern", "engine")
    exclude = ("recording",)
