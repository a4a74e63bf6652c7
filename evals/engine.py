"""Runs a plan: every trial answered and graded, a bounded number in flight, each row kept as soon as it is there.

What is already known is not asked again: a row whose key is in the store is taken over, and trials that send the same
messages share one answer. An answer that errs is a row with a typed error; it, refusals and rows with a failed grader
are asked again by the next run. Rows come out sorted, so that a run that was killed and resumed gives the same bytes as
one that was not.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from evals.grading import Graders
from evals.results import Results
from evals.rows import AnswerError, AnswerRecord, Meter, Row, Side, with_criteria
from evals.store import RowStore
from evals.trial import Trial
from evals.trials import Plan
from evals.view import View
from matria.errors import ModelError

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


@dataclass(frozen=True)
class Answered:
    """An answer, and what it took."""

    record: AnswerRecord
    meter: Meter


AnswerFunction = Callable[[Trial], Awaitable[Answered]]
"""Answers one trial. Raises `ModelError`, `TimeoutError` or `OSError` where the endpoint cannot; those become rows."""


@dataclass(frozen=True)
class Evaluation:
    """A plan carried out. Its `repr` is short: `asyncio.run` makes one of what it returns."""

    plan: Plan = field(repr=False)
    results: Results = field(repr=False)
    reused: int
    """Rows taken over from an earlier run."""
    asked: int
    """Answers asked for in this run."""

    @property
    def rows(self) -> View[Row]:
        """Every row once, in order, as often as walked."""
        return self.results.rows

    @property
    def meters(self) -> Mapping[str, Meter]:
        """What differs between runs, by the rows' keys; all of them at once."""
        return {entry.row.key: entry.meter for entry in self.results.entries()}

    def side(self, side: Side) -> View[Row]:
        """The rows of one side, as often as walked; a prompt that did not change has its rows on both."""
        return self.results.side(side)

    @property
    def is_simulated(self) -> bool:
        """Whether any answer came from the simulator."""
        return any(row.answer is not None and row.answer.is_simulated for row in self.rows)


async def evaluate(
    plan: Plan,
    answer: AnswerFunction,
    graders: Graders,
    store: RowStore,
    progress: Progress | None = None,
) -> Evaluation:
    """Every trial of the plan, answered and graded. Raises `SuiteError` where a judge is missing, before any call.

    At most `engine.max_in_flight` of policy.yaml are in flight. Raises `StorageError` where the rows cannot be kept.
    """
    graders.require(plan.cases)
    run = _Run(answer, graders, store, progress or (lambda done, total: None), plan.rows)
    await run.all(plan, graders.policy.count("engine.max_in_flight"))
    results = store.finish(plan.sides())
    log.info("evaluation of %d rows: %d taken over, %d answers asked for", plan.rows, run.reused, run.asked)
    return Evaluation(plan, results, run.reused, run.asked)


class _Run:
    """One pass over a plan."""

    def __init__(
        self, answer: AnswerFunction, graders: Graders, store: RowStore, progress: Progress, total: int
    ) -> None:
        self._answer = answer
        self._graders = graders
        self._store = store
        self._progress = progress
        self._total = total
        self._done = 0
        self._answers: dict[str, asyncio.Future[Answered]] = {}
        self.reused = 0
        self.asked = 0

    async def all(self, plan: Plan, max_in_flight: int) -> None:
        """Every trial, by so many workers on one queue."""
        queue = plan.open_trials(self._is_done)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(max_in_flight):
                    group.create_task(self._work(queue))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None
        finally:
            await self._drop_pending()

    async def _drop_pending(self) -> None:
        """No answer is left on its way when a run ends early."""
        for pending in self._answers.values():
            pending.cancel()
        await asyncio.gather(*self._answers.values(), return_exceptions=True)

    def _is_done(self, key: str) -> bool:
        """Whether an earlier run has left a row that needs nothing more; it is counted."""
        is_done = self._store.is_final(key)
        if is_done:
            self.reused += 1
            self._step()
        return is_done

    async def _work(self, queue: Iterator[Trial]) -> None:
        for trial in queue:
            row, meter = await self._row(trial)
            self._store.append(row, meter)
            self._step()

    async def _row(self, trial: Trial) -> tuple[Row, Meter]:
        blank = trial.blank_row()
        try:
            answered = await self._answered(trial)
        except (ModelError, TimeoutError, OSError) as error:
            failure = AnswerError(type(error).__name__, str(error).splitlines()[0] if str(error) else "")
            log.info("case %s was not answered: %s", trial.case.id, failure.type)
            return replace(blank, error=failure), Meter(trial.key)
        results = await self._graders.grade(trial.case, answered.record.graded_text, answered.meter)
        row = with_criteria(replace(blank, answer=answered.record), results)
        return row, replace(answered.meter, key=trial.key)

    async def _answered(self, trial: Trial) -> Answered:
        """The answer to the trial: known from an earlier row, on its way for another trial, or asked for."""
        known = self._store.answer(trial.answer_key)
        if known is not None:
            return Answered(known.record, known.meter)
        pending = self._answers.get(trial.answer_key)
        if pending is None:
            self.asked += 1
            pending = asyncio.ensure_future(self._answer(trial))
            self._answers[trial.answer_key] = pending
        return await asyncio.shield(pending)

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total)
