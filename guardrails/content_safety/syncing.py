"""The blocklists of the files brought to the service: what is to add, to change and to remove, then done.

The files are the truth for their own lists. A list that no file describes is let be, unless it bears our prefix and
such lists are to go. Texts are compared as they are written; ids are the service's own. Nothing is remembered between
runs: the difference is read anew, so that a run that broke off half-way is ended by the next.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from guardrails.blocklists import MAX_ITEMS, PREFIX, Blocklist, Blocklists
from guardrails.content_safety.keeping import BlocklistKeeper, KeptItem
from matria.errors import InputError

APPLIES_AFTER_MIN = 5
"""Minutes until the service judges by an edit (Microsoft's documentation)."""

BATCH = 100
"""Items that one call takes (2023-10-01)."""

Item = TypeVar("Item")
Change = Literal["create", "describe", "add", "change", "remove", "delete"]


@dataclass(frozen=True)
class Step:
    """One call to make: about a list, or about at most a hundred of its items."""

    change: Change
    blocklist: str
    texts: tuple[str, ...] = ()
    """Of `add`, `change` and `remove`: the items' texts, as they stand in the file or at the service."""
    descriptions: tuple[str, ...] = ()
    """Of `add` and `change`: beside each text. Of `create` and `describe`: the list's own."""
    ids: tuple[str, ...] = ()
    """Of `remove`: the service's ids, beside each text."""

    @property
    def size(self) -> int:
        """How many items it is about; 0 where it is about the list."""
        return len(self.texts)


@dataclass(frozen=True)
class Kept:
    """A list as the service has it."""

    description: str
    items: tuple[KeptItem, ...]


async def plan(blocklists: Blocklists, keeper: BlocklistKeeper, *, prune: bool = False) -> list[Step]:
    """What is left to do, in order: lists made before they are filled, and nothing removed before all is added.

    Raises `InputError` where the service would then hold more than it takes, and `ModelError` where it cannot be read.
    """
    ours = {each.name: each for each in blocklists.lists}
    there = {
        name: Kept(description, tuple(await keeper.items(name)))
        for name, description in (await keeper.blocklists()).items()
    }
    gone = sorted(name for name in there if prune and name.startswith(PREFIX) and name not in ours)
    _check_room(blocklists, {name: kept for name, kept in there.items() if name not in ours and name not in gone})
    steps = [step for each in blocklists.lists for step in _steps(each, there.get(each.name))]
    return [*sorted(steps, key=lambda step: step.change == "remove"), *(Step("delete", name) for name in gone)]


async def carry_out(steps: Sequence[Step], keeper: BlocklistKeeper, tell: Callable[[Step], None]) -> None:
    """Does the steps in order and tells each one done. Raises `ModelError` at the first that fails."""
    for step in steps:
        match step.change:
            case "create" | "describe":
                await keeper.put_blocklist(step.blocklist, step.descriptions[0])
            case "add" | "change":
                await keeper.put_items(step.blocklist, dict(zip(step.texts, step.descriptions, strict=True)))
            case "remove":
                await keeper.remove_items(step.blocklist, step.ids)
            case "delete":
                await keeper.delete_blocklist(step.blocklist)
        tell(step)


def _steps(ours: Blocklist, kept: Kept | None) -> Iterator[Step]:
    if kept is None:
        yield Step("create", ours.name, descriptions=(ours.description,))
    elif kept.description != ours.description:
        yield Step("describe", ours.name, descriptions=(ours.description,))
    items = kept.items if kept else ()
    wanted = {item.text: item.description for item in ours.items}
    there = {item.text: item.description for item in items}
    yield from _puts("add", ours.name, [(text, said) for text, said in wanted.items() if text not in there])
    others = [(text, said) for text, said in wanted.items() if there.get(text, said) != said]
    yield from _puts("change", ours.name, others)
    surplus = list(_surplus(items, wanted))
    for batch in _batches(surplus):
        yield Step("remove", ours.name, tuple(i.text for i in batch), ids=tuple(i.id for i in batch))


def _puts(change: Change, name: str, items: Sequence[tuple[str, str]]) -> Iterator[Step]:
    for batch in _batches(items):
        yield Step(change, name, tuple(text for text, _ in batch), tuple(said for _, said in batch))


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def _surplus(items: Sequence[KeptItem], wanted: Mapping[str, str]) -> Iterator[KeptItem]:
    """Items that no file has, and all but one of those that say the same."""
    seen: set[str] = set()
    # The one that says it with the file's description is kept, whichever came first.
    for item in sorted(items, key=lambda each: wanted.get(each.text) != each.description):
        if item.text not in wanted or item.text in seen:
            yield item
        seen.add(item.text)


def _check_room(blocklists: Blocklists, others: Mapping[str, Kept]) -> None:
    foreign = sum(len(kept.items) for kept in others.values())
    if blocklists.size + foreign > MAX_ITEMS:
        raise InputError(
            f"The service takes {MAX_ITEMS:,} items in all: other lists hold {foreign:,}, and the files have "
            f"{blocklists.size:,}; remove some, or let lists of ours that no file describes go with --prune."
        )
