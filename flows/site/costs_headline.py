"""What happened to the cost of a message: the gravest finding with its main cause, or the figures if there is none."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flows.site.costs_tables import factor
from flows.site.costs_words import dollars, percent, words_of, zoned
from matria.costs.hourly import DAY_HOURS
from matria.costs.watching.base import TOTAL
from matria.costs.words.texts import TEXTS

if TYPE_CHECKING:
    from evals.wording import Wording
    from flows.steps.costs import CostReport
    from matria.costs.causes.base import Cause
    from matria.costs.watching.base import Finding, Reason
    from matria.messages import Locale

_GRAVEST = {"day": 0, "hour": 1, "unpriced": 2, "no_data": 3}
_SAME = 0.0005
"""A change below a tenth of a per cent when rounded."""


def headline(
    figures: "CostReport",
    findings: "Sequence[Finding]" = (),
    cause: "Cause | None" = None,
    locale: "Locale" = "en",
) -> str:
    """What happened, in a sentence, and in a second the main cause where one is known."""
    if not figures.last.all.calls and all(finding.state != "alert" for finding in findings):
        return f"{_figures(figures, words_of(locale))}."
    return alarm(findings, cause, locale) or f"{_figures(figures, words_of(locale))}."


def alarm(findings: "Sequence[Finding]", cause: "Cause | None" = None, locale: "Locale" = "en") -> str:
    """What the watch found that is not fine, in a sentence or two; empty where it found nothing."""
    words = words_of(locale)
    alerts = sorted((f for f in findings if f.state == "alert"), key=lambda f: (_GRAVEST[f.rule], f.scope != TOTAL))
    if alerts and alerts[0].rule != "no_data":
        return f"{_found(alerts[0], cause, words)}."
    whole = [one for one in findings if one.scope == TOTAL and one.rule in ("day", "no_data")]
    missing = [one for one in whole if one.state != "fine"] or alerts[:1]
    return f"{_missing(missing, words)}." if missing else ""


def _missing(findings: "Sequence[Finding]", words: "Wording") -> str:
    """Why nothing can be compared, in the words of the notices; of a silence, since when it lasts."""
    scope, reasons = findings[0].scope, {}
    for finding in findings:
        for reason in finding.reasons:
            reasons[reason.code] = _reason(reason, words)
            if reason.code == "silent" and reason.figures["hours"] < DAY_HOURS:
                since = finding.last.end - timedelta(hours=reason.figures["hours"])
                reasons["silent"] = words.say("silent_since", zoned(since, words))
    if "silent" in reasons:
        reasons = {code: said for code, said in reasons.items() if code not in ("gap_last", "too_few_last")}
    said = "; ".join(reasons.values()) or TEXTS[words.locale]["reason_other"]
    return words.say("no_comparison_scope", said, scope) if scope else words.say("no_comparison", said)


def lost(reasons: "Sequence[Reason]", locale: "Locale" = "en") -> str:
    """Which hours the ledger lost, in a sentence; empty where it lost none."""
    said = "; ".join(_reason(reason, words_of(locale)) for reason in reasons)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _reason(reason: "Reason", words: "Wording") -> str:
    texts = TEXTS[words.locale]
    figures = {name: words.count(value) for name, value in reason.figures.items()}
    return texts.get(f"reason_{reason.code}", texts["reason_other"]).format_map(figures)


def _found(finding: "Finding", cause: "Cause | None", words: "Wording") -> str:
    hours = DAY_HOURS
    if finding.rule == "unpriced":
        counts = (words.count(finding.last.unpriced_calls), words.count(finding.last.calls))
        share = finding.last.unpriced_calls / finding.last.calls if finding.last.calls else 0
        return words.say("unpriced_now", *counts, hours, percent(share, words))
    now = dollars(finding.last.mean_usd, words)
    if finding.rule == "hour":
        said = words.say("hour_now_scope", now, finding.scope) if finding.scope else words.say("hour_now", now)
    elif finding.scope:
        said = words.say("mean_now_scope", now, hours, finding.scope)
    else:
        said = words.say("mean_now", now, hours)
    said += _change(finding.before.mean_usd, finding.last.mean_usd, words)
    return f"{said}. {words.say('because', factor(cause.parts[0], words))}" if cause and cause.parts else said


def _figures(figures: "CostReport", words: "Wording") -> str:
    last, hours = figures.last.all, figures.hours
    if not last.calls:
        return words.say("nothing", hours)
    if last.mean_usd is None:
        return words.say("all_unpriced", hours, words.count(last.unpriced_calls), words.count(last.calls))
    now = words.say("mean_now", dollars(last.mean_usd, words), hours)
    return now + _change(figures.before.all.mean_usd, last.mean_usd, words)


def _change(before: Decimal | None, last: Decimal | None, words: "Wording") -> str:
    """How the sentence goes on; what has a verb of its own stands behind a semicolon."""
    if before is None or last is None:
        return f"; {words.say('nothing_before')}"
    if not before and last:
        return f"; {words.say('from_nothing')}"
    change = float(last / before) - 1 if before else 0.0
    if abs(change) < _SAME:
        return f", {words.say('same', dollars(before, words))}"
    return f", {words.say('dearer' if change > 0 else 'cheaper', percent(abs(change), words), dollars(before, words))}"
