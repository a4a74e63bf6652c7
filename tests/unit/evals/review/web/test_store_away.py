"""The store is held, full or damaged: the page says that something is wrong, and what she typed comes back to her."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from page_parts import SAME_SITE, Site, hidden, site

from evals.review.web.drafts import ANSWER

TYPED = {f"{ANSWER}safe": "no", "comment": 'Falta "quando" <b>ir</b> & por quê', "mark": "1:0:5", "teach": "1"}


@pytest.fixture
def here(tmp_path: Path) -> Site:
    return site(tmp_path)


@contextmanager
def away(here: Site) -> Iterator[None]:
    """The file is none that a database can read, until it is put back."""
    kept = here.place.read_bytes()
    here.place.write_bytes(b"no database " * 1000)
    yield
    here.place.write_bytes(kept)


@pytest.mark.parametrize("path", ["/items/item-a", "/items/item-a/draft"])
def test_a_card_sent_while_the_store_is_away_comes_back_and_can_be_sent_again(here: Site, path: str) -> None:
    browser = here.signed_in()
    card = hidden(browser.get("/items/item-a").text)
    with away(here):
        answer = browser.post(path, data=card | TYPED, headers=SAME_SITE)
    assert answer.status_code == 500
    assert "Confira e envie de novo" in answer.text
    assert '<dt>Segurança</dt><dd class="typed">Não</dd>' in answer.text
    assert f'action="{path}"' in answer.text
    assert 'href="/items/item-a"' in answer.text
    again = {name: html.unescape(text) for name, text in hidden(answer.text).items()}
    assert again == card | TYPED
    browser.post("/items/item-a/draft", data=again, headers=SAME_SITE)
    draft = here.records.draft("item-a", "nurse-a")
    assert draft is not None
    assert (draft.fields["safe"], draft.fields["comment"]) == ("no", TYPED["comment"])


def test_a_script_is_told_that_it_failed_and_other_forms_come_back_as_nothing(here: Site) -> None:
    browser = here.signed_in()
    card = hidden(browser.get("/items/item-a").text)
    with away(here):
        by_script = SAME_SITE | {"x-csrf": card["csrf"], "Sec-Fetch-Dest": "empty"}
        saved = browser.post("/items/item-a/draft", data=card | TYPED, headers=by_script)
        asked = browser.post("/sign-in", data={"csrf": "x", "address": "nurse-a@example.org"}, headers=SAME_SITE)
        foreign = browser.post("/items/item-a", data=card | TYPED, headers={"Origin": "https://evil.example"})
        read = browser.get("/items/item-a")
    assert (saved.status_code, saved.json()) == (500, {"error": "failed"})
    for answer in (asked, foreign, read):
        assert answer.status_code == 500
        assert "Algo deu errado aqui" in answer.text
        assert "hidden" not in answer.text
        assert "nurse-a@" not in answer.text


def test_who_sends_too_often_without_a_script_keeps_what_she_typed(here: Site) -> None:
    browser = here.signed_in()
    card = hidden(browser.get("/items/item-a").text)
    answers = [browser.post("/items/item-a/draft", data=card | TYPED, headers=SAME_SITE) for _ in range(121)]
    assert answers[-1].status_code == 429
    assert html.unescape(hidden(answers[-1].text)["comment"]) == TYPED["comment"]
