"""Modules and sheets joined for the wire say what they say one by one; what cannot be joined is refused."""

from __future__ import annotations

import re

import pytest

from explorer.static_files.scripts import JoiningError, join_scripts
from explorer.static_files.sheets import join_sheet

PAGE = 'import { add, ONE as one } from "./add.js";\nimport "./effect.js";\nconsole.log(add(one));\n'
ADD = "/** Adds. */\nexport const ONE = 1;\n\nexport function add(a) {\n  return a + ONE;\n}\n"


def test_modules_that_a_page_needs_become_one_file_in_their_order():
    joined = join_scripts({"js/page.js": PAGE, "js/add.js": ADD, "js/effect.js": "globalThis.seen = true;\n"})
    assert list(joined) == ["js/page.js"]
    text = joined["js/page.js"]
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)
    assert text.index("$add=") < text.index("$effect=") < text.index("$page=")
    assert "return{ONE,add}" in text
    assert "const{add,ONE:one}=$add;" in text


def test_what_two_pages_need_is_a_file_that_both_import():
    other = 'import { add } from "../add.js";\nadd(2);\n'
    joined = join_scripts({"js/page.js": PAGE, "js/add.js": ADD, "js/effect.js": "x();\n", "js/far/other.js": other})
    assert set(joined) == {"js/page.js", "js/add.js", "js/far/other.js"}
    assert joined["js/add.js"].endswith("export{$add};\n")
    assert 'import{$add}from"./add.js";' in joined["js/page.js"]
    assert 'import{$add}from"../add.js";' in joined["js/far/other.js"]


def test_what_is_imported_later_is_a_file_of_its_own_and_shares_what_the_page_has():
    sources = {
        "js/page.js": 'import { add } from "./add.js";\nimport { open } from "./panels/door.js";\nopen(add);\n',
        "js/panels/door.js": 'export const open = () => import("./room.js");\n',
        "js/panels/room.js": 'import { add } from "../add.js";\nexport class Room {}\nadd(1);\n',
        "js/add.js": ADD,
    }
    joined = join_scripts(sources)
    assert set(joined) == {"js/page.js", "js/add.js", "js/panels/room.js"}
    assert 'import("./panels/room.js")' in joined["js/page.js"]
    assert joined["js/panels/room.js"].rstrip().endswith("export const{Room}=$panels_room;")
    # The page names the room by its hash, so the room must not name the page in turn.
    assert "page.js" not in joined["js/panels/room.js"]


def test_a_script_that_is_no_module_stays_as_it_is():
    assert join_scripts({"js/theme.js": "document.title = 'x';\n"}) == {"js/theme.js": "document.title='x';"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import x from "./add.js";', "has an import or export that cannot be joined"),
        ('import * as x from "./add.js";', "has an import or export that cannot be joined"),
        ("export default 1;", "has an import or export that cannot be joined"),
        ("export let count = 0;", "has an import or export that cannot be joined"),
        ('export { add } from "./add.js";', "has an import or export that cannot be joined"),
        ("const load = (name) => import(name);", "has an import or export that cannot be joined"),
        ("const load = () => import(`./${name}.js`);", "has an import or export that cannot be joined"),
        ("const here = import.meta.url;", "has an import or export that cannot be joined"),
        ('import { take } from "./add.js";', "imports take from js/add.js, which does not export it"),
        ('import { add } from "./ad.js";', "imports js/ad.js, which does not exist"),
        ('import { add } from "./add.js";\nconst load = () => import("./add.js");', "is imported at once elsewhere"),
        ('import { a } from "./page.js";\nexport const a = 1;', "Imports go round: js/page.js → js/page.js"),
    ],
)
def test_what_cannot_be_joined_is_refused(text, said):
    with pytest.raises(JoiningError, match=re.escape(said)) as refused:
        join_scripts({"js/page.js": f"{text}\n", "js/add.js": ADD})
    assert "js/page.js" in str(refused.value)


def test_a_sheet_takes_in_what_it_imports_once_and_keeps_its_addresses_right():
    sources = {
        "css/pages/page.css": '@import "../base.css";\n@import "../components/card.css";\n\n.page { color: red; }\n',
        "css/components/card.css": '@import "../base.css";\n.card { color: blue; }\n',
        "css/base.css": '@font-face { src: url("../vendor/a.woff2"); }\n',
    }
    joined = join_sheet("css/pages/page.css", sources)
    assert joined.count("@font-face") == 1
    assert 'url("../../vendor/a.woff2")' in joined
    assert joined.index("@font-face") < joined.index(".card") < joined.index(".page")
    assert "@import" not in joined


def test_a_sheet_that_imports_what_is_not_there_is_refused():
    with pytest.raises(ValueError, match=re.escape("css/a.css imports b.css, which does not exist.")):
        join_sheet("css/a.css", {"css/a.css": '@import "b.css";\n'})
