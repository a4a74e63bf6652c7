"""What a change to a prompt does to the text that a model sees, word by word.

Compared are rendered messages, so that an edited partial shows in each prompt that includes it. Segments are data; what
they look like is said by `diff_markdown` for a pull request and by the command line for a terminal.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Any, Literal

from matria.messages import Message, Role
from prompts.prompt import Prompt, PromptRef
from prompts.render import RenderedPrompt, render
from prompts.repository import PromptLibrary

Change = Literal["same", "added", "removed"]
Status = Literal["unchanged", "changed", "added", "removed"]
CONTEXT_LINES = 2
CHARACTERS_PER_TOKEN = 4.0
"""Rule of thumb of OpenAI's tokenizer guide for English; Portuguese has somewhat fewer. An estimate, never a bill."""

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Segment:
    """A stretch of text that stayed, came or went."""

    change: Change
    text: str


@dataclass(frozen=True)
class MessageDiff:
    """One message, base against head."""

    role: Role
    segments: tuple[Segment, ...]

    @property
    def is_changed(self) -> bool:
        """Whether anything came or went."""
        return any(segment.change != "same" for segment in self.segments)


@dataclass(frozen=True)
class Size:
    """How long the rendered messages are."""

    words: int
    characters: int

    @property
    def tokens(self) -> int:
        """An estimate; the ledger holds what an endpoint counted."""
        return round(self.characters / CHARACTERS_PER_TOKEN)


@dataclass(frozen=True)
class PromptDiff:
    """One prompt, base against head, both filled with the same variables."""

    ref: PromptRef
    status: Status
    base_version: str | None
    head_version: str | None
    changed_partials: tuple[str, ...]
    parameters: tuple[tuple[str, Any, Any], ...]
    """Model parameters that differ: name, base, head."""
    messages: tuple[MessageDiff, ...]
    base_size: Size
    head_size: Size

    @property
    def token_delta(self) -> int:
        """Estimated tokens that each answer will cost more (or less, below 0) to ask for."""
        return self.head_size.tokens - self.base_size.tokens


def diff_libraries(base: PromptLibrary, head: PromptLibrary) -> list[PromptDiff]:
    """Every prompt of which model or reader would notice a change, by name and locale."""
    before, after = set(base.refs()), set(head.refs())
    diffs = [
        diff_prompts(
            base.load(*ref) if ref in before else None,
            head.load(*ref) if ref in after else None,
        )
        for ref in sorted(before | after)
    ]
    return [diff for diff in diffs if diff.status != "unchanged"]


def diff_prompts(base: Prompt | None, head: Prompt | None, variables: Mapping[str, Any] | None = None) -> PromptDiff:
    """One prompt against the other, each filled with `variables`, or with their samples, the head's first.

    A missing side is a prompt that was added or removed. Raises `PromptError` where a side does not render.
    """
    present = head or base
    if present is None:
        raise ValueError("one side of a diff must be a prompt")
    values = {**(base.sample if base else {}), **(head.sample if head else {})} if variables is None else variables
    old, new = _rendered(base, values), _rendered(head, values)
    return PromptDiff(
        ref=present.ref,
        status=_status(base, head),
        base_version=base.version if base else None,
        head_version=head.version if head else None,
        changed_partials=_changed_partials(base, head),
        parameters=_changed_parameters(base, head),
        messages=tuple(diff_messages(old.messages if old else (), new.messages if new else ())),
        base_size=_size(old),
        head_size=_size(new),
    )


def diff_words(base: str, head: str) -> tuple[Segment, ...]:
    """The segments that lead from `base` to `head`: those not added make `base`, those not removed make `head`."""
    old, new = base.splitlines(keepends=True), head.splitlines(keepends=True)
    segments = [
        segment
        for is_equal, before, after in _blocks(old, new)
        for segment in ([Segment("same", before)] if is_equal else _words(before, after))
    ]
    return tuple(_joined(segments))


def excerpt(message: MessageDiff, context: int = CONTEXT_LINES) -> list[tuple[Segment, ...] | None]:
    """The lines around what changed, each as its segments; None stands for unchanged lines left out."""
    lines = _lines(message.segments)
    changed = [n for n, line in enumerate(lines) if any(segment.change != "same" for segment in line)]
    kept = sorted({n for c in changed for n in range(c - context, c + context + 1) if 0 <= n < len(lines)})
    shown: list[tuple[Segment, ...] | None] = []
    for n, previous in zip(kept, [-1, *kept], strict=False):
        shown += [None, lines[n]] if n > previous + 1 else [lines[n]]
    return [*shown, None] if kept and kept[-1] + 1 < len(lines) else shown


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[bool, str, str]]:
    """Stretches that are equal or not, with the text of each side."""
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield tag == "equal", "".join(old[i1:i2]), "".join(new[j1:j2])


def _words(before: str, after: str) -> Iterator[Segment]:
    """Word by word; a space between two changed words changes with them, so that a phrase stays one piece."""
    blocks = list(_blocks(_WORDS.findall(before), _WORDS.findall(after)))
    for is_kept, group in groupby(enumerate(blocks), key=lambda item: item[1][0] and not _is_gap(blocks, item[0])):
        stretch = [block for _, block in group]
        old, new = "".join(block[1] for block in stretch), "".join(block[2] for block in stretch)
        yield from [Segment("same", old)] if is_kept else [Segment("removed", old), Segment("added", new)]


def _is_gap(blocks: list[tuple[bool, str, str]], n: int) -> bool:
    return 0 < n < len(blocks) - 1 and blocks[n][1].isspace() and "\n" not in blocks[n][1]


def _joined(segments: list[Segment]) -> Iterator[Segment]:
    """The segments without empty ones, neighbours of one kind made one."""
    for change, group in groupby((s for s in segments if s.text), key=lambda segment: segment.change):
        yield Segment(change, "".join(segment.text for segment in group))


def _lines(segments: tuple[Segment, ...]) -> list[tuple[Segment, ...]]:
    lines: list[list[Segment]] = [[]]
    for segment in segments:
        first, *rest = segment.text.split("\n")
        lines[-1].append(Segment(segment.change, first))
        lines += [[Segment(segment.change, text)] for text in rest]
    return [tuple(segment for segment in line if segment.text) for line in lines]


def diff_messages(base: Sequence[Message], head: Sequence[Message]) -> Iterator[MessageDiff]:
    """Each message against the one in its place; one of another role went, and the other came."""
    for one, other in zip_longest(base, head):
        if one and other and one.role == other.role:
            yield MessageDiff(one.role, diff_words(one.content, other.content))
            continue
        if one:
            yield MessageDiff(one.role, (Segment("removed", one.content),))
        if other:
            yield MessageDiff(other.role, (Segment("added", other.content),))


def _rendered(prompt: Prompt | None, variables: Mapping[str, Any]) -> RenderedPrompt | None:
    return render(prompt, variables) if prompt else None


def _status(base: Prompt | None, head: Prompt | None) -> Status:
    if base is None or head is None:
        return "removed" if base else "added"
    is_same = base.closure_hash == head.closure_hash and base.version == head.version
    return "unchanged" if is_same else "changed"


def _changed_partials(base: Prompt | None, head: Prompt | None) -> tuple[str, ...]:
    old, new = ({p.name: p.source for p in prompt.partials} if prompt else {} for prompt in (base, head))
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


def _changed_parameters(base: Prompt | None, head: Prompt | None) -> tuple[tuple[str, Any, Any], ...]:
    old, new = (prompt.model_parameters if prompt else {} for prompt in (base, head))
    names = sorted(old.keys() | new.keys())
    return tuple((name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name))


def _size(rendered: RenderedPrompt | None) -> Size:
    texts = [message.content for message in rendered.messages] if rendered else []
    return Size(sum(len(text.split()) for text in texts), sum(map(len, texts)))
