"""The notes as files, `texts/<theme>.<locale>.md`, read whole and refused whole.

A library with a note missing or half read would answer from what is left and nobody would see it, so the first thing
that is wrong stops the loading and is named by file and key. What is merely unwise is for `prompts.notes.lint`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from matria.errors import PromptError
from matria.messages import LOCALES, PERSONAS, Locale
from matria.yamlfile import parse_yaml
from prompts.frontmatter import FENCE
from prompts.notes.note import STAGES, Note, NoteSource

NOTES_FOLDER = Path(__file__).parent / "texts"
SUFFIX = ".md"
KEYS = ("id", "title", "locale", "personas", "stages", "keywords", "source", "clinical_review", "updated")
SOURCE_KEYS = ("organisation", "guideline", "year", "section")

_Known = TypeVar("_Known", bound=str)
_WRAPPED = re.compile(r"(?<!\n)\n(?!\n)")
"""A line break inside a paragraph, which is the file's and not the text's."""


def load_notes(folder: Path = NOTES_FOLDER) -> list[Note]:
    """Every note, by theme and locale. Raises `PromptError` for the first thing that is wrong in any of them."""
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        raise PromptError(f"{folder} holds no note: name the folder of the notes, such as prompts/notes/texts.")
    notes = [_read(path) for path in paths]
    _check_twins(notes)
    return notes


def parse_note(text: str, name: str) -> Note:
    """The note that a file called `name` holds. Raises `PromptError` naming file and key."""
    front, body = _split(text, name)
    theme, _, locale = name.rpartition("/")[2].removesuffix(SUFFIX).partition(".")
    if (front["id"], front["locale"]) != (theme, locale):
        raise PromptError(f"{name}: 'id' and 'locale' must be those of the file's name; correct them or rename it.")
    return Note(
        id=theme,
        locale=_one_of(front, "locale", LOCALES, name),
        title=_text(front, "title", name),
        text=body,
        personas=_each_of(front, "personas", PERSONAS, name),
        stages=_each_of(front, "stages", STAGES, name),
        keywords=_texts(front, "keywords", name),
        source=_source(front["source"], name),
        clinical_review=_text(front, "clinical_review", name),
        updated=_date(front, "updated", name),
        path=name,
    )


def _read(path: Path) -> Note:
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    try:
        return parse_note(path.read_text(encoding="utf-8-sig"), shown.as_posix())
    except UnicodeDecodeError as error:
        raise PromptError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error


def _split(text: str, name: str) -> tuple[dict[str, Any], str]:
    lines = text.split("\n")
    fences = [n for n, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        raise PromptError(f"{name}: a note begins with its front matter between two '---' lines; add it.")
    # The empty first line keeps YAML's line numbers those of the file.
    front = parse_yaml("\n".join(["", *lines[1 : fences[1]]]), name, PromptError)
    if not isinstance(front, dict):
        raise PromptError(f"{name}: the front matter holds no 'key: value' lines; see docs/reference/notes.md.")
    _check_keys(front, KEYS, name)
    body = "\n".join(lines[fences[1] + 1 :]).strip()
    if not body:
        raise PromptError(f"{name}: there is no text below the front matter; write it.")
    return front, _WRAPPED.sub(" ", body)


def _check_keys(tree: dict[str, Any], required: Iterable[str], name: str, optional: tuple[str, ...] = ()) -> None:
    missing = [key for key in required if tree.get(key) in (None, "", [])]
    if missing:
        raise PromptError(f"{name}: '{missing[0]}' is missing or empty; add it (docs/reference/notes.md).")
    unknown = [str(key) for key in tree if key not in (*required, *optional)]
    if unknown:
        raise PromptError(f"{name}: '{unknown[0]}' is not a key of a note; remove or correct it.")


def _source(tree: Any, name: str) -> NoteSource:
    if not isinstance(tree, dict):
        raise PromptError(f"{name}: 'source' must be a map with {', '.join(SOURCE_KEYS)}; correct it.")
    _check_keys(tree, SOURCE_KEYS, name, optional=("differs", "review_by"))
    year = tree["year"]
    if not isinstance(year, int) or isinstance(year, bool):
        raise PromptError(f"{name}: 'source.year' must be a year such as 2016; correct it.")
    return NoteSource(
        organisation=_text(tree, "organisation", name),
        guideline=_text(tree, "guideline", name),
        year=year,
        section=_text(tree, "section", name),
        differs=_text(tree, "differs", name) if "differs" in tree else "",
        review_by=_date(tree, "review_by", name) if "review_by" in tree else None,
    )


def _text(tree: dict[str, Any], key: str, name: str) -> str:
    value = tree[key]
    if not isinstance(value, str):
        raise PromptError(f"{name}: '{key}' must be a text; put it in quotation marks.")
    return value.strip()


def _texts(tree: dict[str, Any], key: str, name: str) -> tuple[str, ...]:
    value = tree[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PromptError(f"{name}: '{key}' must be a list of texts; correct it.")
    return tuple(value)


def _date(tree: dict[str, Any], key: str, name: str) -> date:
    value = tree[key]
    if type(value) is not date:
        raise PromptError(f"{name}: '{key}' must be a day such as 2026-11-22; correct it.")
    return value


def _one_of(tree: dict[str, Any], key: str, known: tuple[_Known, ...], name: str) -> _Known:
    value = next((one for one in known if one == tree[key]), None)
    if value is None:
        raise PromptError(f"{name}: '{key}' must be one of {', '.join(known)}; correct it.")
    return value


def _each_of(tree: dict[str, Any], key: str, known: tuple[_Known, ...], name: str) -> tuple[_Known, ...]:
    values = _texts(tree, key, name)
    unknown = [value for value in values if value not in known]
    if unknown:
        raise PromptError(f"{name}: '{key}' has '{unknown[0]}'; it must be of {', '.join(known)}.")
    return tuple(one for one in known if one in values)


def _check_twins(notes: Iterable[Note]) -> None:
    """Each theme stands in every locale, for the same women at the same time, from one source or saying why not."""
    themes: dict[str, dict[Locale, Note]] = defaultdict(dict)
    for note in notes:
        themes[note.id][note.locale] = note
    for twins in themes.values():
        first = next(iter(twins.values()))
        missing = [locale for locale in LOCALES if locale not in twins]
        if missing:
            raise PromptError(f"{first.path} has no twin in {missing[0]}: write {first.id}.{missing[0]}{SUFFIX}.")
        for note in twins.values():
            _check_twin(note, twins["en"])


def _check_twin(note: Note, other: Note) -> None:
    if (note.personas, note.stages) != (other.personas, other.stages):
        raise PromptError(f"{note.path}: 'personas' and 'stages' differ from those of {other.path}; make them agree.")
    if note.source.family != other.source.family and not note.source.differs:
        raise PromptError(
            f"{note.path}: 'source' is not that of {other.path}; take the same guideline, or say why in 'differs'."
        )
