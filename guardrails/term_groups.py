"""The term files of guardrails/terms/, which the clinical team reviews, as groups of phrases with one meaning each.

Every file has a title, what it is for, its review state and its groups; `sets.yaml` names sets of words that phrases
may use. The grammar of a phrase is in `guardrails.phrases`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from guardrails.base import Category
from guardrails.phrases import Slot, parse
from matria.errors import InputError
from matria.messages import Locale
from matria.yamlfile import read_yaml

TERMS_FOLDER = Path(__file__).parent / "terms"
SETS_FILE = "sets.yaml"
READ_IN_EVERY_TEXT = ("pt", "en", "de", "es", "fr", "mul")
"""People change language, and an attack comes in any; `mul` holds a few phrases of several others (ISO 639-2)."""
LANGUAGES = (*READ_IN_EVERY_TEXT, "pt-BR", "pt-PT")
CATEGORIES: tuple[Category, ...] = get_args(Category)
HIGHEST_LEVEL = 7

_FILE_KEYS = {"title", "purpose", "clinical_review", "groups"}
_GROUP_KEYS = {
    "id",
    "meaning",
    "language",
    "mark",
    "category",
    "level",
    "in_clinical_context",
    "notes",
    "unless",
    "phrases",
}
_NEEDED_KEYS = {"id", "meaning", "language", "mark", "phrases"}


@dataclass(frozen=True)
class TermGroup:
    """Phrases that mean one thing in one language."""

    id: str
    meaning: str
    language: str
    """`pt`, `en` and the like: read in every text; `pt-BR` or `pt-PT`: in that locale alone."""
    mark: str
    """What a match says about the text, such as `self_harm_disclosure` or `medicine`."""
    phrases: tuple[tuple[Slot, ...], ...]
    unless: tuple[tuple[Slot, ...], ...]
    """Phrases that, anywhere in the same sentence, take the match back."""
    category: Category | None
    level: int
    """Severity 0 to 7; 0 where the group has no category."""
    in_clinical_context: int
    """Severity where the text speaks of the body, of care or of the baby; never above `level`."""

    def is_read_in(self, locale: Locale) -> bool:
        """Whether the group counts in a text of `locale`."""
        return self.language in (*READ_IN_EVERY_TEXT, locale)

    @property
    def base_language(self) -> str:
        """`pt` for both variants of Portuguese, otherwise the language."""
        return self.language.partition("-")[0]


def load_groups(folder: Path = TERMS_FOLDER) -> list[TermGroup]:
    """All groups of all files, by file name. Raises `InputError` naming file and group for one that is wrong."""
    if not folder.is_dir():
        raise InputError(f"{folder} is missing: it holds the guardrails' terms; restore it from git.")
    sets = load_sets(folder)
    groups = [
        group for path in sorted(folder.glob("*.yaml")) if path.name != SETS_FILE for group in _groups_of(path, sets)
    ]
    seen: set[str] = set()
    for group in groups:
        if group.id in seen:
            raise InputError(f"{folder}: two groups are called '{group.id}'; rename one.")
        seen.add(group.id)
    return groups


def words_of(groups: Iterable[TermGroup]) -> set[str]:
    """Every word that stands whole in a phrase of `groups`."""
    return {word for group in groups for phrase in group.phrases for slot in phrase for word in slot.words}


def load_sets(folder: Path = TERMS_FOLDER) -> dict[str, str]:
    """Words of each named set, joined by `|` as a phrase holds them."""
    path = folder / SETS_FILE
    tree = _section(read_yaml(path, InputError), path, "the file", {"title", "purpose", "clinical_review", "sets"})
    sets = tree.get("sets")
    if not isinstance(sets, dict):
        raise InputError(f"{path}: 'sets' must hold a list of words by name.")
    return {str(name): "|".join(_words(words, path, str(name))) for name, words in sets.items()}


def _groups_of(path: Path, sets: Mapping[str, str]) -> Iterator[TermGroup]:
    tree = _section(read_yaml(path, InputError), path, "the file", _FILE_KEYS)
    if missing := _FILE_KEYS - set(tree):
        raise InputError(f"{path} lacks {', '.join(sorted(missing))}.")
    for number, raw in enumerate(_list(tree["groups"], path, "groups"), 1):
        group = _section(raw, path, f"group {number}", _GROUP_KEYS)
        if missing := _NEEDED_KEYS - set(group):
            raise InputError(f"{path}, group {group.get('id', number)}: {', '.join(sorted(missing))} is missing.")
        yield _group(group, path, sets)


def _group(raw: Mapping[str, Any], path: Path, sets: Mapping[str, str]) -> TermGroup:
    name = f"{path}, group {raw['id']}"
    level = raw.get("level", 0)
    calmed = raw.get("in_clinical_context", level)
    category = raw.get("category")
    if raw["language"] not in LANGUAGES:
        raise InputError(f"{name}: language '{raw['language']}' is none of {', '.join(LANGUAGES)}.")
    if category is not None and category not in CATEGORIES:
        raise InputError(f"{name}: category '{category}' is none of {', '.join(CATEGORIES)}.")
    if not (isinstance(level, int) and isinstance(calmed, int) and 0 <= calmed <= level <= HIGHEST_LEVEL):
        raise InputError(f"{name}: levels are whole numbers, 0 <= in_clinical_context <= level <= {HIGHEST_LEVEL}.")
    if (category is None) != (level == 0):
        raise InputError(f"{name}: a category goes with a level above 0, and a level with a category.")
    return TermGroup(
        id=str(raw["id"]),
        meaning=str(raw["meaning"]),
        language=raw["language"],
        mark=str(raw["mark"]),
        phrases=_phrases(raw["phrases"], sets, name, path),
        unless=_phrases(raw.get("unless", []), sets, name, path),
        category=category,
        level=level,
        in_clinical_context=calmed,
    )


def _phrases(raw: Any, sets: Mapping[str, str], name: str, path: Path) -> tuple[tuple[Slot, ...], ...]:
    try:
        return tuple(parse(phrase, sets) for phrase in _words(raw, path, name))
    except ValueError as error:
        raise InputError(f"{name}: {error}; see docs/reference/guardrails.md for how a phrase is written.") from error


def _section(raw: Any, path: Path, name: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise InputError(f"{path}: {name} must hold names with values.")
    if unknown := set(raw) - keys:
        raise InputError(f"{path}, {name}: unknown {', '.join(map(str, sorted(unknown, key=str)))}.")
    return raw


def _list(raw: Any, path: Path, name: str) -> list[Any]:
    if not isinstance(raw, list):
        raise InputError(f"{path}: '{name}' must be a list.")
    return raw


def _words(raw: Any, path: Path, name: str) -> list[str]:
    words = _list(raw, path, name)
    if wrong := [word for word in words if not isinstance(word, str)]:
        raise InputError(f"{path}, {name}: {wrong[0]!r} is not text; put it in quotes.")
    return words
