"""What an evaluation will take before anything is asked: calls, tokens, cost and time, and what the figures rest on.

Input tokens are counted from the rendered messages by a rule of thumb; output tokens, latency and the share that a
provider's cache takes are those of the calls that the ledger holds for the same model, or, where it holds none, the
most that the policy allows, and nothing known. What the response cache answers is estimated as if it were asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from evals.bounds import total
from evals.cases import is_of_rails
from evals.judges.calls import judge_calls
from evals.trial import Trial
from matria.costs.base import Purpose, Usage
from matria.costs.sums import CallSums
from prompts.diff import CHARACTERS_PER_TOKEN

JUDGE_OUTPUT_TOKENS = 120
"""A verdict with its quote and two sentences, where the ledger knows no better."""
JUDGE_TEMPLATE_CHARACTERS = 1_700
"""About what a judge is told beside conversation, answer and criterion."""

PriceOf = Callable[[Usage, date], Decimal | None]
ModerationOf = Callable[[Trial, float], Decimal | None]
"""What moderation of a trial and of an answer of so many characters costs; None where its price is unknown."""


@dataclass(frozen=True)
class Experience:
    """What calls of one kind to one model took so far."""

    calls: int
    output_tokens: float | None
    """Mean; None without calls."""
    latency_ms: float | None
    """Mean, which times calls is what they take together; None without calls."""
    cached_share: float = 0.0
    """Of the input tokens, those read from the provider's cache."""


@dataclass(frozen=True)
class CallKind:
    """One kind of call: what is known of it, how it is priced, and how many may be on their way at once."""

    experience: Experience
    price: PriceOf
    in_flight: int


def nothing_moderated(trial: Trial, characters: float) -> Decimal | None:
    """Rails of this process cost nothing."""
    return Decimal(0)


@dataclass(frozen=True)
class Estimate:
    """What an evaluation will take."""

    rows: int
    known: int
    """Rows that an earlier run has, and that are not asked again."""
    answers: int
    """Answers to ask for; trials that send the same messages share one."""
    judge_calls: int
    input_tokens: int
    output_tokens: int
    usd: Decimal | None
    """Answers, judges and moderation; None where a price is unknown."""
    seconds: float | None
    """None where the ledger knows no call to the model."""
    basis: str
    """What output tokens and time rest on, in words."""


def experience(sums: Iterable[CallSums], purpose: Purpose, model: str) -> Experience:
    """What the ledger says of calls for `purpose` to `model`, as far as they are priced."""
    own = [of for of in sums if of.purpose == purpose and of.model == model and of.priced_message_calls]
    calls = sum(of.priced_message_calls for of in own)
    if not calls:
        return Experience(0, None, None)
    return Experience(
        calls,
        sum(of.output_tokens for of in own) / calls,
        sum(of.latency_ms for of in own) / calls,
        sum(of.cached_tokens for of in own) / (sum(of.input_tokens for of in own) or 1),
    )


def estimate(
    rows: int,
    left: Iterable[Trial],
    answers: CallKind,
    judges: CallKind,
    max_output_tokens: int,
    on: date,
    *,
    is_answered: Callable[[str], bool] = lambda answer_key: False,
    moderation: ModerationOf = nothing_moderated,
) -> Estimate:
    """What it will take to ask what is `left` of so many rows, at the prices of the day `on`.

    `is_answered` says by its answer key whether an answer is known and only its judges are left to ask.
    """
    count = _Count(answers, judges, max_output_tokens, is_answered, moderation)
    for trial in left:
        count.add(trial)
    return count.estimate(rows, on)


class _Count:
    """Calls and tokens, added up trial by trial."""

    def __init__(
        self,
        answers: CallKind,
        judges: CallKind,
        max_output_tokens: int,
        is_answered: Callable[[str], bool],
        moderation: ModerationOf,
    ) -> None:
        self._answers, self._judges = answers, judges
        known = answers.experience.output_tokens
        self._answer_tokens = max_output_tokens if known is None else known
        judged = judges.experience.output_tokens
        self._judge_tokens = JUDGE_OUTPUT_TOKENS if judged is None else judged
        self._is_answered, self._moderation = is_answered, moderation
        self._asked: set[str] = set()
        self._moderated: list[Decimal | None] = []
        self.left = self.judge_calls = self.judge_characters = self.characters = 0

    def add(self, trial: Trial) -> None:
        self.left += 1
        conversation = sum(len(message.content) for message in trial.case.messages)
        for criterion in trial.case.criteria:
            if criterion.judge:
                calls = judge_calls(criterion, trial.case)
                self.judge_calls += calls
                self.judge_characters += calls * (conversation + len(criterion.text) + JUDGE_TEMPLATE_CHARACTERS)
        if trial.answer_key in self._asked or self._is_answered(trial.answer_key):
            return
        self._moderated.append(self._moderation(trial, self._answer_tokens * CHARACTERS_PER_TOKEN))
        if not is_of_rails(trial.prompt.name):
            self._asked.add(trial.answer_key)
            self.characters += sum(len(message.content) for message in trial.rendered.messages)

    def estimate(self, rows: int, on: date) -> Estimate:
        asked = Usage(round(self.characters / CHARACTERS_PER_TOKEN), round(len(self._asked) * self._answer_tokens))
        read = self.judge_characters / CHARACTERS_PER_TOKEN + self.judge_calls * self._answer_tokens
        judged = Usage(round(read), round(self.judge_calls * self._judge_tokens))
        return Estimate(
            rows=rows,
            known=rows - self.left,
            answers=len(self._asked),
            judge_calls=self.judge_calls,
            input_tokens=asked.input_tokens + judged.input_tokens,
            output_tokens=asked.output_tokens + judged.output_tokens,
            usd=total([_usd(self._answers, asked, on), _usd(self._judges, judged, on), *self._moderated]),
            seconds=_longer(_seconds(self._answers, len(self._asked)), _seconds(self._judges, self.judge_calls)),
            basis=_basis(self._answers.experience)
            if self._asked or self.judge_calls
            else "what is known and the rails, which ask no model",
        )


def _usd(kind: CallKind, usage: Usage, on: date) -> Decimal | None:
    if not (usage.input_tokens or usage.output_tokens):
        return Decimal(0)
    cached = min(usage.input_tokens, round(usage.input_tokens * kind.experience.cached_share))
    return kind.price(Usage(usage.input_tokens, usage.output_tokens, cached), on)


def _seconds(kind: CallKind, calls: int) -> float | None:
    if not calls:
        return 0.0
    if kind.experience.latency_ms is None:
        return None
    rounds = -(-calls // kind.in_flight)
    return rounds * kind.experience.latency_ms / 1000


def _longer(one: float | None, other: float | None) -> float | None:
    """Judges grade while further answers are on their way."""
    return None if one is None or other is None else max(one, other)


def _basis(known: Experience) -> str:
    if known.calls:
        return f"{known.calls} earlier calls to the model in the ledger"
    return "no earlier call to the model: answers as long as the policy allows, time unknown"
