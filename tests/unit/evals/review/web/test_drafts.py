"""Drafts, passages and what two windows say differently."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.review.web.card import card
from evals.review.web.drafts import Filled, as_fields, differences, from_fields, read_form
from evals.review.web.passages import highlights_of, mark_of, marks_of, sentences
from evals.review.web.words.texts import words
from tests.unit.evals.review.web.card_parts import SAID, SAME_SITE, Desk, desk, filled, item, post
from tests.unit.evals.review.web.page_parts import hidden

ITEM = item("item-1")


@pytest.fixture
def made(tmp_path: Path) -> Desk:
    """Her pages."""
    return desk(tmp_path)


def test_sentences_end_where_people_end_them() -> None:
    text = "Olá, Dra. Souza. A PA foi 12.5? Sim!\n1. Beba água.\n2. Durma (bem.) Certo… \n\nAté p. ex. amanhã"
    assert [text[one.start : one.end] for one in sentences(text)] == [
        "Olá, Dra. Souza.",
        "A PA foi 12.5?",
        "Sim!",
        "1. Beba água.",
        "2. Durma (bem.)",
        "Certo…",
        "Até p. ex. amanhã",
    ]


@given(st.text(alphabet="aé.!?… \n\r1)(😊-", max_size=80))
def test_sentences_hold_every_sign_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    ends = [0, *(one.end for one in spans)]
    assert all(before <= one.start < one.end for before, one in zip(ends, spans, strict=False)), "in order, none twice"
    held = "".join(text[one.start : one.end] for one in spans)
    assert "".join(held.split()) == "".join(text.split()), "and none is left out"


def test_a_passage_comes_back_as_it_was_marked() -> None:
    span = sentences(SAID)[1]
    marks = [mark_of(1, span), "0:0:2", "1:0:9999", "9:0:1", "1:5:5", "1:-1:4", "x", "1:0:1; drop"]
    found = highlights_of(marks, ITEM)
    assert [(one.role, one.text) for one in found] == [("user", "Oi"), ("assistant", SAID[span.start : span.end])]
    assert marks_of(found, ITEM) == ("0:0:2", mark_of(1, span))


def test_a_marked_passage_that_is_no_sentence_is_listed_and_a_sentence_is_not() -> None:
    span = sentences(SAID)[0]
    held = Filled(highlights=highlights_of([mark_of(1, span), "1:4:7"], ITEM))
    shown = card(ITEM, held, 0, 0)
    assert [one.mark for one in shown.passages] == ["1:4:7"]
    assert sum(part.is_marked for said in shown.conversation for part in said.parts) == 1


def test_a_message_is_shown_sign_by_sign() -> None:
    for said, shown in zip(ITEM.conversation, card(ITEM, Filled(), 0, 0).conversation, strict=True):
        assert "".join(part.text for part in shown.parts) == said.text
        assert "".join((part.first + part.rest).unescape() for part in shown.parts) == said.text


def test_a_form_is_read_whole_or_half_and_a_draft_brings_it_back() -> None:
    fields = [
        ("q-safe", "yes"),
        ("q-tone", "magnificent"),
        ("comment", " Ok.\r\n"),
        ("mark", "0:0:2"),
        ("seconds", "7.5"),
    ]
    read = read_form(fields, ITEM)
    assert dict(read.given) == {"safe": "yes"}
    assert (read.comment, read.teach, read.seconds) == ("Ok.", False, 7.5)
    assert read.missing(ITEM) == ("correct", "complete", "tone", "escalation", "harm")
    assert from_fields(as_fields(read), ITEM) == read


@pytest.mark.parametrize(("sent", "kept"), [("", None), ("-3", None), ("nan", None), ("1e9", 14400.0), ("0", 0.0)])
def test_seconds_are_a_time_or_unknown(sent: str, kept: float | None) -> None:
    assert read_form([("seconds", sent)], ITEM).seconds == kept


def test_differences_name_only_what_differs() -> None:
    mine = read_form([("q-safe", "yes"), ("comment", "um")], ITEM)
    other = read_form([("q-safe", "no"), ("comment", "um")], ITEM)
    rows = differences(mine, other, ITEM, words("pt-BR"))
    assert [(row.label, row.mine, row.other) for row in rows] == [("Segurança", "Sim", "Não")]


def test_a_draft_survives_and_names_are_masked_in_it(made: Desk) -> None:
    browser = made.browser()
    answer = post(browser, "item-1", "draft", comment="Ligar para 529.982.247-25.", **{"q-safe": "no"})
    assert answer.headers["location"] == "/items/item-1?note=draft"
    page = made.browser().get("/items/item-1").text
    assert 'value="no" checked' in page
    assert "529.982.247-25" not in page
    assert "Ligar para" in page
    assert "rascunho" in made.browser().get("/").text


def test_two_windows_overwrite_nothing_unseen(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", "draft", version="0", **{"q-safe": "yes"})
    page = post(browser, "item-1", "draft", version="0", **{"q-safe": "no"})
    assert page.status_code == 409
    assert "Este cartão foi alterado em outra janela" in page.text
    draft = made.records.draft("item-1", "nurse-a")
    assert draft is not None
    assert draft.fields["safe"] == "yes"
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    script = {**SAME_SITE, "x-csrf": token}
    sent = {"csrf": token, "version": "0", "q-safe": "no"}
    by_script = browser.post("/items/item-1/draft", data=sent, headers=script)
    assert (by_script.status_code, by_script.json()) == (
        409,
        {"version": 1, "revision": 0, "rows": [["Segurança", "Não", "Sim"]]},
    )
    kept = browser.post("/items/item-1/draft", data=sent | {"version": "1"}, headers=script)
    assert (kept.status_code, kept.json()["version"]) == (200, 2)


@pytest.mark.parametrize(
    ("window", "status", "comment"),
    [("aaaaaaaaaaaa.3", 200, "Terceira."), ("aaaaaaaaaaaa.1", 409, "Segunda."), ("bbbbbbbbbbbb.3", 409, "Segunda.")],
)
def test_a_window_replaces_what_it_sent_itself_before_and_nothing_of_another(
    made: Desk, window: str, status: int, comment: str
) -> None:
    browser = made.browser()
    form = hidden(browser.get("/items/item-1").text)
    script = {**SAME_SITE, "x-csrf": form["csrf"]}
    said = {"csrf": form["csrf"], "version": "0", "revision": "0"}
    first = browser.post(
        "/items/item-1/draft", data=said | {"comment": "Segunda."}, headers=script | {"x-window": "aaaaaaaaaaaa.2"}
    )
    assert first.status_code == 200
    then = browser.post(
        "/items/item-1/draft", data=said | {"comment": "Terceira."}, headers=script | {"x-window": window}
    )
    assert then.status_code == status
    draft = made.records.draft("item-1", "nurse-a")
    assert draft is not None
    assert draft.fields["comment"] == comment


def test_a_page_that_was_open_while_the_card_was_sent_is_shown_what_was_sent(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", "draft", version="0", **{"q-safe": "no"})
    post(browser, "item-1", version="1", **filled())
    page = post(browser, "item-1", "draft", version="1", **filled(safe="no"))
    assert page.status_code == 409
    assert "Segurança" in page.text


def test_a_card_sent_from_an_older_window_shows_what_another_typed_and_she_chooses(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", "draft", version="0", **filled())
    post(browser, "item-1", "draft", version="1", comment="Escrito na outra janela.", **filled())
    page = post(browser, "item-1", version="1", **filled())
    assert page.status_code == 409
    assert "Este cartão foi alterado em outra janela" in page.text
    assert "Escrito na outra janela." in page.text
    assert made.said("item-1") is None
    incomplete = post(browser, "item-1", version="1", **{"q-safe": "yes"})
    assert 'name="version" value="1"' in incomplete.text, "being refused makes a window no newer"
    form = page.text[page.text.index('action="/items/item-1"') :].split("</form>")[0]
    kept = {name: value for name, value in hidden(form).items() if name != "csrf"}
    assert post(browser, "item-1", **kept).status_code == 303
    assert made.said("item-1") is not None


def test_a_card_sent_as_another_window_saved_it_asks_nothing(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", "draft", version="0", **filled())
    post(browser, "item-1", "draft", version="1", comment="Igual.", **filled())
    assert post(browser, "item-1", version="1", comment="Igual.", **filled()).status_code == 303
