"""A nurse's week and her cards, asked for as a browser without script asks."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from evals.review.base import Absence, Assignment
from evals.review.web.when import week
from evals.review.web.words.texts import words
from matria.messages import Locale
from tests.unit.evals.review.web.card_parts import FINE, NOW, SAME_SITE, SECRETS, Desk, desk, filled, post
from tests.unit.evals.review.web.outcome_parts import Told


@pytest.fixture
def made(tmp_path: Path) -> Desk:
    """Her pages."""
    return desk(tmp_path)


def text_of(answer: Any) -> str:
    """What is read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def chosen(answer: Any) -> int:
    """How much of the form is chosen or marked."""
    return len(re.findall(r'<input type="(?:radio|checkbox)"(?! id="use-keys")[^>]* checked', answer.text))


def test_her_week_says_how_far_she_is_what_is_next_and_until_when(made: Desk) -> None:
    page = made.browser().get("/")
    said = text_of(page)
    assert "1 de 7 lidos" in said
    assert "até sábado, 28 de novembro, às 5h00" in said
    assert 'href="/items/item-1"' in page.text
    assert "um critério" in said


@pytest.mark.parametrize(
    ("days", "said"), [(4, "até amanhã"), (4.7, "até hoje"), (4.9, "era até hoje"), (6, "era até sábado")]
)
def test_the_due_date_is_said_as_people_say_it(made: Desk, days: float, said: str) -> None:
    made.clock.passes(days=days)
    assert said in text_of(made.browser().get("/"))


def test_one_card_is_counted_as_one(made: Desk) -> None:
    lead, nurse = text_of(made.browser("lead-a").get("/")), text_of(made.browser().get("/"))
    assert "0 de 1 lido " in lead
    assert "Falta 1 cartão: cerca de 1 min." in lead
    assert "Faltam 6 cartões: cerca de 6 min." in nurse


@pytest.mark.parametrize(
    ("batch_id", "locale", "said"),
    [
        ("2026-W46", "pt-BR", "9 a 15 de novembro"),
        ("2026-W40", "pt-PT", "28 de setembro a 4 de outubro"),
        ("2026-W40", "en", "28 September to 4 October"),
        ("queue", "en", "queue"),
    ],
)
def test_a_week_is_told_by_its_days(batch_id: str, locale: Locale, said: str) -> None:
    assert week(batch_id, words(locale)) == said


def test_an_empty_week_and_an_absence_are_states_of_their_own(tmp_path: Path) -> None:
    made = desk(tmp_path, is_empty=True)
    assert "Nada para ler por enquanto" in text_of(made.browser().get("/"))
    nurse = next(one for one in made.records.reviewers() if one.reviewer_id == "nurse-a")
    away = Absence(date(2026, 11, 20), date(2026, 11, 27))
    made.records.put_reviewer(replace(nurse, absences=(away,)))
    said = text_of(made.browser().get("/"))
    assert "Sua ausência vai até sexta-feira, 27 de novembro" in said
    assert "Nada para ler" not in said


def test_nothing_of_an_items_origin_is_on_any_page_before_or_after_submission(made: Desk) -> None:
    browser = made.browser()
    pages = [browser.get("/"), browser.get("/items/item-1"), browser.get("/items/item-6")]
    answer = post(browser, "item-1", **filled())
    pages += [
        browser.get(answer.headers["location"]),
        browser.get("/items/item-1"),
        browser.get("/items/item-1?change=1"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert [secret for secret in SECRETS if secret in page.text + str(page.headers)] == []


def test_a_second_reading_and_a_repeat_look_like_any_other(made: Desk) -> None:
    nurse = made.browser("nurse-b").get("/")
    assert "/items/item-2" in nurse.text
    assert not re.search(r"second|segunda leitura|repeat", nurse.text)


def test_a_sent_card_leads_to_the_next_and_can_be_undone_for_ten_minutes(made: Desk) -> None:
    browser = made.browser()
    answer = post(browser, "item-1", comment="Bem dito.", mark="1:0:27", teach="1", seconds="48", **filled())
    assert (answer.status_code, answer.headers["location"]) == (303, "/items/item-2?note=kept")
    following = browser.get(answer.headers["location"])
    assert "Cartão 1 enviado." in following.text
    assert 'action="/items/item-1/undo"' in following.text
    review = made.said("item-1")
    assert review is not None
    assert (review.part, review.seconds, review.answers.teach) == ("first", 48.0, True)
    assert [one.text for one in review.answers.highlights] == ["Que bom que você escreveu. "]
    made.clock.passes(minutes=9)
    assert post(browser, "item-1", "undo", revision="1").headers["location"] == "/items/item-1?note=undone"
    again = browser.get("/items/item-1?note=undone")
    assert "Bem dito." in again.text
    assert chosen(again) == len(FINE) + 2, "answers, passage and flag are as she left them"
    assert made.said("item-1") is None
    assert ("nurse-a", "undid", "item-1") in made.did()


def test_an_undone_change_is_left_in_the_form_and_what_she_said_before_stands(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", comment="Bem dito.", **filled())
    made.clock.passes(minutes=20)
    changed = {**filled(), "revision": "1"}
    assert post(browser, "item-1", comment="Mal dito.", **changed).headers["location"].endswith("note=kept")
    answer = post(browser, "item-1", "undo", revision="2")
    assert answer.headers["location"] == "/items/item-1?change=true&note=undone"
    assert "Mal dito." in browser.get(answer.headers["location"]).text
    review = made.said("item-1")
    assert review is not None
    assert review.answers.comment == "Bem dito."


def test_a_second_press_of_undo_takes_nothing_more_back(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", comment="Primeira.", **filled())
    post(browser, "item-1", comment="Segunda, que importa.", revision="1", **filled())
    shown = browser.get("/items/item-1").text
    assert re.search(r'action="/items/item-1/undo".+?name="revision" value="2"', shown, re.DOTALL)
    answers = [post(browser, "item-1", "undo", revision="2") for _ in range(2)]
    assert {one.headers["location"] for one in answers} == {"/items/item-1?change=true&note=undone"}
    review, draft = made.said("item-1"), made.records.draft("item-1", "nurse-a")
    assert review is not None
    assert draft is not None
    assert (review.answers.comment, draft.fields["comment"]) == ("Primeira.", "Segunda, que importa.")


def test_an_undo_that_comes_too_late_changes_nothing_and_says_so(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", **filled())
    made.clock.passes(minutes=11)
    assert "undo" not in browser.get("/").text
    assert post(browser, "item-1", "undo", revision="1").headers["location"] == "/items/item-1?note=too_late"
    assert made.said("item-1") is not None
    assert "O tempo para desfazer passou" in browser.get("/items/item-1?note=too_late").text


def test_what_is_missing_is_named_and_what_was_filled_in_stays(made: Desk) -> None:
    browser = made.browser()
    fields = filled()
    del fields["q-harm"], fields["q-tone"]
    answer = post(browser, "item-1", comment="Fica.", mark="1:0:27", **fields)
    assert answer.status_code == 422
    assert "Faltam 2 respostas" in text_of(answer)
    assert 'href="#q-tone-good"' in answer.text
    assert 'href="#q-harm-none"' in answer.text
    assert re.search(r'id="f-tone"[^>]+aria-invalid="true"', answer.text)
    assert not re.search(r'id="f-safe"[^>]+aria-invalid', answer.text)
    assert "Fica." in answer.text
    assert re.search(r'id="q-safe-yes"[^>]+checked', answer.text)
    assert made.said("item-1") is None


def test_an_option_that_there_is_not_is_no_answer(made: Desk) -> None:
    answer = post(made.browser(), "item-1", **filled(safe="excellent", harm="partly"))
    assert "Faltam 2 respostas" in text_of(answer)


def test_nothing_is_chosen_before_she_chooses(made: Desk) -> None:
    assert chosen(made.browser().get("/items/item-1")) == 0


def test_cannot_tell_answers_every_question(made: Desk) -> None:
    fields = {f"q-{name}": "cannot_tell" for name in FINE}
    assert post(made.browser(), "item-1", **fields).status_code == 303


def test_a_criterion_item_asks_one_thing(made: Desk) -> None:
    browser = made.browser()
    page = browser.get("/items/item-6")
    assert "Diz quando procurar ajuda." in page.text
    assert page.text.count("<legend>") - page.text.count('id="passages"') == 1
    assert post(browser, "item-6", **{"q-met": "no"}).status_code == 303
    review = made.said("item-6")
    assert review is not None
    assert dict(review.answers.given) == {"met": "no"}


def test_a_double_click_is_kept_once(made: Desk) -> None:
    browser = made.browser()
    first, second = (post(browser, "item-1", revision="0", **filled()) for _ in range(2))
    assert [one.status_code for one in (first, second)] == [303, 303]
    assert second.headers["location"].endswith("note=same")
    review = made.said("item-1")
    assert review is not None
    assert review.revision == 1
    assert sum(did == "submitted" for _, did, _ in made.did()) == 1


def test_another_revision_in_between_shows_both_and_she_chooses(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", revision="0", **filled())
    stale = post(browser, "item-1", revision="0", comment="Mudei.", **filled(safe="no"))
    assert stale.status_code == 409
    assert "Você já enviou outras respostas" in stale.text
    assert all(said in text_of(stale) for said in ("Segurança Não Sim", "Mudei."))
    before = made.said("item-1")
    assert before is not None
    assert before.answers.given["safe"] == "yes", "nothing was overwritten"
    pattern = r'<input type="hidden" name="([\w-]+)" value="([^"]*)"'
    form = stale.text[stale.text.index('action="/items/item-1"') :].split("</form>")[0]
    kept = {name: value for name, value in re.findall(pattern, form) if name != "csrf"}
    assert post(browser, "item-1", **kept).status_code == 303
    after = made.said("item-1")
    assert after is not None
    assert (after.revision, after.answers.given["safe"], after.answers.comment) == (2, "no", "Mudei.")


def test_a_card_that_was_taken_from_her_meanwhile_is_kept_as_extra_and_said(made: Desk) -> None:
    browser = made.browser()
    made.records.withdraw("item-1", "nurse-a")
    assert "passou para outra pessoa" in browser.get("/items/item-1").text
    answer = post(browser, "item-1", **filled())
    assert answer.headers["location"] == "/items/item-2?note=extra"
    assert "sua leitura também foi guardada" in browser.get(answer.headers["location"]).text
    review = made.said("item-1")
    assert review is not None
    assert review.part == "extra"


@pytest.mark.parametrize("what", ["", "draft", "undo"])
def test_somebody_elses_item_is_not_found_and_leaves_a_line(made: Desk, what: str) -> None:
    browser = made.browser("nurse-b")
    assert browser.get("/items/item-1").status_code == 404
    assert post(browser, "item-1", what, **filled()).status_code == 404
    assert made.said("item-1", "nurse-b") is None
    assert ("nurse-b", "refused_foreign_item", "item-1") in made.did()


def test_a_script_in_free_text_is_text(made: Desk) -> None:
    browser = made.browser()
    evil = '</textarea><script>alert(1)</script>" onfocus="alert(2)'
    fields = filled()
    del fields["q-safe"]
    refused = post(browser, "item-1", comment=evil, **fields)
    post(browser, "item-1", comment=evil, **filled())
    for page in (refused, browser.get("/items/item-1"), browser.get("/items/item-1?change=1")):
        assert "<script>alert" not in page.text
        assert '" onfocus="' not in page.text
        assert "&lt;script&gt;alert(1)" in page.text


def test_a_text_that_is_too_long_is_refused_with_all_of_it(made: Desk) -> None:
    browser = made.browser()
    long = "x" * 4001
    answer = post(browser, "item-1", comment=long, **filled())
    assert answer.status_code == 422
    assert long in answer.text
    assert "4001" in text_of(answer)
    assert post(browser, "item-1", comment="é\r\n" * 1333, **filled()).status_code == 303, "a line break counts once"


def test_an_erased_conversation_is_closed(made: Desk) -> None:
    made.records.erase(["conversation-of-item-1"])
    browser = made.browser()
    assert "Esta conversa foi apagada" in browser.get("/items/item-1").text
    for what in ("", "draft"):
        assert "Esta conversa foi apagada" in post(browser, "item-1", what, **filled()).text
    assert made.said("item-1") is None
    assert made.records.draft("item-1", "nurse-a") is None
    token = re.findall(r'name="csrf" value="([^"]+)"', browser.get("/changes").text)[0]
    sent = {"csrf": token, **filled()}
    by_script = browser.post("/items/item-1/draft", data=sent, headers={**SAME_SITE, "x-csrf": token})
    assert (by_script.status_code, by_script.json()["error"]) == (410, "erased")


def test_what_was_erased_after_she_sent_it_cannot_be_undone(made: Desk) -> None:
    browser = made.browser()
    post(browser, "item-1", **filled())
    made.records.erase(["conversation-of-item-1"])
    assert 'action="/items/item-1/undo"' not in browser.get("/").text
    post(browser, "item-1", "undo", revision="1")
    assert made.said("item-1") is not None
    assert "item-1" not in [one.item.item_id for one in made.records.offers("nurse-a")]


def test_a_tie_is_broken_blind_and_both_readings_come_after(made: Desk) -> None:
    lead = made.browser("lead-a")
    page = lead.get("/items/item-tie")
    assert page.text.count("em desacordo") == 2
    assert "Primeira leitura" not in page.text
    assert "Name of nurse" not in page.text
    assert post(lead, "item-tie", **filled(safe="no", harm="mild")).status_code == 303
    still_open = text_of(lead.get("/items/item-tie"))
    assert "Primeira leitura" not in still_open, "as long as she can take hers back she decides blind"
    assert "aparecem aqui às 9h10" in still_open
    made.clock.passes(minutes=11)
    read = lead.get("/items/item-tie")
    assert "Dano Nenhum Grave Leve" in text_of(read).replace("em desacordo ", "")
    assert "Name of nurse" not in read.text
    assert "Primeira leitura" not in made.browser().get("/items/item-tie").text, "nor does either nurse see the other's"


def test_a_decision_changed_after_both_readings_were_shown_says_so_in_the_audit_log(made: Desk) -> None:
    lead = made.browser("lead-a")
    post(lead, "item-tie", **filled(safe="no", harm="mild"))
    made.clock.passes(minutes=11)
    lead.get("/items/item-tie")
    post(lead, "item-tie", revision="1", **filled(safe="yes", harm="none"))
    kept = [line.detail for line in made.records.audit() if line.did == "submitted"]
    assert kept == ["after_both", "kept"]


def test_a_viewer_sees_figures_and_no_card(made: Desk) -> None:
    viewer = made.browser("viewer-a")
    assert viewer.get("/").headers["location"] == "/week"
    figures = viewer.get("/week")
    assert "Name of nurse" not in figures.text
    assert "Pessoa 1" in figures.text
    assert viewer.get("/items/item-1").status_code in (403, 404)


def test_the_lead_sees_names_and_what_waits_and_a_nurse_neither(made: Desk) -> None:
    figures = text_of(made.browser("lead-a").get("/week"))
    assert "Name of nurse-a 1 6 0" in figures
    assert "Há um desacordo à espera de desempate." in figures
    assert made.browser().get("/week").status_code == 403


def test_outcomes_are_shown_or_said_to_be_missing(made: Desk, tmp_path: Path) -> None:
    assert "Ainda não há o que mostrar" in made.browser().get("/changes").text
    (tmp_path / "told").mkdir()
    told = desk(tmp_path / "told", outcomes=Told())
    said = text_of(told.browser().get("/changes"))
    assert all(one in said for one in ("contractions-w46.pt-BR", "não medido → confiável", "kappa 0,71", "94 %"))
    assert "71 % a 99 %" in text_of(told.browser("lead-a").get("/week"))


def test_the_language_is_hers_and_the_conversation_keeps_its_own(made: Desk) -> None:
    browser = made.browser()
    for locale, word in (("pt-PT", "Guardar rascunho"), ("en", "Save draft"), ("pt-BR", "Salvar rascunho")):
        token = re.findall(r'name="csrf" value="([^"]+)"', browser.get("/changes").text)[0]
        fields = {"csrf": token, "lang": locale, "back": "/items/item-1"}
        answer = browser.post("/language", data=fields, headers=SAME_SITE)
        assert answer.headers["location"] == "/items/item-1?note=language"
        page = browser.get("/items/item-1").text
        assert f'<html lang="{locale}">' in page
        assert word in page
        assert 'class="text" lang="pt-BR"' in page


def test_the_next_card_is_the_one_behind_and_then_from_the_front(made: Desk) -> None:
    browser = made.browser()
    assert browser.get("/next?after=item-2").headers["location"] == "/items/item-3"
    assert browser.get("/next?after=item-6").headers["location"] == "/items/item-1"
    assert browser.get("/next?after=nothing-like-it").headers["location"] == "/items/item-1"


def test_last_weeks_cards_leave_her_list_once_read_and_stay_while_open(made: Desk) -> None:
    post(made.browser(), "item-1", **filled())
    made.clock.passes(days=7)
    page = made.browser().get("/").text
    assert "/items/item-1" not in page
    assert "/items/item-2" in page
    late = Assignment("item-1", "nurse-b", "second", NOW + timedelta(days=12), NOW)
    made.records.assign([late])
    assert "/items/item-1" in made.browser("nurse-b").get("/").text


def test_a_card_of_last_week_that_she_reads_now_counts_and_can_be_undone(made: Desk) -> None:
    post(made.browser(), "item-1", **filled())
    made.clock.passes(days=7)
    browser = made.browser()
    assert "0 de 5 lidos" in text_of(browser.get("/"))
    post(browser, "item-2", **filled())
    page = browser.get("/")
    assert "1 de 5 lidos" in text_of(page)
    assert 'action="/items/item-2/undo"' in page.text
    made.clock.passes(days=7)
    assert "/items/item-2" not in made.browser().get("/").text
