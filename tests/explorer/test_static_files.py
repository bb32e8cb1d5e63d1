"""The static files as they are served: collected, hashed, compressed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from explorer.templatetags.module import module


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Collect all static files as `demo` does, but without compressing them, which takes most of the time."""
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
            targets = re.findall(r"""\b(?:from|import\()\s*["'](\.[^"']+)["']""", path.read_text(encoding="utf-8"))
            for target in targets:
                plain += [] if re.search(r"\.[0-9a-f]{12}\.js$", target) else [f"{path.name}: {target}"]
    assert plain == []


def test_a_page_that_asks_for_a_module_asks_for_a_file_that_is_served(collected):
    """Modules that are joined into others are not served alone; `static` would refuse their names with a 500."""
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    templates = [path.read_text(encoding="utf-8") for path in (settings.ROOT / "templates").rglob("*.html")]
    named = {name for text in templates for name in re.findall(r"""(?:static|module) ["']([^"']+)["']""", text)}
    assert "js/lab/page.js" in named
    assert named <= set(manifest)


def test_a_page_is_told_of_the_files_that_its_script_imports(collected):
    storages = {"staticfiles": {"BACKEND": "explorer.static_files.ModuleManifestStorage"}}
    with override_settings(STATIC_ROOT=collected, STORAGES=storages):
        links = re.findall(r'modulepreload" href="/static/([^"]+)"', module("js/lab/page.js"))
    text = (collected / json.loads((collected / "staticfiles.json").read_text())["paths"]["js/lab/page.js"]).read_text()
    imported = re.findall(r'\bfrom"(?:\.\.?/)*([^"]+)"', text)
    assert imported
    assert {name.split("/")[-1] for name in imported} <= {name.split("/")[-1] for name in links}
    assert all((collected / name).exists() for name in links)


def test_our_scripts_and_sheets_lose_their_comments_and_others_keep_them(collected):
    ours = [*(collected / "js").rglob("*.js"), *(collected / "css").rglob("*.css")]
    assert ours
    assert [path.name for path in ours if "/**" in path.read_text(encoding="utf-8")] == []
    assert any("/*" in path.read_text(encoding="utf-8") for path in (collected / "vendor").rglob("*.js"))


def test_no_file_that_is_served_is_empty(collected):
    """Neither on a first collection nor on one over files that are there already."""
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert [name for name, hashed in manifest.items() if not (collected / hashed).stat().st_size] == []


@pytest.mark.parametrize("path", sorted(Path("static/js").rglob("*.js")), ids=str)
def test_no_words_in_backticks_stand_within_others(path: Path) -> None:
    """What thins our scripts reads such words as code, and takes the spaces out of them."""
    inner = re.compile(r"`(?:[^`$\\]|\\.|\$(?!\{)|\$\{[^`{}]*\})*\$\{[^`}]*`")
    assert not inner.search(path.read_text(encoding="utf-8")), "give the inner words a name of their own first"
