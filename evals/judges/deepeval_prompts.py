"""What DeepEval's metrics ask, in our words and in the case's language, and what their replies are held to.

DeepEval's own prompts are English, and its test cases are texts that it searches for images to load. So it is given
neither text nor words: its turns carry their index alone, and each prompt is made here from the question itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evals.judges.base import JudgeQuestion
from evals.judges.texts import JudgePrompt, task_text, turns_text
from matria.messages import Message

NAME = "deepeval"
HIGHEST = 10
"""G-Eval scores from 0 to this."""


@dataclass(frozen=True)
class DeepEvalPrompts:
    """The prompts for one question."""

    question: JudgeQuestion

    @property
    def turns(self) -> tuple[Message, ...]:
        """The conversation without system prompts, the answer at its end."""
        told = [message for message in self.question.conversation if message.role != "system"]
        return (*told, Message("assistant", self.question.answer))

    def g_eval(self, steps: Sequence[str]) -> JudgePrompt:
        """The answer by steps."""
        sections = {**self._answer(), "criterion": self.question.criterion, "steps": _numbered(steps)}
        return self._prompt("g_eval", sections, _score_in_range)

    def conversational_g_eval(self, steps: Sequence[str]) -> JudgePrompt:
        """The conversation by steps."""
        sections = {
            "conversation": self._turns(len(self.turns)),
            "criterion": self.question.criterion,
            "steps": _numbered(steps),
        }
        return self._prompt("conversational_g_eval", sections, _score_in_range)

    def yes_no(self, ask: str) -> JudgePrompt:
        """A question of a graph with two replies."""
        return self._prompt("dag_yes_no", {**self._answer(), "question": ask})

    def choice(self, ask: str, choices: Sequence[str]) -> JudgePrompt:
        """A question of a graph with replies of its own, in the order in which the criterion gives them."""
        sections = {**self._answer(), "question": ask, "choices": _json(list(choices))}
        return self._prompt("dag_choice", sections)

    def role(self, role: str) -> JudgePrompt:
        """Which turns leave the role."""
        assistants = {n for n, turn in enumerate(self.turns) if turn.role == "assistant"}

        def check(reply: Any) -> None:
            named = [verdict.index for verdict in reply.verdicts]
            if len(set(named)) < len(named) or not assistants.issuperset(named):
                raise ValueError("it names a turn that is not the assistant's, or one twice")

        return self._prompt("role_adherence", {"role": role, "conversation": self._turns(len(self.turns))}, check)

    def knowledge(self, index: int) -> JudgePrompt:
        """What she says in one turn."""
        sections = {"conversation": self._turns(index), "message": self.turns[index].content}
        return self._prompt("knowledge", sections)

    def knowledge_verdict(self, index: int, facts: Sequence[Any]) -> JudgePrompt:
        """Whether one turn of the assistant forgets or contradicts what she said."""
        return self._prompt("knowledge_verdict", {"facts": _json(list(facts)), "message": self.turns[index].content})

    def _answer(self) -> dict[str, str]:
        return {"conversation": turns_text(self.question.conversation), "answer": self.question.answer}

    def _turns(self, end: int) -> str:
        """The turns before `end`; as JSON, so that no turn can pass for two."""
        turns = [{"index": n, "role": m.role, "content": m.content} for n, m in enumerate(self.turns[:end])]
        return _json(turns)

    def _prompt(self, task: str, sections: dict[str, str], check: Any = lambda reply: None) -> JudgePrompt:
        return JudgePrompt(task_text(NAME, task, self.question.locale), sections, check)


def _score_in_range(reply: Any) -> None:
    if not 0 <= reply.score <= HIGHEST:
        raise ValueError(f"its score is not from 0 to {HIGHEST}")


def _numbered(steps: Sequence[str]) -> str:
    return "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
