"""How a text is read, and what a phrase in a term file means."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.phrases import GAP_WORDS, PhraseIndex, parse
from guardrails.reading import fold, read


def stands(phrase: str, text: str) -> bool:
    return any(True for _ in PhraseIndex([(parse(phrase), None)]).find(read(text)))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Sangramento É NORMAL?", "sangramento eh normal?"),
        ("não é você", "nao eh voce"),
        ("I don’t", "i dont"),
        ("su\u200bici\u00addio", "suicidio"),
        ("400 µg e 400 μg", "400 mcg e 400 mcg"),
        ("ﬁlha", "filha"),
    ],
)
def test_folding_takes_away_what_a_term_need_not_spell(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_a_text_reads_the_same_composed_or_decomposed_in_any_case(text: str) -> None:
    plain = "".join(c for c in text if c.isalpha() and len(c.upper()) == 1 == len(c.lower())) or "é"
    assert read(unicodedata.normalize("NFD", plain)).words == read(unicodedata.normalize("NFC", plain)).words


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    reading = read(text)
    counts = {len(reading.words), len(reading.clauses), len(reading.sentences), len(reading.quoted)}
    assert len(counts) == 1
    assert list(reading.clauses) == sorted(reading.clauses)


def test_clauses_end_at_commas_and_at_words_that_turn() -> None:
    assert read("não durmo, choro e penso mas vivo").clauses == (0, 0, 1, 2, 2, 3, 3)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("sou a Dra. Ana. E você?", 2),
        ("comida leve, p. ex. sopa", 1),
        ("see Mrs. Hall, e.g. today", 1),
        ("são 500\nmg", 1),
        ("ligue 192\nmaternidade", 2),
        ("não\nuse", 1),
        ("hoje não. Use", 2),
    ],
)
def test_an_abbreviation_ends_no_sentence(text: str, sentences: int) -> None:
    assert len(set(read(text).sentences)) == sentences


def test_portuguese_is_ends_no_clause() -> None:
    assert set(read("não é verdade que quero").clauses) == {0}


def test_questions_and_quotations_are_known() -> None:
    reading = read('Li "quero morrer" num livro. É triste?')
    assert reading.questions == {1}
    assert [w for w, q in zip(reading.words, reading.quoted, strict=True) if q] == ["quero", "morrer"]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("sangr*", "Sangramento leve", True),
        ("sangr*", "o sangue", False),
        ("quero|queria morrer", "eu QUERIA morrer", True),
        ("de meu? marido", "medo de marido", True),
        ("de meu? marido", "medo de meu marido", True),
        ("de meu? marido", "medo de teu marido", False),
        ("# mg", "500mg", True),
        ("# mg", "dois mg", True),
        ("# mg", "2,5 mg", True),
        ("# mg", "quantos mg", False),
        ("quero ... morrer", "quero mesmo muito morrer", True),
        ("quero ... morrer", "quero a b c d morrer", True),
        ("quero ... morrer", "quero a b c d e morrer", False),
        ("quero ... morrer", "quero. Vou morrer", False),
        ("^ tome", "agora, tome isto", True),
        ("^ tome", "que tome isto", False),
        ("medo dele $", "tenho medo dele", True),
        ("medo dele $", "tenho medo dele nascer", False),
        ("here anymore|$", "I am not here, no", True),
        ("here anymore|$", "I am here anymore now", True),
        ("here anymore|$", "I am here today", False),
        ("pré-eclâmpsia", "PRE ECLAMPSIA", True),
    ],
)
def test_the_grammar_of_a_phrase(phrase: str, text: str, found: bool) -> None:
    assert stands(phrase, text) is found


def test_a_gap_is_as_long_as_the_grammar_says() -> None:
    assert stands("a ... b", "a " + "x " * GAP_WORDS + "b")
    assert not stands("a ... b", "a " + "x " * (GAP_WORDS + 1) + "b")


def test_a_set_is_put_in_by_name() -> None:
    slots = parse("meu {partner}", {"partner": "marido|namorad*"})
    assert slots[1].words == {"marido"}
    assert slots[1].stems == ("namorad",)


@pytest.mark.parametrize("phrase", ["", "...", "... a", "a? b", "^", "{nobody}", "a(b", "#", "a|"])
def test_a_phrase_that_could_match_anywhere_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(phrase)


@given(st.lists(st.sampled_from(["quero", "morrer", "nao", ".", ",", "e", "paz"]), max_size=30))
def test_a_match_lies_within_one_sentence(words: list[str]) -> None:
    reading = read(" ".join(words))
    for match in PhraseIndex([(parse("quero ... morrer"), None)]).find(reading):
        assert len({reading.sentences[i] for i in range(match.start, match.end)}) == 1
        assert reading.words[match.start] == "quero"
        assert reading.words[match.end - 1] == "morrer"
