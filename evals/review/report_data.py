"""The weekly report as plain data for `review.json`: figures, ids and states; no text of a conversation, no nurse.

What the nurses' page shows of a week is read back from here, written out in each language already.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from evals.judges.trust import Interval, Trust, TrustState
from evals.review.agreement import PairAgreement, WeekAgreement
from evals.review.coefficient import Coefficient, Share
from evals.review.estimate import Estimate
from evals.review.report import Agreed, Rate, WeeklyReport
from evals.review.report_headline import headline
from evals.review.report_words import percent, words_of
from evals.review.web.changes import ByLocale, Figure, GateChange, TrustChange
from matria.messages import LOCALES


def as_data(report: WeeklyReport) -> dict[str, Any]:
    """Plain data; a figure that nobody knows is null."""
    batch = report.batch
    return {
        "week": batch.batch_id,
        "state": report.state,
        "is_simulated": batch.is_simulated,
        "at": report.at.isoformat(timespec="seconds"),
        "headline": {locale: headline(report, words_of(locale)) for locale in LOCALES},
        "conversations": batch.population,
        "counts": asdict(report.counts),
        "missed": list(report.missed),
        "confidence": report.confidence,
        "weeks": report.weeks,
        "rates": [_rate(one) for one in report.rates],
        "series": [
            {"outcome": one.outcome, "weeks": [{"week": week, **_estimate(of)} for week, of in one.weeks]}
            for one in report.series
        ],
        "agreement": [_agreed(one) for one in report.agreement],
        "agreement_over_weeks": [_week_agreed(one) for one in report.agreement_weeks],
        "pace": asdict(report.pace),
        "trust": [asdict(one) for one in report.trust],
        "trust_changes": [asdict(one) for one in report.trust_changes],
        "cases": [{"item": one.item_id, "ground": one.ground} for one in report.cases],
        "overruled": [{"item": one.item_id, "questions": list(one.questions)} for one in report.overruled],
        "golden": [asdict(one) for one in report.golden],
        "gates": [asdict(one) for one in report.gates],
        "figures": [asdict(one) for one in figures_of(report)],
    }


def figures_of(report: WeeklyReport) -> tuple[Figure, ...]:
    """The estimates, written out in each language."""
    return tuple(_figure(one) for one in report.rates)


def trusted_in(data: Mapping[str, Any]) -> dict[tuple[str, str], TrustState]:
    """State of each judge in a report that was read back."""
    return {(one["judge"], one["criterion"]): one["state"] for one in data["trust"]}


def trust_change_of(data: Mapping[str, Any]) -> TrustChange:
    """A change that was read back."""
    figures = {name: Interval(**data["after"][name]) for name in ("kappa", "sensitivity", "specificity")}
    return TrustChange(data["judge"], data["criterion"], data["before"], Trust(**{**data["after"], **figures}))


def gate_change_of(data: Mapping[str, Any]) -> GateChange:
    """A change that was read back."""
    return GateChange(**data)


def metrics_of(report: WeeklyReport) -> dict[str, float | None]:
    """What MLflow keeps of a week: estimates, counts, agreement per question, trust per judge, with their ends."""
    found: dict[str, float | None] = {f"n_{name}": float(value) for name, value in asdict(report.counts).items()}
    for rate in report.rates:
        for prefix, of in (("", rate.week), ("rolling_", rate.rolling)):
            name = f"{prefix}{of.outcome}"
            found |= {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high}
            found |= {f"{name}_upper": of.one_sided_upper, f"{name}_n_read": float(of.n_read)}
    found |= {"seconds_per_card": report.pace.seconds, "n_timed": float(report.pace.timed)}
    for one in report.agreement:
        question, itself = one.all.question, one.itself
        found |= _ends(f"kappa_{question}", one.pairs.kappa) | _ends(f"alpha_{question}", one.all.alpha)
        found |= _ends(f"same_{question}", one.pairs.beside.agreed)
        found |= _ends(f"itself_{question}", itself.beside.agreed) if itself is not None else {}
    for trust in report.trust:
        name = "".join(c if c.isalnum() or c in "_-./ " else "_" for c in f"trust/{trust.judge}/{trust.criterion}")
        found[f"{name}/kappa"[:250]] = trust.kappa.value
        found[f"{name}/is_trusted"[:250]] = float(trust.is_trusted)
    return found


def _rate(rate: Rate) -> dict[str, Any]:
    return {
        "outcome": rate.week.outcome,
        "week": _estimate(rate.week),
        "rolling": _estimate(rate.rolling),
        "equal_weights_upper": rate.equal_weights_upper,
    }


def _estimate(of: Estimate | None) -> dict[str, Any]:
    """Empty for a week that was never drawn; an endless size, which JSON does not have, is null."""
    if of is None:
        return {}
    return {name: None if value == math.inf else value for name, value in asdict(of).items()}


def _agreed(one: Agreed) -> dict[str, Any]:
    return {
        "question": one.all.question,
        "items": one.all.items,
        "twice": one.all.twice,
        "cannot_tell": one.all.cannot_tell,
        "alpha": _coefficient(one.all.alpha),
        **_pair(one.pairs),
        "itself": None if one.itself is None else _pair(one.itself),
    }


def _pair(one: PairAgreement) -> dict[str, Any]:
    return {
        "kappa": _coefficient(one.kappa),
        "quadratic": None if one.quadratic is None else _coefficient(one.quadratic),
        "same": one.beside.agreed.value,
        "same_low": one.beside.agreed.low,
        "same_high": one.beside.agreed.high,
        "same_n": one.beside.agreed.n,
    }


def _week_agreed(one: WeekAgreement) -> dict[str, Any]:
    questions = [{"question": of.question, "twice": of.twice, "alpha": asdict(of.alpha)} for of in one.questions]
    return {"week": one.week, "weeks": one.weeks, "questions": questions}


def _ends(name: str, of: Coefficient | Share) -> dict[str, float | None]:
    """A figure with its ends and what it rests on."""
    return {name: of.value, f"{name}_low": of.low, f"{name}_high": of.high, f"{name}_n": float(of.n)}


def _coefficient(of: Coefficient) -> dict[str, Any]:
    return asdict(of)


def _figure(rate: Rate) -> Figure:
    week = rate.week
    label: dict[str, str] = {}
    value, interval, over = dict(label), dict(label), dict(label)
    for locale in LOCALES:
        words = words_of(locale)
        label[locale] = words.say(week.outcome)
        value[locale] = words.say("unknown") if week.value is None else percent(week.value, words)
        interval[locale] = words.say("interval", percent(week.low, words), percent(week.high, words))
        over[locale] = words.say("over", week.n_read, words.count(week.population))
    return Figure(_by(label), _by(value), None if week.value is None else _by(interval), _by(over))


def _by(texts: Mapping[str, str]) -> ByLocale:
    return {locale: texts[locale] for locale in LOCALES}
