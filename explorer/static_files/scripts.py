"""Our ES modules as they are served: those that always load together stand in one file.

On disk each module is a file of its own, and with DEBUG on a browser loads it as it is. Served one by one, a hundred
small answers would weigh twice what they hold: each is compressed alone and brings its headers along.

Nothing is renamed. Each module becomes a function that returns what it exports, behind those it imports from:

    const $lab_words = (() => { const {label} = $lab_names; ...; return {tell, shortId}; })();

Which modules stand together follows from the imports. A root is a module that nobody imports statically: a page names
it, or an `import()` does. Modules that the same roots need share a file, under the name of the last of them, which is
the root if there is one.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from rjsmin import jsmin

_IMPORT = re.compile(r'\s*import\s*(?:\{([^{}]*)\}\s*from\s*)?"(\.[^"]+)";?')
_EXPORT = re.compile(r"(^|[;}\n])export ((?:async function|function|class|const)\*? ?([\w$]+))")
_LATER = re.compile(r'(?<![\w$.])import\("(\.[^"]+)"\)')
_AT_ONCE = re.compile(r"^(?:import|export)\b(?! *\()", re.MULTILINE)
_ANY = re.compile(r"(?<![\w$.])import *[(.]")
_FORMS = (
    'import {a, b as c} from "./x.js", import("./x.js") and export before function, class or const, '
    "each at the beginning of a line and with double quotes"
)


class JoiningError(ValueError):
    """A module says something that cannot be joined; the message names it and what would be right."""


@dataclass(frozen=True, slots=True)
class Module:
    """One file: its text without imports and the word `export`, and whom it needs, now or later."""

    name: str
    body: str
    imports: tuple[tuple[str, str], ...]
    exports: tuple[str, ...]
    later: tuple[str, ...]

    @property
    def variable(self) -> str:
        """What stands for it in a joined file."""
        return "$" + re.sub(r"\W", "_", self.name.removeprefix("js/").removesuffix(".js"))


def join_scripts(sources: dict[str, str]) -> dict[str, str]:
    """The files to serve instead of `sources`, by name; raises JoiningError."""
    modules = {name: read_module(name, text) for name, text in sources.items()}
    _check(modules)
    order = _sort(modules)
    groups = _group(modules, order)
    home = {name: group[-1] for group in groups for name in group}
    return {group[-1]: _write([modules[name] for name in group], modules, home) for group in groups}


def read_module(name: str, source: str) -> Module:
    """Take a module apart; raises JoiningError if it holds an import or export of another form than `_FORMS`."""
    text, imports = jsmin(source), []
    while found := _IMPORT.match(text):
        imports.append(((found[1] or "").replace(" as ", ":"), _resolve(name, found[2])))
        text = text[found.end() :]
    exports = tuple(found[3] for found in _EXPORT.finditer(text))
    later = tuple(_resolve(name, address) for address in _LATER.findall(text))
    if len(_AT_ONCE.findall(source)) != len(imports) + len(exports) or len(_ANY.findall(text)) != len(later):
        raise JoiningError(f"{name} has an import or export that cannot be joined; what can be: {_FORMS}.")
    return Module(name, _EXPORT.sub(r"\1\2", text), tuple(imports), exports, later)


def _resolve(name: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def _check(modules: dict[str, Module]) -> None:
    at_once = {target for module in modules.values() for _, target in module.imports}
    for module in modules.values():
        for names, target in module.imports:
            if target not in modules:
                raise JoiningError(f"{module.name} imports {target}, which does not exist.")
            wanted = {part.split(":")[0].strip() for part in names.split(",") if part.strip()}
            if missing := ", ".join(sorted(wanted - set(modules[target].exports))):
                raise JoiningError(f"{module.name} imports {missing} from {target}, which does not export it.")
        for target in module.later:
            if target in at_once or target not in modules:
                why = "is imported at once elsewhere" if target in modules else "does not exist"
                raise JoiningError(f"{module.name} has import() of {target}, which {why}.")


def _sort(modules: dict[str, Module]) -> list[str]:
    """All names, each behind those it imports."""
    order: list[str] = []
    path: list[str] = []

    def visit(name: str) -> None:
        if name in path:
            raise JoiningError(f"Imports go round: {' → '.join([*path, name])}.")
        if name in order:
            return
        path.append(name)
        for _, target in modules[name].imports:
            visit(target)
        order.append(path.pop())

    for name in sorted(modules):
        visit(name)
    return order


def _group(modules: dict[str, Module], order: list[str]) -> list[list[str]]:
    """Names in order, in groups that the same roots need."""
    needs: dict[str, set[str]] = {}
    for name in order:
        needs[name] = {name}.union(*(needs[target] for _, target in modules[name].imports))
    imported = {target for module in modules.values() for _, target in module.imports}
    late = {target for module in modules.values() for target in module.later}
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in order:
        users = tuple(root for root in order if name in needs[root] and root not in imported)
        pages = tuple(root for root in users if root not in late)
        # What a page has is not fetched again by what it opens later. Yet it stands apart from the page's own root:
        # a file that names another by its hash cannot be named by it in turn.
        again = ("later",) if len(pages) == 1 and pages != users else ()
        groups.setdefault((*pages, *again) if pages else users, []).append(name)
    return list(groups.values())


def _write(group: list[Module], modules: dict[str, Module], home: dict[str, str]) -> str:
    """One file: imports from other files, the modules, and what others ask of them."""
    last, own = group[-1], {module.name for module in group}
    if len(group) == 1 and not (last.imports or last.exports or last.later):
        return last.body
    foreign: dict[str, set[str]] = {}
    for target in (target for module in group for _, target in module.imports if target not in own):
        foreign.setdefault(home[target], set()).add(modules[target].variable)
    asked = {target for module in modules.values() if module.name not in own for _, target in module.imports}
    lines = [f'import{{{",".join(sorted(names))}}}from"{_relate(last.name, at)}";' for at, names in foreign.items()]
    lines += [_wrap(module, modules, last.name, home) for module in group]
    if shared := [module.variable for module in group if module.name in asked]:
        lines.append(f"export{{{','.join(shared)}}};")
    elif last.exports:
        lines.append(f"export const{{{','.join(last.exports)}}}={last.variable};")
    return "\n".join(lines) + "\n"


def _wrap(module: Module, modules: dict[str, Module], here: str, home: dict[str, str]) -> str:
    taken = "".join(f"const{{{names}}}={modules[target].variable};" for names, target in module.imports if names)
    moved = _LATER.sub(lambda found: f'import("{_relate(here, home[_resolve(module.name, found[1])])}")', module.body)
    given = f"\nreturn{{{','.join(module.exports)}}}" if module.exports else ""
    return f"const {module.variable}=(()=>{{{taken}{moved}{given}}})();"


def _relate(here: str, there: str) -> str:
    path = posixpath.relpath(there, posixpath.dirname(here))
    return path if path.startswith(".") else f"./{path}"
