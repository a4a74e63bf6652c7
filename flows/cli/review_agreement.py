"""`matria review agreement`: each two nurses on each question, by their ids, for whoever leads them.

The report names nobody; this is where one sees that two read differently. It holds figures alone: no answer, no item.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from evals.review.agreement import PairAgreement
    from evals.review.coefficient import Coefficient


def agreement(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Show how far each two nurses agree, and each with herself later, in all blind readings so far; by their ids."""
    from flows.cli import show
    from flows.steps.review_agreement import agreement_so_far
    from flows.wiring import Platform

    platform = Platform.load()
    found = agreement_so_far(platform, datetime.now(UTC))
    known = (*found.pairs, *found.selves)
    if as_json:
        typer.echo(json.dumps([as_data(one) for one in known], ensure_ascii=False, indent=1))
    elif not known:
        of = platform.policy.count("review.second_readers"), platform.policy.count("review.items")
        show.line(
            "Nothing was read by two nurses yet, nor again by one: {} of {} items go to a second nurse.".format(*of)
        )
    else:
        show.records(["question", "who", "n", "kappa", "same answer"], [_row(one) for one in known])


def as_data(of: "PairAgreement") -> dict[str, Any]:
    """Plain data: one id is a nurse with herself later, none is all nurses so; a figure that nobody knows is null."""
    same = of.beside.agreed
    return {
        "question": of.question,
        "reviewers": list(of.reviewers),
        "n": of.kappa.n,
        "cannot_tell": of.cannot_tell,
        "kappa": of.kappa.value,
        "kappa_low": of.kappa.low,
        "kappa_high": of.kappa.high,
        "reason": of.kappa.reason,
        "same": same.value,
        "same_low": same.low,
        "same_high": same.high,
    }


def _row(of: "PairAgreement") -> tuple[object, ...]:
    same = of.beside.agreed
    return of.question, _who(of.reviewers), of.kappa.n, _kappa(of.kappa), _said(same.value, same.low, same.high)


def _kappa(of: "Coefficient") -> str:
    """With its ends, or why there is none."""
    from evals.review.report_words import words_of

    if not of.reason:
        return _said(of.value, of.low, of.high)
    why = words_of("en").say(f"reason_{of.reason}")
    return why if of.value is None else f"{of.value:.2f} ({why})"


def _who(reviewers: tuple[str, ...]) -> str:
    if len(reviewers) > 1:
        return " and ".join(reviewers)
    return f"{reviewers[0]} with herself" if reviewers else "each with herself"


def _said(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:.2f}" if low is None or high is None else f"{value:.2f} ({low:.2f} to {high:.2f})"
