"""Do the pages hang together?"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen, left = set(), [ROOT / "README.md"]
    while left:
        page = left.pop().resolve()
        if page in seen:
            continue
        seen.add(page)
        for link in re.findall(r"\]\((?!https?://)([^)#\s]+)", page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            left.extend(target.glob("*.md") if target.is_dir() else [target] if target.suffix == ".md" else [])
    assert [str(page.relative_to(ROOT)) for page in PAGES if page not in seen] == []


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    picture = ET.parse(ROOT / "docs" / "images" / "loop.svg").getroot()
    names = {element.tag.rpartition("}")[2] for element in picture}
    assert {"title", "desc"} <= names


@pytest.mark.parametrize("name", ["setup", "demo", "test", "check"])
def test_scripts_can_be_started(name: str) -> None:
    assert (ROOT / "scripts" / name).stat().st_mode & 0o111
