"""What judges texts, each rail asked for a sign of life; and the blocklists brought to the service."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flows.steps.doctor import Finding
from matria.errors import MatriaError, SettingsError

if TYPE_CHECKING:
    from flows.wiring import Platform
    from guardrails.base import Rail
    from guardrails.content_safety.keeping import BlocklistKeeper
    from guardrails.content_safety.syncing import Step

Answer = TypeVar("Answer")


def examine_rails(platform: "Platform") -> list[Finding]:
    """Every rail in the order of the chain; one that fails does not keep the next from being asked."""
    from flows.wiring_rails import rails_apart

    async def ask_all(rails: "Sequence[Rail]") -> list[Finding]:
        return [await _finding(rail) for rail in rails]

    return asyncio.run(ask_all(rails_apart(platform.settings, platform.policy)))


def planned_sync(platform: "Platform", *, prune: bool) -> "list[Step]":
    """What the service's blocklists lack, have too much, or say otherwise than the files."""
    from guardrails.blocklists import load_blocklists
    from guardrails.content_safety.syncing import plan

    blocklists = load_blocklists()
    return _keeping(platform, lambda keeper: plan(blocklists, keeper, prune=prune))


def sync_blocklists(platform: "Platform", steps: "Sequence[Step]", tell: "Callable[[Step], None]") -> None:
    """The steps done; each is told. Raises `ModelError` at the first that fails: the next run goes on from there."""
    from guardrails.content_safety.syncing import carry_out

    _keeping(platform, lambda keeper: carry_out(steps, keeper, tell))


def _keeping(platform: "Platform", use: "Callable[[BlocklistKeeper], Coroutine[Any, Any, Answer]]") -> Answer:
    from guardrails.content_safety.opening import open_keeper

    moderation = platform.settings.moderation
    if moderation.kind != "azure":
        raise SettingsError(
            "No service is configured whose blocklists could be kept: set MATRIA_MODERATION__KIND=azure and its "
            "endpoint. The moderator of this process reads the files itself."
        )
    return asyncio.run(use(open_keeper(moderation, platform.policy)))


async def _finding(rail: "Rail") -> Finding:
    from guardrails.base import RailFailed

    try:
        return Finding(rail.name, True, await rail.ping())
    except (RailFailed, MatriaError) as error:
        return Finding(rail.name, False, str(error))
