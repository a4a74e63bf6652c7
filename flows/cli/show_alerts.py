"""What `matria costs alerts` and `matria costs explain` print: tables for a person, JSON for a program."""

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flows.cli.show import line, records
from matria.costs.watching.base import TOTAL

if TYPE_CHECKING:
    from datetime import datetime

    from matria.costs.causes.base import Cause, Landed
    from matria.costs.watching.base import Episode, Finding, Side
    from matria.costs.watching.explain import Again, Explanation

TIME = "%Y-%m-%d %H:%M"


def alerts(episodes: "Sequence[Episode]", begins: "Mapping[str, datetime | None]") -> None:
    """A row per alert, the newest first; `begins` tells since when the cost has risen."""
    if not episodes:
        line("There has been no alert on the cost of a message.")
        return
    rows = [
        (
            episode.alert_id,
            episode.state.replace("_", " "),
            f"{episode.opened_at:{TIME}}",
            _time(begins.get(episode.alert_id)),
            *(_level(episode, side) for side in (episode.baseline, episode.told.last, episode.newest.last)),
        )
        for episode in episodes
    ]
    records(["alert", "state", "opened (UTC)", "rise since", "before", "told", "newest"], rows)
    line("\nWhy: matria costs explain ALERT_ID. It is meant: matria costs accept ALERT_ID --by NAME --why REASON")


def alerts_as_json(episodes: "Sequence[Episode]", begins: "Mapping[str, datetime | None]") -> str:
    """The same for a program."""
    from matria.costs.watching.base import Episode
    from matria.costs.watching.plain import plain

    data = []
    for episode in episodes:
        since = begins.get(episode.alert_id)
        data.append(plain(Episode, episode) | {"since": since and since.isoformat()})
    return json.dumps(data, ensure_ascii=False, indent=1)


def explanation(found: "Explanation") -> None:
    """Everything that was decided on an alert, and whether the ledger gives it once more."""
    episode = found.episode
    scope = "all assistants" if episode.scope == TOTAL else episode.scope
    line(f"{episode.alert_id}: {episode.state.replace('_', ' ')}, rule {episode.rule}, {scope}")
    if found.acceptance is not None:
        of = found.acceptance
        line(f"Accepted by {of.by} on {of.at:{TIME}} UTC: {of.why}")
    for again in found.decisions:
        _decision(again)
    same = "It comes out the same." if found.is_same else "It does NOT come out the same as it was recorded."
    line(f"\n{same}")


def as_json(found: "Explanation") -> str:
    """All of it; dollars and fractions as text, since a float would round them."""
    from matria.costs.watching.base import Episode
    from matria.costs.watching.plain import plain

    accepted = found.acceptance
    data = {
        "alert_id": found.episode.alert_id,
        "is_same": found.is_same,
        "episode": plain(Episode, found.episode),
        "acceptance": accepted and {"by": accepted.by, "at": accepted.at.isoformat(), "why": accepted.why},
        "decisions": [_as_data(again) for again in found.decisions],
    }
    return json.dumps(data, ensure_ascii=False, indent=1)


def _as_data(again: "Again") -> dict[str, Any]:
    from matria.costs.watching.base import Finding
    from matria.costs.watching.plain import plain

    decision, known = again.decision, again.told.circumstances
    cause = known.cause
    return {
        "number": decision.number,
        "change": again.told.step.change,
        "until": decision.check.until.isoformat(),
        "mark": decision.check.mark,
        "made_at": decision.made_at.isoformat(),
        "made_by": decision.made_by,
        "policy": dict(decision.check.policy),
        "recorded": plain(Finding, again.told.step.episode.newest),
        "finding": None if again.finding is None else plain(Finding, again.finding),
        "differs": list(again.differs),
        "with_what_came_since": None if again.late is None else plain(Finding, again.late),
        "since": known.since and known.since.isoformat(),
        "report": known.report,
        "cause": cause and _cause_data(cause),
    }


def _cause_data(cause: "Cause") -> dict[str, Any]:
    from matria.costs.causes.base import Landed, Part
    from matria.costs.watching.plain import plain

    return {
        "before_usd": _decimal(cause.before_usd),
        "after_usd": _decimal(cause.after_usd),
        "change_usd": _decimal(cause.change_usd),
        "parts": [plain(Part, part) | {"usd": _decimal(part.usd), "usd_exact": str(part.usd)} for part in cause.parts],
        "landed": [plain(Landed, one) for one in cause.landed],
    }


def _decision(again: "Again") -> None:
    decision, step = again.decision, again.told.step
    check = decision.check
    line(
        f"\n{step.change.replace('_', ' ')} at {check.until:{TIME}} UTC, decided {decision.made_at:{TIME}} UTC by "
        f"version {decision.made_by}, from the ledger as of mark {check.mark}"
    )
    if (since := again.told.circumstances.since) is not None:
        line(f"the cost has risen since {since:{TIME}} UTC")
    episode = step.episode
    rows = [_side("baseline", episode.baseline), *_sides("recorded", episode.newest)]
    if again.finding is not None:
        rows += _sides("again", again.finding)
    if again.late is not None and again.is_changed_by_late:
        rows += _sides("with what came since", again.late)
    records(["window", "from (UTC)", "to", "messages", "priced", "USD a message"], rows)
    line(f"recorded: {_found(episode.newest)}")
    if again.differs:
        line(f"again: {_found(again.finding)}; it differs in {', '.join(again.differs)}")
    if again.is_changed_by_late:
        line(f"with what came to the ledger since: {_found(again.late)}")
    line(f"policy of that day: {', '.join(f'{name} {value:g}' for name, value in check.policy.items())}")
    if again.told.circumstances.cause is not None:
        _cause(again.told.circumstances.cause)


def _cause(cause: "Cause") -> None:
    from matria.costs.words.causes import factor, measured

    change = cause.change_usd
    rows = []
    for part in cause.parts:
        if not part.usd:
            continue
        before, after = measured(part, "en") or ("", "")
        of_change = f"{float(part.usd / change):+.1%}" if change else ""
        rows.append((factor(part, "en"), _decimal(part.usd), of_change, before, after, part.scope))
    records(["cause", "USD a message", "share", "before", "after", "most of it in"], rows)
    line(f"together {_decimal(change)} USD a message, of {_decimal(cause.before_usd)}")
    for one in cause.landed:
        line(f"landed: {_landed(one)}")


def _landed(one: "Landed") -> str:
    said = f"{one.what.replace('_', ' ')} {one.name} {one.before or 'none'} -> {one.after}, {one.first_seen_at:{TIME}}"
    if one.commit:
        request = f", pull request {one.pull_request}" if one.pull_request else ""
        said += f", {one.commit} by {one.author}{request}: {one.subject}"
    return said


def _sides(name: str, finding: "Finding") -> "Iterator[tuple[Any, ...]]":
    yield _side(f"{name}, before", finding.before)
    yield _side(f"{name}, last", finding.last)


def _side(name: str, side: "Side") -> tuple[Any, ...]:
    return name, f"{side.start:{TIME}}", f"{side.end:{TIME}}", side.messages, side.priced_messages, _usd(side)


def _found(finding: "Finding | None") -> str:
    if finding is None:
        return "nothing of that rule and assistant"
    ratio = finding.ratio
    said = "" if ratio is None else f", ratio {ratio.value:.4f} ({ratio.low:.4f} to {ratio.high:.4f})"
    reasons = "".join(f", {one.code.replace('_', ' ')}" for one in finding.reasons)
    return f"{finding.state.replace('_', ' ')}{said}{reasons}"


def _time(at: "datetime | None") -> str:
    return "-" if at is None else f"{at:{TIME}}"


def _level(episode: "Episode", side: "Side") -> str:
    """What the alert's rule looks at: dollars a message, the share of calls without a price, or how many messages."""
    if episode.rule == "unpriced":
        return f"{side.unpriced_calls / side.calls if side.calls else 0:.1%} unpriced"
    return f"{side.messages:,} messages" if episode.rule == "no_data" else f"US$ {_usd(side)}"


def _usd(side: "Side") -> str:
    return "unknown" if side.mean_usd is None else f"{side.mean_usd:.6f}"


def _decimal(of: Fraction) -> str:
    return f"{float(of):.12f}"
