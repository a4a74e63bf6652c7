"""What a report says of judges: how far each is trusted, what its grades come to without its errors, what waits."""

from collections.abc import Iterator

from evals.judges.trust import plain_name
from evals.report.inputs import ReportInputs
from evals.standing import JudgeStanding, Standings
from evals.wording import Wording
from matria.markdown import code

_SHOWN = 3
"""Judges, or criteria of a judge, named in one cell."""


def standing_lines(axis: str, grader: str, standings: Standings, words: Wording) -> list[str]:
    """Each judge of a grader on the axis with its figures, and whether it informs only; the most that a cell holds."""
    own = standings.of(axis, grader)
    said = [f"{one.name}: {_trusted(one, words)}" for one in own[:_SHOWN]]
    return [*said, f"+{len(own) - _SHOWN}"] if len(own) > _SHOWN else said


def _trusted(one: JudgeStanding, words: Wording) -> str:
    """`n = 41, κ 0.72, sens. 0.90, spec. 0.85: trusted`."""
    trust = one.trust
    said = words.say("not_measured")
    if trust.state != "unmeasured":
        figures = (words.number(part.value) for part in (trust.kappa, trust.sensitivity, trust.specificity))
        said = words.say("trust_figures", trust.n, *figures, words.say(trust.state))
    elif trust.n:
        said = words.say("trust_few", trust.n)
    named = plain_name(trust.criterion) if trust.n and not trust.criterion.startswith("axis:") else ""
    beside = [words.say("trust_simulated")] if trust.is_simulated else []
    beside += [] if one.decides else [words.say("informs")]
    return " · ".join([*([named] if named else []), said, *beside])


def corrected_lines(inputs: ReportInputs, words: Wording) -> Iterator[str]:
    """Of each judge that was measured, the share of criteria that it found good, and that share without its errors.

    Its interval counts a case once: several grades of one, by criteria and epochs, tell hardly more than one.
    """
    from evals.judges.corrected import corrected_rate, errors_of

    for one in inputs.judges.judges if inputs.judges else ():
        if one.trust.state == "unmeasured" or not one.graded:
            continue
        rate, cases = words.share(one.met / one.graded), one.cases or one.graded
        made = corrected_rate(one.met / one.graded * cases, cases, errors_of(one.trust))
        found, place = made.corrected, words.say(one.axis)
        if made.reason == "no_better_than_chance":
            yield words.say("trust_uncorrected", one.name, place, rate)
        elif found.value is not None and found.low is not None and found.high is not None:
            figures = (words.share(end) for end in (found.value, found.low, found.high))
            said = words.say("trust_corrected", one.name, place, rate, *figures)
            yield f"{said} {words.say('trust_clipped')}" if made.is_clipped else said


def judge_lines(inputs: ReportInputs, words: Wording) -> Iterator[str]:
    """How far each judge is trusted where there is no table of axes to say it, then pass rates without its errors."""
    for one in inputs.judges.judges if inputs.judges else ():
        yield f"{words.say(one.axis)}: {one.name}: {_trusted(one, words)}"
    yield from corrected_lines(inputs, words)


def waiting(standings: Standings | None, words: Wording, command: str = "matria review queue --run FOLDER") -> str:
    """What waits for nurses, and what nurses decided already; empty where neither is."""
    return " ".join(_waiting(standings, words, command)) if standings else ""


def _waiting(standings: Standings, words: Wording, command: str) -> Iterator[str]:
    if standings.rulings:
        yield _one_or_more("rulings", standings.rulings, words)
    waits = standings.waiting
    if waits is None:
        return
    count = len(waits.item_ids)
    if waits.unsure:
        yield _one_or_more("waiting_unsure", waits.unsure, words)
    if not count and waits.total:
        yield _one_or_more("waiting_full", waits.total, words)
    if not count:
        return
    unqueued = "waiting_simulated" if waits.is_simulated else "waiting_unqueued"
    yield _one_or_more("waiting_queued" if waits.is_queued else unqueued, count, words, command)
    if waits.total > count:
        yield words.say("waiting_more", waits.total - count)


def _one_or_more(name: str, count: int, words: Wording, *values: str) -> str:
    return words.say(f"{name}_one" if count == 1 else name, count, *values)


def waiting_markdown(standings: Standings | None, words: Wording) -> str:
    """The same for Markdown, with the command marked."""
    return waiting(standings, words, code("matria review queue --run FOLDER"))
