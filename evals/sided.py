"""Two ways of answering, one for each side: where the base had other rails than the head."""

from dataclasses import dataclass

from evals.engine import Answered, AnswerFunction
from evals.trial import Trial


@dataclass(frozen=True)
class Sided:
    """An `AnswerFunction` that chooses by the side of the trial."""

    base: AnswerFunction
    head: AnswerFunction

    async def __call__(self, trial: Trial) -> Answered:
        """The answer of the trial's own side. Raises what that one raises."""
        return await (self.base if trial.side == "base" else self.head)(trial)
