"""A sign of life from each configured adapter, and what is off where there is none."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flows.steps.doctor_costs import ledger_state, notices_state, watch_state
from flows.steps.doctor_review import review_state, transcripts_state
from flows.steps.notices import outbox_state
from matria.errors import MatriaError, ModelError

if TYPE_CHECKING:
    from flows.wiring import Platform


@dataclass(frozen=True)
class Finding:
    """What one part answered."""

    part: str
    is_well: bool
    detail: str
    """What answered, or what is off and how to mend it."""


def examine(platform: "Platform") -> list[Finding]:
    """Each part asked in turn; one that fails does not keep the next from being asked."""
    asked: list[tuple[str, Callable[[], str]]] = [
        ("python", _python),
        ("home", lambda: _home(platform)),
        ("policy", lambda: f"{len(platform.policy.thresholds)} thresholds"),
        ("prompts", lambda: f"{len(platform.library.load_all())} prompts"),
        ("suites", lambda: f"{sum(len(suite.cases) for suite in platform.suites)} cases"),
        ("tracking", lambda: platform.tracking.ping()),
        ("chat model", lambda: _model(platform, judge=False)),
        ("judge", lambda: _model(platform, judge=True)),
        ("response cache", lambda: _cache(platform)),
        ("moderation", lambda: _rails(platform)),
        ("offline features", lambda: platform.offline_features.ping()),
        ("online features", lambda: platform.online_features.ping()),
        ("cost ledger", lambda: ledger_state(platform)),
        ("cost watch", lambda: watch_state(platform)),
        ("prices", lambda: platform.prices.state(datetime.now(UTC).date(), platform.policy)),
        ("handovers", lambda: platform.handovers.ping()),
        ("notices", lambda: notices_state(platform)),
        ("outbox", lambda: outbox_state(platform)),
        ("conversations", lambda: transcripts_state(platform)),
        ("review", lambda: review_state(platform)),
        ("hash key", lambda: f"key {platform.hash_key.key_id}"),
    ]
    return [_ask(part, question) for part, question in asked]


def _ask(part: str, question: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, question())
    except (MatriaError, OSError) as error:
        return Finding(part, False, str(error))


def _python() -> str:
    return f"{sys.version.split()[0]}"


def _home(platform: "Platform") -> str:
    from matria import durable

    home = platform.settings.home
    durable.write_text(home / ".doctor", "written to see that it can be\n").unlink()
    return f"{home} ({shutil.disk_usage(home).free / 2**30:.0f} GiB free)"


def _cache(platform: "Platform") -> str:
    cache = platform.response_cache
    if cache is None:
        return "none: evaluations ask everything again"

    async def ping() -> str:
        try:
            return await cache.ping()
        finally:
            await cache.aclose()

    return asyncio.run(ping())


def _rails(platform: "Platform") -> str:
    from guardrails.base import RailFailed

    try:
        return asyncio.run(platform.rails.ping())
    except RailFailed as error:
        raise ModelError(str(error)) from error


def _model(platform: "Platform", judge: bool) -> str:
    async def ping() -> str:
        chat = platform.judge_chat() if judge else platform.chat()
        try:
            return await chat.ping()
        finally:
            await chat.aclose()

    return asyncio.run(ping())
