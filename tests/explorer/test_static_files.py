"""The static files as they are served: collected, hashed, compressed."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import call_command


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Collect all static files as `demo` does, but without compressing them, which takes most of the time."""
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("static")
    storage = {"BACKEND": "explorer.static_files.ModuleManifestStorage"}
    with override_settings(
        STATIC_ROOT=folder,
        STORAGES={"staticfiles": storage},
        WHITENOISE_SKIP_COMPRESS_EXTENSIONS=("js", "css", "svg", "html", "json", "txt", "md"),
    ):
        call_command("collectstatic", verbosity=0, interactive=False)
    return folder


def test_every_reference_inside_a_style_sheet_or_module_exists(collected):
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert manifest
    assert not [name for name, hashed in manifest.items() if not (collected / hashed).exists()]


def test_a_module_imports_the_hashed_names_of_its_neighbours(collected):
    """A module under its plain name would be cached for ever, or loaded twice under two names."""
    plain = []
    for path in (collected / "js").rglob("*.js"):
        if re.search(r"\.[0-9a-f]{12}\.js$", path.name):
            for target in re.findall(r"""\bfrom\s*["'](\.[^"']+)["']""", path.read_text(encoding="utf-8")):
                plain += [] if re.search(r"\.[0-9a-f]{12}\.js$", target) else [f"{path.name}: {target}"]
    assert plain == []


def test_our_scripts_and_sheets_lose_their_comments_and_others_keep_them(collected):
    ours = [*(collected / "js").rglob("*.js"), *(collected / "css").rglob("*.css")]
    assert ours
    assert [path.name for path in ours if "/**" in path.read_text(encoding="utf-8")] == []
    assert any("/*" in path.read_text(encoding="utf-8") for path in (collected / "vendor").rglob("*.js"))


def test_no_file_that_is_served_is_empty(collected):
    """Neither on a first collection nor on one over files that are there already."""
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert [name for name, hashed in manifest.items() if not (collected / hashed).stat().st_size] == []
