"""The README is true where a test can know it."""

import re
from pathlib import Path

from explorer.environment import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_the_readme_with_its_meaning():
    missing = [v.name for v in VARIABLES if f"| `{v.name}` | {v.meaning} |" not in README]
    assert missing == []


def test_every_command_of_the_readme_exists():
    named = set(re.findall(r"manage\.py (\w+)", README))
    there = {path.stem for path in (ROOT / "explorer/management/commands").glob("*.py")}
    assert named
    assert named <= there


def test_every_picture_and_page_the_readme_links_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
