"""What a weekly report says of the last twelve weeks: of all of them, of none before, and where they were read."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from evals.review.report import Found, Rate, report_of
from evals.review.report_headline import notes
from evals.review.report_words import words_of
from evals.review.weeks import weeks_until
from flows.review_page import markdown, page
from matria.messages import LOCALES, Locale
from tests.unit.evals.review.test_weekly_report import NOTHING, NOW, POLICY, WEEK, all_read, drawn, made
from tests.unit.evals.review.week_parts import review

SPAN = POLICY.count("review.rolling_weeks")


def harm_of(harmful: dict[str, int], without: tuple[str, ...] = ()) -> Rate:
    """Harm in the report of the last of 13 weeks, all read, with so many harmful of the 20 usual items of each."""
    weeks = [drawn(name, [("usual", 200, 20)]) for name in weeks_until(WEEK, SPAN + 1) if name not in without]
    reviews = [
        review(item.item_id, "nurse-a", harm="severe" if at < harmful.get(batch.batch_id, 0) else "none")
        for batch, items, _ in weeks
        for at, item in enumerate(items)
    ]
    found = Found(
        [replace(batch) for batch, _, _ in weeks],
        [item for _, items, _ in weeks for item in items],
        [origin for _, _, origins in weeks for origin in origins],
        (),
        reviews,
    )
    report = report_of(found.batches[-1], found, NOTHING, POLICY, WEEK, NOW)
    rate = report.rate("harmful")
    assert rate is not None
    return rate


def test_the_rolling_figure_is_of_twelve_weeks_and_of_none_before() -> None:
    oldest, first, *_ = weeks_until(WEEK, SPAN + 1)
    rate = harm_of({oldest: 20, first: 6})
    assert (rate.week.value, rate.week.events, rate.week.n_read) == (0, 0, 20)
    assert (rate.rolling.events, rate.rolling.n_read, rate.weeks_read) == (6, 20 * SPAN, SPAN)
    assert rate.rolling.value == pytest.approx(6 / (20 * SPAN))
    assert rate.rolling.high < rate.week.high, "twelve weeks know more than one"


def test_readings_in_notion_are_said_to_be_as_blind_as_its_page_access() -> None:
    reviews = all_read()
    told = {locale: words_of(locale).say("notion") for locale in LOCALES}
    in_notion = made([replace(reviews[0], form="notion"), *reviews[1:]])
    decided = made([*reviews, replace(reviews[0], form="notion", part="adjudicator", reviewer_id="lead-a")])
    for locale, said in told.items():
        assert "Notion" in said
        assert said in notes(in_notion, words_of(locale))
        assert said not in notes(made(reviews), words_of(locale))
        assert said not in notes(decided, words_of(locale)), "a lead's decision is not blind"


@pytest.mark.parametrize("locale", LOCALES)
def test_where_nothing_was_read_twice_one_sentence_stands_for_all_figures_of_agreement(locale: Locale) -> None:
    report, none = made(all_read()), words_of(locale).say("agreement_none")
    assert report.agreement == ()
    for told in (page(report, 2, locale), markdown(report, 2, locale)):
        assert none.rstrip(".") in told
        assert words_of(locale).say("reason_no_pairs") not in told


def test_a_week_that_was_never_drawn_is_missing_in_it() -> None:
    missed = weeks_until(WEEK, SPAN)[4]
    rate = harm_of({}, without=(missed,))
    assert rate.rolling.missing_weeks == (missed,)
    assert rate.weeks_read == SPAN - 1


def test_days_are_told_by_the_nurses_clock() -> None:
    late = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    report = made(all_read())
    report = replace(report, at=late, batch=replace(report.batch, drawn_at=late), zone=ZoneInfo("America/Sao_Paulo"))
    said = markdown(report, 2, "pt-BR")
    assert said.count("23/11/2026") == 2
    assert "24/11/2026" not in said
