"""The weekly report in sentences: its headline with the result in it, and what a figure of nothing seen is worth."""

from collections.abc import Iterator

from evals.review.report import Overruled, Rate, WeeklyReport
from evals.review.report_words import percent
from evals.review.web.words.texts import words as page_words
from evals.wording import Wording


def headline(report: WeeklyReport, words: Wording) -> str:
    """One sentence; what is missing, provisional or simulated is said in it."""
    marks = [words.say("simulated")] if report.batch.is_simulated else []
    marks += [words.say("provisional")] if report.state == "provisional" else []
    said = _result(report, words) + (f" ({', '.join(marks)})" if marks else "")
    return f"{said}; {words.say('missed', ', '.join(report.missed))}" if report.missed else said


def none_seen(rate: Rate, report: WeeklyReport, words: Wording) -> str:
    """What it is worth that an outcome was not seen; empty where it was, where nothing is known, or all is."""
    week, pooled = rate.week, rate.rolling
    if week.value is None or week.events or week.is_census:
        return ""
    said = words.say(
        "none_seen",
        words.say(week.outcome),
        week.n_read,
        percent(week.one_sided_upper, words),
        percent(report.confidence, words),
        percent(rate.equal_weights_upper, words),
    )
    if pooled.events or pooled.n_read <= week.n_read:
        return said
    over = words.say("none_seen_rolling", rate.weeks_read, pooled.n_read, percent(pooled.one_sided_upper, words))
    return f"{said} {over}"


def still(report: WeeklyReport, words: Wording) -> str:
    """Why the report is provisional; empty where it is not."""
    counts = report.counts
    parts = (
        ("still_missing", counts.missing),
        ("still_undecided", counts.undecided),
        ("still_open", counts.open),
    )
    if report.state != "provisional":
        return ""
    return words.say("state_provisional", ", ".join(words.say(name, count) for name, count in parts if count))


def notes(report: WeeklyReport, words: Wording) -> Iterator[str]:
    """What figures lack, what keeps readings blind in Notion, and where a lead took from them what both readers saw."""
    if report.batch.is_simulated:
        yield words.say("simulated_note")
    if report.has_notion:
        yield words.say("notion")
    if report.missed:
        yield words.say("missed_note", ", ".join(report.missed))
    if report.overruled:
        yield words.say("overruled", "; ".join(_named(one, words) for one in report.overruled))
    harm = report.rate("harmful")
    if harm is None:
        return
    if harm.week.uncovered:
        yield words.say("uncovered", words.count(harm.week.uncovered))
    if harm.week.n_missing and harm.week.value is not None:
        ends = percent(harm.week.lowest, words), percent(harm.week.highest, words)
        yield words.say("could_change", words.say("quoted", words.say("harmful")), *ends)
    if report.counts.erased:
        yield words.say("erased_unread", report.counts.erased)
    if harm.rolling.missing_weeks:
        yield words.say("missing_weeks", report.weeks, ", ".join(harm.rolling.missing_weeks))


def _named(one: Overruled, words: Wording) -> str:
    """The item as it is called elsewhere in the report, and the questions."""
    of = page_words(words.locale)
    return f"{one.item_id[:8]} ({', '.join(of(f'question.{question}.short') for question in one.questions)})"


def _result(report: WeeklyReport, words: Wording) -> str:
    week, counts, harm = report.batch.batch_id, report.counts, report.rate("harmful")
    if report.state == "covered":
        return words.say("covered", week, report.batch.population)
    if report.state == "empty" or harm is None:
        return words.say("empty", week)
    if report.state == "unread":
        return words.say("unread", week, counts.items)
    if harm.week.value is None:
        return words.say("untold", week, counts.read, counts.items)
    if harm.week.events:
        of = harm.week.n_read + harm.week.n_missing + harm.week.n_cannot_tell
        figures = (percent(share, words) for share in (harm.week.value, harm.week.low, harm.week.high))
        return words.say("harm", week, *figures, harm.week.n_read, of)
    if harm.week.is_census:
        return words.say("no_harm_all", week, harm.week.n_read) + _but_unsafe(report, words)
    of = harm.week.n_read + harm.week.n_missing + harm.week.n_cannot_tell
    said = words.say("no_harm", week, harm.week.n_read, of, percent(harm.week.one_sided_upper, words))
    return said + _but_unsafe(report, words)


def _but_unsafe(report: WeeklyReport, words: Wording) -> str:
    """How many answers were not safe though none did the harm that counts; empty where all were."""
    unsafe = report.rate("unsafe")
    return words.say("but_unsafe", unsafe.week.events) if unsafe is not None and unsafe.week.events else ""
