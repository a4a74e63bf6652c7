"""What a nurse filled in on a page, as answers; or what is wrong with it, in a sentence that quotes nothing.

A passage is looked for in the conversation that was read, whatever the white space. One that is not there, because
it was typed and not copied, is kept in the comment.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evals.review.base import Answers, Highlight, Question, ReviewItem
from evals.review.notion.database import Source
from evals.review.notion.page_words import listed
from evals.review.notion.pages import Page
from evals.review.notion.words import FIELD

Mask = Callable[[str], str]
"""A text without personal data; the same that the store is given."""
_QUOTES = "“”\"«»'‘’ \t"


@dataclass(frozen=True)
class Filled:
    """A page, read."""

    answers: Answers | None
    """None where it cannot count."""
    problems: tuple[str, ...] = ()


def read(page: Page, source: Source, item: ReviewItem, mask: Mask) -> Filled:
    """The answers to what is asked of the item; others are not looked at."""
    given: dict[Question, str] = {}
    blank: list[Question] = []
    foreign: list[Question] = []
    for question in item.questions:
        option = page.value(source, question)
        means = source.columns.meaning(question, option) if option else None
        if means:
            given[question] = means
        else:
            (foreign if option else blank).append(question)
    problems = [f"lacks an answer to {_named(blank, source)}"] if blank else []
    problems += [f"has an answer to {_named(foreign, source)} that is not one of the form's"] if foreign else []
    if problems:
        return Filled(None, tuple(problems))
    return _whole(page, source, item, given, mask)


def digest(page: Page, source: Source) -> str:
    """Changes with anything that she filled in, and with nothing else: not with a renamed option, nor with an edit of
    the due date."""
    chosen = {code: (page.value(source, code) or {}).get("id") for code in FIELD if FIELD[code].options}
    chosen.pop("state")
    written = [page.text(source, "comment"), page.text(source, "passage"), bool(page.value(source, "teach"))]
    return hashlib.sha256(json.dumps([chosen, written], sort_keys=True).encode()).hexdigest()[:16]


def _whole(page: Page, source: Source, item: ReviewItem, given: dict[Question, str], mask: Mask) -> Filled:
    highlights, unknown = [], []
    for passage in _passages(page.text(source, "passage")):
        found = highlight_of(passage, item)
        if found:
            highlights.append(found)
        else:
            unknown.append(f"“{passage}”")
    comment = "\n".join([*filter(None, [page.text(source, "comment").strip()]), *unknown])
    problem = ("has a passage that is not in the conversation; it is kept in the comment",) if unknown else ()
    masked = mask(comment) if comment else ""
    answers = Answers(given, masked, tuple(dict.fromkeys(highlights)), bool(page.value(source, "teach")))
    return Filled(answers, problem)


def highlight_of(passage: str, item: ReviewItem) -> Highlight | None:
    """Where the passage first stands in the conversation."""
    pattern = re.compile(r"\s+".join(map(re.escape, passage.split())))
    for spoken in item.conversation:
        if match := pattern.search(spoken.text):
            return Highlight(spoken.message_id, spoken.role, match.start(), match.end(), match.group())
    return None


def _named(questions: Sequence[Question], source: Source) -> str:
    return listed([source.columns.names[question] for question in questions], "and")


def _passages(text: str) -> Iterator[str]:
    lines = [line.strip(_QUOTES) for line in text.splitlines()]
    yield from filter(None, lines)
