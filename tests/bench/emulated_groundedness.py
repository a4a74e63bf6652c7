"""How far the emulator's lexical groundedness tells what a source holds from what it does not.

    python -m tests.bench.emulated_groundedness

Sources are the notes of the checkout. Their sentences are held against the same note; against its twin in the other
Portuguese, which says the same in its own words; against a note on another theme; and against the same note after one
number of the sentence was changed. None of them was used to choose the method's two constants.
"""

import re
from collections.abc import Iterable, Iterator

from guardrails.emulator.groundedness import ungrounded
from prompts.notes.files import load_notes
from prompts.notes.note import Note
from tests.bench.intervals import shown

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.](?=\d)[^.!?\n]+)*[.!?]")
_NUMBER = re.compile(r"\d+")
_SHORTEST = 6
"""Words of a sentence that says enough to be told apart."""

Pairs = Iterator[tuple[str, str]]
"""A sentence, and the source that it is held against."""


def sentences(note: Note) -> list[str]:
    """Those of its text that are long enough."""
    found = (match[0].strip() for match in _SENTENCE.finditer(note.text))
    return [sentence for sentence in found if len(sentence.split()) >= _SHORTEST]


def same(notes: Iterable[Note]) -> Pairs:
    """Each sentence with its own note."""
    for note in notes:
        yield from ((sentence, note.text) for sentence in sentences(note))


def twins(notes: list[Note]) -> Pairs:
    """Sentences of pt-PT with the pt-BR note on the same theme."""
    brazilian = {note.id: note for note in notes if note.locale == "pt-BR"}
    for note in notes:
        if note.locale == "pt-PT" and note.id in brazilian:
            yield from ((sentence, brazilian[note.id].text) for sentence in sentences(note))


def others(notes: list[Note]) -> Pairs:
    """Each sentence with the next note of its locale, which is on another theme."""
    for locale in ("pt-BR", "pt-PT", "en"):
        own = sorted((note for note in notes if note.locale == locale), key=lambda note: note.id)
        for note, other in zip(own, [*own[1:], *own[:1]], strict=True):
            yield from ((sentence, other.text) for sentence in sentences(note))


def changed(notes: Iterable[Note]) -> Pairs:
    """Sentences with a number, after that number was raised by one that the note does not hold."""
    for note in notes:
        known = set(_NUMBER.findall(note.text))
        for sentence in sentences(note):
            if (match := _NUMBER.search(sentence)) is not None:
                other = next(str(n) for n in range(int(match[0]) + 1, int(match[0]) + 1000) if str(n) not in known)
                yield f"{sentence[: match.start()]}{other}{sentence[match.end() :]}", note.text


def main() -> None:
    """Prints a line per kind of pair: how many sentences count as held."""
    notes = load_notes()
    print(f"{len(notes)} notes; share of sentences that count as held, 95 % Wilson")
    for name, pairs in (
        ("against its own note", same(notes)),
        ("pt-PT against the pt-BR note on the same theme", twins(notes)),
        ("against a note on another theme", others(notes)),
        ("against its own note, one number changed", changed(notes)),
    ):
        held = [not ungrounded(sentence, [source]) for sentence, source in pairs]
        print(f"{name:<48} {shown(sum(held), len(held))}")


if __name__ == "__main__":
    main()
