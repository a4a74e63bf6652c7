"""The page of what a message costs: what happened in one sentence, two days hour by hour, and what it comes from.

One file without script, below the content policy of `flows.site.app`; everything is put in by a template that escapes,
and the chart escapes its own texts. The Markdown beside it is for places that show no page.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flows.site.costs_chart import MOST_LANDED, NARROW, STYLE, address
from flows.site.costs_chart import chart as drawn
from flows.site.costs_headline import headline
from flows.site.costs_tables import Row, dimensions, factors, hours, measures, rates
from flows.site.costs_words import dollars, words_of, zoned
from matria.costs.words.figures import zone_name
from matria.markdown import table, visible

if TYPE_CHECKING:
    from evals.wording import Wording
    from flows.steps.costs import CostReport
    from matria.costs.causes.base import Cause, Landed
    from matria.costs.hourly import Hourly
    from matria.costs.watching.base import Finding
    from matria.messages import Locale

TEMPLATE = "costs.html.jinja"
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#!|<>~&:.@$]")


def page(
    figures: "CostReport",
    chart: "Hourly",
    findings: "Sequence[Finding]" = (),
    cause: "Cause | None" = None,
    locale: "Locale" = "en",
    max_rate_age_days: int | None = None,
) -> str:
    """The HTML, which needs nothing else and runs no script."""
    words = words_of(locale)
    html: str = _templates().get_template(TEMPLATE).render(
        words=words,
        say=words.say,
        pt=locale != "en",
        locale=locale,
        title=headline(figures, findings, cause, locale),
        tone=_tone(findings),
        figures=figures,
        until=zoned(figures.until, words),
        zone=zone_name(locale),
        hourly=chart,
        charts=_charts(chart, words),
        style=STYLE,
        landed=[landed_line(landed, words) for landed in chart.landed],
        most_landed=MOST_LANDED,
        hours=hours(chart, words),
        factors=factors(cause, words) if cause else (),
        change=_signed(cause.change_usd, words) if cause else "",
        measures=measures(figures, words),
        dimensions=dimensions(figures, words),
        notes=list(notes(figures, words, max_rate_age_days)),
    )  # fmt: skip
    return html


def markdown(
    figures: "CostReport",
    chart: "Hourly | None" = None,
    findings: "Sequence[Finding]" = (),
    cause: "Cause | None" = None,
    locale: "Locale" = "en",
    max_rate_age_days: int | None = None,
) -> str:
    """The same for places that show Markdown, such as the UI of Prefect: the chart as a picture, without its hours."""
    words = words_of(locale)
    parts = [
        f"# {plain(headline(figures, findings, cause, locale))}",
        words.say("until", zoned(figures.until, words)),
    ]
    if chart and any(hour.messages for hour in chart.hours):
        parts.append(f"![{plain(words.say('chart_title'))}]({address(chart, words)})")
    if cause:
        header = [words.say(name) for name in ("factor", "usd_message", "share", "measured")]
        split = [Row(part.name, (part.usd, part.share, part.measured)) for part in factors(cause, words)]
        parts += [f"## {words.say('cause')}", _markdown_table(header, split)]
    if chart and chart.landed:
        lines = [
            f"{n}. {plain(landed_line(landed, words))}" for n, landed in enumerate(chart.landed[:MOST_LANDED], start=1)
        ]
        parts += [f"## {words.say('landed')}", "\n".join(lines)]
    parts += [f"## {words.say('figures')}", _markdown_table(_header(figures, words), measures(figures, words))]
    for name, header, rows in dimensions(figures, words):
        parts += [f"## {name}", _markdown_table(header, rows)]
    return "\n\n".join([*parts, *map(plain, notes(figures, words, max_rate_age_days))]) + "\n"


def plain(text: str) -> str:
    """The text on one line of Markdown, read as nothing else.

    Each character that means something has a backslash: Prefect's UI writes character references out.
    """
    return _SPECIAL.sub(r"\\\g<0>", re.sub(r"[\n\t]+", " ", visible(text)))


def landed_line(landed: "Landed", words: "Wording") -> str:
    """What changed, since when, and who brought it, as far as the repository tells."""
    versions = f"{landed.before} → {landed.after}" if landed.before else landed.after
    name = f"{landed.name} ({', '.join(landed.locales)})" if landed.locales else landed.name
    what = words.say(f"what_{landed.what}", name, versions)
    key = "landed_file" if landed.what == "file" else "landed_line"
    line = words.say(key, what, zoned(landed.first_seen_at, words))
    if not landed.commit:
        return f"{line}; {words.say('landed_unknown')}" if landed.what == "prompt" else line
    of = words.say("pull_request", f"#{landed.pull_request}") if landed.pull_request else landed.commit
    brought = words.say("landed_by", of, landed.author) if landed.author else of
    return f"{line}; {brought}: {landed.subject}" if landed.subject else f"{line}; {brought}"


def _header(figures: "CostReport", words: "Wording") -> list[str]:
    return ["", *(words.say(name, figures.hours) for name in ("now", "before", "change"))]


def _markdown_table(header: Sequence[str], rows: Sequence[Row]) -> str:
    cells = [[plain(row.name), *row.cells] for row in rows]
    return table([header[0] or " ", *header[1:]], cells, numbers=len(header) - 1)


def notes(figures: "CostReport", words: "Wording", max_rate_age_days: int | None = None) -> Iterator[str]:
    """What the figures rest on."""
    if figures.is_simulated:
        yield words.say("simulated_note")
    sources = figures.price_sources
    yield words.say("prices", "; ".join(sources)) if sources else words.say("no_prices")
    yield rates(figures, words, max_rate_age_days)
    if figures.serves == "people" and (own := figures.evaluation).calls:
        mark = f" ({words.say('simulated')})" if figures.is_evaluation_simulated else ""
        yield words.say("evaluation", figures.hours, words.count(own.calls), dollars(own.total_usd, words) + mark)


def _charts(hourly: "Hourly", words: "Wording") -> list[Any]:
    """For a desk and for a phone; the page shows one of them."""
    from markupsafe import Markup

    return [Markup(drawn(hourly, words)), Markup(drawn(hourly, words, NARROW, "narrow"))]


def _tone(findings: "Sequence[Finding]") -> str:
    states = {finding.state for finding in findings}
    return next((state for state in ("alert", "no_data") if state in states), "")


def _signed(usd: Fraction, words: "Wording") -> str:
    value = Decimal(usd.numerator) / usd.denominator
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return f"{sign}{dollars(abs(value), words)}"


@lru_cache(maxsize=1)
def _templates() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    from flows.site.app import TEMPLATES

    escaping = select_autoescape(["html", "jinja"])
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=escaping, undefined=StrictUndefined)
