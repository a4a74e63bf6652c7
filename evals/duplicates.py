"""Cases that ask the same: word for word, or nearly.

Two cases of one locale, of any suites, whose user's words (with the answer that is judged, of a suite of the rails)
share most of their pairs of neighbouring words (Jaccard's index on the sets of pairs) grade one thing twice and count
it twice in every mean. A twin asks the same on purpose and is left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.cases import Case
from evals.grams import pairs_of


@dataclass(frozen=True)
class Likeness:
    """Two cases whose questions are alike."""

    case: Case
    other: Case
    share: float
    """Pairs of words in both, over the pairs in either: 0 to 1."""


def alike(cases: Sequence[Case], share: float) -> Iterator[Likeness]:
    """Each two cases of a locale that are alike by `share` or more, in the order of `cases`."""
    kept = [case for case in cases if case.twin is None]
    pairs = [_pairs(case) for case in kept]
    holders: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for number, case in enumerate(kept):
        common: Counter[int] = Counter()
        for pair in pairs[number]:
            common.update(holders[case.locale, pair])
            holders[case.locale, pair].append(number)
        for earlier in sorted(common):
            found = common[earlier] / (len(pairs[number]) + len(pairs[earlier]) - common[earlier])
            if found >= share:
                yield Likeness(case, kept[earlier], found)


def _pairs(case: Case) -> frozenset[tuple[str, ...]]:
    said = [message.content for message in case.messages if message.role == "user"]
    return pairs_of(" ".join((*said, case.answer)))
