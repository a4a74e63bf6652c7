"""Retrieval by BM25 (bm25s) over stems (Snowball), in memory, two indexes for each locale.

One holds what a note is about, its title and keywords: the words that women type. The other holds its text and counts
less, since every note names danger signs, and fever or bleeding would else be words of all of them. Notes are few, so
every score is computed and nothing is approximated. Formula: Robertson and Zaragoza, The probabilistic relevance
framework: BM25 and beyond (2009), in Lucene's variant.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matria.messages import LOCALES, Locale, Persona
from matria.policy import Policy
from models.assistant.retrieval.base import Passage
from models.assistant.retrieval.slips import Slips
from models.assistant.retrieval.words import Language, words_of
from prompts.notes.note import Note

_STEMMERS: dict[Language, str] = {"pt": "portuguese", "en": "english"}
_K1, _B = 0.5, 0.3
"""Below Lucene's 1.2 and 0.75: a keyword that stands once tells the theme as well as one that stands thrice, and a note
with more keywords is not less about each. Chosen on the development half of `tests.bench.retrieval`."""


class Bm25Retriever:
    """See `models.assistant.retrieval.base.Retriever`."""

    def __init__(self, notes: Sequence[Note], policy: Policy) -> None:
        self._floor = policy.number("retrieval.floor")
        self._other_persona = policy.number("retrieval.other_persona")
        weight = policy.number("retrieval.text_weight")
        self._indexes = {locale: _Index([n for n in notes if n.locale == locale], locale, weight) for locale in LOCALES}

    def retrieve(self, question: str, locale: Locale, *, persona: Persona, most: int) -> Sequence[Note]:
        """The notes to answer from, best first."""
        return [passage.note for passage in self.passages(question, locale, persona=persona)[:most]]

    def passages(self, question: str, locale: Locale, *, persona: Persona) -> list[Passage]:
        """Every note above the floor with its score, best first; by theme where two score the same."""
        scored = [
            Passage(note, score * self._weight(note, persona)) for note, score in self._indexes[locale].scores(question)
        ]
        found = [passage for passage in scored if passage.score >= self._floor]
        return sorted(found, key=lambda passage: (-passage.score, passage.note.id))

    def _weight(self, note: Note, persona: Persona) -> float:
        return 1.0 if persona == "enfermeira" or persona in note.personas else self._other_persona


class _Index:
    """The notes of one locale."""

    def __init__(self, notes: Sequence[Note], locale: Locale, text_weight: float) -> None:
        import Stemmer

        self._notes, self._text_weight = notes, text_weight
        self._language: Language = "en" if locale == "en" else "pt"
        self._stemmer: Any = Stemmer.Stemmer(_STEMMERS[self._language])
        themes = [words_of(" . ".join((note.title, *note.keywords)), self._language) for note in notes]
        texts = [words_of(note.text, self._language) for note in notes]
        self._slips = Slips(word for words in (*themes, *texts) for word in words)
        self._themes = _Field([self._stemmer.stemWords(words) for words in themes])
        self._texts = _Field([self._stemmer.stemWords(words) for words in texts])

    def scores(self, question: str) -> list[tuple[Note, float]]:
        """Each note with its score times the share of the question's words that any note has.

        Questions on something else share a chance word or two with the notes, at most half of what they say.
        """
        words = [self._slips.meant(word) for word in words_of(question, self._language)]
        stems = list(dict.fromkeys(self._stemmer.stemWords(words)))
        known = sum(stem in self._themes.stems or stem in self._texts.stems for stem in stems)
        if not known:
            return []
        total = self._themes.scores(stems) + self._text_weight * self._texts.scores(stems)
        return list(zip(self._notes, (total * known / len(stems)).tolist(), strict=True))


class _Field:
    """One part of every note, scored by BM25."""

    def __init__(self, stems: Sequence[list[str]]) -> None:
        import bm25s

        self.stems = frozenset(stem for own in stems for stem in own)
        self._count = len(stems)
        self._bm25: Any = bm25s.BM25(k1=_K1, b=_B, method="lucene")
        if self.stems:
            self._bm25.index(list(stems), show_progress=False)

    def scores(self, stems: Sequence[str]) -> NDArray[np.float64]:
        """A score for each note, in their order; zero where the question shares no stem with it."""
        known = [stem for stem in stems if stem in self.stems]
        if not known:
            return np.zeros(self._count)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float64)
