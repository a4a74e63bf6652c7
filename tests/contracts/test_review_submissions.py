"""Drafts and reviews in the records, on SQLite and on a real PostgreSQL: nothing is lost, and nothing counts twice."""

import dataclasses
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from review_places import (
    GIVEN,
    MINUTE,
    NOON,
    WINDOW,
    Open,
    assignment,
    batch,
    item,
    mask,
    origin,
    put_week,
    raw,
    review,
)

from evals.review.base import Highlight, Retraction
from evals.review.records import Draft, ReviewRecords, Submitted
from evals.review.store.sql import SqlReviews
from matria.privacy.identifiers import redact

FAR = NOON + 100 * WINDOW


@pytest.fixture
def opened(store_place: Path | str) -> Open:
    """Of records with a week in them."""
    put_week(SqlReviews(store_place, mask))
    return lambda: SqlReviews(store_place, mask, lambda: NOON)


def draft(at: datetime = NOON, **fields: Any) -> Draft:
    return Draft("i1", "nurse-a", fields, at, 0)


def state_of(records: ReviewRecords, reviewer_id: str = "nurse-a") -> str:
    return records.assignments(item_id="i1", reviewer_id=reviewer_id)[0].state


def test_a_submission_is_kept_closes_the_assignment_and_leaves_no_draft(opened: Open) -> None:
    opened().save_draft(draft(safe="yes"), 0)
    assert opened().submit(review(comment="bem", teach=True), 0) == Submitted("kept", 1)
    assert state_of(opened()) == "submitted"
    assert opened().draft("i1", "nurse-a") is None
    (kept,) = opened().settled(FAR)
    expected = review(comment="bem", teach=True)
    assert kept == dataclasses.replace(expected, revision=1, sequence=kept.sequence)
    assert opened().standing("i1", "nurse-a") == kept
    assert opened().standing("i2", "nurse-a") is None


def test_the_same_answers_again_change_nothing(opened: Open) -> None:
    opened().submit(review(), 0)
    assert opened().submit(review(at=NOON + MINUTE), 0) == Submitted("same", 1)
    assert opened().submit(review(at=NOON + MINUTE, teach=True), 1) == Submitted("kept", 2)
    assert [one.revision for one in opened().settled(FAR)] == [2]


def test_a_page_that_does_not_know_the_newest_revision_changes_nothing(opened: Open) -> None:
    opened().submit(review(), 0)
    opened().submit(review(comment="second"), 1)
    assert opened().submit(review(comment="from an old page"), 1) == Submitted("stale", 2)
    assert opened().submit(review("i2", comment="too far ahead"), 3) == Submitted("stale", 0)
    (kept,) = opened().settled(FAR)
    assert kept.answers.comment == "second"


def test_an_item_that_was_never_hers_takes_nothing_from_her(opened: Open) -> None:
    with pytest.raises(PermissionError):
        opened().submit(review("i2", "nurse-b"), 0)
    with pytest.raises(PermissionError):
        opened().submit(review("guessed"), 0)
    with pytest.raises(PermissionError):
        opened().take(review("i2", "nurse-b"))
    with pytest.raises(PermissionError):
        opened().save_draft(dataclasses.replace(draft(safe="yes"), item_id="i2", reviewer_id="nurse-b"), 0)
    assert opened().settled(FAR) == []
    assert opened().draft("i2", "nurse-b") is None


def test_what_she_answers_of_a_withdrawn_item_is_kept_as_extra(opened: Open) -> None:
    opened().withdraw("i1", "nurse-a")
    assert opened().submit(review(), 0) == Submitted("extra", 1)
    assert opened().submit(review(), 0) == Submitted("same", 1)
    assert [one.part for one in opened().settled(FAR)] == ["extra"]
    assert state_of(opened()) == "withdrawn"
    opened().assign([assignment()])
    assert opened().submit(review(), 1) == Submitted("kept", 2)
    assert [one.part for one in opened().settled(FAR)] == ["first"]


@pytest.mark.parametrize("given", [{"safe": "perhaps"}, {"met": "yes"}, {"name": "Segredo"}])
def test_an_answer_that_the_item_does_not_offer_is_refused(opened: Open, given: Any) -> None:
    with pytest.raises(ValueError, match="offers"):
        opened().submit(review(given=given), 0)
    assert opened().settled(FAR) == []


def test_two_nurses_and_double_clicks_at_once_are_each_kept_once(opened: Open) -> None:
    def submit(number: int) -> tuple[str, Submitted]:
        nurse = ("nurse-a", "nurse-b")[number % 2]
        return nurse, opened().submit(review("i1", nurse, comment=nurse), 0)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(submit, range(16)))
    for nurse in ("nurse-a", "nurse-b"):
        assert sorted(one.state for who, one in done if who == nurse) == ["kept"] + 7 * ["same"]
    kept = opened().settled(FAR)
    assert {(one.reviewer_id, one.part, one.revision) for one in kept} == {
        ("nurse-a", "first", 1),
        ("nurse-b", "second", 1),
    }
    assert [one.sequence for one in kept] == sorted({one.sequence for one in kept})


def test_of_processes_that_submit_different_answers_one_wins_and_the_rest_know(
    opened: Open, store_place: Path | str
) -> None:
    command = [sys.executable, str(Path(__file__).with_name("review_submitter.py")), str(store_place), "nurse-a"]
    processes = [
        subprocess.Popen([*command, f"page {number}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = sorted(process.communicate()[0].strip() for process in processes)
    assert said == ["kept 1", "stale 1", "stale 1"]
    assert len(opened().settled(FAR)) == 1


def test_two_open_pages_do_not_overwrite_each_others_draft_unseen(opened: Open) -> None:
    first = opened().save_draft(draft(safe="yes"), 0)
    assert first is not None
    assert (first.version, first.fields) == (1, {"safe": "yes"})
    second = opened().save_draft(draft(NOON + MINUTE, safe="no"), 1)
    assert second is not None
    assert opened().save_draft(draft(safe="cannot_tell"), 1) is None
    assert opened().save_draft(draft(safe="cannot_tell"), 0) is None
    assert opened().draft("i1", "nurse-a") == second
    assert opened().save_draft(draft(safe="no"), 1) == second  # sent again after a lost connection


def test_of_many_who_save_a_version_at_once_one_does(opened: Open) -> None:
    with ThreadPoolExecutor(6) as pool:
        saved = list(pool.map(lambda number: opened().save_draft(draft(comment=f"page {number}"), 0), range(12)))
    (kept,) = (one for one in saved if one is not None)
    assert opened().draft("i1", "nurse-a") == kept


def test_a_page_left_open_does_not_bring_a_submitted_draft_back(opened: Open) -> None:
    opened().save_draft(draft(safe="yes"), 0)
    opened().submit(review(), 0)
    assert opened().save_draft(draft(safe="no"), 1) is None
    assert opened().draft("i1", "nurse-a") is None
    assert opened().save_draft(draft(safe="no"), 0, 0) is None, "a page that does not know what was sent"
    begun = opened().save_draft(draft(comment="mudei de ideia"), 0, 1)
    assert begun is not None
    assert begun.version == 3


def test_an_older_settled_revision_counts_until_the_newer_one_settles(opened: Open) -> None:
    opened().submit(review(comment="first"), 0)
    opened().submit(review(at=NOON + 2 * WINDOW, comment="second"), 1)
    said = [opened().settled(NOON + minutes * WINDOW) for minutes in (0, 1, 2)]
    assert [[one.revision for one in reviews] for reviews in said] == [[], [1], [1]]
    assert [one.revision for one in opened().settled(FAR)] == [2]
    assert opened().undo("i1", "nurse-a", NOON + 2 * WINDOW, NOON + 2 * WINDOW)
    assert [one.revision for one in opened().settled(FAR)] == [1]
    assert opened().submit(review(comment="third"), 1) == Submitted("kept", 3)


def test_what_is_sent_from_a_page_throws_no_draft_away_that_the_page_never_saw(opened: Open) -> None:
    seen = opened().save_draft(draft(safe="yes"), 0)
    unseen = opened().save_draft(draft(NOON + MINUTE, comment="typed in another window"), 1)
    assert seen is not None
    assert unseen is not None
    assert opened().submit(review(at=NOON + 2 * MINUTE), 0, seen.version) == Submitted("stale", 0)
    assert opened().submit(review(at=NOON + 2 * MINUTE), 0, 0) == Submitted("stale", 0)
    assert (opened().draft("i1", "nurse-a"), opened().settled(FAR)) == (unseen, [])
    assert opened().submit(review(at=NOON + 2 * MINUTE), 0, unseen.version) == Submitted("kept", 1)
    assert opened().submit(review(at=NOON + 2 * MINUTE), 0, seen.version) == Submitted("same", 1)


def test_settled_reviews_are_of_the_batch_in_the_order_in_which_they_came(opened: Open) -> None:
    opened().put_batch(batch("2026-W48"), [item("i3", "2026-W48")], [origin("i3")], [assignment("i3")])
    for item_id, nurse in (("i2", "nurse-a"), ("i3", "nurse-a"), ("i1", "nurse-b"), ("i1", "nurse-a")):
        opened().submit(review(item_id, nurse), 0)
    of_week = [(one.item_id, one.reviewer_id) for one in opened().settled(FAR, "2026-W47")]
    assert of_week == [("i2", "nurse-a"), ("i1", "nurse-b"), ("i1", "nurse-a")]
    assert len(opened().settled(FAR)) == 4


def test_what_a_form_outside_returns_twice_is_taken_once(opened: Open) -> None:
    first, second = review(comment="first"), review(at=NOON + MINUTE, comment="second")
    for _ in range(2):
        states = [opened().take(first), opened().take(second)]
    assert states == ["stale", "same"]
    assert [(one.revision, one.answers.comment) for one in opened().settled(FAR)] == [(2, "second")]


def test_what_a_form_outside_returns_or_takes_back_has_its_line_in_the_log(opened: Open) -> None:
    outside = dataclasses.replace(review(), form="notion")
    assert [opened().take(outside) for _ in range(2)] == ["kept", "same"]
    assert [opened().retract(Retraction("i1", "nurse-a", NOON + MINUTE)) for _ in range(2)] == [True, False]
    said = [(one.who, one.did, one.thing, one.detail) for one in reversed(opened().audit())]
    assert said == [("nurse-a", "submitted", "i1", "kept_notion"), ("nurse-a", "undid", "i1", "notion")]


def test_a_page_deleted_outside_takes_back_all_it_said_and_comes_back_when_answered_anew(opened: Open) -> None:
    first, second = review(comment="first"), review(at=NOON + MINUTE, comment="second")
    opened().take(first)
    opened().take(second)
    gone = Retraction("i1", "nurse-a", NOON + 2 * MINUTE)
    assert [opened().retract(gone), opened().retract(gone)] == [True, False]
    assert (opened().settled(FAR), state_of(opened())) == ([], "open")
    assert [opened().take(first), opened().take(second)] == ["stale", "stale"]
    assert opened().take(review(at=NOON + 3 * MINUTE, comment="second")) == "kept"
    assert opened().retract(gone) is False
    assert len(opened().settled(FAR)) == 1


def test_a_form_tells_what_came_in_and_what_was_taken_back_since(opened: Open) -> None:
    opened().submit(review(comment="first"), 0)
    opened().submit(review(at=NOON + MINUTE, comment="second"), 1)
    opened().submit(review("i2", at=NOON + 2 * MINUTE), 0)
    opened().take(dataclasses.replace(review("i1", "nurse-b"), form="notion"))
    came = opened().submitted_after(0, "web")
    assert [(one.item_id, one.revision) for one in came] == [("i1", 2), ("i2", 1)]
    assert opened().submitted_after(came[0].sequence, "web") == came[1:]
    assert [one.reviewer_id for one in opened().submitted_after(0, "notion")] == ["nurse-b"]
    assert opened().retracted_since(None, "web") == []
    for number, item_id in enumerate(("i2", "i1")):
        opened().undo(item_id, "nurse-a", NOON + number * MINUTE, NOON)
    gone = [Retraction("i2", "nurse-a", NOON), Retraction("i1", "nurse-a", NOON + MINUTE)]
    assert opened().retracted_since(None, "web") == gone
    assert opened().retracted_since(NOON + MINUTE, "web") == gone[1:]
    assert opened().retracted_since(None, "notion") == []
    assert [opened().retract(one) for one in gone] == [False, False]
    assert [one.answers.comment for one in opened().submitted_after(0, "web")] == ["first"]


def test_comments_passages_and_drafts_are_masked_in_the_store(opened: Open, store_place: Path | str) -> None:
    typed = "ligar para 11987654321, é a Segredo"
    marked = Highlight("m1", "assistant", 0, 7, "a Segredo diz")
    fields = {
        "comment": typed,
        "list": [typed, {"deep": typed}],
        "json": f'[{{"text": "{typed}", "n": 11987654321}}]',
        "number": 11987654321,
        "teach": True,
        "nothing": None,
        "Segredo": "yes",
    }
    opened().save_draft(draft(**fields), 0)
    opened().submit(review("i1", "nurse-b", comment=typed, highlights=(marked,)), 0)
    with raw(store_place) as connection:
        stored = repr(
            [connection.exec_driver_sql(f"SELECT * FROM review_{one}").all() for one in ("drafts", "reviews")]
        )
    assert "Segredo" not in stored
    assert "11987654321" not in stored
    back = opened().draft("i1", "nurse-a")
    assert back is not None
    assert (back.fields["comment"], back.fields["teach"], back.fields["nothing"]) == (mask(typed), True, None)


@pytest.mark.parametrize(
    ("start", "text", "found"),
    [
        (0, "Fale com a equipe.", (0, "Fale com a equipe.")),
        (7, "Se sangrar", (19, "Se sangrar")),  # counted otherwise by a browser
        (0, "equipe. Se sangrar", (11, "equipe.\nSe sangrar")),  # a browser's blank for a new line
        (10**9, "e", (46, "e")),  # of several the nearest
        (5, "nowhere in it", (0, "nowhere in it")),
        (-3, "", (0, "")),
    ],
)
def test_a_passage_is_found_again_or_kept_without_a_place(opened: Open, start: int, text: str, found: Any) -> None:
    marked = Highlight("m1", "assistant", start, start + len(text), text)
    opened().submit(review(highlights=(marked,)), 0)
    (kept,) = opened().settled(FAR)[0].answers.highlights
    assert (kept.start, kept.text) == found
    stored = opened().items(item_ids=["i1"])[0].conversation[1].text
    is_lost = text in ("nowhere in it", "")
    assert stored[kept.start : kept.end] == ("" if is_lost else kept.text)


def test_ids_and_passages_of_the_item_survive_the_real_mask(store_place: Path | str) -> None:
    records = SqlReviews(store_place, redact)
    put_week(records)
    passage = records.items()[0].conversation[0].text[:14]
    fields = {
        "seconds": 1234.567890123,
        "highlights": [{"message_id": "m1", "role": "user", "start": 0, "end": 14, "text": passage}],
    }
    saved = records.save_draft(draft(comment="CPF 529.982.247-25", **fields, safe="cannot_tell"), 0)
    assert saved is not None
    assert saved.fields == {"comment": "CPF [CPF]", **fields, "safe": "cannot_tell"}


def test_signs_that_a_database_does_not_take_lose_no_review(opened: Open) -> None:
    opened().submit(review(comment="a\x00b\ud83dc <script>alert(1)</script>"), 0)
    assert opened().settled(FAR)[0].answers.comment == "a\ufffdb\ufffdc <script>alert(1)</script>"
    assert opened().save_draft(draft(comment="\x00\ud83d"), 0) is not None


def test_erasing_takes_all_texts_and_leaves_the_answers(opened: Open, store_place: Path | str) -> None:
    marked = Highlight("m1", "assistant", 0, 4, "Fale")
    opened().submit(review(comment="citação", highlights=(marked,)), 0)
    opened().save_draft(dataclasses.replace(draft(comment="citação"), reviewer_id="nurse-b"), 0)
    assert opened().erase(["hash-i1", "unknown"]) == 1
    assert opened().erase(["hash-i1"]) == 0
    (kept,) = opened().settled(FAR)
    assert (dict(kept.answers.given), kept.answers.comment, kept.answers.highlights) == (GIVEN, "", ())
    assert [spoken.text for spoken in opened().items(item_ids=["i1"])[0].conversation] == ["", ""]
    assert opened().items(item_ids=["i2"])[0].conversation[1].text.startswith("Fale")
    assert opened().draft("i1", "nurse-b") is None
    assert [one.item.item_id for one in opened().offers()] == ["i2"]
    said = [(one.who, one.did, one.thing, one.detail) for one in opened().audit()]
    assert said == [("system", "erased", "hash-i1", "items=1")]
    if isinstance(store_place, Path):
        assert all("citação".encode() not in path.read_bytes() for path in store_place.parent.iterdir())


def test_what_is_too_old_loses_its_texts_and_its_conversation_may_come_again(opened: Open) -> None:
    opened().submit(review(comment="citação"), 0)
    opened().save_draft(dataclasses.replace(draft(comment="citação"), reviewer_id="nurse-b"), 0)
    assert opened().forget(["i1", "i1", "unknown"]) == 1
    assert opened().forget(["i1"]) == 0
    (kept,) = opened().settled(FAR)
    assert (dict(kept.answers.given), kept.answers.comment) == (GIVEN, "")
    assert [spoken.text for spoken in opened().items(item_ids=["i1"])[0].conversation] == ["", ""]
    assert (opened().draft("i1", "nurse-b"), opened().offers("nurse-b")) == (None, [])
    assert [(one.did, one.thing, one.detail) for one in opened().audit()] == [("forgot_old", "", "items=1")]
    opened().put_batch(batch("2026-W48"), [item("x1", "2026-W48")], [origin("x1", conversation_id="hash-i1")], ())
    assert all(spoken.text for spoken in opened().items("2026-W48")[0].conversation)


def test_what_comes_of_an_erased_conversation_later_is_kept_without_texts(opened: Open) -> None:
    opened().erase(["hash-i1", "hash-x"])
    opened().assign([assignment()])
    assert opened().offers("nurse-b") == []
    assert opened().submit(review(comment="citação"), 0) == Submitted("extra", 1)
    assert opened().settled(FAR)[0].answers.comment == ""
    saved = opened().save_draft(draft(safe="no", comment="citação"), 0)
    assert saved is not None
    assert saved.fields == {"safe": "no"}
    items = [item("r1", "2026-W48", kind="repeat"), item("x1", "2026-W48")]
    origins = [origin("r1", source="i1", conversation_id="other"), origin("x1", conversation_id="hash-x")]
    opened().put_batch(batch("2026-W48"), items, origins, [assignment("r1"), assignment("x1")])
    assert {spoken.text for one in opened().items("2026-W48") for spoken in one.conversation} == {""}
    assert [one.state for one in opened().assignments(batch_id="2026-W48")] == ["withdrawn", "withdrawn"]
