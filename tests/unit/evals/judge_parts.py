"""A chat model that says what it is told to, and a question for a judge."""

import json
from collections.abc import Iterator

from evals.cases import Passage
from evals.judges.asking import JudgeModel
from evals.judges.base import JudgeQuestion
from matria.costs.base import Usage
from matria.messages import Locale, Message
from models.assistant.base import ChatReply, ChatRequest

ANSWER = "Vá agora à maternidade. Não espere até amanhã."
PASSAGES = (
    Passage("p1", "Sangramento na gravidez é motivo para ir já à maternidade.", "Ministério da Saúde, manual, 2022"),
    Passage("p2", "Na gravidez, faça seis consultas de pré-natal.", "Ministério da Saúde, caderno 32, 2012"),
)
REFERENCE = "Deve ir já à maternidade."


class Scripted:
    """A chat model with its replies in order."""

    provider = "test"

    def __init__(self, *replies: object) -> None:
        self.replies: Iterator[object] = iter(replies)
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        reply = next(self.replies)
        if isinstance(reply, Exception):
            raise reply
        text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
        return ChatReply(text, "stop", "judge-1-2026", "r", Usage(1, 1), 1.0, False)

    async def ping(self) -> str:
        return "scripted"

    async def aclose(self) -> None:
        """Nothing to close."""


def model(chat: Scripted, attempts: int = 2) -> JudgeModel:
    return JudgeModel(chat, "judge-1", attempts)


def question(locale: Locale = "pt-BR", answer: str = ANSWER, **params: object) -> JudgeQuestion:
    conversation = (
        Message("user", "Estou com 34 semanas."),
        Message("assistant", "O que você sente?"),
        Message("user", "Estou sangrando."),
    )
    return JudgeQuestion(
        conversation, answer, "Manda ir agora à maternidade.", locale, "c.pt-BR", params, PASSAGES, REFERENCE
    )
