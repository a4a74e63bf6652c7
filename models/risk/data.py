"""Which rows are trained on and which are tested on.

A patient's part is a hash of her key and nothing else: nobody ever changes part, so the test set stays frozen while
data grows, and all rows of a patient stay together. Two patients may still have identical feature rows (sparse early
records, double entry); then the training row is withheld and counted, so that no feature row is ever on both sides.
Grouping such patients into one part was rejected: see docs/decisions/0011.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matria.errors import InputError
from matria.policy import Policy
from models.risk.signature import KEY, TIME, inputs, labels

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SALT = "obstetric-risk/1"
"""Changing it draws a new test set, and makes every earlier model impossible to compare with."""


@dataclass(frozen=True)
class SplitPlan:
    """How patients fall into parts."""

    test_share: float
    """Share of patients held for the test."""
    salt: str = SALT

    def positions(self, keys: Iterable[str]) -> "NDArray[np.float64]":
        """Where each key falls in [0, 1): below `test_share` is test, the rest is training."""
        import numpy as np

        prefix = f"{self.salt}\0".encode()
        digests = (hashlib.sha256(prefix + str(key).encode()).digest()[:8] for key in keys)
        return np.array([int.from_bytes(digest, "big") / 2**64 for digest in digests], dtype=np.float64)

    def same_test(self, other: "SplitPlan") -> bool:
        """Whether what is test here was test there, too: no row that one model learnt from tests the other."""
        return self.salt == other.salt and self.test_share <= other.test_share


@dataclass(frozen=True)
class Split:
    """The labelled rows in two parts, each with the columns and index of the frame given."""

    plan: SplitPlan
    training: "pd.DataFrame"
    test: "pd.DataFrame"
    unlabelled_rows: int
    """Rows whose birth was not yet seen: in no part."""
    withheld_rows: int
    """Rows not trained on since an identical feature row lies in the test part."""

    def counts(self) -> dict[str, int]:
        """Rows and positives of each part, and what is in none."""
        parts = {"training": self.training, "test": self.test}
        rows = {f"{name}_rows": len(part) for name, part in parts.items()}
        positives = {f"{name}_positives": int(labels(part).sum()) for name, part in parts.items()}
        return {**rows, **positives, "unlabelled_rows": self.unlabelled_rows, "withheld_rows": self.withheld_rows}


def split_plan(policy: Policy) -> SplitPlan:
    """The plan that the policy asks for."""
    return SplitPlan(policy.number("risk.test_share"))


def split(frame: "pd.DataFrame", plan: SplitPlan) -> Split:
    """The labelled rows of `frame` (columns of `RISK_FEATURES`) by `plan`, by key and day, whatever order they came in.

    Raises `InputError` where a column is missing or a labelled row has no key or day.
    """
    import numpy as np

    outcome = labels(frame)
    known = _in_order(frame.loc[~np.isnan(outcome)])
    test = plan.positions(known[KEY]) < plan.test_share
    rows = identical_rows(known)
    training = ~test & ~np.isin(rows, rows[test])
    return Split(
        plan=plan,
        training=known.loc[training],
        test=known.loc[test],
        unlabelled_rows=len(frame) - len(known),
        withheld_rows=int(len(known) - test.sum() - training.sum()),
    )


def folds(frame: "pd.DataFrame", count: int) -> list[tuple["NDArray[np.int64]", "NDArray[np.int64]"]]:
    """Positions (train, held out) of up to `count` folds by patient; no feature row is on both sides of one.

    A fold that nobody falls into is left out.
    """
    import numpy as np

    fold = (SplitPlan(0.0, f"{SALT}/folds").positions(frame[KEY]) * count).astype(int)
    rows = identical_rows(frame)
    pairs = []
    for number in range(count):
        held = fold == number
        train = ~held & ~np.isin(rows, rows[held])
        if held.any() and train.any():
            pairs.append((np.flatnonzero(train), np.flatnonzero(held)))
    return pairs


def identical_rows(frame: "pd.DataFrame") -> "NDArray[np.int64]":
    """A number for each row, the same for rows whose features are all equal; missing equals missing."""
    matrix = inputs(frame)
    numbers: Any = matrix.groupby(list(matrix.columns), dropna=False, sort=False).ngroup()
    return numbers.to_numpy()  # type: ignore[no-any-return]


def require_enough(split: Split, policy: Policy) -> None:
    """Raises `InputError`, before anything is trained, where the policy calls the rows too few to learn from."""
    rows, positives = len(split.training), int(labels(split.training).sum())
    rows_needed, positives_needed = policy.count("risk.min_training_rows"), policy.count("risk.min_positive_rows")
    if rows < rows_needed or positives < positives_needed:
        raise InputError(
            f"Too few rows to train the risk model: {rows} labelled rows with {positives} adverse "
            f"outcomes, and policy.yaml asks for {rows_needed} with {positives_needed} "
            f"({split.unlabelled_rows} rows await their birth); ingest more events, then retrain."
        )
    if positives == rows:
        raise InputError(f"All {rows} training rows have the outcome: ingest events of births without it.")


def _in_order(frame: "pd.DataFrame") -> "pd.DataFrame":
    for column in (KEY, TIME):
        if column not in frame.columns:
            raise InputError(f"The risk features lack {column}: publish the features again, then retrain.")
        if frame[column].isna().any():
            raise InputError(f"A row of the risk features has no {column}: publish the features again, then retrain.")
    return frame.sort_values([KEY, TIME], kind="stable")
