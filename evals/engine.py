"""Runs a plan: every trial answered and graded, a bounded number in flight, each row kept as soon as it is there.

What is already known is not asked again: a row whose key is in the store is taken over, and trials that send the same
messages share one answer. An answer that errs is a row with a typed error; it, refusals and rows with a failed grader
are asked again by the next run, and so is what a budget left unasked. Rows come out sorted, so that a run that was
killed and resumed gives the same bytes as one that was not.
"""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from evals.budget import Account, BudgetReached, Cap
from evals.grading import Graders
from evals.progress import Progress, ProgressState
from evals.results import Results
from evals.rowlines import KeptAnswer
from evals.rows import AnswerError, AnswerRecord, Meter, Row, Side
from evals.store import RowStore
from evals.trial import Trial
from evals.trials import Plan
from evals.view import View
from guardrails.base import RailFailed
from matria.errors import ModelError
from models.assistant.failures import ChatFailed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answered:
    """An answer, and what it took."""

    record: AnswerRecord
    meter: Meter


STOPPED_BY: Mapping[Cap, str] = {
    "cost": "the cap on cost",
    "day": "what evaluations may cost in a day",
    "time": "the cap on time",
    "price": "a call without a known price",
}
"""Caps in words."""

AnswerFunction = Callable[[Trial], Awaitable[Answered]]
"""Answers one trial. Raises `ModelError`, `TimeoutError` or `OSError` where the endpoint cannot, and `RailFailed` where
the rails alone are asked and one cannot; those become rows."""


@dataclass(frozen=True)
class Left:
    """What a cap left of an evaluation."""

    rows: int
    """Not asked, those included that have an answer and want a judge."""
    usd: Decimal | None
    """What it is estimated to cost; None where a price is unknown."""
    command: str
    """Asks just these."""


@dataclass(frozen=True)
class Evaluation:
    """A plan carried out. Its `repr` is short: `asyncio.run` makes one of what it returns."""

    plan: Plan = field(repr=False)
    results: Results = field(repr=False)
    reused: int
    """Rows taken over from an earlier run."""
    asked: int
    """Answers asked for in this run."""
    unasked: int = 0
    """Rows that a budget left out; each has the error `BudgetReached`, and the next run asks them."""
    stopped_by: Cap | None = None
    """The cap that left rows out; None where nothing was left out."""
    cost_usd: Decimal = Decimal(0)
    """What this run's answers, judges and moderation cost, as far as it is known."""
    withheld_usd: Decimal = Decimal(0)
    """The most that calls may have cost of which nobody knows, such as one that timed out."""
    seconds: float = 0.0
    """What this run took."""
    left: Left | None = None
    """What is left to do, where a cap left rows out and somebody has estimated it."""

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
    def stopped_words(self) -> str:
        """What a budget left out, and what to do; empty where it left nothing out."""
        if not self.unasked:
            return ""
        cause = STOPPED_BY[self.stopped_by] if self.stopped_by else "a cap"
        held = f" (and at most {self.withheld_usd:.4f} of calls that broke off)" if self.withheld_usd else ""
        spent = f"{self.cost_usd:.4f} USD{held} and {self.seconds:.0f} s"
        said = f"stopped by {cause} after {spent}: {self.unasked} rows were not asked"
        if self.left is None:
            return f"{said}; the next run asks just those"
        usd = "at an unknown price" if self.left.usd is None else f"for about {self.left.usd:.4f} USD"
        return f"{said}; `{self.left.command}` asks just those, {usd}"

    @property
    def is_simulated(self) -> bool:
        """Whether any answer or any judgement came from the simulator."""
        return any(row.is_simulated for row in self.rows)


async def evaluate(
    plan: Plan,
    answer: AnswerFunction,
    graders: Graders,
    store: RowStore,
    progress: Progress | None = None,
    account: Account | None = None,
) -> Evaluation:
    """Every trial of the plan, answered and graded, as far as the account's budget goes.

    At most `engine.max_in_flight` of policy.yaml are in flight. Whoever asks a model, for an answer or a judgement,
    reserves and settles it on the account. Raises `SuiteError` where a judge is missing, before any call, and
    `StorageError` where the rows cannot be kept.
    """
    graders.require(plan.cases)
    account = account or Account()
    run = _Run(answer, graders, store, account, progress, plan.rows)
    with _rare_collections():
        await run.all(plan, graders.policy.count("engine.max_in_flight"))
        results = store.finish(plan.sides())
    log.info(
        "evaluation of %d rows in %.1f s: %d taken over, %d answers asked for, %d left unasked",
        *(plan.rows, account.seconds, run.reused, run.asked, run.unasked),
    )
    return Evaluation(
        plan=plan,
        results=results,
        reused=run.reused,
        asked=run.asked,
        unasked=run.unasked,
        stopped_by=run.stopped_by,
        cost_usd=account.usd,
        withheld_usd=account.withheld,
        seconds=account.seconds,
    )


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Python looks for unreachable cycles after 20,000 new objects instead of 700.

    A call makes some hundred objects and no cycles; looking through all that is loaded takes a tenth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(20_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Run:
    """One pass over a plan."""

    def __init__(
        self,
        answer: AnswerFunction,
        graders: Graders,
        store: RowStore,
        account: Account,
        progress: Progress | None,
        total: int,
    ) -> None:
        self._answer = answer
        self._graders = graders
        self._store = store
        self._account = account
        self._progress = progress
        self._total = total
        self._done = 0
        self._answers: dict[str, asyncio.Future[Answered]] = {}
        """Answers on their way."""
        self.reused = 0
        self.asked = 0
        self.unasked = 0
        self.stopped_by: Cap | None = None

    async def all(self, plan: Plan, max_in_flight: int) -> None:
        """Every trial, by so many workers on one queue."""
        self._account.start()
        queue = plan.open_trials(self._is_done)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(max_in_flight):
                    group.create_task(self._work(queue))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

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
            self._answers.pop(trial.answer_key, None)
            self._step()

    async def _row(self, trial: Trial) -> tuple[Row, Meter]:
        try:
            return await self._in_time(trial)
        except BudgetReached as error:
            self.unasked += 1
            self.stopped_by = self._account.reached
            return trial.row(error=AnswerError(type(error).__name__, str(error))), Meter(trial.key)
        except (ModelError, RailFailed, TimeoutError, OSError) as error:
            kind = error.failure if isinstance(error, ChatFailed) else type(error).__name__
            failure = AnswerError(kind, str(error).splitlines()[0] if str(error) else "")
            log.info("case %s was not answered: %s", trial.case.id, failure.type)
            return trial.row(error=failure), Meter(trial.key)

    async def _in_time(self, trial: Trial) -> tuple[Row, Meter]:
        """The row; what a cap on time interrupts raises `BudgetReached`."""
        left = self._account.seconds_left
        if left is None:
            return await self._graded(trial)
        try:
            async with asyncio.timeout(left) as cap:
                return await self._graded(trial)
        except TimeoutError:
            if cap.expired():
                self._account.require()
            raise

    async def _graded(self, trial: Trial) -> tuple[Row, Meter]:
        known = self._known(trial)
        if known is not None and not trial.case.is_judged:
            return await self._row_of(trial, known)
        async with self._account.case():
            answered = known or await self._answered(trial)
            if trial.case.is_judged:
                self._account.require()
            return await self._row_of(trial, answered)

    async def _row_of(self, trial: Trial, answered: Answered) -> tuple[Row, Meter]:
        criteria = await self._graders.grade(
            trial.case, answered.record.graded_text, answered.meter, answered.record, trial.rendered
        )
        meter = answered.meter if answered.meter.key == trial.key else replace(answered.meter, key=trial.key)
        return trial.row(answered.record, criteria), meter

    def _known(self, trial: Trial) -> Answered | None:
        """An answer from an earlier row, or from a run that was killed while judges were asked."""
        kept = self._store.answer(trial.answer_key)
        return None if kept is None else Answered(kept.record, kept.meter)

    async def _answered(self, trial: Trial) -> Answered:
        """The answer to the trial: on its way for another trial, there by now, or asked for."""
        pending = self._answers.get(trial.answer_key)
        if pending is not None:
            return await asyncio.shield(pending)
        known = self._known(trial)
        if known is not None:
            return known
        pending = self._answers[trial.answer_key] = asyncio.get_running_loop().create_future()
        try:
            answered = await self._asked(trial)
        except BaseException as error:
            pending.set_exception(error if isinstance(error, Exception) else BudgetReached("It was interrupted."))
            pending.exception()  # heard here; nobody else may be waiting
            raise
        pending.set_result(answered)
        return answered

    async def _asked(self, trial: Trial) -> Answered:
        self.asked += 1
        try:
            answered = await self._answer(trial)
        except BudgetReached:
            self.asked -= 1
            raise
        if trial.case.is_judged:
            self._store.append_answer(trial.answer_key, KeptAnswer(answered.record, answered.meter))
        return answered

    def _step(self) -> None:
        self._done += 1
        if self._progress is not None:
            account = self._account
            self._progress(
                ProgressState(
                    done=self._done,
                    total=self._total,
                    asked=self.asked,
                    reused=self.reused,
                    cost_usd=account.usd,
                    unpriced=account.unpriced,
                    seconds=account.seconds,
                )
            )
