"""The tables of the weekly report: rows of texts, as page, Markdown and terminal show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evals.judges.trust import Interval, Trust, plain_name
from evals.review.agreement import PairAgreement
from evals.review.base import CANNOT_TELL, OPTIONS
from evals.review.coefficient import Coefficient
from evals.review.estimate import Estimate
from evals.review.judging import question_named
from evals.review.report import Series, WeeklyReport
from evals.review.report_cases import CaseToRead
from evals.review.report_words import percent
from evals.review.web.changes import TrustChange
from evals.review.web.words.texts import Words
from evals.review.web.words.texts import words as page_words
from evals.standing import judge_name
from evals.wording import Wording, wording
from flows.site.costs_tables import Row


@dataclass(frozen=True)
class Table:
    """A table with its head; the first column names the row."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]


def rates(report: WeeklyReport, words: Wording) -> Table:
    """Each outcome: the week, then the last weeks."""
    header = (
        words.say("outcome"),
        words.say("week", report.batch.batch_id),
        words.say("rolling", report.weeks, _weeks_read(report)),
    )
    rows = (
        Row(words.say(one.week.outcome), (_share(one.week, words), _share(one.rolling, words))) for one in report.rates
    )
    return Table(header, tuple(rows))


def weeks(series: Series, words: Wording) -> Table:
    """One outcome week by week."""
    header = (words.say("week_of"), words.say(series.outcome), words.say("read"))
    return Table(header, tuple(_week(week, of, words) for week, of in series.weeks))


def agreement(report: WeeklyReport, words: Wording) -> Table:
    """Each question."""
    names = ("question", "kappa", "weighted", "alpha", "same", "itself")
    of = page_words(words.locale)
    rows = (
        Row(
            of(f"question.{one.all.question}.short"),
            (
                coefficient(one.pairs.kappa, words),
                coefficient(one.pairs.quadratic, words) if one.pairs.quadratic else "–",
                coefficient(one.all.alpha, words),
                _same(one.pairs, words),
                "–" if one.itself is None else _same(one.itself, words),
            ),
        )
        for one in report.agreement
    )
    return Table(tuple(words.say(name) for name in names), tuple(rows))


def agreement_weeks(report: WeeklyReport, words: Wording) -> Table:
    """Alpha of each question week by week, each over as many weeks; the questions are those of the table above."""
    of = page_words(words.locale)
    asked = [one.all.question for one in report.agreement]
    rows = []
    for week in report.agreement_weeks:
        alphas = {one.question: one.alpha for one in week.questions}
        cells_ = (coefficient(alphas[name], words) if name in alphas else words.say("unknown") for name in asked)
        rows.append(Row(week.week, tuple(cells_)))
    header = (words.say("week_of"), *(of(f"question.{name}.short") for name in asked))
    return Table(header, tuple(rows))


def trust(report: WeeklyReport, words: Wording) -> Table:
    """Each judge, on each criterion and axis."""
    names = ("judge", "criterion", "state", "items", "kappa", "sensitivity", "specificity")
    of = page_words(words.locale)
    rows = (
        Row(
            judge_name(one.judge),
            (
                criterion(one.criterion, words),
                _state(one, words, of),
                words.count(one.n),
                *(_figure(figure, words) for figure in (one.kappa, one.sensitivity, one.specificity)),
            ),
        )
        for one in report.trust
    )
    return Table(tuple(words.say(name) for name in names), tuple(rows))


def changed(report: WeeklyReport, words: Wording) -> Iterator[str]:
    """What came of the readings, a line each."""
    of = page_words(words.locale)
    for case in report.golden:
        yield words.say("golden", case.case, words.say(f"golden_{case.state}"))
    for change in report.trust_changes:
        yield trust_change(change, words)
    for gate in report.gates:
        before, after = (of(f"changes.verdict.{state}") for state in (gate.before, gate.after))
        yield words.say("gate_change", gate.title, before, after)


def trust_change(change: TrustChange, words: Wording) -> str:
    """One judge whose standing is another than a week ago."""
    of = page_words(words.locale)
    states = (of(f"changes.trust.{state}") for state in (change.before, change.after.state))
    return words.say("trust_change", judge_name(change.after.judge), criterion(change.criterion, words), *states)


def stands(case: CaseToRead, words: Wording) -> str:
    """The answers that stand, as the page says them; what is right is left out where something is not."""
    of = page_words(words.locale)
    told = [(question, answer) for question, answer in case.answers.items() if answer != CANNOT_TELL]
    bad = [(question, answer) for question, answer in told if answer != OPTIONS[question][0]]
    shown = bad or told
    return "; ".join(f"{of(f'question.{question}.short')}: {of.option(question, answer)}" for question, answer in shown)


def disputed(case: CaseToRead, words: Wording) -> str:
    """On what the two differed; empty where they did not."""
    of = page_words(words.locale)
    names = ", ".join(of(f"question.{question}.short") for question in case.disputed)
    return words.say("on", names) if names else ""


def plain_rates(report: WeeklyReport) -> list[dict[str, Any]]:
    """A row per outcome, for places that take tables of plain values; shares from 0 to 1, to four places."""
    return [
        {
            "outcome": one.week.outcome,
            "week": _rounded(one.week.value),
            "low": _rounded(one.week.low),
            "high": _rounded(one.week.high),
            "read": one.week.n_read,
            "missing": one.week.n_missing,
            f"{report.weeks} weeks": _rounded(one.rolling.value),
            "at most": _rounded(one.rolling.one_sided_upper),
        }
        for one in report.rates
    ]


def criterion(name: str, words: Wording) -> str:
    """A criterion or axis as people read it."""
    of = page_words(words.locale)
    if name.startswith("axis:"):
        return words.say("axis", wording(words.locale).say(name.removeprefix("axis:")))
    asked = question_named(name)
    return of(f"question.{asked[0]}.short") if asked else plain_name(name)


def coefficient(of: Coefficient, words: Wording) -> str:
    """A coefficient with its ends and n, or why there is none."""
    why = words.say(f"reason_{of.reason}") if of.reason else "–"
    if of.value is None:
        return why
    ends = why
    if of.low is not None and of.high is not None:
        ends = words.say("interval", words.number(of.low), words.number(of.high))
    return f"{words.number(of.value)} ({ends}), n = {of.n}"


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _weeks_read(report: WeeklyReport) -> int:
    return max((rate.weeks_read for rate in report.rates), default=0)


def _share(of: Estimate, words: Wording) -> str:
    if of.value is None:
        return words.say("unknown")
    ends = words.say("interval", percent(of.low, words), percent(of.high, words))
    return f"{percent(of.value, words)} ({ends}); {words.say('seen', of.events, of.n_read)}"


def _week(week: str, of: Estimate | None, words: Wording) -> Row:
    if of is None or of.value is None:
        return Row(week, (words.say("unknown"), "0"))
    ends = words.say("interval", percent(of.low, words), percent(of.high, words))
    return Row(week, (f"{percent(of.value, words)} ({ends})", words.count(of.n_read)))


def _same(one: PairAgreement, words: Wording) -> str:
    share = one.beside.agreed
    if share.value is None or share.low is None or share.high is None:
        return "–"
    ends = words.say("interval", percent(share.low, words), percent(share.high, words))
    return f"{percent(share.value, words)} ({ends}) {words.say('of_pairs', f'{share.n:.0f}')}"


def _state(one: Trust, words: Wording, of: Words) -> str:
    said = of(f"changes.trust.{one.state}")
    return f"{said} ({words.say('simulated')})" if one.is_simulated else said


def _figure(of: Interval, words: Wording) -> str:
    if of.value is None:
        return "–"
    ends = "" if of.low is None else f" ({words.say('interval', words.number(of.low), words.number(of.high))})"
    return f"{words.number(of.value)}{ends}"


def cells(table: Table) -> Sequence[Sequence[str]]:
    """Name and cells of each row."""
    return [[row.name, *row.cells] for row in table.rows]
