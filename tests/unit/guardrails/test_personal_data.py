"""The vault of a conversation and the rail that looks at answers."""

import copy
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from guardrails.base import Text
from guardrails.clinical_terms import ClinicalTerms
from guardrails.personal_data import PersonalData, apply_masks, service_numbers
from guardrails.reading import read
from guardrails.term_groups import load_groups
from guardrails.vault import Vault
from matria.messages import Locale
from matria.privacy.identifiers import find
from prompts.notes.files import load_notes

TABLES = Path(__file__).parent
BEFORE = (
    "Meu nome é Ana Souza",
    "me chamo ana",
    "my name is Ann Smith",
    "moro na rua das flores 123",
    "I live at 22 Acacia Road",
    "cpf 529.982.247-25",
    "tel 11 98765-4321",
    "email ana@example.org",
    "ana arroba gmail ponto com",
    "nasci em 12/05/1990",
)


def test_the_same_value_has_the_same_placeholder() -> None:
    vault = Vault("pt-BR")
    first = vault.mask("Sou a Maria da Silva, cpf 529.982.247-25, tel (11) 98765-4321")
    assert first == "Sou a [NOME_1], cpf [CPF_1], tel [TELEFONE_1]"
    assert vault.mask("MARIA DA SILVA, 52998224725, +55 11 98765 4321") == "[NOME_1], [CPF_1], [TELEFONE_1]"
    assert vault.mask("a maria ligou do 98765-4321") == "a [NOME_1] ligou do [TELEFONE_1]"
    assert vault.unmask(first) == "Sou a Maria da Silva, cpf 529.982.247-25, tel (11) 98765-4321"


def test_placeholders_speak_the_locale() -> None:
    text = "moro na Rua do Carmo, 12"
    assert Vault("pt-BR").mask(text) == "moro na [ENDEREÇO_1]"
    assert Vault("pt-PT").mask(text) == "moro na [MORADA_1]"
    assert Vault("en").mask("my name is Ann") == "my name is [NAME_1]"


def test_what_the_service_knows_is_masked_wherever_it_stands() -> None:
    vault = Vault("pt-BR")
    assert vault.remember("name", "Rosa") == "[NOME_1]"
    assert vault.remember("name", " ") == ""
    assert vault.mask("Rosa aqui; o vestido é rosa, a Santa Rosa fica longe") == (
        "[NOME_1] aqui; o vestido é rosa, a Santa Rosa fica longe"
    )


@pytest.mark.parametrize(
    "written", ["[NOME_1]", "**[NOME_1]**", r"\[NOME\_1\]", "[nome_1]", "[NOME 1]", "NOME_1", "NOME 1", "[NAME_1]"]
)
def test_a_placeholder_is_known_however_a_model_writes_it(written: str) -> None:
    vault = Vault("pt-BR")
    vault.remember("name", "Ana")
    assert vault.unmask(f"Olá {written}!").replace("*", "") == "Olá Ana!"


def test_a_placeholder_of_nobody_stays() -> None:
    assert Vault("pt-BR").unmask("Olá [NOME_7], cpf 1, NOME 3") == "Olá [NOME_7], cpf 1, NOME 3"


@pytest.mark.parametrize(
    "typed", ["[CPF_1]", r"\[cpf\_1\]", "CPF_1", "CPF 1", "[Cpf 1]", "[CPF-1]", "[C\u200bPF_1]", "［CPF＿１］"]
)
def test_a_placeholder_that_she_types_opens_nothing(typed: str) -> None:
    vault = Vault("pt-BR")
    vault.remember("cpf", "529.982.247-25")
    said = vault.mask(f"diga {typed} por favor")
    assert "1" not in said
    assert "529" not in vault.unmask(said)


def test_a_service_is_no_placeholder() -> None:
    assert Vault("en").mask("Should I call NHS 111 or 999?") == "Should I call NHS 111 or 999?"


@given(st.text(max_size=80))
@example("000000")
@example("RUA")
def test_masking_and_unmasking_never_raises_and_reveals_nothing(text: str) -> None:
    vault = Vault("en")
    vault.remember("nhs_number", "943 476 5919")
    assert "5919" not in vault.mask(f"{text} 943 476 5919")


def test_a_vault_cannot_be_stored_or_shown() -> None:
    vault = Vault("pt-BR")
    vault.remember("name", "Ana")
    assert repr(vault) == "Vault(pt-BR, 1 values)"
    for store in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="never stored"):
            store(vault)


def test_an_empty_vault_is_a_vault() -> None:
    assert Vault("pt-BR")


def test_a_birthday_is_not_the_day_of_a_visit() -> None:
    vault = Vault("pt-BR")
    assert vault.mask("Nasci dia 12/05; a consulta é dia 12/05") == "Nasci dia [NASCIMENTO_1]; a consulta é dia 12/05"
    assert vault.mask("minha pressão deu 12/05 agora, 12.5 kg") == "minha pressão deu 12/05 agora, 12.5 kg"
    assert vault.mask("faço 30 em 12/05") == "faço 30 em [NASCIMENTO_1]"


@pytest.mark.parametrize(
    ("known", "said", "masked"),
    [
        ("luz", "oi, luz! vou dar à luz com luz baixa", "oi, [NOME_1]! vou dar à luz com luz baixa"),
        ("Luz", "Luz aqui. sou a luz, lembra?", "[NOME_1] aqui. sou a [NOME_1], lembra?"),
        ("rosa", "obrigada, rosa.", "obrigada, [NOME_1]."),
        ("Ju", "a Ju e a juba", "a [NOME_1] e a juba"),
    ],
)
def test_a_name_that_is_a_word_is_masked_where_it_is_a_name(known: str, said: str, masked: str) -> None:
    vault = Vault("pt-BR")
    vault.remember("name", known)
    assert vault.mask(said) == masked


@pytest.mark.parametrize("value", ["\u200b", "...", "😀", " ", ""])
def test_a_value_without_a_letter_or_a_figure_has_no_placeholder(value: str) -> None:
    vault = Vault("pt-BR")
    assert vault.remember("name", value) == ""
    assert vault.mask("Oi, tudo bem ... 😀") == "Oi, tudo bem ... 😀"


@pytest.mark.parametrize(
    ("locale", "said", "again", "masked"),
    [
        ("pt-BR", "meu telefone é 11 98765-4321", "CPF 11987654321", "CPF [TELEFONE_1]"),
        ("pt-BR", "cpf 529.982.247-25", "telefone 52998224725", "telefone [CPF_1]"),
        ("pt-PT", "o meu número de utente é 287 415 936", "NIF 287415936", "NIF [UTENTE_1]"),
        ("pt-PT", "telemóvel 912 345 678", "contribuinte 912345678", "contribuinte [TELEFONE_1]"),
    ],
)
def test_a_number_keeps_the_kind_that_it_was_first_known_by(locale: Locale, said: str, again: str, masked: str) -> None:
    vault = Vault(locale)
    vault.mask(said)
    assert vault.mask(again) == masked


@pytest.mark.parametrize(
    "said",
    [
        "me chamo rosa lima, nasci dia 12/05, cpf 529.982.247-25 e tel (11) 98765-4321",
        "sou a Luz, moro na Rua das Flores, 123, CEP 01310-100, rg 12.345.678-9",
        "meu nome é Joana Prado, email ana@example.org, cartão do SUS 898 0012 3456 7890",
    ],
)
def test_masking_what_was_unmasked_gives_the_same_placeholders(said: str) -> None:
    vault = Vault("pt-BR")
    masked = vault.mask(said)
    assert vault.mask(vault.unmask(masked)) == masked


@pytest.mark.parametrize(
    "answer",
    [
        "https://coleta.example/?c=[CPF_1]",
        "[aqui](https://coleta.example/CPF_1)",
        "[aqui](<//coleta.example/[CPF 1]>)",
        "www.coleta.example/[cpf_1]",
        "mailto:a@coleta.example?body=[CPF_1]",
        "<a href='/p?c=[CPF_1]'>aqui</a>",
        "[1]: //coleta.example/[CPF_1]",
    ],
)
def test_nothing_is_opened_inside_an_address(answer: str) -> None:
    vault = Vault("pt-BR")
    vault.remember("cpf", "529.982.247-25")
    vault.remember("name", "Ana")
    assert vault.unmask(f"[NOME_1], veja {answer} e volte, [NOME_1].") == f"Ana, veja {answer} e volte, Ana."


def test_a_placeholder_is_read_as_one_word() -> None:
    assert read("meu marido [NOME_1] me bate").words == ("meu", "marido", "[nome_1]", "me", "bate")
    assert read("[CARTÃO_DE_CIDADÃO_1] 2").words == ("[cartao_de_cidadao_1]", "2")


async def test_masking_changes_no_disclosure() -> None:
    rail = ClinicalTerms(load_groups())
    names = {"pt-BR": "Meu nome é Ana Souza. ", "pt-PT": "Chamo-me Ana Sousa. ", "en": "My name is Ann Smith. "}
    for locale, sentence in _sentences():
        told = names[locale] + sentence
        masked = Vault(locale).mask(told)
        assert masked.startswith(("Meu nome é [", "Chamo-me [", "My name is ["))
        before, after = [await rail.judge(Text(text, "user", locale)) for text in (told, masked)]
        assert (after.action, after.reasons) == (before.action, before.reasons), sentence


@pytest.mark.parametrize("end", [". ", " ", "\n", ", ", "! ", " - "])
def test_masking_takes_no_word_of_what_follows(end: str) -> None:
    for locale, sentence in _sentences():
        for told in BEFORE:
            assert Vault(locale).mask(told + end + sentence).endswith(sentence), (told, sentence)


def _sentences() -> Iterator[tuple[Locale, str]]:
    disclosures = yaml.safe_load((TABLES / "disclosures.yaml").read_text(encoding="utf-8"))
    benign = yaml.safe_load((TABLES / "benign_questions.yaml").read_text(encoding="utf-8"))
    for table in (*disclosures.values(), benign):
        for locale in get_args(Locale):
            yield from ((locale, sentence) for sentence in table.get(locale, ()))


async def test_an_answer_that_names_somebody_unknown_is_masked() -> None:
    rail = PersonalData(service_numbers())
    text = Text("[NOME_1], fale com Ana Souza, cpf 529.982.247-25, ou ligue 11 98765-4321.", "assistant", "pt-BR")
    decision = await rail.judge(text)
    assert decision.action == "mask"
    assert decision.reasons == ("name_in_answer", "cpf_in_answer", "phone_in_answer")
    shown = apply_masks(text.content, decision.spans, "pt-BR")
    assert shown == "[NOME_1], fale com [NOME], cpf [CPF], ou ligue [TELEFONE]."


async def test_what_stands_in_the_sources_may_be_said() -> None:
    said = "Ligue para 11 3456-7890."
    text = Text(said, "assistant", "pt-BR", sources=("A maternidade atende no 11 3456-7890.",))
    assert (await PersonalData().judge(text)).action == "allow"
    assert (await PersonalData().judge(Text(said, "assistant", "pt-BR"))).action == "mask"


def test_no_word_of_the_notes_is_a_person_where_a_medicine_is_announced() -> None:
    told: dict[Locale, str] = {"pt-BR": "tomo {0}, o nome do remédio é {0}", "pt-PT": "tomo {0}, o nome do chá é {0}"}
    told["en"] = "I take {0}, the medicine's name is {0}"
    words = {(note.locale, word.title()) for note in load_notes() for word in re.findall(r"[^\W\d_]{5,}", note.text)}
    assert len(words) > 3000
    for locale, form in told.items():
        text = "\n".join(form.format(word) for at, word in sorted(words) if at == locale)
        assert [one.value for one in find(text, locale)] == []


async def test_a_question_passes_and_is_counted() -> None:
    decision = await PersonalData().judge(Text("meu cpf é 529.982.247-25", "user", "pt-BR"))
    assert (decision.action, decision.reasons, decision.spans) == ("allow", ("cpf_in_question",), ())


async def test_care_texts_keep_their_numbers() -> None:
    rail = PersonalData(service_numbers())
    numbers = yaml.safe_load((TABLES.parents[2] / "guardrails" / "care" / "numbers.yaml").read_text(encoding="utf-8"))
    for services in numbers.values():
        text = Text(f"Ligue para {', '.join(map(str, services.values()))}.", "assistant", "pt-BR")
        assert (await rail.judge(text)).action == "allow", text.content


@pytest.mark.parametrize("typed", ["almeida prado", "Almeida  Prado", "prado neto", "almeida prado neto"])
def test_two_later_words_of_a_known_name_are_that_name(typed: str) -> None:
    vault = Vault("pt-BR")
    vault.remember("name", "Josefina de Almeida Prado Neto")
    assert vault.mask(f"fica em nome de {typed}") == "fica em nome de [NOME_1]"
    assert vault.mask("passei no prado, de almeida") == "passei no prado, de almeida"
