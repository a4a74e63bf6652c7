"""Judges that the base trusted with a criterion and that do not grade it any more: what a change got rid of.

Both sides are graded by the head's judges, so one that was made lenient finds both of them fine. Where the base would
let a judge decide a criterion as its own suites ask it, and whoever grades it now may not decide, a changed answer does
not pass: it is graded by other templates, another model or judge, on another axis, or by another wording. A model that
the service itself went over to is no such change once nurses have read its verdicts in a week of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from evals.cases import Axis, Suite
from evals.judges.trust import Trust, TrustBook, judge_of, params_hash, place_named, place_of
from evals.pairs import Pair
from evals.rows import CriterionResult, Row
from evals.standing import ToRead, grader_of
from evals.trusted_rows import JUDGE, Deciders, read_pair

_WEEKS = "review/"
"""How the criteria begin of which judges are asked before a week is drawn, and never by a change."""


@dataclass(frozen=True)
class Asked:
    """How a criterion was graded on the base."""

    grader: str
    place: str
    axis: Axis


@dataclass(frozen=True)
class Lost:
    """A judge that decided a criterion, and who grades it now."""

    before: str
    now: str


@dataclass(frozen=True)
class Yardstick:
    """What the base's suites ask judges, by suite, case and criterion; empty where they cannot be read."""

    asked: Mapping[tuple[str, str, str], Asked] = field(default_factory=dict)

    @classmethod
    def of(cls, suites: Iterable[Suite]) -> "Yardstick":
        """That of the suites."""
        return cls({key: asked for suite in suites for key, asked in _asked(suite)})

    def of_grade(self, row: Row, result: CriterionResult) -> Asked:
        """How the criterion was graded on the base; as it is now where the base did not have it."""
        now = Asked(result.grader, place_of(row.suite, result), result.axis)
        return self.asked.get((row.suite, row.case, result.id), now)


def lost_judges(pairs: Iterable[Pair], base: Deciders, yardstick: Yardstick) -> Mapping[ToRead, Lost]:
    """The criteria of changed answers that a judge decided on the base and that nobody decides who may, by their place.

    An answer that nurses read, and one that is the same on both sides, hides nothing.
    """
    found: dict[ToRead, Lost] = {}
    for pair in pairs:
        if _texts(pair.base) == _texts(pair.head):
            continue
        for row in read_pair(pair, base).head:
            for result in row.criteria:
                lost = _lost(row, result, base, yardstick)
                if lost is not None:
                    found[ToRead(*pair.key, result.id)] = lost
    return found


def _lost(row: Row, result: CriterionResult, base: Deciders, yardstick: Yardstick) -> Lost | None:
    if not result.grader.startswith(JUDGE) or base.decides(row, result):
        return None
    now, asked = judge_of(result.grader, result.judge), yardstick.of_grade(row, result)
    for trust in _trusted(base.book, asked, row):
        if not _has_followed(base.book, trust.judge, now):
            return Lost(trust.judge, now)
    return None


def _trusted(book: TrustBook, asked: Asked, row: Row) -> Iterator[Trust]:
    """Those of the grader that the book trusts with what was asked."""
    for judge in sorted({judge for judge, _ in book.known if grader_of(judge) == asked.grader}):
        trust = book.of(judge, asked.place, asked.axis, is_simulated=row.is_simulated)
        if trust.is_trusted:
            yield trust


def _has_followed(book: TrustBook, before: str, now: str) -> bool:
    """Whether the nurses' week has read the one's verdicts as late as the other's: then the service uses it."""
    read = _last_week(book, now)
    return before != now and grader_of(before) == grader_of(now) and bool(read) and read >= _last_week(book, before)


def _last_week(book: TrustBook, judge: str) -> str:
    return max(
        (one.until for (of, place), one in book.known.items() if of == judge and place.startswith(_WEEKS)), default=""
    )


def _asked(suite: Suite) -> Iterator[tuple[tuple[str, str, str], Asked]]:
    for case in (*suite.cases, *suite.twins):
        for one in case.criteria:
            if one.judge:
                place = place_named(suite.id, one.id, one.text, params_hash(one.judge_params), one.points > 0)
                yield (suite.id, case.id, one.id), Asked(one.grader, place, one.axis)


def _texts(rows: Iterable[Row]) -> list[str]:
    return [row.answer.graded_text if row.answer else "" for row in rows]
