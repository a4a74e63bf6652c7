"""Texts as rows, reports, MLflow and judges get them: without personal data, with the numbers of services left in.

Conversations that were imported hold what people wrote; what an evaluation keeps or sends on needs none of it. What is
found is said by `matria.privacy.identifiers`.
"""

from collections.abc import Iterable
from functools import lru_cache

from evals.checks.numbers import NUMBERS
from matria.messages import Message
from matria.privacy.identifiers import LABELS, find

_KEPT_TEXTS = 2_000
_SERVICES = frozenset(number for services in NUMBERS.values() for own in services.values() for number in own)


@lru_cache(maxsize=_KEPT_TEXTS)
def redacted(text: str) -> str:
    """`text` with `[CPF]`, `[NOME]` and the like in place of personal data; a prompt comes often and is read once."""
    parts, done = [], 0
    for found in find(text, keep=_SERVICES):
        parts += [text[done : found.start], f"[{LABELS['pt-BR'][found.kind]}]"]
        done = found.end
    return "".join([*parts, text[done:]])


def redacted_messages(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The conversation, each turn redacted."""
    return tuple(Message(message.role, redacted(message.content)) for message in messages)
