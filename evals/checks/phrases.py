"""`says` and `mentions`: phrases in an answer, by the stems of their words.

The words of a phrase are looked for in their order within one sentence. Articles, prepositions and possessives may be
left out or differ ("vá ao hospital", "vá para o hospital"), inflections may differ ("tome", "tomar"), and up to two
other words may stand between. `says` wants the phrase affirmed; `mentions` takes it negated, asked or quoted as well.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from evals.checks.lexicon import Lexicon, lexicon
from evals.checks.params import PhraseParams
from evals.checks.reading import Reading, Sentence, Token, words_of
from evals.checks.registry import Context, Example, Result, check_kind
from evals.checks.words import Language

_GAP = 2
"""Words of weight that may stand between two words of a phrase."""


@dataclass(frozen=True)
class Mention:
    """A phrase found in a sentence."""

    phrase: str
    sentence: Sentence
    positions: tuple[int, ...]
    """Of its words of weight, in order."""
    lead: int = 0
    """Light words that the phrase begins with: they may be part of a negator of its own, as in "em vez de"."""

    @property
    def start(self) -> int:
        """Position of its first word."""
        return self.positions[0]

    @property
    def end(self) -> int:
        """Position after its last word."""
        return self.positions[-1] + 1

    @property
    def is_negated(self) -> bool:
        """Whether a negator outside the phrase turns any word of it round."""
        own = frozenset((*self.positions, *range(self.start - self.lead, self.start)))
        return any(self.sentence.is_negated(n, own) for n in self.positions)

    @property
    def is_quoted(self) -> bool:
        """Whether it is somebody else's words."""
        return any(self.sentence.tokens[n].is_quoted for n in self.positions)

    @property
    def is_asserted(self) -> bool:
        """Whether the answer says it itself: not negated, not quoted, and not asked unless the phrase asks."""
        is_asked = self.sentence.is_question and not self.phrase.rstrip().endswith("?")
        return not (self.is_negated or self.is_quoted or is_asked)


def find(reading: Reading, phrase: str) -> Iterator[Mention]:
    """Each mention of a phrase, in order."""
    wanted, lead = _stems(phrase, reading.language)
    for sentence in reading.sentences:
        position = 0
        while position < len(sentence.tokens):
            positions = _match(sentence.tokens, position, wanted, reading.lexicon)
            if positions:
                yield Mention(phrase, sentence, positions, lead)
            position = positions[-1] + 1 if positions else position + 1


@check_kind(
    "says",
    "The answer itself says the phrases: not negated, not within quotation marks, not as a question (unless the phrase "
    "ends in a question mark). Words are compared by stem, in order, with at most two others between.",
    examples=[
        Example(
            {"kind": "says", "any": ["espere até a próxima consulta"]},
            "pt-BR",
            "Pode esperar até a sua próxima consulta.",
            True,
        ),
        Example(
            {"kind": "says", "any": ["espere até a próxima consulta"]},
            "pt-BR",
            "Não espere até a próxima consulta.",
            False,
        ),
        Example({"kind": "says", "all": ["drink water", "rest"]}, "en", "Rest, and drink plenty of water.", True),
    ],
)
def says(reading: Reading, params: PhraseParams, context: Context) -> Result:
    """Whether the phrases are asserted."""
    return _weigh(reading, params, asserted_only=True)


@check_kind(
    "mentions",
    "The phrases occur, whether affirmed, negated, asked or quoted. Words are compared as in `says`.",
    examples=[
        Example({"kind": "mentions", "any": ["ibuprofeno"]}, "pt-PT", "Não tome ibuprofeno.", True),
        Example({"kind": "mentions", "all": ["fever", "bleeding"]}, "en", "Watch for bleeding.", False),
    ],
)
def mentions(reading: Reading, params: PhraseParams, context: Context) -> Result:
    """Whether the phrases occur."""
    return _weigh(reading, params, asserted_only=False)


def _weigh(reading: Reading, params: PhraseParams, asserted_only: bool) -> Result:
    found_all, missing, denied = _search(reading, params.all or (), asserted_only)
    found_any, _, denied_any = _search(reading, params.any or (), asserted_only)
    enough = len(found_any) >= params.min if params.any else True
    found = [*found_all, *found_any]
    if not missing and enough:
        return Result(True, quote(reading, found[0]), f"Found: {', '.join(m.phrase for m in found)}.")
    refused = [*denied, *denied_any]
    if refused:
        return Result(False, quote(reading, refused[0]), f"'{refused[0].phrase}' stands there, but not as said.")
    wanted = ", ".join(missing or params.any or ())
    return Result(False, "", f"Not found: {wanted}.")


def _search(
    reading: Reading, phrases: Sequence[str], asserted_only: bool
) -> tuple[list[Mention], list[str], list[Mention]]:
    """The first mention of each phrase, the phrases without one, and the mentions that do not count."""
    found: list[Mention] = []
    missing: list[str] = []
    denied: list[Mention] = []
    for phrase in phrases:
        mentions_ = list(find(reading, phrase))
        counted = [m for m in mentions_ if m.is_asserted or not asserted_only]
        found += counted[:1]
        missing += [] if counted else [phrase]
        denied += [] if counted else mentions_[:1]
    return found, missing, denied


def quote(reading: Reading, mention: Mention) -> str:
    """The mention as written, with the negators that decided how it is meant."""
    reached = [n for position in mention.positions for n in mention.sentence.negators[position] if n >= 0]
    return reading.span(mention.sentence, min([mention.start, *reached]), mention.end)


@lru_cache(maxsize=2048)
def _stems(phrase: str, language: Language) -> tuple[tuple[str, ...], int]:
    """The stems of the words of weight, or of all where none has weight; and how many light words lead."""
    tokens = words_of(phrase, language)
    weighty = [n for n, token in enumerate(tokens) if token.folded not in lexicon(language).light]
    kept = weighty or list(range(len(tokens)))
    return tuple(tokens[n].stem for n in kept), kept[0]


def _match(tokens: Sequence[Token], start: int, wanted: Sequence[str], words: Lexicon) -> tuple[int, ...]:
    """The positions of `wanted` from exactly `start` on; empty where they do not follow closely enough."""
    if tokens[start].stem != wanted[0]:
        return ()
    positions = [start]
    for stem in wanted[1:]:
        gap = 0
        for n in range(positions[-1] + 1, len(tokens)):
            if tokens[n].stem == stem:
                positions.append(n)
                break
            gap += tokens[n].folded not in words.light
            if gap > _GAP:
                return ()
        else:
            return ()
    return tuple(positions)
