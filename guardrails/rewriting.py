"""An answer without the sentences that must not be shown, where what is left still makes sense.

A rail says which parts are to go (`Decision.spans`); whole sentences are taken out, lists and paragraphs stay tidy, and
the rest is not touched: danger signs and numbers survive word for word. The caller adds the safe text that explains the
gap and has the result judged again.
"""

import re
from collections.abc import Iterable, Sequence

from guardrails.base import Span
from guardrails.reading import fold
from guardrails.sentences import Sentence, sentence_at, sentences

MIN_WORDS = 15
"""Fewer words than a short answer's two sentences leave nothing to show: the safe text alone reads better."""
MIN_SHARE = 0.4
"""Of the words. Where more than that was about doses, the answer was about doses."""

_POINTS_BACK = re.compile(
    r"\W*(?:(?:e|mas|porem|and|but|so|also|entao|then)\s+)?"
    r"(?:(?:isso|isto|disso|disto|nisso|com isso|por isso|depois disso|alem disso|caso contrario|do contrario"
    r"|em seguida|o mesmo|a mesma|esse|essa|este|esses|essas|estes|ele|ela|eles|elas|repita|repete|mas|porem|no entanto"
    r"|contudo"
    r"|it|its|this|that|these|those|they|them|both|otherwise|instead|after that|then|repeat|however|but|the same)\b)"
)
"""A sentence that opens so lives on the one before it."""
_POINTS_AT = re.compile(
    r"\b(?:ess[ae]s?|est[ae]s?|dess[ae]s?|dest[ae]s?|th(?:is|at|ese|ose)|the same|a mesma|o mesmo)\s+"
    r"(?:\w+\s+)?(?:doses?|dosagem|quantidades?|remedios?|medicamentos?|medicacao|comprimidos?|tratamentos?|esquema|limite"
    r"|diagnostico|quadro|doenca|amounts?|medicines?|medications?|tablets?|pills?|drugs?|treatment|limit|diagnosis|condition)\b"
)
"""A sentence that names so what was taken out, wherever it stands behind it."""
_HEADING = re.compile(r"\s*(?:#{1,6}\s.*|\*\*[^*]+\*\*:?|__[^_]+__:?)\s*")


def whole_sentences(text: str, places: Iterable[tuple[int, str]]) -> tuple[Span, ...]:
    """The sentences that hold the given characters, in order and apart, each with the first reason given for it."""
    found = sentences(text)
    reasons: dict[Sentence, str] = {}
    for place, reason in places:
        if (sentence := sentence_at(found, place)) is not None:
            reasons.setdefault(sentence, reason)
    ordered = sorted(reasons, key=lambda sentence: sentence.start)
    return tuple(Span(sentence.start, sentence.end, reasons[sentence]) for sentence in ordered)


def rewrite(text: str, spans: Sequence[Span]) -> str | None:
    """`text` without the sentences that `spans` touch; None where too little, or too little sense, would be left.

    What stays is what it was, character by character, but for spaces and blank lines. Sense is lost where a step of a
    numbered list goes, where a sentence introduces a list that stays, where emphasis is cut in two, and where what
    stays points back ("essa dose", "this medicine").
    """
    found = sentences(text)
    gone = [s for s in found if any(span.start < s.end and s.start < span.end for span in spans)]
    if not gone:
        return text if not spans else None
    kept = [sentence for sentence in found if sentence not in gone]
    if _loses_sense(text, found, gone):
        return None
    shown = _without(text, kept, gone)
    words, before = len(shown.split()), len(text.split())
    return shown if words >= MIN_WORDS and words >= MIN_SHARE * before else None


def _loses_sense(text: str, found: Sequence[Sentence], gone: Sequence[Sentence]) -> bool:
    removed = set(gone)
    for this, following in zip(found, [*found[1:], None], strict=True):
        said = text[this.start : this.end]
        if this not in removed:
            if this.start > gone[0].start and _POINTS_AT.search(fold(said)):
                return True
        elif said.count("**") % 2 or _is_step(this, found, removed):
            return True
        elif following is not None and following not in removed:
            introduces = said.rstrip("*_ ").endswith(":")
            if introduces or _POINTS_BACK.match(fold(text[following.start : following.end])):
                return True
    return False


def _is_step(sentence: Sentence, found: Sequence[Sentence], removed: set[Sentence]) -> bool:
    """Whether it is a numbered item that goes whole while others of its kind stay."""
    item = [other for other in found if other.line == sentence.line]
    others = [other for other in found if other.kind == "number" and other not in removed]
    return sentence.kind == "number" and all(other in removed for other in item) and bool(others)


def _without(text: str, kept: Sequence[Sentence], gone: Sequence[Sentence]) -> str:
    """The lines that are left, less introductions and headings of what went, with one blank line at most between."""
    touched = {sentence.line for sentence in gone}
    still = {sentence.line for sentence in kept}
    lines: list[str] = []
    emptied_lists = False
    for number, line in reversed(list(enumerate(text.split("\n")))):
        if number in touched and number not in still:
            emptied_lists = emptied_lists or not lines or not lines[-1].strip() or not _is_item(lines[-1])
            continue
        shown = _line(text, line, number, kept) if number in touched else line.rstrip()
        if emptied_lists and shown.strip():
            emptied_lists = False
            if _introduces(shown):
                continue
        if shown.strip() or (lines and lines[-1].strip()):
            lines.append(shown)
    return "\n".join(reversed(lines)).strip()


def _line(text: str, line: str, number: int, kept: Sequence[Sentence]) -> str:
    """A line of which some sentences went: its mark, then those that are left."""
    own = [sentence for sentence in kept if sentence.line == number]
    marks = sentences(line)
    return line[: marks[0].start] + " ".join(text[sentence.start : sentence.end] for sentence in own)


def _is_item(line: str) -> bool:
    found = sentences(line)
    return bool(found) and found[0].kind != "prose"


def _introduces(line: str) -> bool:
    return line.rstrip().rstrip("*_").endswith(":") or _HEADING.fullmatch(line) is not None
