"""Asking again: a never-event that the head failed and the base did not is confirmed before it blocks.

The same case is asked `gate.never_event_repeats` more times, in epochs from `CONFIRMATION_EPOCH` on. Those answers
count for the confirmation alone; no mean, interval or count of flips reads them, so that asking again moves no figure.
It is confirmed where `gate.never_event_failures` of the repeats fail too. Where the repeats cannot be had it blocks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from evals.pairs import PairKey
from evals.rows import Row
from matria.errors import SettingsError
from matria.policy import Policy

if TYPE_CHECKING:
    from evals.flips import Flip
    from evals.waivers import Waivers

CONFIRMATION_EPOCH = 1000
"""Epochs from here on were asked to confirm a never-event."""

ConfirmationState = Literal["confirmed", "unconfirmed", "unasked"]
"""`unasked`: there are too few answers to tell yet, which blocks like a confirmed one."""


@dataclass(frozen=True)
class ConfirmationRule:
    """How a never-event is confirmed."""

    repeats: int
    failures: int
    """Of the repeats that must fail."""

    @classmethod
    def of(cls, policy: Policy) -> "ConfirmationRule":
        """By the thresholds `gate.never_event_*`. Raises `SettingsError` where nothing could ever be confirmed."""
        rule = cls(policy.count("gate.never_event_repeats"), policy.count("gate.never_event_failures"))
        if rule.failures > rule.repeats:
            raise SettingsError(
                f"policy.yaml: 'gate.never_event_failures' is {rule.failures} of 'gate.never_event_repeats', "
                f"{rule.repeats}, so no never-event could be confirmed: ask for no more failures than repeats."
            )
        return rule

    def state(self, failed: int, graded: int) -> ConfirmationState:
        """Whether `failed` of `graded` answers, repeats and further epochs among them, confirm a first failure."""
        if failed > self.failures:
            return "confirmed"
        return "unconfirmed" if graded > self.repeats else "unasked"

    def epochs_to_ask(self, rows: Sequence[Row], failed: int, graded: int) -> tuple[int, ...]:
        """Epochs of repeats that no row is there for; none where the rows settle it."""
        if self.state(failed, graded) != "unasked":
            return ()
        there = {row.epoch for row in rows}
        return tuple(e for e in range(CONFIRMATION_EPOCH, CONFIRMATION_EPOCH + self.repeats) if e not in there)


@dataclass(frozen=True)
class ToConfirm:
    """A never-event that is to be asked again, of the head."""

    key: PairKey
    criterion: str
    epochs: tuple[int, ...]
    """The epochs to ask."""


def to_confirm(flips: "Iterable[Flip]") -> list[ToConfirm]:
    """The new never-events among the flips of which repeats are missing; none once they were asked, answered or not."""
    return [
        ToConfirm((flip.suite, flip.case, flip.prompt), flip.criterion, flip.epochs_to_ask)
        for flip in flips
        if flip.epochs_to_ask
    ]


def worth_asking(flips: "Iterable[Flip]", waivers: "Waivers") -> list[ToConfirm]:
    """What is to be asked again of these new never-events, the gravest first.

    One that is waived blocks nothing, so it is neither asked nor ends the asking. One confirmed that is not waived
    blocks alone: then there is nothing left to ask.
    """
    open_flips = []
    for flip in flips:
        if waivers.never_event(flip.case, flip.criterion) is not None:
            continue
        if flip.confirmation == "confirmed":
            return []
        open_flips += [(flip.harm, one) for one in to_confirm([flip])]
    return [one for _, one in sorted(open_flips, key=lambda item: item[0], reverse=True)]


def asked_first(rows: Iterable[Row]) -> list[Row]:
    """The rows that figures are made of."""
    return [row for row in rows if row.epoch < CONFIRMATION_EPOCH]
