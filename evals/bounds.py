"""The most that a call can come to, before it is made: tokens of a request, text records of a text.

Tokens of the input are at most its bytes: a byte-level BPE (Sennrich et al. 2016; Radford et al. 2019) merges bytes and
never splits one, and a tokenizer of characters that falls back to bytes does neither. What an endpoint writes around
each message is a handful of tokens more. Tokens of the output are at most the limit that the request itself sets.
"""

from collections.abc import Callable, Collection, Iterable
from decimal import Decimal

from guardrails.base import Text
from matria.costs.base import UnitPrices, Usage
from models.assistant.base import ChatRequest
from models.assistant.sampling import TOKEN_LIMITS

TOKENS_A_MESSAGE = 16
"""OpenAI's cookbook counts 3 to 4 around a message and 3 before the answer; other chat templates write some more."""
TOKENS_A_REQUEST = 64
SHORTEST_PART = 7_500
"""Code points of the longest text that every adapter of Content Safety sends in one call."""

_FREE, _MILLION = Decimal(0), Decimal(1_000_000)

PriceOfUsage = Callable[[Usage], Decimal | None]
"""Dollars of a usage; None where its price is unknown."""
PriceOfRecords = Callable[[str, int], Decimal | None]
"""Dollars of text records, by the name of the rail that asks; None where its price is unknown."""


def most_usage(request: ChatRequest) -> Usage | None:
    """The most tokens that a request can take; None where nothing bounds its answer."""
    limits = [request.parameters[name] for name in TOKEN_LIMITS if request.parameters.get(name) is not None]
    if not limits:
        return None
    content = sum(len(message.content.encode("utf-8", "replace")) for message in request.messages)
    written = len(
        str(dict(request.parameters)).encode("utf-8", "replace")
    )  # a schema of the answer is read by the model too
    around = TOKENS_A_REQUEST + TOKENS_A_MESSAGE * len(request.messages)
    answers = int(request.parameters.get("n") or 1)
    return Usage(content + written + around, answers * int(max(limits)))


def most_usd(usage: Usage, price: PriceOfUsage) -> Decimal | None:
    """The most that usage within these bounds can cost, nothing of it cached or all of it written to a cache.

    None where its price is unknown.
    """
    plain = price(usage)
    if plain is None:
        return None
    written = Usage(usage.input_tokens, usage.output_tokens, cache_write_tokens=usage.input_tokens)
    return max(plain, price(written) or plain)


def most_usd_at(usage: Usage, prices: UnitPrices) -> Decimal:
    """The same, at prices that hold however many tokens there are."""
    each = max(price for price in (prices.input, prices.cache_write, _FREE) if price is not None)
    return (each * usage.input_tokens + (prices.output or _FREE) * usage.output_tokens) / _MILLION


def most_records(text: Text) -> dict[str, int]:
    """The most text records that each rail of Content Safety can count for a text, by the rail's name."""
    content, sources = _records(text.content), sum(map(_records, text.sources))
    if text.direction == "user":
        return {"content_safety": content, "prompt_shield": content + sources, "groundedness": 0}
    beside = sources + _records(text.question) if text.sources else 0
    grounded = content + _parts(text.content) * beside if text.sources else 0
    return {"content_safety": content, "prompt_shield": 0, "groundedness": grounded}


def most_usd_of_records(text: Text, rails: Collection[str], price: PriceOfRecords) -> Decimal | None:
    """The most that these rails can cost for a text; None where one of them that is asked has no price."""
    records = most_records(text)
    return total(price(rail, records[rail]) for rail in rails if records[rail])


def total(each: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where a part is unknown."""
    parts = list(each)
    return None if None in parts else sum((part for part in parts if part is not None), Decimal(0))


def _parts(text: str) -> int:
    """Calls that a text is sent in at most: a part ends between words, and so a little before its limit."""
    return 1 if len(text) <= SHORTEST_PART else 1 + 2 * len(text) // SHORTEST_PART


def _records(text: str) -> int:
    """One for each started 1,000 code points of each part."""
    return -(-len(text) // 1000) + _parts(text) - 1
