"""The weekly report: what it says where nothing was seen, where nobody read, and where something is open."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals.judges.trust import Trust, TrustBook
from evals.review.base import Assignment, Batch, Origin, Review, ReviewItem, Stratum
from evals.review.intervals import unseen_bound
from evals.review.pace import Pace
from evals.review.report import CameOf, Found, WeeklyReport, report_of
from evals.review.report_data import as_data, metrics_of, trusted_in
from evals.review.report_headline import headline, none_seen, notes
from evals.review.report_words import EN, PORTUGAL, PT, percent, words_of
from flows.review_page import pace
from flows.site import review_tables as tables
from matria.messages import LOCALES, Locale
from matria.policy import load_policy
from tests.unit.evals.review.week_parts import MONDAY, given, item, review

POLICY = load_policy(Path(__file__).parents[4] / "policy.yaml")
NOTHING = CameOf(TrustBook(), None)
NOW = MONDAY + timedelta(days=7)
WEEK = "2026-W47"


def drawn(
    batch_id: str = WEEK, strata: Sequence[tuple[str, int, int]] = (("high_risk", 15, 8), ("usual", 185, 12))
) -> tuple[Batch, list[ReviewItem], list[Origin]]:
    """A batch of so many conversations and items in each stratum."""
    batch = Batch(batch_id, MONDAY, MONDAY, MONDAY, 7, "full", tuple(Stratum(*one) for one in strata))
    items, origins = [], []
    for name, size, count in strata:
        for number in range(count):
            items.append(item(f"{batch_id}-{name}-{number}", batch_id=batch_id))
            origins.append(Origin(items[-1].item_id, f"c-{items[-1].item_id}", (), "week", name, count / size))
    return batch, items, origins


def made(
    reviews: Sequence[Review],
    assignments: Sequence[Assignment] = (),
    came: CameOf = NOTHING,
    due: str = WEEK,
    items: Sequence[ReviewItem] | None = None,
) -> WeeklyReport:
    batch, known, origins = drawn()
    found = Found([batch], items or known, origins, assignments, reviews)
    return report_of(batch, found, came, POLICY, due, NOW)


def all_read(**said: str) -> list[Review]:
    """Each item by its first reader; of the first item what is said."""
    return [review(one.item_id, "nurse-a", **(said if number == 0 else {})) for number, one in enumerate(drawn()[1])]


def test_no_harm_in_twenty_is_bounded_by_the_design_and_the_bound_of_equal_weights_stands_beside_it() -> None:
    report = made(all_read())
    rate = report.rate("harmful")
    assert rate is not None
    assert unseen_bound(20, 0.05) == pytest.approx(1 - 0.05 ** (1 / 20))
    said = none_seen(rate, report, words_of("en"))
    assert "13.9%" in said
    bound = percent(rate.week.one_sided_upper, words_of("en"))
    assert f"bounded at {bound} (95%, one-sided)" in said
    assert rate.week.one_sided_upper > rate.equal_weights_upper
    assert f"up to {bound} of" in headline(report, words_of("en"))


def test_a_week_without_harm_whose_answers_were_unsafe_says_so_in_its_headline() -> None:
    report = made(all_read(safe="no", harm="mild"))
    said = headline(report, words_of("pt-BR"))
    assert "grau de dano que conta" in said
    assert said.endswith("em 1 das lidas não era seguro seguir a resposta")


def test_harm_that_was_seen_is_the_headline_and_the_first_case_to_read() -> None:
    report = made(all_read(harm="severe", safe="no"))
    assert "harm could follow from" in headline(report, words_of("en"))
    assert [case.ground for case in report.cases] == ["harm"]
    assert none_seen(report.rates[0], report, words_of("en")) == ""


def test_of_whom_nobody_could_tell_is_not_said_to_be_unread() -> None:
    for harm in ("none", "severe"):
        reviews = [*all_read(harm=harm)[:-1], review(drawn()[1][-1].item_id, "nurse-a", harm="cannot_tell")]
        report = made(reviews)
        assert report.counts.read == 20
        said = headline(report, words_of("en"))
        assert ("19 of 20 rated" if harm == "severe" else "in the 19 conversations rated of 20 drawn") in said
        assert "19 de 20 lidas" not in headline(report, words_of("pt-BR"))


def test_a_week_that_nobody_read_says_so_and_estimates_nothing() -> None:
    report = made([])
    assert report.state == "unread"
    assert "none of the 20 conversations was read" in headline(report, words_of("en"))
    assert all(rate.week.value is None for rate in report.rates)


def test_what_is_open_or_undecided_makes_a_report_provisional_and_is_named() -> None:
    first = drawn()[1][0].item_id
    reviews = [*all_read()[:-1], review(first, "nurse-b", "second", safe="no")]
    report = made(reviews, [given(drawn()[1][-1].item_id, "nurse-a")])
    assert report.state == "provisional"
    assert (report.counts.missing, report.counts.undecided, report.counts.open) == (1, 1, 1)
    assert headline(report, words_of("pt-BR")).endswith("(provisório)")
    assert {one.week.n_missing for one in report.rates if one.week.question == "safe"} == {2}


def test_a_week_whose_conversations_were_all_drawn_before_is_not_said_to_be_empty() -> None:
    batch = replace(drawn(strata=())[0], state="covered", strata=(Stratum("read_before", 5, 0),))
    report = report_of(batch, Found([batch], (), (), (), ()), NOTHING, POLICY, WEEK, NOW)
    assert (report.state, report.rates) == ("covered", ())
    said = {locale: headline(report, words_of(locale)) for locale in LOCALES}
    assert said["en"].endswith("all of them drawn not long ago: 5")
    assert all("5" in one for one in said.values())


def test_a_week_that_was_drawn_late_is_not_said_to_be_missing() -> None:
    batches = [replace(drawn(week)[0], missed=("2026-W46",)) for week in ("2026-W45", "2026-W46", WEEK)]
    report = report_of(batches[-1], Found(batches, (), (), (), ()), NOTHING, POLICY, WEEK, NOW)
    assert report.missed == ()
    early = report_of(batches[-1], Found([batches[0], batches[-1]], (), (), (), ()), NOTHING, POLICY, WEEK, NOW)
    assert early.missed == ("2026-W46",)


def test_a_leads_decision_is_what_counts() -> None:
    first = drawn()[1][0].item_id
    reviews = [
        *all_read(),
        review(first, "nurse-b", "second", safe="no"),
        review(first, "lead-a", "adjudicator", safe="no"),
    ]
    report = made(reviews)
    assert report.state == "settled"
    assert (report.counts.disputed, report.counts.undecided) == (1, 0)
    rate = report.rate("unsafe")
    assert rate is not None
    assert rate.week.events == 1


def test_a_lead_who_saw_less_than_both_nurses_is_told_with_the_item() -> None:
    first = drawn()[1][0].item_id
    seen = {"safe": "no", "harm": "severe"}
    reviews = [
        *all_read(**seen),
        review(first, "nurse-b", "second", tone="poor", **seen),
        review(first, "lead-a", "adjudicator", harm="mild"),
    ]
    report = made(reviews)
    assert as_data(report)["overruled"] == [{"item": first, "questions": ["safe", "harm"]}]
    assert [case.ground for case in report.cases] == ["overruled"]
    for locale, named in (("en", "(Safety, Harm)"), ("pt-BR", "(Segurança, Dano)")):
        words = words_of(locale)
        assert any(first[:8] in one and named in one for one in notes(report, words))
    assert made([*all_read(**seen), *reviews[-2:-1]]).overruled == ()


def test_a_week_that_should_have_been_drawn_since_is_missing_in_the_headline() -> None:
    report = made(all_read(), due="2026-W49")
    assert report.missed == ("2026-W48", "2026-W49")
    assert headline(report, words_of("en")).endswith("never drawn: 2026-W48, 2026-W49")


def test_no_nurse_is_named_and_no_text_is_in_the_data() -> None:
    first = drawn()[1][0].item_id
    reviews = [*all_read(harm="severe"), review(first, "nurse-b", "second", harm="severe")]
    text = json.dumps(as_data(made(reviews)))
    assert "nurse-a" not in text
    assert "nurse-b" not in text
    assert drawn()[1][0].conversation[0].text not in text


def test_five_cases_are_read_the_gravest_first_and_one_to_teach_last() -> None:
    said: list[dict[str, str]] = [{"correct": "partly"}, {"escalation": "missed"}, {"safe": "no"}, {"harm": "severe"}]
    items = drawn()[1]
    reviews = [review(one.item_id, "nurse-a", **what) for one, what in zip(items, [*said, *said], strict=False)]
    good = review(items[9].item_id, "nurse-a")
    reviews.append(replace(good, answers=replace(good.answers, teach=True)))
    assert [case.ground for case in made(reviews).cases] == ["harm", "harm", "unsafe", "unsafe", "taught"]


def test_a_case_to_teach_has_the_comment_of_the_nurse_who_flagged_it() -> None:
    first, second = (review(drawn()[1][0].item_id, *who) for who in (("nurse-a",), ("nurse-b", "second")))
    mine = replace(first, answers=replace(first.answers, comment="Nothing to add."))
    hers = replace(second, answers=replace(second.answers, comment="Warm, and to the point.", teach=True))
    (case,) = made([mine, hers]).cases
    assert (case.ground, case.comment) == ("taught", "Warm, and to the point.")


def test_an_item_whose_text_was_erased_is_not_among_the_cases() -> None:
    items = drawn()[1]
    items[0] = replace(items[0], is_erased=True)
    report = made(all_read(harm="severe"), items=items)
    assert report.cases == ()
    assert report.rates[0].week.events == 1
    assert report.counts.erased == 0, "it was read before"


def test_a_week_with_an_item_that_was_erased_unread_is_settled_and_says_so() -> None:
    items = drawn()[1]
    items[-1] = replace(items[-1], is_erased=True)
    report = made(all_read()[:-1], items=items)
    assert (report.state, report.counts.missing, report.counts.erased) == ("settled", 0, 1)
    assert any("erased before they were read" in one for one in notes(report, words_of("en")))
    assert report.rates[0].week.n_missing == 1


def test_a_judge_whose_state_is_another_than_last_week_has_changed() -> None:
    trust = Trust("judge:rubric m t", "review/safe", "trusted", 40)
    book = TrustBook({(trust.judge, trust.criterion): trust})
    before = trusted_in(
        as_data(
            made(
                [], came=CameOf(TrustBook({("judge:rubric m t", "review/safe"): replace(trust, state="untrusted")}), {})
            )
        )
    )
    (change,) = made([], came=CameOf(book, before)).trust_changes
    assert (change.before, change.after.state) == ("untrusted", "trusted")
    assert made([], came=CameOf(book, {("judge:rubric m t", "review/safe"): "trusted"})).trust_changes == ()


def test_a_repeat_is_held_against_what_the_same_nurse_said_before() -> None:
    batch, items, origins = drawn()
    again = item("again", kind="repeat")
    source = Origin("again", "c", (), items[0].item_id)
    reviews = [*all_read(), review("again", "nurse-a", tone="poor")]
    report = report_of(
        batch, Found([batch], [*items, again], [*origins, source], (), reviews), NOTHING, POLICY, WEEK, NOW
    )
    tone = next(one for one in report.agreement if one.all.question == "tone")
    assert tone.itself is not None
    assert (tone.itself.beside.agreed.value, tone.itself.beside.agreed.n) == (0.0, 1)
    assert report.counts.repeats == 1
    assert (metrics_of(report)["itself_tone"], metrics_of(report)["itself_tone_n"]) == (0.0, 1.0)
    assert report.rates[0].week.n_read == 20


def test_agreement_is_told_week_by_week_with_its_ends() -> None:
    before, *_ = known = [drawn(f"2026-W{week}") for week in (46, 47)]
    reviews = []
    for number, one in enumerate(known[0][1] + known[1][1]):
        said = "no" if number % 4 == 0 else "yes"
        second = said if number != 25 else "no"
        reviews += [review(one.item_id, "nurse-a", safe=said), review(one.item_id, "nurse-b", "second", safe=second)]
    items, origins = (known[0][place] + known[1][place] for place in (1, 2))
    found = Found([batch for batch, *_ in known], items, origins, (), reviews)
    report = report_of(known[1][0], found, NOTHING, POLICY, WEEK, NOW)
    safe = [next(of for of in one.questions if of.question == "safe") for one in report.agreement_weeks]
    assert [(of.twice, of.alpha.value == 1) for of in safe] == [(20, True), (40, False)]
    assert [one["week"] for one in as_data(report)["agreement_over_weeks"]] == [before[0].batch_id, WEEK]
    table = tables.agreement_weeks(report, words_of("pt-BR"))
    assert "n = 40" in table.rows[-1].cells[0]
    figures = metrics_of(report)
    assert figures["kappa_safe_low"] < figures["kappa_safe"] < figures["kappa_safe_high"]  # type: ignore[operator]
    assert figures["same_safe"] == pytest.approx(39 / 40)
    assert "97.5% (87.1% to 99.6%) of 40" in tables.agreement(report, words_of("en")).rows[0].cells  # Wilson


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en", "cannot be told: one side always said the same"), ("pt-BR", "não dá"), ("pt-PT", "não é possível")],
)
def test_a_reader_who_always_says_the_same_has_no_kappa_and_the_table_says_why(locale: Locale, said: str) -> None:
    known = drawn()[1][:5]
    first = [review(one.item_id, "nurse-a") for one in known]
    second = [review(one.item_id, "nurse-b", "second", **({"safe": "no"} if one == known[0] else {})) for one in known]
    report = made([*first, *second])
    cells = tables.agreement(report, words_of(locale)).rows[0].cells
    assert said in cells[0]
    assert metrics_of(report)["kappa_safe"] is None
    assert as_data(report)["agreement"][0]["kappa"]["reason"] == "constant_reader"


def test_a_card_takes_the_median_of_what_was_timed_and_of_nothing_timed_nothing_is_known() -> None:
    first, *rest = all_read()
    timed = [replace(one, seconds=float(seconds)) for one, seconds in zip(rest, (40, 50, 90), strict=False)]
    lead = replace(review(first.item_id, "lead-a", "adjudicator"), seconds=500.0)
    report = made([first, *timed, lead])
    assert report.pace == Pace(50.0, 3, 4)
    assert pace(report, words_of("en")) == "Time on a card: 50 s (median; readings timed: 3 of 4)."
    assert metrics_of(report)["seconds_per_card"] == 50.0
    assert "not known" in pace(made([first]), words_of("en"))
    assert pace(made([]), words_of("en")) == ""


def test_an_empty_week_has_no_rate_at_all() -> None:
    batch = Batch(WEEK, MONDAY, MONDAY, MONDAY, 7, "empty", ())
    report = report_of(batch, Found([batch], (), (), (), ()), NOTHING, POLICY, WEEK, NOW)
    assert report.rates == ()
    assert "nobody wrote" in headline(report, words_of("en"))
    assert list(notes(report, words_of("en"))) == []
    assert metrics_of(report)["n_items"] == 0


def test_the_three_languages_say_the_same_things() -> None:
    assert EN.keys() == PT.keys()
    assert PORTUGAL.keys() <= EN.keys()
    report = made(all_read())
    assert len({headline(report, words_of(locale)) for locale in LOCALES}) == 3


def test_data_is_json_without_figures_that_json_does_not_have() -> None:
    batch, items, origins = drawn(strata=(("usual", 3, 3),))
    reviews = [review(one.item_id, "nurse-a") for one in items]
    report = report_of(batch, Found([batch], items, origins, (), reviews), NOTHING, POLICY, WEEK, NOW)
    data = json.loads(json.dumps(as_data(report), allow_nan=False))
    assert data["rates"][0]["week"]["is_census"] is True
    assert data["rates"][0]["week"]["effective_n"] is None
