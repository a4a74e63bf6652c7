"""The replies that evaluations keep: what there is, and what may go."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from matria.errors import SettingsError

if TYPE_CHECKING:
    from flows.wiring import Platform
    from models.assistant.cache.base import ModelStock, ResponseCache

Result = TypeVar("Result")
_AGES = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SIZES = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_AGE = re.compile(r"(\d+)([hdw])")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMG]?B|)")


@dataclass(frozen=True)
class PruneRequest:
    """What may go, as a person writes it."""

    older_than: str | None = None
    """Such as `30d`; hours, days or weeks."""
    model: str | None = None
    max_size: str | None = None
    """Such as `1GB`; of the replies kept."""


def cache_stock(platform: "Platform") -> "Sequence[ModelStock]":
    """What is kept, by address, model and snapshot. Raises `SettingsError` where nothing is."""
    return _run(platform, lambda cache: cache.survey())


def prune_cache(platform: "Platform", request: PruneRequest) -> int:
    """How many replies went. Raises `SettingsError` for an age or size that cannot be read, or where none is given."""
    from models.assistant.cache.base import PruneRule

    if request == PruneRequest():
        raise SettingsError("Say what may go: --older-than 30d, --model NAME or --max-size 1GB.")
    rule = PruneRule(
        made_before=None if request.older_than is None else datetime.now(UTC) - age(request.older_than),
        model=request.model,
        max_size_bytes=None if request.max_size is None else size_bytes(request.max_size),
    )
    return _run(platform, lambda cache: cache.prune(rule))


def age(text: str) -> timedelta:
    """The span that `12h`, `30d` or `8w` names. Raises `SettingsError` for anything else."""
    found = _AGE.fullmatch(text.strip().lower())
    if not found:
        raise SettingsError(f"'{text}' is no age: write hours, days or weeks, such as 12h, 30d or 8w.")
    return int(found[1]) * _AGES[found[2]]


def size_bytes(text: str) -> int:
    """The bytes that `500MB` or `1GB` names. Raises `SettingsError` for anything else."""
    found = _SIZE.fullmatch(text.strip().upper())
    if not found:
        raise SettingsError(f"'{text}' is no size: write bytes with KB, MB or GB, such as 500MB or 1GB.")
    return int(float(found[1]) * _SIZES[found[2]])


def _run(platform: "Platform", work: "Callable[[ResponseCache], Awaitable[Result]]") -> Result:
    cache = platform.response_cache
    if cache is None:
        raise SettingsError("MATRIA_CACHE__KIND is none: no reply is kept.")

    async def run() -> Result:
        try:
            return await work(cache)
        finally:
            await cache.aclose()

    return asyncio.run(run())
