"""`matria review trust`: how far each judge is trusted, by what nurses read blind."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evals.judges.trust import Interval, TrustBook
    from evals.judges.trust_lines import TrustLine
    from evals.judges.trusting import Shortfall
    from flows.wiring import Platform

_LACKS: "dict[Shortfall, str]" = {
    "few_items": "{n} of {bar:g} items",
    "few_met": "{met} of {bar:g} found good",
    "few_not_met": "{not_met} of {bar:g} found not good",
    "few_nurses": "read by {nurses} of {bar:g} nurses",
    "no_kappa": "one side always said the same, so no kappa",
    "old": "older than {bar:g} weeks",
    "kappa": "kappa below {bar:g}",
    "kappa_low": "kappa may be below {bar:g}",
    "sensitivity": "sensitivity below {bar:g}",
    "sensitivity_low": "sensitivity may be below {bar:g}",
    "specificity": "specificity below {bar:g}",
    "specificity_low": "specificity may be below {bar:g}",
}


def trust(
    file: Annotated[bool, typer.Option("--file", help="Show what evals/trust.yaml says, which gates go by.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write evals/trust.yaml from what nurses read so far.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how far each judge is trusted, and what it lacks; by what nurses read so far, or as gates know it."""
    from evals.judges.trust_lines import as_data, trust_lines
    from evals.judges.trustfile import TRUST_FILE
    from flows.cli import show
    from flows.steps.judge_trust import save_trust
    from flows.wiring import Platform

    platform, now = Platform.load(), datetime.now(UTC)
    path = platform.settings.root / TRUST_FILE
    is_written = save_trust(platform, path, now) if write else False
    lines = trust_lines(_book(platform, now, is_of_file=file), platform.policy, now.date())
    if as_json:
        typer.echo(json.dumps([as_data(line) for line in lines], ensure_ascii=False, indent=1))
        return
    if not lines:
        show.line("Nothing is known of any judge: nurses have read nothing that one judged. No judge decides a gate.")
    else:
        header = ["judge", "on", "state", "items", "kappa", "sensitivity", "specificity", "lacks"]
        show.records(header, [_row(line) for line in lines])
    if write:
        show.line(f"{show.path(path)} {'is written' if is_written else 'stays as it is'}.")


def _book(platform: "Platform", now: datetime, *, is_of_file: bool) -> "TrustBook":
    from evals.judges.trustfile import TRUST_FILE, read_trust
    from flows.steps.judge_trust import book_of_nurses

    if is_of_file:
        return read_trust(platform.settings.root / TRUST_FILE, platform.policy, now.date())
    return book_of_nurses(platform, now)


def _row(line: "TrustLine") -> tuple[object, ...]:
    of = line.trust
    state = f"{of.state}, simulated" if of.is_simulated else of.state
    return (of.judge, of.criterion, state, of.n, _said(of.kappa), _said(of.sensitivity), _said(of.specificity),
            "; ".join(_lack(line, name) for name in line.lacks))  # fmt: skip


def _lack(line: "TrustLine", name: "Shortfall") -> str:
    of = line.trust
    return _LACKS[name].format(n=of.n, met=of.met, not_met=of.not_met, nurses=of.nurses, bar=line.needed.get(name, 0.0))


def _said(found: "Interval") -> str:
    if found.value is None:
        return "unknown"
    ends = "" if found.low is None or found.high is None else f" ({_figure(found.low)} to {_figure(found.high)})"
    return f"{_figure(found.value)}{ends}"


def _figure(value: float) -> str:
    """To two places; nothing below nothing is nothing."""
    return f"{round(value, 2) + 0.0:.2f}"
