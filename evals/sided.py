"""Ways of answering put together: by side, by subject, and one that is only made once something has to be asked."""

from collections.abc import Callable
from dataclasses import dataclass

from evals.cases import is_of_rails
from evals.engine import Answered, AnswerFunction
from evals.trial import Trial


@dataclass(frozen=True)
class Sided:
    """An `AnswerFunction` that chooses by the side of the trial, where the base had other rails than the head."""

    base: AnswerFunction
    head: AnswerFunction

    async def __call__(self, trial: Trial) -> Answered:
        """The answer of the trial's own side. Raises what that one raises."""
        return await (self.base if trial.side == "base" else self.head)(trial)


@dataclass(frozen=True)
class BySubject:
    """An `AnswerFunction` that puts trials of the rails to the rails, and all others to the assistant."""

    assistant: AnswerFunction
    rails: AnswerFunction

    async def __call__(self, trial: Trial) -> Answered:
        """The answer of the trial's subject. Raises what that one raises."""
        return await (self.rails if is_of_rails(trial.prompt.name) else self.assistant)(trial)


class Late:
    """An `AnswerFunction` made when it is first asked: where every row is known, nothing is loaded for it."""

    def __init__(self, make: Callable[[], AnswerFunction]) -> None:
        self._make = make
        self._made: AnswerFunction | None = None

    async def __call__(self, trial: Trial) -> Answered:
        """The answer to the trial. Raises what the one that is made raises, or its making."""
        if self._made is None:
            self._made = self._make()
        return await self._made(trial)
