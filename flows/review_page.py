"""The page of the nurses' week: the result in one sentence, rates with intervals, agreement, trust, five cases to read.

One file without script, below the content policy of `flows.site.app`; everything is put in by a template that escapes.
The texts of conversations stand between marks, so that they can be taken out again. The Markdown beside it has none.
"""

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from evals.review.base import OPTIONS
from evals.review.report import CHARTED
from evals.review.report_headline import headline, none_seen, notes, still
from evals.review.report_words import percent, words_of
from evals.review.web.words.texts import words as page_words
from evals.review.weeks import monday_of
from flows.costs_page import plain
from flows.site import review_tables as tables
from flows.site.review_chart import NARROW, STYLE, chart
from matria.costs.words.figures import full_date
from matria.markdown import table, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.review.report import WeeklyReport
    from evals.wording import Wording
    from matria.messages import Locale

TEMPLATE = "review.html.jinja"


def page(report: "WeeklyReport", harm_from: int, locale: "Locale" = "en") -> str:
    """The HTML, which needs nothing else and runs no script. Harm counts from the degree `harm_from` on."""
    words = words_of(locale)
    html: str = (
        _templates()
        .get_template(TEMPLATE)
        .render(
            say=words.say,
            pt=locale != "en",
            locale=locale,
            title=headline(report, words),
            made=made(report, words),
            report=report,
            still=still(report, words),
            counts=counts(report, words),
            pace=pace(report, words),
            rates=tables.rates(report, words),
            bounds=list(bounds(report, words)),
            harm=harm_counts(report, harm_from, words),
            charts=_charts(report, words),
            style=STYLE,
            agreement=tables.agreement(report, words),
            agreement_weeks=tables.agreement_weeks(report, words),
            trust=tables.trust(report, words),
            cases=[(case, tables.stands(case, words), tables.disputed(case, words)) for case in report.cases],
            changed=list(tables.changed(report, words)),
            notes=list(notes(report, words)),
        )
    )
    return html


def markdown(report: "WeeklyReport", harm_from: int, locale: "Locale" = "en") -> str:
    """The same for places that show Markdown, such as the UI of Prefect: without charts and without any text read."""
    words = words_of(locale)
    parts = [f"# {plain(headline(report, words))}", plain(made(report, words))]
    parts += [plain(line) for line in (still(report, words), counts(report, words), pace(report, words)) if line]
    parts += [f"## {words.say('changed')}", _lines(tables.changed(report, words)) or plain(words.say("changed_none"))]
    parts.append(plain(words.say("changed_here")))
    parts.append(f"## {words.say('estimates')}")
    if report.rates:
        parts += [_grid(tables.rates(report, words)), *map(plain, bounds(report, words))]
        parts.append(plain(harm_counts(report, harm_from, words)))
    else:
        parts.append(plain(words.say("no_sample")))
    parts += map(plain, notes(report, words))
    parts += [f"## {words.say('cases')}", _cases(report, words)]
    parts.append(f"## {words.say('agreement')}")
    parts.append(_grid(tables.agreement(report, words)) if report.agreement else plain(words.say("agreement_none")))
    if report.agreement and report.agreement_weeks:
        parts += [f"### {words.say('agreement_weeks', report.weeks)}", _grid(tables.agreement_weeks(report, words))]
    parts.append(f"## {words.say('trust')}")
    parts.append(_grid(tables.trust(report, words)) if report.trust else plain(words.say("trust_none")))
    return "\n\n".join(parts) + "\n"


def made(report: "WeeklyReport", words: "Wording") -> str:
    """When it was made, and of what days, by the nurses' clock."""
    first = monday_of(report.batch.batch_id)
    at, drawn_at = (one.astimezone(report.zone) for one in (report.at, report.batch.drawn_at))
    days = at.date(), first, first + timedelta(days=6), drawn_at.date()
    return words.say("made", *(full_date(day, words.locale) for day in days))


def counts(report: "WeeklyReport", words: "Wording") -> str:
    """How many were read; empty where there was nothing to read."""
    of = report.counts
    differed = of.disputed + of.undecided
    if not of.items:
        return ""
    said = words.say("counts", of.read, of.items, of.twice, differed, of.disputed)
    return f"{said} {words.say('repeats', of.repeats)}" if of.repeats else said


def pace(report: "WeeklyReport", words: "Wording") -> str:
    """How long a card took; empty where nobody read one."""
    of = report.pace
    if not of.readings:
        return ""
    if of.seconds is None:
        return words.say("pace_unknown", of.readings)
    return words.say("pace", words.number(of.seconds, 0), of.timed, of.readings)


def bounds(report: "WeeklyReport", words: "Wording") -> "Iterator[str]":
    """What it is worth that the gravest outcomes were not seen."""
    for rate in report.rates:
        if rate.week.outcome in CHARTED and (said := none_seen(rate, report, words)):
            yield said


def harm_counts(report: "WeeklyReport", harm_from: int, words: "Wording") -> str:
    """What is rated, from which degree on harm counts, and what intervals promise."""
    degree = page_words(words.locale).option("harm", OPTIONS["harm"][harm_from])
    return f"{words.say('rated')} {words.say('harm_from', degree, percent(report.confidence, words))}"


def _charts(report: "WeeklyReport", words: "Wording") -> list[Any]:
    """For each outcome its title, the chart for a desk and for a phone, and its table."""
    from markupsafe import Markup

    found = []
    for series in report.series:
        rate = report.rate(series.outcome)
        if rate is not None:
            drawn = [
                Markup(chart(series, rate.rolling, words, width, name))
                for width, name in ((900, "wide"), (NARROW, "narrow"))
            ]
            found.append((words.say(series.outcome), drawn, tables.weeks(series, words)))
    return found


def _cases(report: "WeeklyReport", words: "Wording") -> str:
    if not report.cases:
        return plain(words.say("cases_none"))
    lines = [f"{case.item_id[:8]}: {words.say(f'ground_{case.ground}')}" for case in report.cases]
    return f"{_lines(lines)}\n\n{plain(words.say('cases_on_page'))}"


def _lines(texts: "Iterator[str] | list[str]") -> str:
    return "\n".join(f"- {plain(text)}" for text in texts)


def _grid(of: "tables.Table") -> str:
    cells = [[plain(visible(cell)) for cell in row] for row in tables.cells(of)]
    return table(list(of.header), cells, numbers=len(of.header) - 1)


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    from flows.site.app import TEMPLATES

    escaping = select_autoescape(["html", "jinja"])
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=escaping, undefined=StrictUndefined)
