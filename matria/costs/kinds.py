"""Real messages and simulated ones apart: figures are of one kind, never of both.

What the simulator answered was not billed, and another model's price stands in for it. So a demonstration or a load
test says nothing of what people's messages cost: real messages are read alone where a window holds any, and the
simulated ones only where it holds nothing else, and are marked so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matria.costs.sums import CostSums, MessageSums, Window


@dataclass(frozen=True)
class OneKind:
    """A window of one kind of messages, and its messages."""

    window: Window
    """With `is_simulated` and `as_of` set, so that its calls are of the same messages."""
    messages: Sequence[MessageSums]

    @property
    def is_simulated(self) -> bool:
        """Whether they are simulated."""
        return bool(self.window.is_simulated)


def one_kind(sums: CostSums, window: Window) -> OneKind:
    """The window's real messages where it holds any, else its simulated ones; a window of one kind stays that."""
    window = replace(window, as_of=window.as_of or sums.mark())
    if window.is_simulated is not None:
        return OneKind(window, sums.messages(window))
    found = [_of(sums, window, False)]
    if not found[0].messages:
        found.append(_of(sums, window, True))
    return next((kind for kind in found if kind.messages), found[0])


def _of(sums: CostSums, window: Window, is_simulated: bool) -> OneKind:
    chosen = replace(window, is_simulated=is_simulated)
    return OneKind(chosen, sums.messages(chosen))
