"""The lists that names are recognised by, read once: plain text beside this file, folded, for anyone to extend."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class NameLists:
    """Words in lower case, without accents."""

    given: frozenset[str]
    surnames: frozenset[str]
    common_words: frozenset[str]
    """Names that are words, places or months as well."""
    never: frozenset[str]
    """Words that are no part of a person's name, medicines, diseases and plants among them."""
    never_first: frozenset[str]
    """Words that follow an announcement and begin no name: "meu nome é muito comum"."""
    before: frozenset[str]
    """Words after which a name is that of a place, a law or a disease."""
    after: frozenset[str]
    """Words before which it is."""
    whole: frozenset[str]
    """Names of places and of people whom everybody knows."""


@cache
def name_lists() -> NameLists:
    """The lists of this folder."""
    sections = _sections("not_names.txt")
    return NameLists(
        given=_words(_sections("given_names.txt")[""]),
        surnames=_words(_sections("surnames.txt")[""]),
        common_words=_words(_sections("common_words.txt")[""]),
        never=_words(sections["never"] + sections["care"]),
        never_first=_words(sections["never first"]),
        before=_words(sections["before"]),
        after=_words(sections["after"]),
        whole=frozenset(sections["whole"]),
    )


def _sections(name: str) -> dict[str, list[str]]:
    """Lines below each `[heading]`; those above the first have none."""
    sections: dict[str, list[str]] = {"": []}
    heading = ""
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            heading = line.strip("[]")
            sections[heading] = []
        elif line and not line.startswith("#"):
            sections[heading].append(line)
    return sections


def _words(lines: list[str]) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())
