"""Do the pages hang together?"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from rsolv_ray.cli.example import NAMES, expectations

ROOT = Path(__file__).parents[2]
PICTURES = sorted((ROOT / "docs" / "images").glob("*.svg"))
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


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_drawn_picture_fetches_nothing(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    assert re.findall(r"@import|@font-face|(?:href=|src=|url\()[\"']?(?!#)[^\"'#)]+", text) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_has_the_figures_of_the_examples(name: str) -> None:
    expected = expectations(name)
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    found, spared = len(expected.instances), len(expected.lookalikes) + 1
    assert re.search(rf"finds (?:the )?{found} (?:other places, )?(?:and )?spares {spared}\b", text)


@pytest.mark.parametrize("drawn", PICTURES, ids=lambda picture: picture.name)
def test_a_drawn_picture_is_well_formed_and_says_what_it_shows(drawn: Path) -> None:
    picture = ET.parse(drawn).getroot()
    names = {element.tag.rpartition("}")[2] for element in picture}
    assert {"title", "desc"} <= names


@pytest.mark.parametrize("name", ["setup", "demo", "test", "check"])
def test_scripts_can_be_started(name: str) -> None:
    assert (ROOT / "scripts" / name).stat().st_mode & 0o111
