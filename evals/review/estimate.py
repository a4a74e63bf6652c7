"""The share of the week's conversations with a bad outcome, by Horvitz and Thompson (1952), with its interval.

Sizes of strata are known and each is drawn from with one probability, so the sum of 1/π over the bad is the sum of each
stratum's size times its share, and Hájek's ratio is the same number. Items not told of are missing: the items told of
speak for their stratum, and `lowest` and `highest` say what the missing ones could change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf

from evals.review.base import Question
from evals.review.cells import Cell, WeekRead, cells_of, joined
from evals.review.intervals import Sampled, beta_interval, beta_upper, fewer_for_freedom, most_unseen
from evals.review.outcomes import Outcome, OutcomeName
from evals.review.strata import READ_BEFORE

PRIOR = 2.0
"""Items by which a stratum's share is drawn to the whole's, and the whole's to one half, for a variance alone: a
stratum of two without an event is no proof that it has none."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A share of conversations, and all that it rests on. Shares from 0 to 1, of `population`."""

    outcome: OutcomeName
    question: Question
    value: float | None
    """None where nothing was told; then low is 0 and high is 1."""
    low: float
    high: float
    """Of the two-sided interval."""
    one_sided_upper: float
    """With the same confidence and all of it on one side: at no event, what the rate is bounded at."""
    lowest: float
    highest: float
    """Value if all that was not told were fine, or bad: no interval, what missing readings alone can do."""
    events: int
    """Items told to be bad."""
    n_read: int
    """Items told of, either way."""
    n_missing: int
    """Drawn and not read."""
    n_cannot_tell: int
    """Read, and the nurse could not tell."""
    population: int
    """Conversations that could have been drawn, in the weeks that were read."""
    uncovered: int
    """Conversations that could not: drawn not long ago, and going on."""
    effective_n: float
    """Items of a simple random sample that would tell as much; infinite for a census."""
    weeks: tuple[str, ...]
    """ISO weeks that it is of, oldest first."""
    missing_weeks: tuple[str, ...] = ()
    """Weeks of its span that were never drawn, or in which somebody wrote and nothing was told; not filled in."""
    is_census: bool = False
    """Whether every conversation was read and told of."""
    is_simulated: bool = False


def weekly(week: WeekRead, outcome: Outcome, confidence: float) -> Estimate:
    """The estimate of one week."""
    return estimate([week], outcome, confidence)


def estimate(weeks: Sequence[WeekRead], outcome: Outcome, confidence: float) -> Estimate:
    """The estimate over weeks that were drawn, oldest first, each with the weight of its conversations."""
    all_cells = [cell for week in weeks for cell in cells_of(week, outcome)]
    cells = joined(all_cells)
    unread = {week.batch.batch_id for week in weeks if week.batch.population} - {cell.week for cell in cells}
    bare = _bare(weeks, outcome, all_cells, unread)
    if not cells:
        return bare
    population = sum(cell.size for cell in cells)
    value = sum(cell.size * cell.bad / cell.read for cell in cells) / population
    if sum(cell.read for cell in cells) == population:
        census = replace(bare, value=value, low=value, high=value, one_sided_upper=value, population=population)
        return replace(census, effective_n=inf, is_census=not unread)
    size = effective_n(cells, value, confidence)
    drawn = [Sampled(cell.size, cell.read) for cell in all_cells if cell.week not in unread]
    low, high = _two_sided(cells, drawn, value, size, confidence)
    return replace(
        bare,
        value=value,
        low=low,
        high=high,
        one_sided_upper=min(high, _one_sided(drawn, value, size, confidence)),
        population=population,
        effective_n=size,
    )


def effective_n(cells: Sequence[Cell], value: float, confidence: float) -> float:
    """Items of a simple random sample with the same variance; infinite where all of each stratum was read.

    The variance is that of a stratified mean with the finite population correction (Cochran 1977, section 5.4), with
    the share of each kind of stratum drawn to the whole's. Where nothing was seen it is so Kish's size, (Σw)² / Σw².
    """
    population, read = sum(cell.size for cell in cells), sum(cell.read for cell in cells)
    shares = _drawn_shares(cells, value, read)
    mean = sum(cell.size * shares[cell.stratum] for cell in cells) / population
    variance = sum(
        (cell.size / population) ** 2 * (1 - cell.read / cell.size) * _spread(shares[cell.stratum]) / cell.read
        for cell in cells
    )
    if not variance:
        return inf
    size = min(_spread(mean) / variance, read / (1 - read / population))
    return fewer_for_freedom(size, read, read - len(shares), confidence)


def _drawn_shares(cells: Sequence[Cell], value: float, read: int) -> dict[str, float]:
    """Share by kind of stratum, over 0 and under 1; the whole's for all where nothing or everything was bad."""
    whole = (value * read + PRIOR / 2) / (read + PRIOR)
    shares = {}
    for name in dict.fromkeys(cell.stratum for cell in cells):
        same = [cell for cell in cells if cell.stratum == name]
        bad, of = sum(cell.bad for cell in same), sum(cell.read for cell in same)
        shares[name] = whole + (bad - of * value) / (of + PRIOR)
    return shares


def _two_sided(
    cells: Sequence[Cell], drawn: Sequence[Sampled], value: float, size: float, confidence: float
) -> tuple[float, float]:
    """Ends that are whole conversations, outwards, none at odds with what was seen.

    Having seen one event is never taken to bound the rate lower than having seen none, nor the other way round. A
    stratum nobody read, which lends its size to its neighbour in `cells`, may be all events.
    """
    low, high = beta_interval(value * size, size, confidence)
    population = sum(cell.size for cell in cells)
    seen_bad, seen_fine = sum(cell.bad for cell in cells), sum(cell.fine for cell in cells)
    unseen = most_unseen(drawn, (1 - confidence) / 2)
    least = floor(low * population + _ROUNDING) if seen_fine else population
    most = ceil(high * population - _ROUNDING) if seen_bad else 0
    low = max(min(least, population - unseen), seen_bad) / population
    return low, min(max(most, unseen), population - seen_fine) / population


def _one_sided(drawn: Sequence[Sampled], value: float, size: float, confidence: float) -> float:
    population = sum(stratum.size for stratum in drawn)
    most = ceil(beta_upper(value * size, size, confidence) * population - _ROUNDING) if value else 0
    return max(most, most_unseen(drawn, 1 - confidence)) / population


def _bare(weeks: Sequence[WeekRead], outcome: Outcome, cells: Sequence[Cell], unread: set[str]) -> Estimate:
    """All that is counted, before anything is estimated."""
    population = sum(cell.size for cell in cells)
    untold = sum(cell.size * (1 - cell.read / cell.drawn) for cell in cells if cell.drawn)
    bad = sum(cell.size * cell.bad / cell.drawn for cell in cells if cell.drawn)
    return Estimate(
        outcome.name,
        outcome.question,
        value=None,
        low=0.0,
        high=1.0,
        one_sided_upper=1.0,
        lowest=bad / population if population else 0.0,
        highest=(bad + untold) / population if population else 1.0,
        events=sum(cell.bad for cell in cells),
        n_read=sum(cell.read for cell in cells),
        n_missing=sum(cell.missing for cell in cells),
        n_cannot_tell=sum(cell.cannot_tell for cell in cells),
        population=population,
        uncovered=sum(s.size for week in weeks for s in week.batch.strata if s.name == READ_BEFORE),
        effective_n=0.0,
        weeks=tuple(week.batch.batch_id for week in weeks),
        missing_weeks=tuple(sorted(unread)),
        is_simulated=any(week.batch.is_simulated for week in weeks),
    )


def _spread(share: float) -> float:
    return share * (1 - share)
