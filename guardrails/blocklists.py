"""Blocklists: exact phrases that must not pass in one direction, whatever their severity. Files in terms/blocklists/.

The same lists are matched in this process and, where it moderates, by Azure AI Content Safety, whose limits every file
keeps (2023-10-01: names of 64 characters, items of 128 code points, 10,000 in all, descriptions of 1,024). A list knows
words, not what is meant by them: what a woman asks or tells has no place in one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from guardrails.base import Action, Direction
from guardrails.reading import Reading, read
from guardrails.term_groups import LANGUAGES, READ_IN_EVERY_TEXT, TERMS_FOLDER
from matria.errors import InputError
from matria.messages import Locale
from matria.yamlfile import read_yaml

BLOCKLISTS_FOLDER = TERMS_FOLDER / "blocklists"
PREFIX = "matria-"
"""How every name begins, so that lists of other products in the same resource are left alone."""
ACTION_ON_HIT: Mapping[Direction, Action] = {"user": "human", "assistant": "refuse"}
"""A word alone never refuses a woman: what she wrote goes to a human."""
MAX_ITEM = 128
MAX_DESCRIPTION = 1_024
MAX_ITEMS = 10_000
_NAME = re.compile(r"[0-9A-Za-z._~-]{1,64}")
_KEYS = {"name", "description", "directions", "language", "clinical_review", "items"}
_ITEM_KEYS = {"text", "description"}


@dataclass(frozen=True)
class BlockItem:
    """A phrase that must not pass."""

    text: str
    description: str
    """Why."""
    words: tuple[str, ...]
    """As a reading holds them."""


@dataclass(frozen=True)
class Blocklist:
    """Phrases with one purpose."""

    name: str
    description: str
    directions: tuple[Direction, ...]
    language: str
    """As of a term group: `pt` and `en` are read in every text, `pt-BR` and `pt-PT` in that locale alone."""
    items: tuple[BlockItem, ...]

    def is_read_in(self, direction: Direction, locale: Locale) -> bool:
        """Whether the list counts in such a text."""
        return direction in self.directions and self.language in (*READ_IN_EVERY_TEXT, locale)


@dataclass(frozen=True)
class Hit:
    """A phrase of a list that stands in a text."""

    blocklist: str
    text: str
    """The item's, as its file has it."""
    start: int
    """First word of the reading."""
    end: int
    """One past the last word."""


class Blocklists:
    """Finds whole phrases in a reading: case, accents and disguise do not matter, parts of words do not count."""

    def __init__(self, lists: Sequence[Blocklist]) -> None:
        self.lists = tuple(lists)
        self._by_word: dict[str, list[tuple[Blocklist, BlockItem]]] = {}
        for each in lists:
            for item in each.items:
                self._by_word.setdefault(item.words[0], []).append((each, item))

    @property
    def size(self) -> int:
        """How many items all lists have."""
        return sum(len(each.items) for each in self.lists)

    def names(self, direction: Direction, locale: Locale) -> list[str]:
        """The lists that such a text is held against."""
        return [each.name for each in self.lists if each.is_read_in(direction, locale)]

    def hits(self, reading: Reading, direction: Direction, locale: Locale) -> list[Hit]:
        """What stands in the text, in order of its first word."""
        return [
            Hit(owner.name, item.text, start, start + len(item.words))
            for start, word in enumerate(reading.words)
            for owner, item in self._by_word.get(word, ())
            if owner.is_read_in(direction, locale) and _stands(item, reading, start)
        ]


def load_blocklists(folder: Path = BLOCKLISTS_FOLDER) -> Blocklists:
    """All lists of the folder, by file name. Raises `InputError` naming file and item for one that the service, or a
    reader, would not take."""
    lists = [_blocklist(path) for path in sorted(folder.glob("*.yaml"))]
    names = [each.name for each in lists]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"{folder}: two blocklists are called '{doubled}'; rename one.")
    found = Blocklists(lists)
    if found.size > MAX_ITEMS:
        raise InputError(f"{folder}: {found.size:,} items, and the service takes {MAX_ITEMS:,} in all; remove some.")
    return found


def reason_of(blocklist: str) -> str:
    """The code of a hit in a decision."""
    return f"blocklist_{re.sub(r'[^0-9A-Za-z]+', '_', blocklist)}"


def _stands(item: BlockItem, reading: Reading, start: int) -> bool:
    end = start + len(item.words)
    return reading.words[start:end] == item.words and reading.sentences[start] == reading.sentences[end - 1]


def _blocklist(path: Path) -> Blocklist:
    raw = read_yaml(path, InputError)
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise InputError(f"{path} needs exactly {', '.join(sorted(_KEYS))}.")
    name, directions, items = str(raw["name"]), raw["directions"], raw["items"]
    if not _NAME.fullmatch(name) or not name.startswith(PREFIX):
        raise InputError(
            f"{path}: a name begins with '{PREFIX}' and has up to 64 of 0-9 A-Z a-z . _ ~ -, unlike '{name}'."
        )
    if raw["language"] not in LANGUAGES:
        raise InputError(f"{path}: language '{raw['language']}' is none of {', '.join(LANGUAGES)}.")
    if not isinstance(directions, list) or not directions or any(d not in get_args(Direction) for d in directions):
        raise InputError(f"{path}: directions are one or both of {', '.join(get_args(Direction))}.")
    if not isinstance(items, list) or not items:
        raise InputError(f"{path}: 'items' must be a list with at least one item.")
    if not isinstance(raw["description"], str) or len(raw["description"]) > MAX_DESCRIPTION:
        raise InputError(f"{path}: the description must be text, of at most {MAX_DESCRIPTION:,} characters.")
    return Blocklist(name, raw["description"], tuple(directions), raw["language"], tuple(_items(items, path)))


def _items(raw: list[Any], path: Path) -> Iterator[BlockItem]:
    seen: dict[tuple[str, ...], int] = {}
    for number, each in enumerate(raw, 1):
        if not isinstance(each, dict) or set(each) != _ITEM_KEYS or not all(isinstance(v, str) for v in each.values()):
            raise InputError(f"{path}, item {number}: needs exactly text and description, both text.")
        item = BlockItem(each["text"], each["description"], read(each["text"]).words)
        if not item.words or len(item.text) > MAX_ITEM:
            raise InputError(f"{path}, item {number}: the text needs a word, and at most {MAX_ITEM} characters.")
        if len(item.description) > MAX_DESCRIPTION:
            raise InputError(f"{path}, item {number}: the description has at most {MAX_DESCRIPTION:,} characters.")
        if item.words in seen:
            raise InputError(
                f"{path}, item {number}: says the same as item {seen[item.words]}, but for case or accents."
            )
        seen[item.words] = number
        yield item
