"""An answer that names a helpline has a person told; one with a number of another kind has not."""

import asyncio

import pytest

from guardrails.base import Text
from guardrails.care.texts import CareTexts
from guardrails.care_given import CareGiven
from matria.messages import LOCALES, Locale

RAIL = CareGiven()


def is_care(content: str, locale: Locale = "pt-BR") -> bool:
    decision = asyncio.run(RAIL.judge(Text(content, "assistant", locale)))
    assert decision.action == "allow"
    return decision.reasons == ("care_in_answer",)


@pytest.mark.parametrize(
    "said",
    [
        "Você não está sozinha: ligue 188 (CVV), a qualquer hora.",
        "A Central de Atendimento à Mulher atende no 180.",
        "Pode ligar para a linha 1411, a qualquer hora.",
        "A APAV responde pelo 116 006.",
        "Please call or text 988 now.",
        "You can reach Samaritans on 116 123, day or night.",
        "Call 1-833-852-6262, the maternal mental health line.",
    ],
)
def test_a_helpline_in_an_answer_is_noticed(said: str) -> None:
    assert is_care(said)


@pytest.mark.parametrize(
    "said",
    [
        "Se houver sangramento, ligue 192 (SAMU).",
        "O bebê mamou 180 ml hoje.",
        "A pressão de 180 por 120 pede a maternidade agora.",
        "Com 1,88 m de altura, o ganho de peso é outro.",
        "Call 911 if you cannot breathe.",
        "In 1988 the advice was another.",
    ],
)
def test_another_number_is_none(said: str) -> None:
    assert not is_care(said)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_care_text_for_self_harm_is_care(locale: Locale) -> None:
    assert is_care(CareTexts("US").care(("self_harm_disclosure",), locale), locale)


def test_what_she_says_is_judged_by_other_rails() -> None:
    text = Text("Já liguei 188 e ninguém atendeu.", "user", "pt-BR")
    assert asyncio.run(RAIL.judge(text)).reasons == ()
