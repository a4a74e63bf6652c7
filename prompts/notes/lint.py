"""The notes held against `RULES`: what a file may hold and a midwife would still not sign.

What cannot be read at all, a locale that is missing among it, is refused by `prompts.notes.files`; here it is one
finding, so that `matria prompt lint` shows it beside the rest.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from matria.errors import PromptError
from matria.messages import Locale
from prompts.findings import Finding, Rule, line_of
from prompts.notes.files import NOTES_FOLDER, load_notes
from prompts.notes.note import Note

FEWEST_WORDS, MOST_WORDS = 60, 150
"""Below, a note leaves out when to seek care; above, it is not read to its end on a phone."""
FEWEST_KEYWORDS = 8
PENDING = "pending"

_ALL = (
    Rule("note-unreadable", "error", "A note does not load, or its theme lacks a locale; nothing else is looked at."),
    Rule("note-length", "error", f"A note has fewer than {FEWEST_WORDS} words or more than {MOST_WORDS}."),
    Rule(
        "note-keywords", "warning", f"A note has fewer than {FEWEST_KEYWORDS} keywords, so that few questions find it."
    ),
    Rule("note-variant", "error", "A note in one Portuguese has a word or a construction that only the other one has."),
    Rule("note-telephone", "error", "A note gives a telephone number; numbers come from the country's contacts."),
    Rule(
        "note-old-guideline", "warning", "The guideline is older than policy lets stand, and no `review_by` says why."
    ),
    Rule("note-stale-review", "error", "A note was signed before its last change, or the signature lacks its day."),
    Rule("note-review-overdue", "warning", "The day in `review_by` has passed."),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}

_FOREIGN: dict[Locale, re.Pattern[str]] = {
    "pt-BR": re.compile(
        r"\b(?:telemóve(?:l|is)|autocarro|comboio|bebés?|biber(?:ão|ões)|chuchas?|sanita|frigorífico|pequeno-almoço|sumos?"
        r"|contactar|contacte|facto|equipa|infeç(?:ão|ões)|utente|rapariga|cuecas|análises ao sangue|centro de saúde"
        r"|est(?:á|ão|ou) a \w+r)\b",
        re.IGNORECASE,
    ),
    "pt-PT": re.compile(
        r"\b(?:vocês?|celular(?:es)?|ônibus|bebês?|nen[eé]m|mamadeira|banheiro|geladeira|café da manhã|equipe|gêmeos?"
        r"|infecç(?:ão|ões)|pré-natal|SUS|UBS|xixi|absorventes?|calcinha|cesárea|est(?:á|ão|ou) \w+[aei]ndo)\b",
        re.IGNORECASE,
    ),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TELEPHONE = re.compile(
    r"(?<![\d.,/])(?:192|188|180|193|190|136|112|1411|999|111|911|988|\d{3}[ -]\d{3}(?:[ -]\d{3,4})?|\d{3}(?: \d\d){3})"
    r"(?![\d/]|[.,]\d| (?:dias|days|palavras|words)\b)"
)


def lint_notes(max_guideline_age: float, today: date, folder: Path = NOTES_FOLDER) -> list[Finding]:
    """All findings, by file and line; one alone where the notes cannot be read."""
    try:
        notes = load_notes(folder)
    except PromptError as error:
        return [_finding("note-unreadable", folder.as_posix(), 1, str(error))]
    return sorted(found for note in notes for found in _found(note, max_guideline_age, today))


def _found(note: Note, max_guideline_age: float, today: date) -> Iterator[Finding]:
    words = len(note.text.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        message = f"the text has {words} words; keep it between {FEWEST_WORDS} and {MOST_WORDS}."
        yield _finding("note-length", note.path, 1, message)
    if len(note.keywords) < FEWEST_KEYWORDS:
        message = f"there are {len(note.keywords)} keywords; add words that women type for this."
        yield _finding("note-keywords", note.path, _line(note, "keywords:"), message)
    yield from _of_the_other_variant(note)
    for match in _TELEPHONE.finditer(note.text):
        message = f"'{match[0]}' reads as a telephone number; say 'the emergency number' or whom to call instead."
        yield _finding("note-telephone", note.path, _line(note, match[0]), message)
    yield from _of_age(note, max_guideline_age, today)
    yield from _of_signature(note)


def _of_the_other_variant(note: Note) -> Iterator[Finding]:
    foreign = _FOREIGN.get(note.locale)
    for match in foreign.finditer(f"{note.title}\n{note.text}") if foreign else ():
        message = f"'{match[0]}' is not {note.locale}; write it as women there say it."
        yield _finding("note-variant", note.path, _line(note, match[0]), message)


def _of_age(note: Note, max_guideline_age: float, today: date) -> Iterator[Finding]:
    age, review_by = today.year - note.source.year, note.source.review_by
    if review_by is None and age > max_guideline_age:
        message = f"the guideline is {age} years old: see whether it still holds and give it a 'review_by'."
        yield _finding("note-old-guideline", note.path, _line(note, "  year:"), message)
    if review_by is not None and review_by < today:
        message = f"the guideline was to be looked at again by {review_by:%Y-%m-%d}."
        yield _finding("note-review-overdue", note.path, _line(note, "  review_by:"), message)


def _of_signature(note: Note) -> Iterator[Finding]:
    if note.clinical_review == PENDING:
        return
    days = _DAY.findall(note.clinical_review)
    if not days:
        message = "the signature names no day such as 2026-11-22; add it, or put 'pending' back."
        yield _finding("note-stale-review", note.path, _line(note, "clinical_review:"), message)
    elif max(days) < f"{note.updated:%Y-%m-%d}":
        message = (
            f"signed on {max(days)} and changed on {note.updated:%Y-%m-%d}; put 'pending' back until it is read again."
        )
        yield _finding("note-stale-review", note.path, _line(note, "clinical_review:"), message)


def _line(note: Note, part: str) -> int:
    """Where the part stands in the file; 1 where a line break of the file lies within it."""
    return line_of(Path(note.path).read_text(encoding="utf-8-sig"), part)


def _finding(rule: str, path: str, line: int, message: str) -> Finding:
    return Finding(path, line, rule, message, RULES[rule].severity)
