"""How far each judge of an evaluation may decide, and what waits for nurses because one may not.

A judge at or over the bar of policy.yaml, section `trust`, decides like a rule. Any other informs: what it found is
shown, and its grades neither pass nor block (`evals.trusted_gate`). Rules decide always; so does a nurse who read
exactly this answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.judges.trust import Trust, judge_of, place_of
from evals.rows import CriterionResult

Wanted = Literal["regressions", "fixes", "sample"]
"""Which flips of judges that inform would change the verdict if nurses confirmed them; `sample` where nobody who may
decide graded anything, so that some of the judges' grades are read at all."""


@dataclass(frozen=True)
class JudgeStanding:
    """One judge on one criterion, or on the criteria of an axis."""

    trust: Trust
    decides: bool
    axis: str
    graded: int
    """Grades of the head, without those that confirm a never-event."""
    met: int
    """Of these, the good ones: met, or of negative points not met."""
    failed: int = 0
    """Criteria of the head that it could not grade."""
    cases: int = 0
    """Cases that the grades are of."""

    @property
    def name(self) -> str:
        """Who judged, in short: `rubric (gpt-4o-2024-08-06)`."""
        return judge_name(self.trust.judge)


@dataclass(frozen=True)
class ToRead:
    """One criterion of one case under one prompt whose outcome nurses are to say, of both sides' answers."""

    suite: str
    case: str
    prompt: str
    criterion: str


@dataclass(frozen=True)
class Waiting:
    """Answers that nurses are to read before the verdict can rest on them."""

    item_ids: tuple[str, ...]
    """Those of this run that have no settled reading, as many as the policy allows."""
    total: int
    """How many there are without that cap."""
    is_queued: bool
    """Whether they lie in the nurses' queue; otherwise somebody runs `matria review queue`."""
    unsure: int = 0
    """Answers that nurses read and could not tell."""
    is_simulated: bool = False
    """Whether they are the simulator's, which nurses are asked to read in a trial alone, or where somebody says so."""


@dataclass(frozen=True)
class Standings:
    """Who decided, who informed, and what waits."""

    judges: tuple[JudgeStanding, ...] = ()
    """By axis; those that decide too."""
    informing_axes: tuple[str, ...] = ()
    """Axes that nobody graded who may decide: shown, and not part of the verdict."""
    rulings: int = 0
    """Grades of judges in whose place that of a nurse was taken."""
    wanted: Wanted | None = None
    to_read: tuple[ToRead, ...] = ()
    """The gravest first; empty where the judges that inform change nothing."""
    waiting: Waiting | None = None
    """None where nothing waits."""

    @property
    def informing(self) -> tuple[JudgeStanding, ...]:
        """Those that may not decide."""
        return tuple(judge for judge in self.judges if not judge.decides)

    def of(self, axis: str, grader: str) -> tuple[JudgeStanding, ...]:
        """Those of one grader (`judge:rubric`) on one axis."""
        return tuple(j for j in self.judges if j.axis == axis and grader_of(j.trust.judge) == grader)


def informs(standings: Standings, suite: str, result: CriterionResult) -> bool:
    """Whether who graded the result may not decide, by what is known of the whole evaluation."""
    if not standings.judges or not result.grader.startswith("judge:"):
        return False
    own = standings.of(result.axis, result.grader)
    if result.met is None:
        return bool(own) and not any(one.decides for one in own)
    judge = judge_of(result.grader, result.judge)
    known = [one for one in own if one.trust.judge == judge]
    named = [one for one in known if one.trust.criterion == place_of(suite, result)]
    rest = [one for one in known if one.trust.criterion == f"axis:{result.axis}"]
    return bool(named or rest) and not any(one.decides for one in named or rest)


def grader_of(judge: str) -> str:
    """The grader of a judge's identity: `judge:rubric`."""
    return judge.split(" ", 1)[0]


def judge_name(judge: str) -> str:
    """A judge's identity as people read it: its name and the model, without the hash of its templates."""
    grader, _, rest = judge.partition(" ")
    model = rest.rpartition(" ")[0].strip()
    name = grader.removeprefix("judge:")
    return f"{name} ({model})" if model else name


def gravest(standings: Iterable[JudgeStanding]) -> Sequence[JudgeStanding]:
    """Each judge once, with the figures of where it graded most."""
    found: dict[str, JudgeStanding] = {}
    for one in sorted(standings, key=lambda one: -one.graded):
        found.setdefault(one.trust.judge, one)
    return tuple(found.values())
