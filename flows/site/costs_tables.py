"""The tables of what a message costs, as text in the reader's language: figures, dimensions, hours, a cause's parts."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from flows.site.costs_words import amount, moment, percent
from matria.costs.words.causes import WORTH_SAYING, measured
from matria.costs.words.figures import full_date
from matria.costs.words.texts import TEXTS

if TYPE_CHECKING:
    from evals.wording import Wording
    from flows.steps.costs import CostReport
    from matria.costs.base import Rates
    from matria.costs.causes.base import Cause, Part
    from matria.costs.hourly import Hour, Hourly
    from matria.costs.summary import Converted, CostFigures, Dimension

DIMENSIONS: "tuple[Dimension, ...]" = ("prompt", "persona", "locale", "model", "purpose")
OF_MESSAGES: "frozenset[Dimension]" = frozenset({"prompt", "persona", "locale"})
"""Dimensions that split messages; the others split the cost of each message."""
TENTH = 0.001
"""Of a per cent: the smallest share that is shown."""


@dataclass(frozen=True)
class Row:
    """A name and its figures."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class FactorRow:
    """One part of the cause."""

    name: str
    usd: str
    share: str
    measure: str
    """What `measured` counts; empty where nothing is."""
    measured: str
    bar_percent: float
    """Length of its bar, of the longest."""
    is_dearer: bool


def measures(figures: "CostReport", words: "Wording") -> list[Row]:
    """Messages, cost, tokens and what is unpriced: in the last window, before, and the change."""
    last, before = figures.last.all, figures.before.all
    rows = [
        _counted("messages", last.messages, before.messages, words),
        _money("mean_usd", last.mean_usd, before.mean_usd, words),
    ]
    others = (("brl", last.brl, before.brl), ("eur", last.eur, before.eur))
    rows += [_converted(f"mean_{name}", now, was, "mean", words) for name, now, was in others if now or was]
    rows.append(_money("total_usd", last.total_usd, before.total_usd, words))
    rows += [_converted(f"total_{name}", now, was, "total", words) for name, now, was in others if now or was]
    return [
        *rows,
        _counted("calls", last.calls, before.calls, words),
        _counted("tokens_in", last.a_message(last.input_tokens), before.a_message(before.input_tokens), words),
        _counted("tokens_out", last.a_message(last.output_tokens), before.a_message(before.output_tokens), words),
        _shares("cached", _cached(last), _cached(before), words),
        _shares("unpriced", _unpriced(last), _unpriced(before), words),
    ]


def dimensions(figures: "CostReport", words: "Wording") -> list[tuple[str, list[str], list[Row]]]:
    """Title, header and rows of each dimension that has values."""
    tables = []
    for name in DIMENSIONS:
        last, before = figures.last.by[name], figures.before.by[name]
        values = [*last, *(value for value in before if value not in last)]
        counted = words.say("messages" if name in OF_MESSAGES else "calls")
        header = ["", counted, words.say("usd_message"), words.say("before", figures.hours), words.say("change")]
        rows = [
            _dimension(value, last.get(value), before.get(value), name in OF_MESSAGES, words)
            for value in values
            if name not in OF_MESSAGES or _has_messages(last.get(value)) or _has_messages(before.get(value))
        ]
        if rows:
            tables.append((words.say(f"by_{name}"), [*header, words.say("unpriced")], rows))
    return tables


def hours(chart: "Hourly", words: "Wording") -> list[Row]:
    """Start, cost of a message and messages of each hour, the newest first."""
    return [
        Row(moment(hour.start, words), (_cost(hour, None, words), words.count(hour.messages)))
        for hour in reversed(chart.hours)
    ]


def factors(cause: "Cause", words: "Wording") -> list[FactorRow]:
    """The parts of the cause in their order; those too small to say are one row."""
    smallest = abs(cause.change_usd) * WORTH_SAYING
    shown = [part for part in cause.parts if part.usd and abs(part.usd) >= smallest]
    small = [part.usd for part in cause.parts if part.usd and abs(part.usd) < smallest]
    longest = max((abs(part.usd) for part in shown), default=Fraction(0))
    rows = [
        _factor(
            factor(part, words) + (f" ({part.scope})" if part.scope else ""),
            part.usd,
            cause,
            longest,
            words,
            (_measure(part, words), " → ".join(measured(part, words.locale) or ("–",))),
        )
        for part in shown
    ]
    return [*rows, _factor(words.say("rest"), sum(small, Fraction(0)), cause, longest, words)] if small else rows


def _factor(
    name: str,
    usd: Fraction,
    cause: "Cause",
    longest: Fraction,
    words: "Wording",
    counted: tuple[str, str] = ("", "–"),
) -> FactorRow:
    return FactorRow(
        name,
        amount(Decimal(usd.numerator) / usd.denominator, words, signed=True),
        percent(float(usd / cause.change_usd), words) if cause.change_usd else "–",
        *counted,
        float(100 * abs(usd) / longest) if longest else 0.0,
        usd > 0,
    )


def factor(part: "Part", words: "Wording") -> str:
    """What moved; the sign of its sum says which way."""
    return words.say(part.factor if part.usd >= 0 else f"{part.factor}_less")


def rates(figures: "CostReport", words: "Wording", max_age_days: int | None = None) -> str:
    """Which rates reais and euros are by, how old the newest is, and whether some dollars have none."""
    used = sorted(used_rates(figures), key=lambda rates: rates.on)
    if not used:
        return words.say("no_rates")
    age = (figures.until.date() - used[-1].on).days
    name = "rates_old" if max_age_days is not None and age > max_age_days else "rates"
    days = list(dict.fromkeys(full_date(rates.on, words.locale) for rates in used))
    sources = "; ".join(dict.fromkeys(rates.source for rates in used))
    said = words.say(name, days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}", sources, age)
    sides = (side for of in (figures.last.all, figures.before.all) for side in (of.brl, of.eur))
    is_partial = any(side is not None and not side.is_whole for side in sides)
    return f"{said} {words.say('rates_partial')}" if is_partial else said


def used_rates(figures: "CostReport") -> "set[Rates]":
    """The rates that calls of either window were entered with."""
    return {rates for of in (figures.last.all, figures.before.all) for rates in of.by_rates if rates is not None}


def _dimension(
    value: str, last: "CostFigures | None", before: "CostFigures | None", is_of_messages: bool, words: "Wording"
) -> Row:
    count = 0 if last is None else last.messages if is_of_messages else last.calls
    now, was = (None if side is None else side.mean_usd for side in (last, before))
    unpriced = _unpriced(last) if last else None
    costs = (_cost(side, other.mean_usd if other else None, words) for side, other in ((last, before), (before, last)))
    missing = "–" if unpriced is None else _share(unpriced, words)
    return Row(value, (words.count(count), *costs, _change(now, was, words), missing))


def _cost(side: "CostFigures | Hour | None", beside: Decimal | None, words: "Wording") -> str:
    """A dash where there was nothing, unknown where nobody knows its price."""
    return amount(side.mean_usd, words, beside=beside) if side and side.messages else "–"


def _money(name: str, last: Decimal | None, before: Decimal | None, words: "Wording") -> Row:
    return Row(
        words.say(name),
        (amount(last, words, beside=before), amount(before, words, beside=last), _change(last, before, words)),
    )


def _converted(
    name: str, last: "Converted | None", before: "Converted | None", which: Literal["mean", "total"], words: "Wording"
) -> Row:
    """In another currency; marked as a lower bound where some dollars have no rate, and then without a change."""
    sides = (last, before)
    now, was = (None if side is None else getattr(side, which) for side in sides)
    texts = (amount(own, words, beside=other) for own, other in ((now, was), (was, now)))
    bound = (text if side is None or side.is_whole else f"≥ {text}" for side, text in zip(sides, texts, strict=True))
    is_whole = all(side is None or side.is_whole for side in sides)
    return Row(words.say(name), (*bound, _change(now, was, words) if is_whole else "–"))


def _counted(name: str, last: float | None, before: float | None, words: "Wording") -> Row:
    cells = ("–" if value is None else words.count(value) for value in (last, before))
    change = None if last is None or before is None else _change(Decimal(last), Decimal(before), words)
    return Row(words.say(name), (*cells, change or "–"))


def _shares(name: str, last: float | None, before: float | None, words: "Wording") -> Row:
    return Row(words.say(name), (*("–" if value is None else _share(value, words) for value in (last, before)), ""))


def _share(value: float, words: "Wording") -> str:
    """Next to none is not none: one call of thousands is `<0.1%`."""
    return f"<{percent(TENTH, words)}" if 0 < value < TENTH / 2 else percent(value, words)


def _has_messages(figures: "CostFigures | None") -> bool:
    """Calls of several assistants' messages, such as moderation, have a prompt's row without a message."""
    return figures is not None and figures.messages > 0


def _change(last: Decimal | None, before: Decimal | None, words: "Wording") -> str:
    """The rise as a share, with its sign; a dash where there is none."""
    if last is None or not before:
        return "–"
    rise = float(last / before) - 1
    return ("+" if round(rise, 3) > 0 else "") + percent(rise, words)


def _measure(part: "Part", words: "Wording") -> str:
    return TEXTS[words.locale][f"measure_{part.factor}"].format(name=part.name) if part.before is not None else ""


def _cached(figures: "CostFigures") -> float | None:
    return figures.cached_tokens / figures.input_tokens if figures.input_tokens else None


def _unpriced(figures: "CostFigures") -> float | None:
    return figures.unpriced_share if figures.calls else None
