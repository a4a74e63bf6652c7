"""What `matria costs` prints: tables for a person, JSON and CSV for a program."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from flows.cli.show import out, table
from flows.cli.terminal import Terminal, inert

if TYPE_CHECKING:
    from flows.site.costs_tables import Row
    from flows.steps.costs import CostReport, Standing
    from matria.costs.summary import Converted, CostFigures, CostSummary

NARROW = 76
"""Columns of a terminal below which a table keeps its name, count, cost and change alone."""
ALERTS_SHOWN = 5
CSV_COLUMNS = (
    "dimension", "value", "messages", "priced_messages", "calls", "unpriced_calls", "input_tokens", "cached_tokens",
    "output_tokens", "text_records", "total_usd", "mean_usd", "mean_brl", "mean_eur", "messages_before",
    "mean_usd_before", "change", "hours", "until", "rates_on", "is_simulated",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def shown(
    report: "CostReport",
    max_rate_age_days: int | None = None,
    to: Terminal = out,
    stands: "Standing | None" = None,
) -> None:
    """What the watch is alarmed by, then the tables, widest first; one sentence where there is nothing to show."""
    from flows.costs_page import notes
    from flows.site.costs_headline import alarm, headline, lost
    from flows.site.costs_tables import dimensions, measures
    from flows.site.costs_words import words_of
    from matria.costs.hourly import DAY_HOURS

    def line(text: str) -> None:
        to.print(inert(text), soft_wrap=True)

    words = words_of("en")
    alarmed = alarm(stands.findings) if stands else ""
    for episode in stands.open[:ALERTS_SHOWN] if stands else ():
        line(f"Alert {episode.alert_id} goes on. Why: matria costs explain {episode.alert_id}")
    if stands and stands.open[ALERTS_SHOWN:]:
        line(f"{len(stands.open) - ALERTS_SHOWN} more go on: matria costs alerts")
    if not report.last.all.calls and not report.before.all.calls:
        line(_nothing(report))
        return
    if alarmed and report.hours != DAY_HOURS:
        line(f"By the watch, over {DAY_HOURS} hours: {alarmed}")
    line(alarmed if alarmed and report.hours == DAY_HOURS else headline(report, locale="en"))
    if stands and stands.lost and any(finding.state == "alert" for finding in stands.findings):
        line(lost(stands.lost))
    line("")
    figures = ["", *(words.say(name, report.hours) for name in ("now", "before", "change"))]
    to.print(_grid(to, "", figures, measures(report, words)))
    for title, header, rows in dimensions(report, words):
        line("")
        to.print(_grid(to, title, header, rows))
    line("")
    for note in notes(report, words, max_rate_age_days):
        line(note)


def as_json(report: "CostReport") -> str:
    """Both windows, all and by dimension; dollars as text, since a float would round them."""
    from flows.site.costs_tables import used_rates

    used = sorted(used_rates(report), key=lambda rates: rates.on)
    data = {
        "hours": report.hours,
        "until": report.until.isoformat(),
        "serves": report.serves,
        "is_simulated": report.is_simulated,
        "price_sources": list(report.price_sources),
        "rates": [
            {"on": rates.on.isoformat(), "brl": rates.brl, "eur": rates.eur, "source": rates.source} for rates in used
        ],
        "last": _summary(report.last),
        "before": _summary(report.before),
        "evaluation": _figures(report.evaluation),
    }
    return json.dumps(data, default=str, ensure_ascii=False, indent=1)


def as_csv(report: "CostReport") -> str:
    """A row for each value of each dimension, and one for all, as RFC 4180 has it; unknown is empty, never 0."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for dimension, value, last, before in _values(report):
        writer.writerow(_cells(report, dimension, value, last, before))
    return text.getvalue()


def written(text: str) -> None:
    """The text as it is: a program reads it."""
    typer.echo(text, nl=not text.endswith("\n"))


def _nothing(report: "CostReport") -> str:
    since = f"in the last {2 * report.hours} hours"
    if report.serves == "evaluation":
        return f"No evaluation asked anything {since}: `matria evaluate` does."
    return (
        f"No message came {since}, so nobody knows what one costs. "
        "`matria chat` sends one; `matria doctor` tells which ledger is read."
    )


def _grid(to: Terminal, title: str, header: Sequence[str], rows: "Sequence[Row]") -> Table:
    """A table as wide as there is room for: in a narrow terminal without the window before and what is unpriced."""
    cells = [[row.name, *row.cells] for row in rows]
    if to.width < NARROW and len(header) > 4:
        kept = (0, 1, 2, 4)
        header, cells = [header[n] for n in kept], [[row[n] for n in kept] for row in cells]
    made = table(title, header, cells)
    for column in made.columns[1:]:
        column.justify = "right"
    return made


def _values(report: "CostReport") -> "Iterator[tuple[str, str, CostFigures | None, CostFigures | None]]":
    yield "all", "", report.last.all, report.before.all
    for dimension, last in report.last.by.items():
        before = report.before.by[dimension]
        for value in [*last, *(value for value in before if value not in last)]:
            yield dimension, value, last.get(value), before.get(value)


def _cells(
    report: "CostReport", dimension: str, value: str, last: "CostFigures | None", before: "CostFigures | None"
) -> list[Any]:
    brl, eur = (None, None) if last is None else (last.brl, last.eur)
    known = [money for money in (brl, eur) if money]
    mean, was = (None if side is None else side.mean_usd for side in (last, before))
    counts = [
        last.messages, last.priced_messages, last.calls, last.unpriced_calls, last.input_tokens, last.cached_tokens,
        last.output_tokens, last.text_records,
    ] if last else [0] * 8  # fmt: skip
    return [
        dimension,
        f"'{value}" if value.startswith(_FORMULA) else value,
        *counts,
        _plain(None if last is None else last.total_usd),
        _plain(mean),
        _whole(brl),
        _whole(eur),
        before.messages if before else 0,
        _plain(was),
        _plain(None if mean is None or not was else mean / was - 1),
        report.hours,
        report.until.isoformat(),
        max(money.last_rate_on for money in known).isoformat() if known else "",
        str(report.is_simulated).lower(),
    ]


def _whole(money: "Converted | None") -> str:
    """The mean; empty where some of it has no rate, since a cell cannot say that it is a lower bound."""
    return _plain(money.mean) if money is not None and money.is_whole else ""


def _plain(value: Decimal | None) -> str:
    """Without an exponent, which spreadsheets of other languages misread; empty where it is unknown."""
    return "" if value is None else f"{value:f}"


def _summary(summary: "CostSummary") -> dict[str, Any]:
    by = {name: {value: _figures(of) for value, of in groups.items()} for name, groups in summary.by.items()}
    return {"all": _figures(summary.all), "by": by}


def _figures(of: "CostFigures") -> dict[str, Any]:
    return {
        "state": of.state,
        "messages": of.messages,
        "priced_messages": of.priced_messages,
        "calls": of.calls,
        "unpriced_calls": of.unpriced_calls,
        "unpriced_share": of.unpriced_share,
        "input_tokens": of.input_tokens,
        "cached_tokens": of.cached_tokens,
        "output_tokens": of.output_tokens,
        "text_records": of.text_records,
        "total_usd": of.total_usd,
        "mean_usd": of.mean_usd,
        "brl": _money(of.brl),
        "eur": _money(of.eur),
    }


def _money(money: "Converted | None") -> dict[str, Any] | None:
    """A lower bound where `is_whole` is false."""
    if money is None:
        return None
    days = {"first_rate_on": money.first_rate_on.isoformat(), "last_rate_on": money.last_rate_on.isoformat()}
    return {"total": money.total, "mean": money.mean, "is_whole": money.is_whole, **days}
