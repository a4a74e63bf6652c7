"""Retrieval: the duties of the port on the real notes, and how words are read."""

import random
from dataclasses import replace

import pytest

from matria.policy import load_policy
from models.assistant.retrieval.bm25 import Bm25Retriever
from models.assistant.retrieval.slips import Slips, is_one_slip
from models.assistant.retrieval.words import words_of
from prompts.notes.files import load_notes

ASKED = [
    ("pt-BR", "gestante", "tenho azia depois do jantar, o que posso fazer?", "heartburn"),
    ("pt-PT", "gestante", "Tenho imensa comichão nas mãos à noite", "itching"),
    ("en", "puerpera", "My breast is red, hot and sore", "mastitis"),
    ("en", "gestante", "What is preeclampsia?", "headache-blood-pressure"),
]
TYPED = [
    # as a thumb writes it: no accents, abbreviations, slips
    ("pt-BR", "gestante", "to c mta azia dps q janto hj", "heartburn"),
    ("pt-BR", "gestante", "SANGRAMETO VIVO AGORA 30 SEMANAS!!!", "bleeding-late"),
    ("pt-BR", "puerpera", "bb ta c 38,5 e molinho", "newborn-fever"),
    ("pt-BR", "gestante", "pressao 16 por 11", "headache-blood-pressure"),
    ("pt-PT", "puerpera", "o bebe nao para de chorar tem colcas", "baby-crying"),
    ("en", "gestante", "cant stop vomitting, cant keep water down", "severe-vomiting"),
    ("en", "puerpera", "how long can i keep breastmilk in the fridge", "expressing-milk"),
]
OFF_TOPIC = [
    ("pt-BR", "qual a capital da austrália?"),
    ("pt-PT", "vai chover amanhã?"),
    ("en", "who is the president?"),
    ("pt-BR", ""),
    ("en", "?!… 12"),
]


@pytest.fixture(scope="module")
def notes():
    return load_notes()


@pytest.fixture(scope="module")
def policy(root):
    return load_policy(root / "policy.yaml")


@pytest.fixture(scope="module")
def retriever(notes, policy):
    return Bm25Retriever(notes, policy)


def themes(retriever, question, locale, persona="gestante", most=3):
    return [note.id for note in retriever.retrieve(question, locale, persona=persona, most=most)]


@pytest.mark.parametrize(("locale", "persona", "question", "theme"), [*ASKED, *TYPED])
def test_a_question_finds_its_note(retriever, locale, persona, question, theme):
    assert theme in themes(retriever, question, locale, persona)


@pytest.mark.parametrize(("locale", "question"), OFF_TOPIC)
def test_a_question_on_something_else_finds_none(retriever, locale, question):
    assert themes(retriever, question, locale) == []


@pytest.mark.parametrize(
    ("locale", "question"),
    [("pt-BR", "febre depois do parto"), ("pt-PT", "febre depois do parto"), ("en", "fever after birth")],
)
def test_notes_come_in_the_locale_asked_for_each_once_and_no_more_than_asked(retriever, locale, question):
    found = retriever.retrieve(question, locale, persona="puerpera", most=2)
    assert len(found) == len({note.id for note in found}) == 2
    assert {note.locale for note in found} == {locale}


def test_the_order_of_the_notes_does_not_matter(retriever, notes, policy):
    shuffled = random.Random(7).sample(notes, len(notes))
    other = Bm25Retriever(shuffled, policy)
    for locale, persona, question, _ in (*ASKED, *TYPED):
        assert themes(other, question, locale, persona, 10) == themes(retriever, question, locale, persona, 10)


def test_a_note_for_her_goes_before_its_equal_for_others_and_a_nurse_is_shown_both_alike(notes, policy):
    hers = next(note for note in notes if note.id == "heartburn" and note.locale == "en")
    others = replace(hers, id="another", personas=("puerpera",))
    retriever = Bm25Retriever([hers, others, *(note for note in notes if note.locale == "en" and note != hers)], policy)
    assert themes(retriever, "heartburn and acid reflux", "en")[:2] == ["heartburn", "another"]
    assert themes(retriever, "heartburn and acid reflux", "en", "puerpera")[:2] == ["another", "heartburn"]
    first, second = retriever.passages("heartburn and acid reflux", "en", persona="enfermeira")[:2]
    assert first.score == second.score


def test_a_library_without_a_locale_finds_nothing_in_it(notes, policy):
    retriever = Bm25Retriever([note for note in notes if note.locale == "en"], policy)
    assert themes(retriever, "azia", "pt-BR") == []
    assert themes(retriever, "heartburn", "en")[0] == "heartburn"


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Qdo é a próxima consulta?", "pt", ["proxima", "consulta"]),
        ("contrações e contração", "pt", ["contracao", "contracao"]),
        ("tô c/ 38,4 e 16x11", "pt", ["febre", "pressao", "tensao"]),
        ("I can’t sleep at 30 weeks", "en", ["sleep"]),
        ("temp of 101.8, bp 150/95", "en", ["temperature", "fever", "blood", "pressure", "blood", "pressure"]),
    ],
)
def test_a_text_is_read_as_the_words_that_tell_its_theme(text, language, words):
    assert words_of(text, language) == words


@pytest.mark.parametrize(
    ("typed", "word", "is_slip"),
    [
        ("sangrameto", "sangramento", True),
        ("sangrammento", "sangramento", True),
        ("sangramenro", "sangramento", True),
        ("sangramneto", "sangramento", True),
        ("sangremenro", "sangramento", False),
        ("sangra", "sangramento", False),
    ],
)
def test_one_letter_added_missing_changed_or_two_swapped_is_a_slip(typed, word, is_slip):
    assert is_one_slip(typed, word) is is_slip
    assert Slips([word]).meant(typed) == (word if is_slip else typed)


def test_a_known_a_short_and_a_word_with_another_first_letter_stay_as_typed():
    slips = Slips(["febre", "parto", "mamada"])
    assert [slips.meant(word) for word in ("mamada", "pato", "camada")] == ["mamada", "pato", "camada"]
