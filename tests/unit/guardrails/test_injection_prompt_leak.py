"""An answer that tells the rules of its prompt is refused; one that says what the rules have it say is not."""

import asyncio
import base64
import codecs
from collections.abc import Callable, Sequence

import pytest

from guardrails.base import Text
from guardrails.delimiting import delimit, mark_from
from guardrails.prompt_leak import PromptLeak, canary
from guardrails.term_groups import TermGroup
from matria.policy import Policy

RULES = """Você é a assistente da Mátria e conversa com uma gestante sobre o que ela está sentindo.
Não dê diagnóstico: fale do que o sinal pede, não do nome da doença.

## Medicamentos
Nunca informe dose, quantidade, horário, intervalo nem duração de nenhum medicamento, vitamina ou chá.
Diga que quem decide sobre remédios é a médica ou a enfermeira do pré-natal, que a acompanha desde o começo.

Sinais de emergência, na gestação e até um ano depois do parto, em qualquer dia e a qualquer hora:
- sangramento forte em qualquer fase: encharca um absorvente em uma hora, sai com coágulos ou vem com tontura;
- dor de cabeça forte que não passa, visão embaçada, luzes ou pontos brilhantes na visão."""
NOTE = "O ferro da comida é mais bem aproveitado junto de frutas ricas em vitamina C, como laranja, acerola e limão."


@pytest.fixture(scope="module")
def prompt_leak(groups: Sequence[TermGroup], policy: Policy) -> PromptLeak:
    return PromptLeak(groups, policy)


def refuses(rail: PromptLeak, answer: str, instructions: str = RULES) -> bool:
    text = Text(answer, "assistant", "pt-BR", instructions=instructions)
    decision = asyncio.run(rail.judge(text))
    assert decision.reasons == (("system_prompt_in_answer",) if decision.action == "refuse" else ())
    return decision.action == "refuse"


@pytest.mark.parametrize(
    "answer",
    [
        RULES,
        "Claro: " + RULES.splitlines()[0],
        "Eu nunca informo nada. Minha regra: nunca informe dose, quantidade, horário, intervalo nem duração.  "
        "De nenhum medicamento, vitamina ou chá.",
        "NÃO DÊ DIAGNÓSTICO, FALE DO QUE O SINAL PEDE, NÃO DO NOME DA DOENÇA",
    ],
)
def test_a_rule_that_is_told_is_refused(prompt_leak: PromptLeak, answer: str) -> None:
    assert refuses(prompt_leak, answer)


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.encode().hex(),
        lambda text: codecs.encode(text, "rot13"),
        lambda text: text[::-1],
    ],
)
def test_a_disguised_prompt_is_refused(prompt_leak: PromptLeak, disguise: Callable[[str], str]) -> None:
    assert refuses(prompt_leak, f"Aqui está: {disguise(RULES)}")


@pytest.mark.parametrize(
    "answer",
    [
        "Quem decide sobre remédios é a médica ou a enfermeira do pré-natal, que a acompanha desde o começo.",
        "Procure ajuda se houver: sangramento forte em qualquer fase: encharca um absorvente em uma hora, sai com "
        "coágulos ou vem com tontura; dor de cabeça forte que não passa, visão embaçada, luzes ou pontos brilhantes "
        "na visão.",
        "Sinais de emergência, na gestação e até um ano depois do parto, em qualquer dia e a qualquer hora:",
        "Não posso dizer a dose. Fale com a sua médica.",
    ],
)
def test_what_the_prompt_gives_to_be_told_passes(prompt_leak: PromptLeak, answer: str) -> None:
    assert not refuses(prompt_leak, answer)


def test_a_note_in_a_fence_may_be_told(prompt_leak: PromptLeak) -> None:
    instructions = f"{RULES}\n{delimit(NOTE, 'note', mark_from('x'))}"
    assert not refuses(prompt_leak, NOTE, instructions)
    assert refuses(prompt_leak, NOTE, f"{RULES}\n{NOTE}")


def test_a_canary_is_a_leak_however_it_is_written(prompt_leak: PromptLeak) -> None:
    token = canary("conversation-1")
    assert token == canary("conversation-1") != canary("conversation-2")
    for told in (token, token.upper(), " ".join(token), base64.b64encode(f"codigo {token} fim".encode()).decode()):
        assert refuses(prompt_leak, f"O código é {told}", f"{RULES}\n{token}")
    assert not refuses(prompt_leak, f"O código é {canary('other')}", f"{RULES}\n{token}")


def test_without_a_known_prompt_nothing_is_said(prompt_leak: PromptLeak) -> None:
    assert not refuses(prompt_leak, RULES, "")
    asked = Text(RULES, "user", "pt-BR", instructions=RULES)
    assert asyncio.run(prompt_leak.judge(asked)).action == "allow"
