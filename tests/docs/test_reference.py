"""The reference says what the code says, and every link of the docs leads somewhere."""

import re
from pathlib import Path

import pytest

from flows.reference import FOLDER, PAGES, PORTS, find

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


def test_every_port_is_in_the_reference_and_every_adapter_exists(root: Path) -> None:
    bases = [
        path for package in ("matria", "guardrails", "models", "evals") for path in (root / package).rglob("base.py")
    ]
    found = {
        f"{'.'.join(path.relative_to(root).with_suffix('').parts)}.{name}"
        for path in bases
        for name in re.findall(r"^class (\w+)\(Protocol\)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert found == set(PORTS)
    for port, adapters in PORTS.items():
        methods = [name for name, value in vars(find(port)).items() if callable(value) and not name.startswith("_")]
        for adapter in adapters:
            assert all(hasattr(find(adapter), name) for name in methods), adapter


def test_every_decision_is_numbered_once(root: Path) -> None:
    numbers = [path.name[:4] for path in (root / "docs" / "decisions").glob("*.md")]
    assert numbers
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdigit() for number in numbers)
