"""Content from fixture files into the database: all of it or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.db import models, transaction

from explorer.catalogue.fixtures import BadContentError, Entry, read_fixtures
from explorer.catalogue.guide_rules import check_guide
from explorer.catalogue.rules import KINDS, MODELS, check_all, key_of
from explorer.models import Content
from explorer.search.index import rebuild_index


def load_content(folder: Path) -> Counter[str]:
    """Replace all content by what the folder holds; returns rows per kind.

    Raises BadContentError, and changes nothing, if anything is wrong with any file.
    """
    entries, complaints = read_fixtures(folder)
    complaints += check_all(entries)
    complaints += check_guide(folder, entries)
    if complaints:
        raise BadContentError(sorted(complaints))
    if not entries:
        raise LookupError(f"there is no content in {folder.name}/: it needs at least one .yaml file")
    with transaction.atomic():
        for kind in KINDS:
            _write(kind, [entry for entry in entries if MODELS[entry.model] is kind])
        for kind in reversed(KINDS):
            _prune(kind, [entry for entry in entries if MODELS[entry.model] is kind])
        rebuild_index()
    return Counter(str(MODELS[entry.model]._meta.verbose_name) for entry in entries)


def _write(kind: type[Content], entries: Sequence[Entry]) -> None:
    """Insert or update, so that loading twice leaves one row each and the ids that visitors' rows point to."""
    names = [field.name for field in kind._meta.concrete_fields if not field.primary_key]
    unique = [name.removesuffix("__slug") for name in kind.natural_fields]
    rows: list[Any] = [kind(**_values(kind, entry)) for entry in entries]
    kind.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=unique, update_fields=[name for name in names if name not in unique]
    )


def _values(kind: type[Content], entry: Entry) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in entry.fields.items():
        field = kind._meta.get_field(name)
        refers = isinstance(field, models.ForeignKey)
        values[f"{name}_id" if refers else name] = value[0] if refers and isinstance(value, list) else value
    if entry.key is not None:
        values["slug"] = entry.key
    return values


def _prune(kind: type[Content], entries: Sequence[Entry]) -> None:
    kept = {key_of(entry) for entry in entries}
    columns = [name.replace("__slug", "_id") for name in kind.natural_fields]
    stale = [
        row["pk"] for row in kind.objects.values("pk", *columns) if tuple(row[name] for name in columns) not in kept
    ]
    kind.objects.filter(pk__in=stale).delete()
