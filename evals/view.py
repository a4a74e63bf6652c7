"""Something that can be walked again and again, each time made anew, so that it is never held whole."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


class View(Generic[ItemT]):
    """What a walk gives, as often as it is asked."""

    def __init__(self, walk: Callable[[], Iterator[ItemT]]) -> None:
        self._walk = walk

    def __iter__(self) -> Iterator[ItemT]:
        return self._walk()

    def __len__(self) -> int:
        """How many there are, by a walk of its own."""
        return sum(1 for _ in self._walk())
