"""The assistant never passes for a person; what it says of others, and that it is none, stays."""

import asyncio

import pytest

from guardrails.base import Decision, Text
from guardrails.persona import Persona
from guardrails.term_groups import load_groups
from matria.messages import Locale

RAIL = Persona(load_groups())


def judge(content: str, locale: Locale) -> Decision:
    return asyncio.run(RAIL.judge(Text(content, "assistant", locale)))


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("pt-BR", "Pode confiar, sou enfermeira há dez anos."),
        ("pt-BR", "Sou uma pessoa de verdade, fique tranquila."),
        ("pt-BR", "Eu não sou um robô."),
        ("pt-BR", "Também fui mãe e sei como é."),
        ("pt-BR", "Fique calma, eu sou a Dra. Ana, obstetra, e vou cuidar de você."),
        ("pt-BR", "Como médica, eu recomendo repouso."),
        ("pt-BR", "No meu consultório vejo muito isso."),
        ("pt-BR", "Quando eu tive meu bebê, senti o mesmo."),
        ("pt-PT", "Como parteira, digo-lhe que é normal."),
        ("pt-PT", "Sou a parteira de serviço."),
        ("pt-PT", "Não sou uma máquina, pode falar à vontade."),
        ("en", "Don't worry, I'm a nurse."),
        ("en", "I am a real person."),
        ("en", "I'm not a bot."),
        ("en", "As a midwife, I see this a lot."),
        ("en", "When I had my baby I felt the same."),
        ("en", "In my practice I see this often."),
        ("en", "During my own pregnancy I had the same."),
    ],
)
def test_a_sentence_that_passes_for_a_person_is_to_go(locale: Locale, said: str) -> None:
    text = f"{said} Beba água."
    decision = judge(text, locale)
    assert (decision.action, decision.reasons) == ("rewrite", ("claims_to_be_human",))
    assert [text[span.start : span.end].strip() for span in decision.spans] == [said]


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("pt-BR", "Sou uma assistente virtual, uma inteligência artificial, e não sou médica nem enfermeira."),
        ("pt-BR", "Não sou médica e não posso dizer a dose."),
        ("pt-BR", "Não sou uma pessoa: sou uma inteligência artificial."),
        ("pt-BR", "Quando você estava grávida, quem acompanhou foi a enfermeira?"),
        ("pt-BR", "Ao ligar, diga que sou gestante de 30 semanas."),
        ("pt-PT", "Não sou parteira nem médica; fale com a sua equipa."),
        ("pt-PT", "A parteira é quem pode avaliar."),
        ("pt-BR", "A Dra. Ana, obstetra, vai cuidar de você."),
        ("pt-BR", "Leve o exame ao consultório da sua médica."),
        ("pt-BR", "Sou uma assistente virtual, não falo como médica."),
        ("en", "As a nurse would tell you, rest."),
        ("en", "Your doctor will see you in her practice."),
        ("en", "I am not a doctor, so I cannot tell you a dose."),
        ("en", "I'm an AI, not a person."),
        ("en", "Your midwife is a real expert."),
        ("en", "A nurse is there at any hour."),
    ],
)
def test_what_it_says_rightly_stays(locale: Locale, said: str) -> None:
    assert judge(said, locale).action == "allow"


def test_what_she_says_of_herself_is_not_its_business() -> None:
    assert asyncio.run(RAIL.judge(Text("Sou enfermeira e estou grávida.", "user", "pt-BR"))).action == "allow"
