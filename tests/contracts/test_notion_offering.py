"""Offering in Notion: one whole page for each item and nurse, whatever its wire does meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from notion_server import TOKEN, Fault
from notion_server_values import units
from review_desks import IMPATIENCE_S, NotionDesk, notion_desk, offers
from review_places import assignment, batch, criterion_item, item, origin, reviewer

from evals.review.base import Spoken
from matria.errors import StorageError
from matria.messages import Locale


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[NotionDesk]:
    with notion_desk(tmp_path) as made:
        yield made


def put_long(desk: NotionDesk) -> list[Spoken]:
    """A conversation of 90 messages, one with 5,000 characters of which each counts twice."""
    spoken = [Spoken(f"m{n // 2}", "user" if n % 2 == 0 else "assistant", f"Mensagem {n}.") for n in range(90)]
    spoken[1] = Spoken("m0", "assistant", "🤰" * 2_500 + "a" * 45_000 + "é" * 1_999 + "👩🏽‍🍼")
    long = item("long", "2026-W48", conversation=tuple(spoken))
    desk.records.put_batch(batch("2026-W48"), [long], [origin("long")], [assignment("long")])
    return spoken


def texts(desk: NotionDesk) -> str:
    return desk.server.said(desk.page("long", "nurse-a"))


# Pages


@pytest.mark.parametrize("lost", [Fault(502, is_carried_out=True), Fault(500), Fault(409)])
def test_a_lost_answer_makes_no_second_page(desk: NotionDesk, lost: Fault) -> None:
    desk.server.faults.append(replace(lost, method="POST", path="/pages$"))
    desk.form.offer(offers(desk.records))
    assert len(desk.server.rows()) == 3


@pytest.mark.parametrize("late", [Fault(200, is_carried_out=True, body=b"{}"), Fault(504)])
def test_an_answer_that_comes_too_late_makes_no_second_page(desk: NotionDesk, late: Fault) -> None:
    desk.server.faults.append(replace(late, method="POST", path="/pages$", is_late=True))
    desk.opened(IMPATIENCE_S).offer(offers(desk.records))
    assert not desk.server.faults
    assert len(desk.server.rows()) == 3


def test_a_long_conversation_is_on_its_page_to_the_letter(desk: NotionDesk) -> None:
    spoken = put_long(desk)
    assert units(spoken[1].text) > 50_000
    desk.form.offer(offers(desk.records, only=["long"]))
    said = texts(desk).replace("\n", "")
    assert all(one.text in said for one in spoken)
    assert [said.index(one.text) for one in spoken] == sorted(said.index(one.text) for one in spoken)
    assert texts(desk).index("1 · Pessoa") < texts(desk).index("2 · Assistente")
    assert desk.server.read(desk.page("long", "nurse-a"), "Situação") == "Para ler"


@pytest.mark.parametrize("is_carried_out", [True, False])
def test_a_lost_answer_puts_no_part_of_a_conversation_twice(desk: NotionDesk, is_carried_out: bool) -> None:
    put_long(desk)
    desk.server.faults.append(Fault(502, "PATCH", "/children$", is_carried_out=is_carried_out))
    desk.form.offer(offers(desk.records, only=["long"]))
    assert [texts(desk).count(f"\nMensagem {n}.") for n in (0, 2, 30, 60, 89)] == [1] * 5


def test_a_page_that_was_left_half_made_is_completed_and_does_not_count_before(desk: NotionDesk) -> None:
    put_long(desk)
    desk.server.faults.append(Fault(401, "PATCH", "/children$"))
    with pytest.raises(StorageError, match="token"):
        desk.form.offer(offers(desk.records, only=["long"]))
    desk.answer("long", "nurse-a")
    desk.server.fill(desk.page("long", "nurse-a"), {"Trecho": ""})
    early = desk.form.returned("")
    assert early.reviews == ()
    assert "offer it again" in early.problems[0]
    desk.form.offer(offers(desk.records, only=["long"]))
    assert texts(desk).count("\nMensagem 89.") == 1
    assert len(desk.form.returned(early.cursor).reviews) == 1


def test_what_a_person_writes_on_a_half_made_page_leaves_no_part_of_the_conversation_out(desk: NotionDesk) -> None:
    put_long(desk)
    appended = 0

    def write(method: str, path: str) -> None:
        nonlocal appended
        appended += path.endswith("/children") and method == "PATCH"
        if appended == 2:
            appended += 1
            page = desk.page("long", "nurse-a")
            page.blocks.append({"id": "hers", "type": "paragraph", "paragraph": {"rich_text": []}})

    desk.server.before = write
    desk.form.offer(offers(desk.records, only=["long"]))
    assert [texts(desk).count(f"\nMensagem {n}.") for n in (0, 2, 30, 60, 89)] == [1] * 5
    assert "hers" not in [one["id"] for one in desk.page("long", "nurse-a").blocks]


def test_of_two_pages_the_older_stays_and_of_an_answered_one_and_a_blank_one_the_answered(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    older, answered = desk.page("i1", "nurse-a"), desk.page("i2", "nurse-a")
    desk.server.clock.pass_(120)
    copies = desk.server.copy(older), desk.server.copy(answered)
    desk.server.fill(copies[1], {"Seguro?": "Sim", "Pronto": True})
    desk.form.offer(offers(desk.records))
    assert desk.page("i1", "nurse-a") is older
    assert desk.page("i2", "nurse-a") is copies[1]
    assert desk.server.rows(trashed=True) == [answered, copies[0]]


def test_a_page_that_somebody_wrote_on_is_not_thrown_away(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    older = desk.page("i1", "nurse-a")
    desk.server.clock.pass_(120)
    copy = desk.server.copy(older)
    desk.server.fill(copy, {"Seguro?": "Não"})
    desk.form.offer(offers(desk.records))
    assert desk.page("i1", "nurse-a") is copy
    assert older.is_trashed


def test_what_is_written_while_a_second_page_goes_brings_it_back(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    desk.server.clock.pass_(120)
    copy = desk.server.copy(desk.page("i1", "nurse-a"))

    def write(method: str, path: str) -> None:
        if method == "PATCH" and not copy.is_trashed:
            desk.server.before = lambda method, path: None
            desk.server.fill(copy, {"Comentário": "Falta algo."})

    desk.server.before = write
    desk.form.offer(offers(desk.records))
    assert not copy.is_trashed
    assert desk.server.read(copy, "Comentário") == "Falta algo."


def test_a_page_that_is_refused_keeps_no_other_from_being_made(desk: NotionDesk) -> None:
    desk.server.faults.append(Fault(400, "POST", "/pages$"))
    with pytest.raises(StorageError, match="1 of 3 pages were refused; item i1"):
        desk.form.offer(offers(desk.records))
    assert len(desk.server.rows()) == 2


def test_a_page_that_may_not_be_changed_is_not_made_twice(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    desk.server.fill(desk.page("i2", "nurse-a"), {"Prazo": {"start": "2026-11-20"}})
    desk.server.faults.append(Fault(400, "PATCH", "/pages/"))
    with pytest.raises(StorageError, match="refused to change a page"):
        desk.form.offer(offers(desk.records))
    assert len(desk.server.rows()) == 3


def test_a_page_that_is_thrown_away_while_open_is_made_again(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    thrown = desk.page("i1", "nurse-a")
    desk.server.throw_away(thrown)
    desk.form.offer(offers(desk.records))
    assert desk.page("i1", "nurse-a").id != thrown.id


def test_a_page_that_is_thrown_away_while_it_is_dated_is_made_again(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    thrown = desk.page("i1", "nurse-a")
    (offer,) = [one for one in offers(desk.records, only=["i1"]) if one.reviewer.reviewer_id == "nurse-a"]
    later = replace(offer, assignment=replace(offer.assignment, due_at=offer.assignment.assigned_at))
    desk.server.before = lambda method, path: desk.server.throw_away(thrown) if method == "PATCH" else None
    desk.form.offer([later])
    assert desk.page("i1", "nurse-a").id != thrown.id


def test_a_tick_between_two_requests_of_a_withdrawal_is_not_lost(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    page = desk.page("i1", "nurse-a")

    def tick(method: str, path: str) -> None:
        if method == "PATCH" and not page.is_trashed:
            desk.server.before = lambda method, path: None
            desk.answer("i1", "nurse-a")

    desk.server.before = tick
    desk.form.withdraw("i1", "nurse-a")
    assert not page.is_trashed
    assert [one.reviewer_id for one in desk.form.returned("").reviews] == ["nurse-a"]


def test_a_nurse_is_named_and_is_the_person_of_her_address_where_notion_has_one(desk: NotionDesk) -> None:
    user_id = desk.server.add_user("Nurse-A@example.org")
    desk.server.most_per_page = 1
    desk.form.offer(offers(desk.records))
    read = desk.server.read
    assert [one["id"] for one in read(desk.page("i1", "nurse-a"), "Responsável")] == [user_id]
    assert read(desk.page("i1", "nurse-b"), "Responsável") == []
    assert read(desk.page("i1", "nurse-b"), "Quem lê") == "Nurse-B"


def test_a_nurse_who_joins_notion_later_is_the_person_of_her_pages_from_then_on(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    user_id = desk.server.add_user("nurse-b@example.org")
    desk.form.offer(offers(desk.records))
    assert [one["id"] for one in desk.server.read(desk.page("i1", "nurse-b"), "Responsável")] == [user_id]
    assert "1 of 3 readers are people there, NOT lead-a, nurse-a" in desk.form.ping()


def test_an_integration_that_may_not_see_people_offers_all_the_same(desk: NotionDesk) -> None:
    desk.server.may_list_users = False
    desk.records.put_reviewer(reviewer("nurse-b", name="B, Nurse"))
    desk.form.offer(offers(desk.records))
    assert desk.server.read(desk.page("i1", "nurse-b"), "Quem lê") == "B  Nurse"
    assert "may not read addresses" in desk.form.ping()


def test_a_criterion_and_a_disagreement_are_said_above_the_conversation(desk: NotionDesk) -> None:
    desk.records.put_items([criterion_item("c1")], [origin("c1")], [assignment("c1", part="extra")])
    (criterion,) = offers(desk.records, only=["c1"])
    desk.form.offer([criterion, replace(offers(desk.records, only=["i2"])[0], disputed=("safe", "tone"))])
    assert "Diz para procurar a maternidade." in desk.server.said(desk.page("c1", "nurse-a"))
    assert "“Isto se confirma na última resposta?”" in desk.server.said(desk.page("c1", "nurse-a"))
    assert "Duas leituras diferem em: Seguro? e Tom." in desk.server.said(desk.page("i2", "nurse-a"))
    assert b"queue-gate" not in b"".join(desk.server.bodies)


@pytest.mark.parametrize(
    ("locale", "answer", "asks", "user"),
    [
        (
            "pt-BR",
            "marque “Pronto” no fim",
            "Tom — O tom é bom? Acolhe, não culpa e usa palavras que ela",
            "Pessoa",
        ),
        ("pt-PT", "assinale “Pronto” no fim", "usa palavras que ela percebe.", "Pessoa"),
        ("en", "tick “Pronto” at the end", "Ruim: Poor. Não dá para dizer: Cannot tell.", "Person"),
    ],
)
def test_a_page_speaks_the_language_of_its_nurse_and_asks_as_the_page_of_this_project_does(
    desk: NotionDesk, locale: Locale, answer: str, asks: str, user: str
) -> None:
    desk.records.put_reviewer(reviewer("nurse-b", languages=(locale, "pt-BR")))
    desk.form.offer(offers(desk.records))
    said = desk.server.said(desk.page("i1", "nurse-b"))
    assert answer in said
    assert asks in said
    assert f"1 · {user}" in said
    assert len(desk.page("i1", "nurse-b").blocks) == len(desk.page("i1", "nurse-a").blocks)


def test_a_page_calls_properties_as_people_do(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records)[:1])
    desk.server.update_source(desk.server.database, {"properties": {"Pronto": {"name": "Terminei"}}})
    desk.form.offer(offers(desk.records))
    assert "marque “Terminei” no fim" in desk.server.said(desk.page("i1", "nurse-b"))


# The wire


def test_no_more_than_three_requests_go_out_in_a_second(desk: NotionDesk) -> None:
    desk.form.offer(offers(desk.records))
    times = [at for at, _ in desk.server.requests]
    assert len(times) > 6
    assert all(later - earlier >= 0.999 for earlier, later in zip(times, times[3:], strict=False))


def test_a_rate_limit_is_waited_for_as_long_as_it_asks(desk: NotionDesk) -> None:
    desk.server.faults += [
        Fault(429, "POST", "/pages$", {"Retry-After": "17"}),
        Fault(529, headers={"Retry-After": "9"}),
    ]
    desk.form.offer(offers(desk.records))
    assert {17.0, 9.0} <= set(desk.server.clock.slept)
    assert len(desk.server.rows()) == 3


def test_a_rate_limit_without_end_is_said_and_what_was_offered_stays(desk: NotionDesk) -> None:
    waiting = offers(desk.records)
    desk.form.offer(waiting[:1])
    desk.server.faults += [Fault(429, "POST", "/pages$", {"Retry-After": "100"}) for _ in range(9)]
    with pytest.raises(StorageError, match="rate limit"):
        desk.form.offer(waiting)
    assert len(desk.server.rows()) == 1
    assert sum(desk.server.clock.slept) < 400


def test_trouble_that_passes_is_not_noticed(desk: NotionDesk) -> None:
    desk.server.faults += [
        Fault(503),
        Fault(409, "POST", "/query$"),
        Fault(520, "GET"),
        Fault(200, "GET", is_late=True),
    ]
    desk.opened(IMPATIENCE_S).offer(offers(desk.records))
    assert not desk.server.faults
    assert len(desk.server.rows()) == 3


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "MATRIA_REVIEW__NOTION_TOKEN"),
        (403, "capabilities"),
        (404, "Connections"),
        (400, "refused"),
        (503, "later"),
    ],
)
def test_a_refusal_says_what_to_do_and_neither_token_nor_text(desk: NotionDesk, status: int, says: str) -> None:
    desk.form.offer(offers(desk.records)[:1])
    body = (
        b'{"object":"error","code":"validation_error","message":"instead was `maternidade`"}' if status == 400 else b""
    )
    desk.server.faults += [Fault(status, "POST", "/pages$|/query$", body=body) for _ in range(9)]
    with pytest.raises(StorageError, match=says) as raised:
        desk.form.offer(offers(desk.records))
    seen = f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"
    assert TOKEN not in seen
    assert "maternidade" not in seen


def test_what_is_not_notion_is_named(desk: NotionDesk) -> None:
    desk.server.faults.append(Fault(200, body=b"<html>sign in</html>"))
    with pytest.raises(StorageError, match="not Notion's API"):
        desk.form.offer(offers(desk.records))
    desk.address = "http://127.0.0.1:9"
    with pytest.raises(StorageError, match="could not be reached"):
        desk.opened().ping()
