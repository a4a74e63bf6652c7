"""What landed while messages became dearer, with the commits and pull requests that brought it.

The ledger says what was first seen and when (`matria.costs.causes.landed`); the history of the checkout says who wrote
it. Beside them stand changes of prices, policy and partials that came onto the branch meanwhile: those no entry shows.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from flows.steps.history import Commit, History
from matria.costs.causes.base import Cause, Factor, Landed
from matria.costs.causes.landed import GRACE, is_late, landed, with_files
from matria.costs.causes.tally import Sums
from matria.costs.watching.circumstances import Lander

logger = logging.getLogger(__name__)
LIBRARY = "prompts/library"
PARTIALS = f"{LIBRARY}/partials"
LOCK = "requirements.lock"
WATCHED = ("prices.yaml", "policy.yaml", PARTIALS)
"""Files that can make messages dearer and leave no trace of their own in an entry."""
MOVES: Mapping[str, tuple[Factor, ...]] = {
    "prices.yaml": ("price",),
    "policy.yaml": ("context_tokens", "output_tokens", "retries", "judges", "moderation"),
    PARTIALS: ("prompt_tokens", "context_tokens", "output_tokens", "caching", "retries"),
}
"""What each of them can change: no author is named beside a rise that the file cannot have made."""
_UNSIGNED = re.compile(r" \([0-9a-z-]+\)$")
_PARTIAL = re.compile(rf"^{PARTIALS}/(?P<name>.+)\.(?P<locale>[a-z]{{2}}(?:-[A-Z]{{2}})?)\.jinja$")


def lander(root: Path) -> Lander:
    """What tells of two windows and their cause what landed between them, the likeliest reason first.

    What came after the rise had begun stands last where the ledger saw it; files that changed then are left out.
    """
    history = History(root)

    def told(
        before: Sums,
        after: Sums,
        cause: Cause,
        scope: str,
        between: Sums | None = None,
        began: datetime | None = None,
    ) -> Sequence[Landed]:
        if history.why_unknown:
            logger.warning("%s", history.why_unknown)
        found = with_commits(landed(before, after, cause, scope, between), history, after.slot)
        if before.end is None or after.end is None:  # `landed` has said so
            return found
        start = before.end - (1 + max((row.slot for row in before.calls), default=0)) * before.slot
        end = after.end if began is None else min(after.end, began + GRACE)
        changed = files(history, start, end, cause.parts[0].factor) if cause.parts else ()
        marked = [replace(one, is_late=is_late(one, began)) for one in with_files(found, changed, cause)]
        return sorted(marked, key=lambda one: one.is_late)

    return told


def with_commits(found: Iterable[Landed], history: History, slot: timedelta) -> tuple[Landed, ...]:
    """The same with who brought it; without, where the history does not tell."""
    return tuple(_with(one, _commit_of(one, history, one.first_seen_at + slot), history) for one in found)


def files(history: History, since: datetime, until: datetime, factor: Factor | None = None) -> tuple[Landed, ...]:
    """Prices, policy and partials that changed on the branch in the time; the newest change of each.

    Those alone that can move `factor`, where one is given.
    """
    paths = [path for path in WATCHED if factor is None or factor in MOVES[path]]
    if not paths:
        return ()
    told: dict[tuple[str, str], Landed] = {}
    named: set[str] = set()
    for path, merge, work in history.merged(paths, since, until):
        if path in named:
            continue
        named.add(path)
        partial = _PARTIAL.match(path)
        name = f"{PARTIALS}/{partial['name']}" if partial else path
        one = told.get((name, work.hash)) or _file(name, merge, work, history)
        locales = (*one.locales, partial["locale"]) if partial else ()
        told[name, work.hash] = replace(one, locales=tuple(sorted(locales)))
    return tuple(told.values())


def _file(name: str, merge: Commit, work: Commit, history: History) -> Landed:
    request = merge.own_request or history.request_of(work)
    return Landed(
        what="file",
        name=name,
        before=merge.parents[0][: len(merge.short)] if merge.parents else "",
        after=merge.short,
        first_seen_at=merge.at,
        commit=work.short,
        author=work.author,
        subject=work.subject,
        pull_request=request,
    )


def _commit_of(one: Landed, history: History, until: datetime) -> Commit | None:
    if one.what == "prompt" and one.after:
        version, paths = (
            _UNSIGNED.sub("", one.after),
            [f"{LIBRARY}/{one.name}.{where}.prompty" for where in one.locales],
        )
        if version != one.after:  # the text is another under the same version: a partial, or the file itself
            return history.touched([*paths, PARTIALS], until)
        line = rf"^version:[[:space:]]*[\"']?{re.escape(version)}[\"']?[[:space:]]*$"
        return next((found for path in paths if (found := history.brought(path, line, until))), None)
    if one.what == "price_list" and one.after.startswith("genai-prices "):
        version = one.after.removeprefix("genai-prices ")
        return history.brought(LOCK, rf"^genai-prices=={re.escape(version)}([^0-9.]|$)", until)
    return None


def _with(one: Landed, commit: Commit | None, history: History) -> Landed:
    if commit is None:
        return one
    return replace(
        one,
        commit=commit.short,
        author=commit.author,
        subject=commit.subject,
        pull_request=history.request_of(commit),
    )
