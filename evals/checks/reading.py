"""A text as the checks read it: words in sentences, and for each word whether it is negated, supposed, asked or quoted.

"Vá ao hospital" is said. In "não precisa ir ao hospital" it is negated, in "se for ao hospital" supposed, in "foi ao
hospital?" asked, in 'ela disse "vá ao hospital agora"' quoted. The words that decide lie in `evals.checks.lexicon`, the
reach of a negation in `evals.checks.negation`.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from evals.checks.lexicon import Lexicon, lexicon, word_lists
from evals.checks.words import Language, fold, stem
from matria.messages import Locale

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE_END = re.compile(r"[.!?…]|\n")
_SOFT_BREAK = re.compile(r"[,:()\[\]—–]|\s-\s|\*\*:")
_ABBREVIATION = re.compile(r"\b(?:dra?|sra?|prof|ex|e\.g|i\.e|vs|mr|mrs|ms|no|nº|art|aprox|approx)$", re.IGNORECASE)
_QUOTE = re.compile(r"[“\"«]([^“”\"«»\n]{1,400})[”\"»]")
_BULLET = re.compile(r"\n\s*(?:[-*•–]|\d+[.)])\s")
_SHORT_QUOTE_WORDS = 2
"""Marks around so few words are emphasis, not somebody else's speech."""


@dataclass(frozen=True)
class Token:
    """A word or number, where it stands and how it is meant."""

    text: str
    folded: str
    stem: str
    start: int
    end: int
    is_break: bool
    """A comma, colon, bracket or dash stands before it."""
    is_joined: bool
    """A hyphen joins it to the word before: "dirija-se"."""
    is_item: bool
    """It begins an item of a list under a line that ends in a colon."""
    is_quoted: bool


@dataclass(frozen=True)
class Sentence:
    """A run of words up to a full stop, a semicolon or a line's end."""

    tokens: tuple[Token, ...]
    negators: tuple[tuple[int, ...], ...]
    """For each token, the positions of the negators that reach it; an even number leaves it affirmed."""
    supposed: tuple[bool, ...]
    """For each token, whether it stands in a condition: the "if" part itself."""
    is_question: bool

    def is_negated(self, position: int, besides: frozenset[int] = frozenset()) -> bool:
        """Whether an odd number of negators reaches the token, apart from those at `besides`."""
        return sum(negator not in besides for negator in self.negators[position]) % 2 == 1


@dataclass(frozen=True)
class Reading:
    """A text, read as far as somebody asks: a check that only searches its letters costs no more than that."""

    text: str
    locale: Locale
    """Of the case; its language is taken where the words of the text do not tell theirs."""

    @cached_property
    def language(self) -> Language:
        """The language that it is written in."""
        return language_of(self.text) or ("en" if self.locale == "en" else "pt")

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences, in order."""
        return _sentences_of(self.text, self.language)

    @property
    def lexicon(self) -> Lexicon:
        """The words of its language."""
        return lexicon(self.language)

    def span(self, sentence: Sentence, start: int, end: int) -> str:
        """The text of the tokens `start` to `end` (exclusive), as written."""
        return self.text[sentence.tokens[start].start : sentence.tokens[end - 1].end]

    def whole(self, sentence: Sentence) -> str:
        """The text of a sentence, as written."""
        return self.span(sentence, 0, len(sentence.tokens))


@lru_cache(maxsize=128)
def read(text: str, locale: Locale) -> Reading:
    """`text`, to be read once for all that is asked of it."""
    return Reading(text, locale)


_PT_COMMON = frozenset(word_lists("pt")["common"]["words"])
_EN_COMMON = frozenset(word_lists("en")["common"]["words"])
_TELLING_WORDS = 2


@lru_cache(maxsize=128)
def common_words(text: str) -> tuple[int, int]:
    """How many of the commonest words of Portuguese, and of English, the text has."""
    words = [fold(match.group()) for match in _WORD.finditer(text)]
    return sum(word in _PT_COMMON for word in words), sum(word in _EN_COMMON for word in words)


def language_of(text: str) -> Language | None:
    """The language that the commonest words of a text tell; None where they are too few or undecided."""
    portuguese, english = common_words(text)
    if max(portuguese, english) < _TELLING_WORDS or portuguese == english:
        return None
    return "pt" if portuguese > english else "en"


def words_of(text: str, language: Language) -> list[Token]:
    """The tokens of a text, without regard to sentences; for phrases of a check."""
    return _tokens(text, language, frozenset())


def _sentences_of(text: str, language: Language) -> tuple[Sentence, ...]:
    from evals.checks.negation import mark

    quoted = frozenset(position for span in _quoted_spans(text) for position in span)
    tokens = _tokens(text, language, quoted)
    groups = _sentences(text, tokens)
    return mark([(group, _ends_in_question(text, group)) for group in groups], lexicon(language))


def _quoted_spans(text: str) -> list[range]:
    return [
        range(match.start(1), match.end(1))
        for match in _QUOTE.finditer(text)
        if len(_WORD.findall(match.group(1))) > _SHORT_QUOTE_WORDS
    ]


def _tokens(text: str, language: Language, quoted: frozenset[int]) -> list[Token]:
    tokens = []
    before = 0
    under_colon = False
    for match in _WORD.finditer(text):
        gap = text[before : match.start()]
        bullet = gap != " " and (bool(_BULLET.search(gap)) or (before == 0 and bool(_BULLET.match(f"\n{gap}"))))
        if bullet:
            under_colon = under_colon or ":" in gap
        elif "\n" in gap:
            under_colon = False
        folded = fold(match.group())
        tokens.append(
            Token(
                text=match.group(),
                folded=folded,
                stem=stem(folded, language),
                start=match.start(),
                end=match.end(),
                is_break=gap != " " and bool(_SOFT_BREAK.search(gap)),
                is_joined=gap == "-",
                is_item=bullet and under_colon,
                is_quoted=match.start() in quoted,
            )
        )
        before = match.end()
    return tokens


def _sentences(text: str, tokens: list[Token]) -> list[list[Token]]:
    groups: list[list[Token]] = []
    for token in tokens:
        if not groups or _is_new_sentence(text, groups[-1][-1], token):
            groups.append([])
        groups[-1].append(token)
    return groups


def _is_new_sentence(text: str, last: Token, token: Token) -> bool:
    gap = text[last.end : token.start]
    if ";" in gap:
        return True
    end = _SENTENCE_END.search(gap)
    if not end:
        return False
    is_abbreviation = end.group() == "." and "\n" not in gap and _ABBREVIATION.search(text[: last.end])
    return not is_abbreviation


def _ends_in_question(text: str, group: list[Token]) -> bool:
    tail = text[group[-1].end : group[-1].end + 4]
    return tail.lstrip('*_)"” ').startswith("?")
