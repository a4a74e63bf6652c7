"""`cites_source` and `cites_retrieved`: whether an answer says where it knows it from, and whether that was retrieved.

A citation is a marker (`[2]`, `[dgs-2023]`), an address, or a body or guideline that is named as a source. It was
retrieved where a passage carries the marker, the address, or the name with the year that the answer gives. A sentence
quoted from a source must stand in a passage word for word.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.cases import Passage
from evals.checks.lexicon import word_patterns
from evals.checks.manner import stands
from evals.checks.params import CitationParams, Params
from evals.checks.reading import Reading, Sentence, words_of
from evals.checks.registry import Context, Example, Result, check_kind
from evals.checks.words import fold

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_MARKER = re.compile(r"\[([\w.:/-]+(?:\s*[,;]\s*[\w.:/-]+)*)\](?!\()")
_ADDRESS = re.compile(r"https?://[^\s)\]>\"»”]+|\bwww\.[^\s)\]>\"»”]+")
_QUOTED = re.compile(r"[“\"«]([^“”\"«»\n]{20,400})[”\"»]")
_QUOTED_WORDS = 5
"""Words from which on something between quotation marks claims to be the source's own sentence."""
_YEAR_REACH = 6
"""Words between a name and the year that goes with it at most."""
_SAME: Sequence[frozenset[str]] = (
    frozenset(
        {"oms", "who", "world health organization", "organizacao mundial da saude", "organizacao mundial de saude"}
    ),
    frozenset({"dgs", "direcao geral da saude"}),
    frozenset({"cdc", "centers for disease control"}),
    frozenset({"acog", "american college of obstetricians"}),
    frozenset({"rcog", "royal college of obstetricians"}),
    frozenset({"nice", "national institute for health"}),
    frozenset({"aap", "american academy of pediatrics"}),
)
"""Names of one body."""
_DGS = Passage("dgs-1", "A grávida deve contar os movimentos do bebé.", "Direção-Geral da Saúde, Norma 1/2023, 2023")
_WHO = Passage("who-anc", "Eight contacts are recommended.", "World Health Organization, antenatal care, 2016")


@dataclass(frozen=True)
class Citation:
    """What an answer gives as its source."""

    written: str
    """As written in the answer."""
    passages: frozenset[int]
    """Positions of the passages that it may mean; empty where none was retrieved."""


@check_kind(
    "cites_source",
    "The answer names a body or a guideline as its source: a known name (Ministério da Saúde, OMS, DGS, WHO, NICE) "
    'with a citing word ("segundo", "according to", "fonte") or a year in the same sentence.',
    examples=[
        Example({"kind": "cites_source"}, "pt-BR", "Segundo o Ministério da Saúde, faça seis consultas.", True),
        Example({"kind": "cites_source"}, "en", "It is nice to rest.", False),
    ],
)
def cites_source(reading: Reading, params: Params, context: Context) -> Result:
    """Whether the answer names its source."""
    name = next(_names(reading), None)
    if name is None:
        return Result(False, "", "Names no source.")
    sentence, position, size = name
    return Result(True, reading.span(sentence, position, position + size), "Names its source.")


@check_kind(
    "cites_retrieved",
    "The answer cites at least `min` sources, and each of them is among the passages that were retrieved for the "
    "case: a marker by id or number (`[dgs-1]`, `[1]`), an address, or a named body with its year; what it quotes "
    "stands in a passage word for word. One source that was not retrieved fails the check. Where the case holds no "
    "`retrieved` the grader fails.",
    examples=[
        Example(
            {"kind": "cites_retrieved"}, "pt-PT", "Conte os movimentos [dgs-1].", True, {"retrieved": (_DGS, _WHO)}
        ),
        Example(
            {"kind": "cites_retrieved"},
            "pt-BR",
            "Segundo a OMS (2016), faça oito consultas.",
            True,
            {"retrieved": (_DGS, _WHO)},
        ),
        Example({"kind": "cites_retrieved"}, "en", "NICE recommends ten visits.", False, {"retrieved": (_DGS, _WHO)}),
        Example({"kind": "cites_retrieved"}, "en", "Count the movements [3].", False, {"retrieved": (_DGS, _WHO)}),
    ],
    needs=["retrieved"],
)
def cites_retrieved(reading: Reading, params: CitationParams, context: Context) -> Result:
    """Whether everything cited was retrieved."""
    found = list(citations(reading, context.retrieved))
    invented = next((citation for citation in found if not citation.passages), None)
    if invented is not None:
        return Result(False, invented.written, "Cites what was not retrieved.")
    if len(found) < params.min:
        return Result(False, "", f"Cites {len(found)} of the {params.min} sources asked for.")
    return Result(True, found[0].written, f"Cites {len(found)} times, always what was retrieved.")


def citations(reading: Reading, passages: Sequence[Passage]) -> Iterator[Citation]:
    """Every citation of the answer, with the passages that it may mean."""
    texts = [_normal(f"{passage.source} {passage.text}") for passage in passages]
    yield from _markers(reading.text, passages)
    yield from _addresses(reading.text, passages)
    for sentence, position, size in _names(reading):
        written = reading.span(sentence, position, position + size)
        year = _year_after(reading, sentence, position + size)
        meant = {n for n, text in enumerate(texts) if _is_named(written, text) and (not year or year in text)}
        yield Citation(written, frozenset(meant))
    for match in _QUOTED.finditer(reading.text):
        if len(match.group(1).split()) >= _QUOTED_WORDS and _is_cited(reading, match.start()):
            quoted = _normal(match.group(1))
            yield Citation(match.group(1), frozenset(n for n, text in enumerate(texts) if quoted in text))


def _markers(text: str, passages: Sequence[Passage]) -> Iterator[Citation]:
    """`[1]`, `[a, b]`; a bracket with plain words that are no id is no marker."""
    ids = {passage.id.casefold(): n for n, passage in enumerate(passages)}
    for match in _MARKER.finditer(text):
        for name in re.split(r"\s*[,;]\s*", match.group(1)):
            if name.casefold() in ids:
                yield Citation(match.group(), frozenset({ids[name.casefold()]}))
            elif name.isdigit():
                number = int(name) - 1
                yield Citation(match.group(), frozenset({number} if 0 <= number < len(passages) else ()))
            elif any(letter.isdigit() for letter in name):
                yield Citation(match.group(), frozenset())


def _addresses(text: str, passages: Sequence[Passage]) -> Iterator[Citation]:
    for match in _ADDRESS.finditer(text):
        written = match.group().rstrip(".,;:!?*_")
        address = _plain_address(written)
        known = [{_plain_address(a) for a in _ADDRESS.findall(f"{p.source} {p.text}")} for p in passages]
        yield Citation(written, frozenset(n for n, own in enumerate(known) if address in own))


def _plain_address(address: str) -> str:
    return re.sub(r"^https?://|^www\.|(?<=//)www\.", "", address.rstrip(".,;:!?*_/").casefold()).removeprefix("www.")


def _names(reading: Reading) -> Iterator[tuple[Sentence, int, int]]:
    """Each body or guideline named as a source: its sentence, position and number of words."""
    bodies = word_patterns(reading.language, "manner", "bodies")
    cues = word_patterns(reading.language, "manner", "citing")
    for sentence in reading.sentences:
        if stands(cues, sentence) or _YEAR.search(reading.whole(sentence)):
            for position, size in bodies.within(sentence.tokens, 0, len(sentence.tokens)):
                if _is_name(sentence, position, size):
                    yield sentence, position, size


def _is_name(sentence: Sentence, position: int, size: int) -> bool:
    """Whether a short name is written as one: NICE and not "nice"."""
    return size > 1 or sentence.tokens[position].text.isupper() or sentence.tokens[position].text.istitle()


def _year_after(reading: Reading, sentence: Sentence, position: int) -> str:
    """The year that follows a name closely: "DGS (2023)", "NICE NG194, 2021"; empty where there is none."""
    following = sentence.tokens[position : position + _YEAR_REACH]
    return next((token.text for token in following if _YEAR.fullmatch(token.text)), "")


def _is_named(written: str, text: str) -> bool:
    name = _normal(written)
    names = next((group for group in _SAME if name in group), frozenset({name}))
    return any(re.search(rf"\b{re.escape(own)}\b", text) for own in names)


def _is_cited(reading: Reading, start: int) -> bool:
    """Whether a citing word stands in the sentence of a quotation or in the one before it."""
    cues = word_patterns(reading.language, "manner", "citing")
    index = next((n for n, s in enumerate(reading.sentences) if s.tokens[-1].end > start), 0)
    return any(stands(cues, sentence) for sentence in reading.sentences[max(0, index - 1) : index + 1])


def _normal(text: str) -> str:
    """Folded words with single spaces between."""
    return " ".join(fold(token.text) for token in words_of(text, "en"))
