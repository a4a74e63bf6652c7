"""How far a judge agrees with people who graded the same: accuracy, Cohen's kappa, macro F1, and what it left ungraded.

Kappa after Cohen 1960, macro F1 as in HealthBench (Arora et al. 2025): the mean of the F1 of "met" and of "not met".
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evals.review.kappa import kappa_value


@dataclass(frozen=True)
class Agreement:
    """A judge beside others, on the same criteria. Figures are over what it judged; failures are counted apart."""

    both_met: int
    judge_only: int
    """Met for the judge alone."""
    others_only: int
    neither: int
    failed: int
    """Grader errors: neither agreement nor disagreement."""

    @property
    def judged(self) -> int:
        """Criteria with a verdict of the judge."""
        return self.both_met + self.judge_only + self.others_only + self.neither

    @property
    def accuracy(self) -> float | None:
        """Share judged alike; None where nothing was judged."""
        return (self.both_met + self.neither) / self.judged if self.judged else None

    @property
    def kappa(self) -> float | None:
        """Agreement beyond chance, 1 at most; None where nothing was judged or chance alone would agree always."""
        table = [[self.both_met, self.judge_only], [self.others_only, self.neither]]
        return kappa_value(np.array(table, dtype=float))

    @property
    def macro_f1(self) -> float | None:
        """Mean of both classes' F1; None where nothing was judged, 0 for a class that neither side names."""
        wrong = self.judge_only + self.others_only
        return (_f1(self.both_met, wrong) + _f1(self.neither, wrong)) / 2 if self.judged else None


def agreement(pairs: Iterable[tuple[bool | None, bool]]) -> Agreement:
    """Of pairs of the judge's verdict (None where it failed) and the others'."""
    counts = Counter(pairs)
    return Agreement(
        both_met=counts[True, True],
        judge_only=counts[True, False],
        others_only=counts[False, True],
        neither=counts[False, False],
        failed=counts[None, True] + counts[None, False],
    )


def _f1(right: int, wrong: int) -> float:
    return 2 * right / (2 * right + wrong) if right or wrong else 0.0
