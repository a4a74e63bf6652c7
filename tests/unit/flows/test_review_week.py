"""A week from its draw to its decisions, on stores in files."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from review_parts import MONDAY, made_platform, person, read, talk

from evals.review.base import Absence, AskedCriterion, Assignment, JudgeVerdict
from flows.steps.review import draw_week
from flows.steps.review_due import look_after, queued_open, weeks_status
from flows.steps.simulated_week import simulate_week
from flows.wiring import Platform
from matria.errors import InputError, SettingsError
from tests.notice_doubles import Channel, Post

THURSDAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def platform(tmp_path: Path, post: Post) -> Platform:
    made = made_platform(tmp_path, post)
    for name in ("a", "b"):
        person(made, name)
    person(made, "lead", "lead")
    person(made, "viewer", "viewer")
    return made


def standing(platform: Platform) -> list[Assignment]:
    return [one for one in platform.reviews.assignments() if one.state != "withdrawn"]


def test_monday_draws_twenty_of_the_week_before_and_four_are_read_twice(platform: Platform) -> None:
    talk(platform, 60)
    drawn = draw_week(platform, now=MONDAY)
    assert drawn.batch.batch_id == "2026-W47"
    assert drawn.batch.state == "full"
    assert Counter(one.part for one in standing(platform)) == {"first": 20, "second": 4}
    assert Counter(one.reviewer_id for one in standing(platform)) == {"a": 12, "b": 12}
    assert {one.due_at for one in standing(platform)} == {datetime(2026, 11, 28, 11, tzinfo=UTC)}
    assert drawn.title == "2026-W47: 20 items of 60 conversations, 24 readings by 2 nurses"
    assert len(platform.reviews.offers("a")) == 12


def test_ids_are_random_and_the_draw_is_not(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        made = made_platform(tmp_path / name)
        person(made, "a")
        talk(made, 60)
        draw_week(made, now=MONDAY)
        origins = made.reviews.origins()
        found.append(({one.conversation_id for one in origins}, {one.item_id for one in origins}))
    assert found[0][0] == found[1][0]
    assert not found[0][1] & found[1][1]


def test_an_item_says_nothing_of_where_it_comes_from_and_its_origin_all(platform: Platform) -> None:
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    item, origin = platform.reviews.items()[0], platform.reviews.origins()[0]
    assert [one.role for one in item.conversation] == ["user", "assistant"]
    assert item.stage == "third_trimester"
    for told in (origin.conversation_id, "gestante/conteudo", "simulator-1"):
        assert told not in repr(item)
    assert origin.prompts == ("gestante/conteudo.pt-BR@1.0.0",)
    assert origin.probability == 1.0


def test_a_second_run_the_same_monday_changes_nothing(platform: Platform) -> None:
    talk(platform, 60)
    draw_week(platform, now=MONDAY)
    before = (platform.reviews.batches(), platform.reviews.items(), platform.reviews.assignments())
    talk(platform, 9, mark="late")
    again = draw_week(platform, now=MONDAY + timedelta(hours=3))
    assert again.state == "known"
    assert again.title.endswith("; drawn before")
    assert (platform.reviews.batches(), platform.reviews.items(), platform.reviews.assignments()) == before


def test_fewer_than_twenty_are_all_read_and_none_at_all_is_an_empty_batch(platform: Platform) -> None:
    talk(platform, 7)
    short = draw_week(platform, now=MONDAY)
    assert (short.batch.state, len(short.items)) == ("short", 7)
    empty = draw_week(platform, now=MONDAY + timedelta(days=7))
    assert (empty.batch.state, empty.items, empty.problems) == ("empty", (), ())
    assert empty.title == "2026-W48: no conversation to read"
    assert look_after(platform, MONDAY + timedelta(days=7, hours=1)).problems == ()


def test_what_may_not_be_drawn_is_counted_and_said(platform: Platform, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="flows.steps.review")
    talk(platform, 1)
    assert platform.transcripts is not None
    (real,) = platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY)
    for number in range(5):
        name = f"other-{number}"
        other = replace(real.last, conversation_id=name, message_id=name)
        other = replace(other, persona="enfermeira") if number < 2 else replace(other, is_simulated=True)
        platform.transcripts.keep(other)
    drawn = draw_week(platform, now=MONDAY)
    assert "1 items of 1 conversations" in drawn.title
    assert drawn.title.endswith("; left out: 3 simulated, 2 of staff")
    assert [(row["items"], row["said"]) for row in drawn.table() if row["who"] == "left out"] == [
        (3, "simulated"),
        (2, "of staff"),
    ]
    assert "left out are 3 simulated, 2 of staff" in caplog.text
    assert draw_week(platform, now=MONDAY).staff is None, "a batch that is known is not counted again"


def test_a_missed_week_is_named_and_can_be_drawn_by_its_id(platform: Platform) -> None:
    for weeks in (0, 1, 2):
        talk(platform, 30, MONDAY + timedelta(weeks=weeks))
    draw_week(platform, now=MONDAY)
    later = MONDAY + timedelta(weeks=2)
    newest = draw_week(platform, now=later)
    assert newest.batch.missed == ("2026-W48",)
    assert newest.title.endswith("never drawn: 2026-W48")
    assert draw_week(platform, "2026-W48", later).batch.state == "full"
    with pytest.raises(InputError, match="is not over"):
        draw_week(platform, "2026-W50", later)
    with pytest.raises(InputError, match="2026-W47"):
        draw_week(platform, "last", later)


def test_a_week_of_which_a_part_may_be_gone_is_not_drawn(platform: Platform) -> None:
    talk(platform, 30)
    with pytest.raises(InputError, match="2026-W47 is more than 180 days old"):
        draw_week(platform, "2026-W47", MONDAY + timedelta(days=174))
    assert draw_week(platform, "2026-W47", MONDAY + timedelta(days=172)).batch.state == "full"


def test_no_conversation_comes_again_soon_and_one_repeat_does(platform: Platform) -> None:
    talk(platform, 30)
    draw_week(platform, now=MONDAY)
    for one in standing(platform):
        read(platform, one, MONDAY + timedelta(hours=5))
    later = MONDAY + timedelta(weeks=5)
    talk(platform, 30, later)
    drawn = draw_week(platform, now=later)
    (repeat,) = [one for one in drawn.items if one.kind == "repeat"]
    assert len(drawn.items) == 20
    of = {one.item_id: one for one in platform.reviews.origins()}
    first = of[of[repeat.item_id].source]
    (hers,) = [one for one in drawn.assignments if one.item_id == repeat.item_id]
    assert any(one.item_id == first.item_id and one.reviewer_id == hers.reviewer_id for one in standing(platform))
    assert of[repeat.item_id].conversation_id == first.conversation_id


def test_what_nobody_can_read_is_said_and_given_to_whoever_can_later(platform: Platform) -> None:
    talk(platform, 4)
    talk(platform, 3, locale="en", mark="e")
    drawn = draw_week(platform, now=MONDAY)
    assert len(drawn.unread) == 3
    assert "3 UNASSIGNED" in drawn.title
    assert len(look_after(platform, MONDAY + timedelta(hours=1)).unread) == 3
    person(platform, "english", languages=("en",))
    filled = look_after(platform, MONDAY + timedelta(hours=2))
    assert {one.reviewer_id for one in filled.filled} == {"english"}
    assert filled.unread == ()
    assert len(platform.reviews.offers("english")) == 3


def test_a_week_whose_last_item_was_erased_unread_is_done(platform: Platform) -> None:
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    gone = platform.reviews.origins()[0]
    platform.reviews.erase([gone.conversation_id])
    for one in standing(platform):
        read(platform, one, MONDAY + timedelta(hours=1))
    (week,) = weeks_status(platform, MONDAY + timedelta(hours=2))
    assert (week.is_done, week.unassigned, week.erased) == (True, (), (gone.item_id,))
    assert week.title.endswith("1 erased before they were read")


def test_a_conversation_with_an_empty_message_is_given_out_late_as_any(platform: Platform) -> None:
    talk(platform, 1, locale="en")
    assert platform.transcripts is not None
    said = next(iter(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY))).last
    silent = replace(said, conversation_id="silent", message_id="silent", shown_text="", outcome="withheld")
    platform.transcripts.keep(silent)
    assert len(draw_week(platform, now=MONDAY).unread) == 2
    person(platform, "english", languages=("en",))
    assert len(look_after(platform, MONDAY + timedelta(hours=1)).filled) == 2


def test_a_dispute_over_what_was_erased_since_waits_for_nobody(platform: Platform) -> None:
    talk(platform, 30)
    draw_week(platform, now=MONDAY)
    second = next(one for one in standing(platform) if one.part == "second")
    for one in standing(platform):
        read(platform, one, MONDAY + timedelta(hours=1), **({"safe": "no"} if one == second else {}))
    (origin,) = platform.reviews.origins([second.item_id])
    platform.reviews.erase([origin.conversation_id])
    found = look_after(platform, MONDAY + timedelta(hours=2))
    assert (found.to_decide, found.problems) == ((), ())
    assert found.weeks[0].is_done


@pytest.mark.parametrize(("never", "parts"), [(False, ["first"]), (True, ["first", "second"])])
def test_what_a_gate_queued_is_given_to_one_nurse_and_a_never_event_to_two(
    platform: Platform, never: bool, parts: list[str]
) -> None:
    talk(platform, 3)
    draw_week(platform, now=MONDAY)
    known = platform.reviews.items()[0]
    criterion = AskedCriterion("c1", "Diz que é seguro.")
    asked = replace(known, item_id="queued", batch_id="queue-1", kind="criterion", criterion=criterion)
    origin = replace(platform.reviews.origins()[0], item_id="queued", source="gate:1", probability=None)
    verdict = JudgeVerdict("judge:rubric", "judge:rubric m t", "s/c1#1", "tone", met=False, never=never)
    origin = replace(origin, verdicts=(verdict,))
    platform.reviews.put_items([asked], [origin], [])
    given = look_after(platform, MONDAY + timedelta(hours=1)).filled
    assert [(one.item_id, one.part) for one in given] == [("queued", part) for part in parts]
    assert {one.due_at for one in given} == {datetime(2026, 11, 28, 11, tzinfo=UTC)}
    assert look_after(platform, MONDAY + timedelta(hours=2)).filled == ()
    assert [one.item_id for one in queued_open(platform)] == ["queued"] * len(parts)


def test_a_week_cannot_be_drawn_where_nothing_is_kept_or_nobody_reads(tmp_path: Path, platform: Platform) -> None:
    with pytest.raises(SettingsError, match="matria review people add"):
        draw_week(made_platform(tmp_path / "nobody"), now=MONDAY)
    vars(platform)["transcripts"] = None
    with pytest.raises(SettingsError, match="MATRIA_TRANSCRIPTS__KIND is none"):
        draw_week(platform, now=MONDAY)


def test_a_dry_run_keeps_nothing(platform: Platform) -> None:
    talk(platform, 30)
    drawn = draw_week(platform, now=MONDAY, is_dry=True)
    assert len(drawn.items) == 20
    assert platform.reviews.batches() == []


def test_the_judges_read_at_most_as_many_as_the_policy_lets(platform: Platform) -> None:
    talk(platform, 90)
    asked: list[str] = []
    draw_week(platform, now=MONDAY, judge=lambda _, them: asked.extend(one.conversation_id for one in them) or {})
    assert len(asked) == len(set(asked)) == 60


class TestADispute:
    @pytest.fixture
    def twice(self, platform: Platform) -> list[Assignment]:
        """Both readings of one item."""
        talk(platform, 30)
        draw_week(platform, now=MONDAY)
        second = next(one for one in standing(platform) if one.part == "second")
        return [one for one in standing(platform) if one.item_id == second.item_id]

    def test_goes_to_the_lead_once_both_are_settled_and_her_word_ends_it(
        self, platform: Platform, twice: list[Assignment]
    ) -> None:
        at = MONDAY + timedelta(hours=5)
        read(platform, twice[0], at)
        read(platform, twice[1], at, safe="no", harm="severe")
        assert look_after(platform, at + timedelta(minutes=5)).to_decide == ()
        (given,) = look_after(platform, at + timedelta(minutes=11)).to_decide
        (offer,) = platform.reviews.offers("lead")
        assert (given.reviewer_id, offer.disputed) == ("lead", ("safe", "harm"))
        assert look_after(platform, at + timedelta(minutes=12)).to_decide == ()
        assert draw_week(platform, now=at).title.endswith("24 readings by 2 nurses; drawn before"), "a decision is none"
        week = weeks_status(platform, at + timedelta(hours=1))[0]
        assert (week.disputed, week.deciding) == ((given.item_id,), {given.item_id: "lead"})
        assert {one.reviewer.reviewer_id: one.due_at for one in week.nurses}["lead"] == given.due_at
        read(platform, given, at + timedelta(hours=1), safe="no", harm="moderate")
        done = look_after(platform, at + timedelta(hours=2))
        assert done.weeks[0].disputed == ()
        assert done.to_decide == done.withdrawn == ()

    def test_that_no_lead_can_decide_says_so_where_an_operator_looks_and_what_ends_it(
        self, platform: Platform, twice: list[Assignment]
    ) -> None:
        lead = next(one for one in platform.reviews.reviewers() if one.role == "lead")
        platform.reviews.put_reviewer(replace(lead, is_active=False))
        read(platform, twice[0], MONDAY)
        read(platform, twice[1], MONDAY, safe="no")
        found = look_after(platform, MONDAY + timedelta(hours=1))
        assert "1 dispute undecided; 1 that NO LEAD can decide" in found.title
        assert "there is no lead. Missing in the figures until" in found.table()[-1]["said"]
        assert "change ID --role lead" in found.table()[-1]["said"]
        platform.reviews.put_reviewer(replace(lead, reviewer_id="new", address="new@example.org"))
        found = look_after(platform, MONDAY + timedelta(hours=2))
        assert ([one.reviewer_id for one in found.to_decide], found.problems) == (["new"], ())

    def test_that_the_readers_settle_themselves_is_taken_from_the_lead_and_logged(
        self, platform: Platform, twice: list[Assignment]
    ) -> None:
        at = MONDAY + timedelta(hours=5)
        read(platform, twice[0], at)
        read(platform, twice[1], at, safe="no")
        look_after(platform, at + timedelta(hours=1))
        changed = platform.reviews.settled(at + timedelta(hours=2))[-1]
        again = replace(changed, answers=platform.reviews.settled(at + timedelta(hours=2))[0].answers)
        platform.reviews.submit(replace(again, submitted_at=at + timedelta(hours=2)), 1)
        outcome = look_after(platform, at + timedelta(hours=3))
        assert [one.reviewer_id for one in outcome.withdrawn] == ["lead"]
        assert "1 decisions no longer needed" in outcome.title
        assert platform.reviews.offers("lead") == []
        assert "withdrew_adjudication" in {line.did for line in platform.reviews.audit()}


def test_each_nurse_is_reminded_once_and_who_is_done_is_not(platform: Platform, post: Post) -> None:
    talk(platform, 30)
    draw_week(platform, now=MONDAY)
    for one in standing(platform):
        if one.reviewer_id == "b":
            read(platform, one, MONDAY + timedelta(hours=3))
    assert look_after(platform, MONDAY + timedelta(days=1)).reminded.sent == ()
    for hours in range(4):
        look_after(platform, THURSDAY + timedelta(hours=hours))
    assert [to for to, _, _ in post.taken] == ["a@example.org"]


def test_a_reminder_that_was_refused_is_said_and_comes_with_the_next_run(platform: Platform, post: Post) -> None:
    talk(platform, 30)
    draw_week(platform, now=MONDAY)
    post.is_down = True
    refused = look_after(platform, THURSDAY)
    assert "2 NOT REMINDED" in refused.title
    assert any("was not reminded: mail: could not be reached" in row["said"] for row in refused.table())
    post.is_down = False
    assert len(look_after(platform, THURSDAY + timedelta(hours=1)).reminded.sent) == 2


def test_where_no_mail_is_set_the_team_hears_no_name(tmp_path: Path) -> None:
    channel = Channel()
    made = made_platform(tmp_path, None, channel)
    person(made, "a")
    talk(made, 5)
    draw_week(made, now=MONDAY)
    found = look_after(made, THURSDAY)
    assert [notice.subject for notice in channel.notices] == ["Review: 5 items wait for a"]
    assert [notice.severity for notice in channel.notices] == ["warning"], "a log shows it unasked"
    assert "1 for the team to tell" in found.title


def test_what_lies_with_a_nurse_who_is_away_passes_on_and_her_draft_stays(platform: Platform) -> None:
    from evals.review.records import Draft

    talk(platform, 30)
    draw_week(platform, now=MONDAY)
    hers = next(one for one in standing(platform) if one.reviewer_id == "a")
    platform.reviews.save_draft(Draft(hers.item_id, "a", {"safe": "yes"}, MONDAY, 0), 0)
    a = next(one for one in platform.reviews.reviewers() if one.reviewer_id == "a")
    platform.reviews.put_reviewer(replace(a, absences=(Absence(date(2026, 11, 24), date(2026, 12, 20)),)))
    outcome = look_after(platform, MONDAY + timedelta(days=1))
    assert len(outcome.covered.handed) == 12
    assert platform.reviews.offers("a") == []
    readers = {one.reviewer_id for one in standing(platform)}
    assert readers == {"b", "lead"}
    assert len({(one.item_id, one.part) for one in standing(platform)}) == 24
    draft = platform.reviews.draft(hers.item_id, "a")
    assert draft is not None
    assert draft.fields == {"safe": "yes"}
    assert look_after(platform, MONDAY + timedelta(days=1, hours=1)).covered.handed == ()


def test_a_week_that_was_not_drawn_is_said_from_monday_ten_on(platform: Platform) -> None:
    talk(platform, 5)
    draw_week(platform, now=MONDAY)
    next_monday = MONDAY + timedelta(weeks=1)
    assert look_after(platform, next_monday + timedelta(hours=1)).undrawn == ""
    assert look_after(platform, next_monday + timedelta(hours=2)).undrawn == "2026-W48"


def test_the_table_for_prefect_has_no_name_no_address_and_no_text(platform: Platform) -> None:
    talk(platform, 30)
    drawn = draw_week(platform, now=MONDAY)
    said = repr([*drawn.table(), *look_after(platform, THURSDAY).table()])
    assert "Name of" not in said
    assert "example.org" not in said
    assert "camomila" not in said


def test_the_order_of_the_cards_does_not_tell_why_a_conversation_was_drawn(platform: Platform) -> None:
    simulate_week(platform, MONDAY - timedelta(days=7), MONDAY, 30)
    drawn = draw_week(platform, now=MONDAY + timedelta(hours=8))
    strata = {one.item_id: one.stratum for one in platform.reviews.origins()}
    order = [strata[item.item_id] for item in drawn.items]
    assert len(set(order)) > 1
    assert sum(one != two for one, two in pairwise(order)) >= len(set(order)), "cards of a stratum stand together"
