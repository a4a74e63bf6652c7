"""The reference says what the code says, and every link of the docs leads somewhere."""

import re
from pathlib import Path

import pytest

from flows.reference import FOLDER, PAGES

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_written_page_is_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run `make reference`"


def test_every_link_of_the_docs_leads_to_a_file(root: Path) -> None:
    pages = [
        root / "README.md",
        root / "README.pt-BR.md",
        root / "CHANGELOG.md",
        *sorted((root / "docs").rglob("*.md")),
    ]
    dead = [
        f"{page.relative_to(root)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not dead


def test_every_decision_is_numbered_once(root: Path) -> None:
    numbers = [path.name[:4] for path in (root / "docs" / "decisions").glob("*.md")]
    assert numbers
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdigit() for number in numbers)
