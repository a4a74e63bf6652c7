"""A page's blocks: how to answer, what it is about, the conversation with who said what, what the questions mean.

Limits: 100 blocks in one request and 500 KB (developers.notion.com/reference/request-limits).
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from evals.review.base import Offer, Spoken
from evals.review.notion.page_words import PageWords
from evals.review.notion.schema import Columns
from evals.review.notion.text import rich

Block = dict[str, Any]
MOST_BLOCKS = 100
_MOST_BYTES = 400_000
"""Of the blocks of one request; the rest of its 500 KB is for the properties."""
_PIECES_PER_BLOCK = 20
"""A paragraph of 40,000 characters is split, so that one block never fills a request."""


def blocks_of(offer: Offer, columns: Columns) -> list[Block]:
    """Everything below the properties; nothing of where the item comes from."""
    item, said = offer.item, PageWords(offer, columns)
    head = [_callout(said.how_to), _paragraph(rich(said.about))]
    if offer.disputed:
        head.append(_callout(said.disputed))
    if item.criterion is not None:
        head += [_heading(said.criterion), *_paragraphs(item.criterion.text)]
    conversation = [
        block for number, spoken in enumerate(item.conversation, start=1) for block in _said(number, spoken, said)
    ]
    return [*head, _divider(), *conversation, _divider(), _heading(said.meaning), *_questions(said)]


def batches(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """The blocks in the requests that they fit; at least one batch, which may be empty."""
    batch: list[Block] = []
    size = 0
    for block in blocks:
        weight = len(json.dumps(block, ensure_ascii=False).encode())
        if batch and (len(batch) == MOST_BLOCKS or size + weight > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(block)
        size += weight
    yield batch


def _said(number: int, spoken: Spoken, said: PageWords) -> Iterator[Block]:
    yield _heading(f"{number} · {said.speaker(spoken.role)}")
    yield from _paragraphs(spoken.text)


def _questions(said: PageWords) -> Iterator[Block]:
    for name, meaning in said.questions():
        yield _block("bulleted_list_item", {"rich_text": [*rich(name, is_bold=True), *rich(f" — {meaning}")]})


def _paragraphs(text: str) -> Iterator[Block]:
    parts = rich(text)
    for start in range(0, max(1, len(parts)), _PIECES_PER_BLOCK):
        yield _paragraph(parts[start : start + _PIECES_PER_BLOCK])


def _paragraph(rich_text: list[dict[str, Any]]) -> Block:
    return _block("paragraph", {"rich_text": rich_text})


def _divider() -> Block:
    return _block("divider", {})


def _heading(text: str) -> Block:
    return _block("heading_3", {"rich_text": rich(text)})


def _callout(text: str) -> Block:
    return _block("callout", {"rich_text": rich(text), "icon": {"type": "emoji", "emoji": "📋"}})


def _block(kind: str, content: dict[str, Any]) -> Block:
    return {"object": "block", "type": kind, kind: content}
