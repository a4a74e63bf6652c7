"""When something is due, who is reminded of it, and what passes to another."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from week_parts import MONDAY, SATURDAY, given, item, nurse, origin

from evals.review.base import Assignment, Batch, Reviewer, ReviewItem
from evals.review.due import Calendar, due_of_batch
from evals.review.reminder_words import for_whom
from evals.review.reminding import Cover, Reminder, cover, remind, reminders
from evals.review.store.sql import SqlReviews
from tests.notice_doubles import Channel, Post

ZONE = ZoneInfo("America/Sao_Paulo")
LISBON = ZoneInfo("Europe/Lisbon")
THURSDAY = Calendar(datetime(2026, 11, 26, 11, tzinfo=UTC), ZONE, 2)
BATCH_OF = {f"i{n}": "2026-W47" for n in range(9)}


def at(day: int, hour: int) -> Calendar:
    return Calendar(datetime(2026, 11, day, hour, tzinfo=UTC), ZONE, 2)


class TestDue:
    def test_a_batch_of_monday_is_due_on_saturday_at_eight(self) -> None:
        assert due_of_batch(MONDAY, ZONE, 5, 2) == SATURDAY

    def test_the_wall_clock_counts_across_a_change_of_the_hour(self) -> None:
        monday = datetime(2026, 10, 19, 7, tzinfo=UTC)
        due_at = due_of_batch(monday, LISBON, 6, 2)  # Sunday the 25th, the morning of the change
        assert due_at.astimezone(LISBON).hour == 8
        assert due_at.astimezone(UTC) == datetime(2026, 10, 25, 8, tzinfo=UTC)

    def test_drawn_on_thursday_saturday_stands_and_drawn_on_friday_there_are_five_days(self) -> None:
        assert due_of_batch(at(26, 12).now, ZONE, 5, 2) == SATURDAY
        assert due_of_batch(at(27, 12).now, ZONE, 5, 2) == SATURDAY + timedelta(days=4)


class TestWhoIsReminded:
    def due(self, assignments: list[Assignment], people: list[Reviewer], when: Calendar = THURSDAY) -> list[Reminder]:
        return reminders(assignments, BATCH_OF, people, when)

    def test_a_nurse_once_for_all_that_she_has_open(self) -> None:
        open_ones = [given("i1", "a"), given("i2", "a", "second"), given("i3", "a", state="submitted")]
        found = self.due(open_ones, [nurse("a")])
        assert [(one.reviewer.reviewer_id, len(one.open)) for one in found] == [("a", 2)]

    def test_from_two_days_before_and_not_sooner(self) -> None:
        assert self.due([given("i1", "a")], [nurse("a")], at(26, 10)) == []
        assert len(self.due([given("i1", "a")], [nurse("a")], at(26, 11))) == 1

    def test_never_twice_of_one_batch_whatever_came_since(self) -> None:
        told = given("i1", "a", state="submitted", reminded_at=THURSDAY.now)
        assert self.due([told, given("i2", "a")], [nurse("a")]) == []

    def test_once_for_a_week_and_what_is_queued_beside_it_and_again_for_what_is_due_later(self) -> None:
        hers, batch_of = (
            [given("i1", "a"), given("q1", "a"), given("later", "a")],
            {"q1": "queue-1", "later": "queue-2"},
        )
        hers[2] = replace(hers[2], due_at=SATURDAY + timedelta(days=5))
        (found,) = reminders(hers, BATCH_OF | batch_of, [nurse("a")], THURSDAY)
        assert [one.item_id for one in found.open] == ["i1", "q1"]
        told = [*(replace(one, reminded_at=THURSDAY.now) for one in hers[:2]), hers[2]]
        later = replace(THURSDAY, now=THURSDAY.now + timedelta(days=5))
        (again,) = reminders(told, BATCH_OF | batch_of, [nurse("a")], later)
        assert [one.item_id for one in again.open] == ["later"]

    def test_not_with_nothing_open_nor_while_away_nor_after_leaving(self) -> None:
        done = [given("i1", "a", state="submitted"), given("i2", "a", state="withdrawn")]
        assert self.due(done, [nurse("a")]) == []
        away = nurse("a", away=((date(2026, 11, 26), date(2026, 11, 26)),))
        assert self.due([given("i1", "a")], [away]) == []
        assert len(self.due([given("i1", "a")], [away], at(27, 11))) == 1
        assert self.due([given("i1", "a")], [nurse("a", is_active=False)]) == []


@pytest.fixture
def records(tmp_path: Path) -> SqlReviews:
    made = SqlReviews(tmp_path / "review.db", lambda text: text)
    for one in (nurse("a"), nurse("b", languages=("pt-PT",))):
        made.put_reviewer(one)
    items = [item(f"i{n}") for n in range(3)]
    batch = Batch("2026-W47", MONDAY - timedelta(days=7), MONDAY, MONDAY, 1, "short", ())
    made.put_batch(batch, items, [origin(one.item_id) for one in items], [given("i0", "a"), given("i1", "a")])
    return made


class TestSending:
    def due(self, records: SqlReviews) -> list[Reminder]:
        return reminders(records.assignments(), BATCH_OF, records.reviewers(), THURSDAY)

    def test_what_was_taken_is_noted_and_never_sent_again(self, records: SqlReviews) -> None:
        post, team = Post(), Channel()
        sent = remind(self.due(records), records, post, team, "https://page.example.org/", THURSDAY)
        assert [one.reviewer.reviewer_id for one in sent.sent] == ["a"]
        ((to, subject, body),) = post.taken
        assert to == "a@example.org"
        assert subject == "Revisão da semana: faltam 2 cartões"
        assert "sábado, 28/11, às 8h00" in body
        assert "https://page.example.org/" in body
        assert team.notices == []
        assert self.due(records) == []

    def test_portuguese_counts_hours_before_two_as_one(self) -> None:
        bodies = [
            for_whom("pt-PT", 1, datetime(2026, 11, 28, hour, 5, tzinfo=LISBON), False, "")[1] for hour in (0, 1, 2)
        ]
        assert [body.split(",")[2].partition(".")[0] for body in bodies] == [" à 0h05", " à 1h05", " às 2h05"]

    def test_what_was_not_taken_is_said_and_sent_by_the_next_run(self, records: SqlReviews) -> None:
        down = remind(self.due(records), records, Post(is_down=True), Channel(), "", THURSDAY)
        assert down.sent == ()
        assert [why for _, why in down.undelivered] == ["mail: could not be reached"]
        post = Post()
        assert len(remind(self.due(records), records, post, Channel(), "", THURSDAY).sent) == 1
        assert len(post.taken) == 1

    def test_without_mail_the_team_hears_an_id_and_a_number_and_no_name_or_address(self, records: SqlReviews) -> None:
        team = Channel()
        remind(self.due(records), records, None, team, "https://page.example.org/", THURSDAY)
        (notice,) = team.notices
        said = f"{notice.subject} {notice.body}"
        assert "2 items wait for a" in said
        assert "Name of a" not in said
        assert "example.org" not in said
        assert self.due(records) == []

    @pytest.mark.parametrize(
        ("locale", "subject"),
        [
            ("pt-BR", "Revisão da semana: falta 1 cartão"),
            ("pt-PT", "Revisão da semana: falta 1 cartão"),
            ("en", "This week's review: 1 card is still open"),
        ],
    )
    def test_a_nurse_is_written_to_in_her_language(self, records: SqlReviews, locale: str, subject: str) -> None:
        post = Post()
        person = nurse("a", languages=(locale,))  # type: ignore[arg-type]
        late = at(30, 12)
        remind([Reminder(person, (given("i0", "a"),))], records, post, Channel(), "", late)
        assert post.taken[0][1] == subject
        assert any(words in post.taken[0][2] for words in ("O prazo era", "was due"))


class TestCover:
    AWAY = ((date(2026, 11, 24), date(2026, 12, 4)),)

    def covered(self, assignments: list[Assignment], people: list[Reviewer], items: list[ReviewItem]) -> Cover:
        return cover(assignments, items, people, at(24, 12), random.Random(1))

    def test_what_lies_with_the_absent_goes_to_others_evenly_and_two_days_are_left(self) -> None:
        items = [item(f"i{n}") for n in range(4)]
        people = [nurse("a", away=self.AWAY), nurse("b"), nurse("c")]
        found = self.covered([given(one.item_id, "a") for one in items], people, items)
        made = [one.made for one in found.handed if one.made is not None]
        assert sorted(one.reviewer_id for one in made) == ["b", "b", "c", "c"]
        assert {one.due_at for one in made} == {SATURDAY}
        late = cover([given("i0", "a")], items, people, at(28, 9), random.Random(1)).handed[0].made
        assert late is not None
        assert late.due_at == datetime(2026, 11, 30, 11, tzinfo=UTC)

    def test_who_reads_an_item_already_does_not_get_it_again(self) -> None:
        both = [given("i0", "a"), given("i0", "b", "second")]
        people = [nurse("a", away=self.AWAY), nurse("b"), nurse("c")]
        found = self.covered(both, people, [item("i0")])
        assert [one.made.reviewer_id for one in found.handed if one.made] == ["c"]
        nobody = self.covered(both, people[:2], [item("i0")])
        assert nobody.handed == ()
        assert "nobody else can take it" in nobody.problems[0].sentence

    def test_a_lead_reads_only_where_no_nurse_can_and_that_is_said(self) -> None:
        people = [nurse("a", away=self.AWAY), nurse("lead", "lead"), nurse("b")]
        with_nurse = self.covered([given("i0", "a")], people, [item("i0")])
        assert [one.made.reviewer_id for one in with_nurse.handed if one.made] == ["b"]
        without = self.covered([given("i0", "a")], people[:2], [item("i0")])
        assert [one.made.reviewer_id for one in without.handed if one.made] == ["lead"]
        assert [one.code for one in without.problems] == ["lead_reads"]

    def test_two_who_left_the_same_item_hand_it_to_two(self) -> None:
        both = [given("i0", "a"), given("i0", "b", "second")]
        people = [nurse("a", is_active=False), nurse("b", is_active=False), nurse("c"), nurse("d")]
        found = self.covered(both, people, [item("i0")])
        assert sorted(one.made.reviewer_id for one in found.handed if one.made) == ["c", "d"]

    def test_who_is_back_before_it_is_due_keeps_it(self) -> None:
        short = nurse("a", away=((date(2026, 11, 24), date(2026, 11, 25)),))
        assert self.covered([given("i0", "a")], [short, nurse("b")], [item("i0")]) == Cover()

    def test_a_repeat_is_hers_alone(self) -> None:
        found = self.covered([given("i0", "a")], [nurse("a", away=self.AWAY), nurse("b")], [item("i0", kind="repeat")])
        assert found.handed == ()
        assert "a repeat is hers alone" in found.problems[0].sentence

    def test_the_repeat_of_a_nurse_who_has_left_is_let_go(self) -> None:
        people = [nurse("a", is_active=False), nurse("b")]
        found = self.covered([given("i0", "a")], people, [item("i0", kind="repeat")])
        assert [(one.withdrawn.reviewer_id, one.made) for one in found.handed] == [("a", None)]
        assert found.problems == ()

    def test_what_only_a_nurse_who_has_left_could_read_waits_for_somebody_to_be_found(self) -> None:
        for gone in (nurse("a", is_active=False), nurse("a", "viewer")):
            found = self.covered([given("i0", "a")], [gone], [item("i0")])
            assert [one.code for one in found.problems] == ["left"]
            assert "matria review people" in found.problems[0].sentence

    def test_what_is_in_a_language_that_she_no_longer_reads_passes_on(self) -> None:
        people = [nurse("a"), nurse("b", languages=("en",))]
        (handed,) = self.covered([given("i0", "a")], people, [item("i0", "en")]).handed
        assert handed.made is not None
        assert handed.made.reviewer_id == "b"
        assert [one.code for one in self.covered([given("i0", "a")], people[:1], [item("i0", "en")]).problems] == [
            "left"
        ]

    def test_a_reading_beside_another_is_let_go_once_it_was_due_and_its_nurse_has_left(self) -> None:
        both = [given("i0", "a"), given("i0", "b", "second", state="submitted")]
        people = [nurse("a", is_active=False), nurse("b")]
        assert [one.code for one in self.covered(both, people, [item("i0")]).problems] == ["stays"]
        late = cover(both, [item("i0")], people, at(28, 12), random.Random(1))
        assert [(one.withdrawn.reviewer_id, one.made) for one in late.handed] == [("a", None)]
        criterion = cover(both, [item("i0", kind="criterion")], people, at(28, 12), random.Random(1))
        assert [one.code for one in criterion.problems] == ["stays"]

    def test_a_decision_goes_to_another_lead_and_to_no_nurse(self) -> None:
        held = given("i0", "l1", "adjudicator", disputed=("safe",))
        people = [nurse("l1", "lead", away=self.AWAY), nurse("b"), nurse("l2", "lead")]
        (handed,) = self.covered([held], people, [item("i0")]).handed
        assert handed.made is not None
        assert (handed.made.reviewer_id, handed.made.disputed) == ("l2", ("safe",))
        assert self.covered([held], people[:2], [item("i0")]).handed == ()

    def test_a_decision_leaves_who_is_no_lead_any_more(self) -> None:
        held = given("i0", "was-lead", "adjudicator", disputed=("safe",))
        (handed,) = self.covered([held], [nurse("was-lead"), nurse("l2", "lead")], [item("i0")]).handed
        assert handed.made is not None
        assert handed.made.reviewer_id == "l2"

    def test_what_was_handed_on_and_not_yet_taken_away_is_only_taken_away(self) -> None:
        people = [nurse("a", away=self.AWAY), nurse("b"), nurse("c")]
        (handed,) = self.covered([given("i0", "a"), given("i0", "b")], people, [item("i0")]).handed
        assert handed.made is None
        assert handed.withdrawn.reviewer_id == "a"
