"""Personal data in texts: what counts, what stays, and how it is told apart."""

from itertools import pairwise

import pytest

from matria.messages import Locale
from matria.privacy.identifiers import find, redact
from matria.privacy.identifiers.checksums import is_cns, is_nino


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("meu cpf 529 982 247 25", "meu cpf [CPF]"),
        ("529.982.247-25", "[CPF]"),
        ("５２９．９８２．２４７－２５", "[CPF]"),
        ("529\u200b982\u200b24725 (CPF)", "[CPF] (CPF)"),
        ("cpf é cinco dois nove nove oito dois dois quatro sete dois cinco", "cpf é [CPF]"),
        ("meu cpf é 529.982.247-2", "meu cpf é [CPF]"),
        ("CNPJ 11.222.333/0001-81", "CNPJ [CNPJ]"),
        ("cartão do SUS 898 0012 3456 7890", "cartão do SUS [CNS]"),
        ("RG 12.345.678-9", "RG [RG]"),
        ("o meu NIF é 123456789", "o meu NIF é [NIF]"),
        ("número de utente: 287 415 936", "número de utente: [UTENTE]"),
        ("cartão de cidadão 00000000 0 ZZ4", "cartão de cidadão [CARTÃO_DE_CIDADÃO]"),
        ("My NHS number is 943 476 5919", "My NHS number is [NHS]"),
        ("NINO AB 12 34 56 C", "NINO [NINO]"),
        ("me liga no (11) 98765-4321", "me liga no [TELEFONE]"),
        ("telemóvel +351 912 345 678", "telemóvel [TELEFONE]"),
        ("call me on 07700 900123", "call me on [TELEFONE]"),
        ("maria.silva arroba gmail ponto com", "[EMAIL]"),
        ("escreve para ana@exemplo.pt ou @ana_m", "escreve para [EMAIL] ou [PERFIL]"),
        ("moro na Rua das Flores, 123, apto 45, CEP 01310-100", "moro na [ENDEREÇO], CEP [CEP]"),
        ("Travessa do Carmo nº 12, 1200-123 Lisboa", "[ENDEREÇO], [CEP] Lisboa"),
        ("I live at 22 Acacia Road, LS6 2AB", "I live at [ENDEREÇO], [CEP]"),
        ("nasci em 12 de maio de 1990", "nasci em [NASCIMENTO]"),
        ("me chamo thaynara kelly souza e estou bem", "me chamo [NOME] e estou bem"),
        ("minha filha chama-se Leonor", "minha filha chama-se [NOME]"),
        ("falei com Ana Paula Ferreira ontem", "falei com [NOME] ontem"),
        ("sou a Joana, a mãe dela", "sou a [NOME], a mãe dela"),
        ("My husband John Smith drove", "My husband [NOME] drove"),
    ],
)
def test_personal_data_is_found_however_it_is_typed(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "TSH 2,35, hCG 12345, glicemia 92, plaquetas 150.000",
        "pressão 120x80, peso 65,5 kg, 20 semanas e 3 dias",
        "DUM 12/05/2026, DPP 16/02/2027, consulta 10/10/2026 às 14:30",
        "a data provável do nascimento é 16/02/2027",
        "meu bebê nasceu dia 12/05",
        "protocolo 20241234567, lote 1234-567, pedido 3456789",
        "protocolo 52998224725 do exame",
        "paguei R$ 1.234,56 em 12 vezes",
        "Ligue 180, SAMU 192, CVV 188, Disque 100, 112, 1411, 116 006, 999, 111, 116 123, 911, 988",
        "SNS 24, 808 24 24 24; 1-833-852-6262; 1-800-799-7233; 0800 644 1234",
        "Lei Maria da Penha, Maternidade Alfredo da Costa, Santa Casa, Hospital Pedro Ernesto",
        "Síndrome de Down, Apgar 9, contrações de Braxton Hicks, janeiro, Monday",
        "o remédio se chama buscopan e sou a favor",
        "andei na rua por 30 minutos e tomei 2 comprimidos",
        "meu nome é muito comum",
        "vitória! a rosa é clara e dias melhores virão",
        "run 20261122T0441Z.ab12cd, 3f2a9c0b1d2e, epoch 1764000000",
        "No alert is called 'day-total-20261122T0700Z'.",
        "No undelivered notice is called 'costs/hour-gestante.triagem-20261122T0700Z/opened/20261122T0700'.",
        "",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "o nome do remédio é misoprostol, tomei 4",
        "O nome do hormônio é ocitocina.",
        "o nome do antibiótico é cefalexina",
        "o nome do medicamento é labetalol",
        "o nome do exame é toxoplasmose",
        "o nome da doença é lúpus; chama-se assim",
        "o nome do chá é boldo",
        "o nome da vacina é Boostrix",
        "nome do remédio: Aldomet",
        "minha filha toma um remédio que se chama Xarelex",
        "tomo Rosa mosqueta e chá de Lúcia Lima",
        "erva doce, Erva Cidreira e Espinheira Santa",
        "violeta genciana no bico; banho de Rosa Branca",
        "Santa Bárbara me proteja",
        "minha médica, Metildopa três vezes ao dia",
        "uso Clexane e Aspirina Prevent, tive Herpes Zoster",
        "the medicine's name is labetalol",
    ],
)
def test_a_medicine_a_plant_and_a_disease_are_nobody(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "announced",
    [
        "o nome do bebê é {}",
        "o nome da minha filha mais velha é {}",
        "o nome do meu marido era {}",
        "o nome da enfermeira é {}",
        "o nome completo da paciente é {}",
        "o nome dela é {}",
    ],
)
def test_the_name_of_a_person_is_announced_by_who_she_is(announced: str) -> None:
    assert redact(announced.format("Xiomara")) == announced.format("[NOME]")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("quem cuida de mim e antonia dos pereira costa", "quem cuida de mim e [NOME]"),
        ("minha medica, vitoria antunes nascimento, pediu o exame", "minha medica, [NOME], pediu o exame"),
        ("e antonia dos ribeiro nascimento gomes", "e [NOME]"),
        ("vi ana pereira leite materno no copo", "vi [NOME] leite materno no copo"),
    ],
)
def test_a_surname_that_is_a_word_ends_a_name_typed_small(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_text_is_redacted_in_the_words_of_its_locale() -> None:
    text = "Meu nome é Ana Souza, moro na Rua do Carmo, 12, tel 912 345 678"
    assert redact(text) == "Meu nome é [NOME], moro na [ENDEREÇO], tel [TELEFONE]"
    assert redact(text, "pt-PT") == "Meu nome é [NOME], moro na [MORADA], tel [TELEFONE]"
    assert redact(text, "en") == "Meu nome é [NAME], moro na [ADDRESS], tel [PHONE]"


def test_a_valid_number_is_told_by_its_words() -> None:
    assert find("o número é 52998224725")[0].kind == "cpf"
    assert not find("o protocolo é 52998224725")
    assert find("o protocolo é 529.982.247-25")[0].kind == "cpf"


def test_numbers_of_a_service_are_kept_as_asked() -> None:
    assert find("ligue para 11 3456-7890")
    assert not find("ligue para 11 3456-7890", keep={"1134567890"})


@pytest.mark.parametrize("locale", ["pt-BR", "pt-PT", "en", None])
def test_places_are_those_of_the_text_and_apart(locale: Locale | None) -> None:
    text = "José\u0301 disse:\u200b cpf ５２９．９８２．２４７－２５, tel 11 98765-4321, Rua A, 12"
    found = find(text, locale)
    assert [text[one.start : one.end] for one in found] == [one.value for one in found]
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_an_identifier_does_not_show_its_value() -> None:
    assert "529" not in repr(find("cpf 529.982.247-25"))


def test_health_cards_follow_the_ministrys_rule() -> None:
    # Provisional, weights 15 to 1: 7·15 + 5·1 = 110 = 10·11.
    assert is_cns("700000000000005")
    assert not is_cns("700000000000006")
    assert not is_cns("300000000000005")
    # Definitive: 1·15 + 7·1 = 22 = 2·11; the twelfth to fourteenth digits are 000 or 001.
    assert is_cns("100000000000007")
    assert not is_cns("100000000010005")


def test_prefixes_that_nobody_is_given_are_no_nino() -> None:
    assert is_nino("AB123456C")
    assert not is_nino("BG123456C")


@pytest.mark.parametrize("text", ["moro na Avenida Brasil 912 345 678", "RUA 943 476 5919"])
def test_of_two_that_overlap_nothing_stays_open(text: str) -> None:
    assert not any(figure.isdigit() for figure in redact(text, "pt-PT"))
