"""Whether anybody watches what a message costs: the ledger that adds up, the newest hour that was judged, the links.

A ledger that counts its calls and a memory that opens say little: both do where every query fails and where the watch
has never run. So the doctor asks the sums that the watch reads, and the clock.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flows.steps.costs import cost_sums
from flows.steps.watching import pages_url
from matria.errors import UserError

if TYPE_CHECKING:
    from flows.wiring import Platform

UNWATCHED_AFTER = timedelta(hours=3)
"""The watch runs each hour and makes up for a run that failed; three hours without one are nobody watching."""
DAY = timedelta(hours=24)
WEEK = 7 * DAY
"""A service that has been silent for longer has nothing to watch."""


def ledger_state(platform: "Platform", now: datetime | None = None) -> str:
    """What holds the ledger, once it has added up a day. Raises `StorageError` where it cannot."""
    from matria.costs.sums import Window
    from matria.costs.watching.watch import full_hour

    said = platform.ledger.ping()
    until = full_hour(now or datetime.now(UTC))
    sums, window = cost_sums(platform), Window(until - DAY, until, DAY)
    calls, messages = sum(row.calls for row in sums.calls(window)), sum(row.messages for row in sums.messages(window))
    return f"{said}; in the 24 h to {until:%H:%M} UTC {messages:,} messages of people with {calls:,} calls"


def watch_state(platform: "Platform", now: datetime | None = None) -> str:
    """Which hour was judged last, and what goes on. Raises `UserError` where people write and nobody watches."""
    moment = now or datetime.now(UTC)
    memory = platform.watch_memory
    said, judged = memory.ping(), memory.judged()
    if judged is not None and moment - judged <= UNWATCHED_AFTER:
        return f"judged up to {judged:%Y-%m-%d %H:%M} UTC, {said}"
    when = "no hour was ever judged" if judged is None else f"no hour after {judged:%Y-%m-%d %H:%M} UTC was judged"
    if not _has_messages(platform, moment):
        return f"{when}, and no real message came in the week before: nothing to watch; {said}"
    raise UserError(
        f"Nobody watches what a message costs: {when}. `matria run watch-costs` judges now and says what is off; "
        f"`matria up` does so each hour. {said}."
    )


def notices_state(platform: "Platform") -> str:
    """The channels. Raises `UserError` where the links of what they are sent lead nowhere for who reads it."""
    said = platform.notifier.ping()
    if platform.settings.notify.kind == "console" or platform.settings.serve.public_url:
        return said
    raise UserError(
        f"{said}, but links lead to {pages_url(platform)}, which is each reader's own machine: set "
        "MATRIA_SERVE__PUBLIC_URL to where people open the pages."
    )


def _has_messages(platform: "Platform", now: datetime) -> bool:
    """Whether real people wrote within a week."""
    from matria.costs.sums import Window
    from matria.costs.watching.watch import full_hour

    until = full_hour(now)
    return bool(cost_sums(platform).messages(Window(until - WEEK, until, WEEK, is_simulated=False)))
