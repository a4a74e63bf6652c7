"""The memory of one conversation: its turns as a model may see them, its personal data, and what marks it.

Turns are kept masked and within a number of tokens; the oldest go first, in pairs. What a rail refused is not
remembered, so that an attack does not stand in the history of the next question. Nothing of it is written to disk.
"""

from collections.abc import Mapping
from typing import Any

from guardrails.personal_data import service_numbers
from guardrails.vault import Vault
from matria.costs.base import Purpose
from matria.messages import Message
from matria.policy import Policy
from models.assistant.conversation import Answer, Question
from prompts.prompt import Prompt

_CHARACTERS_PER_TOKEN = 4
_HEARD_TOGETHER = 3
"""Messages before the last that a disclosure may be told over."""
_FORGOTTEN = ("refused", "unchecked")


class Conversation:
    """One person's conversation with one prompt. Its questions are asked one after another."""

    def __init__(self, conversation_id: str, prompt: Prompt, facts: Mapping[str, Any], policy: Policy) -> None:
        """`facts` are the prompt's variables beside the question: her name, weeks, numbers of the country."""
        self._id = conversation_id
        self._prompt = prompt
        self._facts = dict(facts)
        self._max_tokens = policy.count("assistant.max_history_tokens")
        self._vault = Vault(prompt.locale, keep=service_numbers())
        self._turns: list[tuple[Message, Message]] = []
        self._said: list[str] = []

    def question(self, said: str, message_id: str, purpose: Purpose = "assistant") -> Question:
        """What she says now, with what was said before; heard with what she says next, whatever comes of it."""
        before = tuple(self._said)
        self._said = [*self._said, self._vault.mask(said)][-_HEARD_TOGETHER:]
        return Question(
            prompt=self._prompt,
            variables={**self._facts, "question": said},
            conversation_id=self._id,
            message_id=message_id,
            history=self.history,
            purpose=purpose,
            said_before=before,
            vault=self._vault,
        )

    def remember(self, answer: Answer) -> None:
        """The answer is part of what the next question follows."""
        if answer.outcome == "cared":
            self._said = []  # what led to care is not heard anew with each message
        if answer.outcome in _FORGOTTEN:
            return
        self._turns.append((Message("user", answer.asked_text), Message("assistant", answer.masked_text)))
        while len(self._turns) > 1 and self._tokens() > self._max_tokens:
            self._turns.pop(0)

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns that are remembered, oldest first, masked."""
        return tuple(message for turn in self._turns for message in turn)

    def _tokens(self) -> float:
        return sum(len(message.content) for message in self.history) / _CHARACTERS_PER_TOKEN
