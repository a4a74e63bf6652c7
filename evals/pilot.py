"""One trial goes first; where the endpoint refuses it, the others are not sent after it.

An unknown model, a wrong key or an endpoint that is down would otherwise be met once per case, each time with all its
retries. The others then fail with the pilot's own error, and none of them is taken for an answer.
"""

import asyncio

from evals.engine import Answered, AnswerFunction
from evals.trial import Trial
from matria.errors import ModelError


class Pilot:
    """An `AnswerFunction` around another, good for one run."""

    def __init__(self, answer: AnswerFunction) -> None:
        self._answer = answer
        self._landed: asyncio.Future[ModelError | None] | None = None

    async def __call__(self, trial: Trial) -> Answered:
        """The answer to the trial. Raises the pilot's `ModelError` where the pilot met one."""
        if self._landed is None:
            return await self._go_first(trial)
        error = self._landed.result() if self._landed.done() else await asyncio.shield(self._landed)
        if error is not None:
            raise ModelError(str(error)) from error
        return await self._answer(trial)

    async def _go_first(self, trial: Trial) -> Answered:
        self._landed = asyncio.get_running_loop().create_future()
        met: ModelError | None = None
        try:
            return await self._answer(trial)
        except ModelError as error:
            met = error
            raise
        finally:
            self._landed.set_result(met)
