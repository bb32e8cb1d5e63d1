"""Who may import what: the walls between the rooms, read from the source, so that no import has to run.

Parametrised over what is found in the folders: a tenth pattern is inside its walls from its first line.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FRAMEWORK = frozenset({"django", "channels", "daphne", "twisted", "asgiref", "django_htmx", "whitenoise"})
ROOMS_OF_PATTERNS = frozenset({"core", "carriers", "engines", "host"})
SLUGS = sorted(
    path.name
    for path in (ROOT / "patterns").iterdir()
    if (path / "__init__.py").exists() and path.name not in ROOMS_OF_PATTERNS
)
SLICES = (
    "catalogue", "cases", "experiments", "quizzes", "learning", "workshops", "words", "choosing", "search", "paths",
)  # fmt: skip
# A slice's modules that decide something. One that is not named here may know Django; a new rule belongs in this list.
RULES = frozenset(
    {
        "agenda",
        "asked",
        "axis",
        "bets",
        "calibration",
        "clues",
        "comparison",
        "drawing",
        "exchange",
        "fixtures",
        "formula",
        "gift",
        "grading",
        "lab_rules",
        "mastery",
        "naming",
        "overtakings",
        "own_run",
        "picture",
        "query",
        "question_rules",
        "reading",
        "retries",
        "retry_words",
        "run_question",
        "scheduling",
        "scoreboard",
        "scoring",
        "shapes",
        "stays",
        "steps",
        "story",
        "unlabelled",
    }
)


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path, top_level_only: bool = False) -> Iterator[str]:
    """Yield what a module imports, as full dotted names; `from a import b` yields a.b."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in tree.body if top_level_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: -node.level]] if node.level else []
            base += [node.module] if node.module else []
            yield from (".".join([*base, alias.name]) for alias in node.names)


def is_in(name: str, *homes: str) -> bool:
    return any(name == home or name.startswith(home + ".") for home in homes)


def strangers(folder: str, allowed: tuple[str, ...], *, libraries: bool) -> list[str]:
    """Return the imports of `folder` that are neither standard nor `allowed`, nor foreign libraries if those may be."""
    found = []
    for path in modules(folder):
        for name in imports(path):
            root = name.split(".")[0]
            ours = root in {"patterns", "explorer", "tests"}
            # The bare package `patterns` is an empty folder: discovery walks it.
            fine = root in sys.stdlib_module_names or name == "patterns" or is_in(name, *allowed)
            if not fine and (ours or root in FRAMEWORK or not libraries):
                found.append(f"{path.relative_to(ROOT)} imports {name}")
    return found


def test_the_core_imports_only_the_standard_library():
    assert modules("patterns/core")
    assert strangers("patterns/core", ("patterns.core",), libraries=False) == []


@pytest.mark.parametrize("room", ["carriers", "engines"])
def test_carriers_and_engines_import_the_core_and_their_own_library(room):
    assert strangers(f"patterns/{room}", ("patterns.core", f"patterns.{room}"), libraries=True) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_pattern_imports_no_sibling_no_host_and_no_site(slug):
    allowed = ("patterns.core", "patterns.carriers", "patterns.engines", f"patterns.{slug}")
    assert strangers(f"patterns/{slug}", allowed, libraries=True) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_patterns_declaration_does_not_import_its_backend(slug):
    """The site reads declarations: they must not bring a server's library with them, nor anything that does."""
    seen, queue = set(), [ROOT / "patterns" / slug / "__init__.py"]
    while queue:
        path = queue.pop()
        seen.add(path)
        for name in imports(path, top_level_only=True):
            root = name.split(".")[0]
            assert root in sys.stdlib_module_names | {"patterns"}, f"{path.relative_to(ROOT)} imports {name}"
            assert not is_in(name, "patterns.carriers", "patterns.engines", "patterns.host"), f"{path} imports {name}"
            queue += [found for found in sources(name) if found not in seen]


def sources(name: str) -> Iterator[Path]:
    """Yield the files that importing `name` runs: a module, a package, or the module a name is taken from."""
    for dotted in (name, name.rpartition(".")[0]):
        path = ROOT.joinpath(*dotted.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if dotted.startswith("patterns.") and file.exists():
                yield file


def test_the_host_knows_neither_django_nor_channels():
    assert strangers("patterns/host", ("patterns",), libraries=True) == []


def test_nothing_in_patterns_knows_the_site():
    found = [f"{p.relative_to(ROOT)}: {n}" for p in modules("patterns") for n in imports(p) if is_in(n, "explorer")]
    assert found == []


def test_the_labs_side_of_the_site_reaches_no_backend():
    """The site reads what patterns declare and the protocol; a backend runs in the host process alone."""
    allowed = ("patterns.core", "patterns.host.protocol", "patterns.host.pipe", "patterns.host.recording")
    found = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("explorer")
        for name in imports(path)
        if is_in(name, "patterns") and name != "patterns" and not is_in(name, *allowed)
    ]
    assert [entry for entry in found if "/management/" not in entry] == []


def rules() -> list[Path]:
    return [path for slice_ in SLICES for path in modules(f"explorer/{slice_}") if path.stem in RULES]


@pytest.mark.parametrize("path", rules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_slices_rules_know_no_django(path):
    """What grades, schedules or draws is tested without a server or a database."""
    known = ("patterns", *(f"explorer.{slice_}" for slice_ in SLICES))
    found = [
        name
        for name in imports(path)
        if name.split(".")[0] in FRAMEWORK or (is_in(name, "explorer") and not is_in(name, *known))
    ]
    assert found == []


@pytest.mark.parametrize("folder", ["stage", "net"])
def test_the_stage_and_the_wire_import_nothing_outside_themselves(folder):
    for path in sorted((ROOT / "static" / "js" / folder).rglob("*.js")):
        for target in re.findall(r"""(?:from|import)\s*\(?["']([^"']+)["']""", path.read_text(encoding="utf-8")):
            assert target.startswith("."), f"{path.relative_to(ROOT)} imports {target}"
            home = (path.parent / target).resolve()
            assert (ROOT / "static" / "js" / folder) in home.parents, f"{path.relative_to(ROOT)} imports {target}"
