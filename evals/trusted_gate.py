"""The gate where judges graded: those under the bar of policy.yaml, section `trust`, inform and neither pass nor block.

The same answers are decided twice: as all graders found them, and as those found them who may decide
(`evals.trusted_rows`). The second is the verdict. Where it passes and all graders together would block, what would
block rests on judges that nurses have not confirmed: that is inconclusive, and the answers go to nurses, whose reading
of an answer then stands in the judge's place. The table of all outcomes: docs/reference/verdicts.md. A change to
`evals/trust.yaml` passes by the trust of the base as well, or not at all; nor does one that takes a criterion from a
judge whom the base trusts with it (`evals.held_judges`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from evals.cases import AXES, digest
from evals.comparison import Comparison, compare
from evals.flips import Flip
from evals.gate import EXIT_CODES, Reason, Term, Value, Verdict
from evals.held_judges import Lost, Yardstick, lost_judges
from evals.judges.trust import Interval
from evals.judges.trusting import Bar
from evals.own_gate import decide_by_both
from evals.pairs import Pair
from evals.standing import JudgeStanding, Standings, ToRead, Wanted, gravest
from evals.trusted_rows import Deciders, Judged, judged, read_pair, trusted_pair
from evals.waivers import Waivers
from matria.policy import Policy

Pairs = Callable[[], Iterable[Pair]]
_NOTHING_LEFT = frozenset({"nothing_to_compare", "nothing_decidable"})
"""Reasons of a verdict that has nothing to go by."""
NO_YARDSTICK = Yardstick()
_NAMED = 5
_SAMPLED = 100
"""Grades that are named to be read where none decides; far more than one run queues."""


@dataclass(frozen=True)
class GateRules:
    """What a change is decided by, apart from who may grade."""

    policy: Policy
    base_policy: Policy
    waivers: Waivers
    today: date

    def decided(self, pairs: Pairs, comparison: Comparison | None = None) -> Verdict:
        """By the thresholds of both sides."""
        found = comparison or compare(pairs(), self.policy)
        return decide_by_both(pairs, found, self.policy, self.base_policy, self.waivers, self.today)


def decide_with_trust(
    pairs: Pairs,
    comparison: Comparison,
    rules: GateRules,
    deciders: Deciders,
    base: Deciders | None = None,
    yardstick: Yardstick = NO_YARDSTICK,
) -> Verdict:
    """The verdict by those who may decide on both sides; `comparison` is of the pairs as they were graded.

    `base` has the base's trust, None where the base is no revision of its own, and `yardstick` what its suites ask
    judges. Where no judge graded anything it is what `decide_by_both` says, to the letter.
    """
    verdict = _by_both_books(pairs, comparison, rules, deciders, base)
    if base is None or verdict.standings is None:
        return verdict
    return _held(verdict, lost_judges(pairs(), base, yardstick))


def _held(verdict: Verdict, lost: Mapping[ToRead, Lost]) -> Verdict:
    """The verdict, which does not pass where judges that decided on the base do not grade any more."""
    if not lost:
        return verdict
    counts = Counter(lost.values())
    said = tuple(Reason("rests_gone", (one.before, n, one.now)) for one, n in counts.most_common(_NAMED))
    if verdict.exit_code:
        return replace(verdict, notes=(*said, *verdict.notes))
    standings = verdict.standings or Standings()
    if not standings.to_read:
        standings = replace(standings, wanted="sample", to_read=_sample(lost))
    return replace(verdict, state="inconclusive", reasons=(*said, *verdict.reasons), standings=standings)


def _sample(places: Iterable[ToRead]) -> tuple[ToRead, ...]:
    return tuple(sorted(places, key=lambda place: digest(vars(place)))[:_SAMPLED])


def _by_both_books(
    pairs: Pairs, comparison: Comparison, rules: GateRules, deciders: Deciders, base: Deciders | None
) -> Verdict:
    """The verdict by the head's trust, and by the base's where that differs."""
    seen = judged(pairs(), deciders)
    if seen.is_of_rules:
        return rules.decided(pairs, comparison)
    verdict = _decided(pairs, comparison, rules, deciders, seen)
    before = judged(pairs(), base) if base and base.book != deciders.book else seen
    moved = _moved(seen, before)
    if base is None or not moved:
        return verdict
    if verdict.exit_code:
        return replace(verdict, notes=(Reason("trust_moved", (moved,)), *verdict.notes))
    by_base = _decided(pairs, comparison, rules, base, before)
    if by_base.exit_code:
        return replace(by_base, reasons=(Reason("own_trust", (moved,)), *by_base.reasons))
    weaker = by_base if verdict.state == "improved" else verdict
    return replace(weaker, notes=(Reason("trust_moved", (moved,)), *weaker.notes))


def _moved(head: Judged, base: Judged) -> str:
    """The judges of which the change decides anew whether they may decide; empty where it moves none that graded."""
    differ = {**head.informing, **base.informing}
    names = sorted({differ[place] for place in head.informing.keys() ^ base.informing.keys()})
    more = f", +{len(names) - _NAMED}" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _decided(pairs: Pairs, comparison: Comparison, rules: GateRules, deciders: Deciders, seen: Judged) -> Verdict:
    def read() -> Iterator[Pair]:
        return (read_pair(pair, deciders) for pair in pairs())

    def trusted() -> Iterator[Pair]:
        return (trusted_pair(pair, deciders) for pair in read())

    by_all = rules.decided(read, None if seen.is_ruled else comparison)
    if not seen.informing:
        return replace(by_all, standings=_standings(seen), is_simulated=comparison.is_simulated)
    by_trusted = rules.decided(trusted)
    found = _together(by_trusted, by_all, seen, rules.policy)
    return replace(
        found, comparison=_shown(by_trusted.comparison, by_all.comparison, seen), is_simulated=comparison.is_simulated
    )


def _together(trusted: Verdict, everybody: Verdict, seen: Judged, policy: Policy) -> Verdict:
    """The verdict of those who may decide, and what the others do to it."""
    nothing_left = _has_nothing_left(trusted)
    if nothing_left and _has_nothing_left(everybody):
        return replace(everybody, standings=_standings(seen))
    wanted = _wanted(trusted, everybody, nothing_left)
    to_read = tuple(_to_read(everybody.comparison, wanted, seen))
    standings = _standings(seen, wanted if to_read else None, to_read)
    notes = tuple(_notes(trusted, everybody, seen, policy))
    rests = tuple(_rests(seen, to_read, policy))
    if nothing_left:
        reasons = (Reason("none_decides"), *rests, *(everybody.reasons if everybody.exit_code else ()))
    elif wanted != "regressions":
        return replace(trusted, notes=(*trusted.notes, *notes), standings=standings)
    elif trusted.exit_code:
        reasons = (*trusted.reasons, *rests)
    else:
        reasons = (*rests, *everybody.reasons)
    kept = (*trusted.notes, *(note for note in notes if note.code.startswith("axes_")))
    return replace(trusted, state="inconclusive", reasons=reasons, notes=kept, standings=standings)


def _has_nothing_left(verdict: Verdict) -> bool:
    return verdict.state == "inconclusive" and {reason.code for reason in verdict.reasons} <= _NOTHING_LEFT


def _wanted(trusted: Verdict, everybody: Verdict, nothing_left: bool) -> Wanted | None:
    """What nurses would have to confirm to change the verdict."""
    if trusted.state in ("blocked", "error"):
        return None
    if everybody.state == "blocked":
        return "regressions"
    if everybody.state == "improved" and trusted.state != "improved":
        return "fixes"
    return "sample" if nothing_left else None


def _to_read(comparison: Comparison, wanted: Wanted | None, seen: Judged) -> Iterator[ToRead]:
    if wanted == "sample":
        yield from _sample(seen.informing)
        return
    flips: Sequence[Flip] = ()
    if wanted == "regressions":
        events = sorted(comparison.new_never_events, key=lambda flip: flip.harm, reverse=True)
        flips = (*events, *comparison.regressions)
    elif wanted == "fixes":
        flips = comparison.fixes
    yield from dict.fromkeys(place for place in map(_place, flips) if place in seen.informing)


def _rests(seen: Judged, to_read: Sequence[ToRead], policy: Policy) -> Iterator[Reason]:
    """Each judge on which the difference rests; all that inform where no single flip makes it."""
    named = {seen.informing[place] for place in to_read}
    judges = [one for one in seen.judges if not one.decides and (not named or one.trust.judge in named)]
    for one in gravest(judges):
        yield said_of("rests", one, policy)


def _notes(trusted: Verdict, everybody: Verdict, seen: Judged, policy: Policy) -> Iterator[Reason]:
    for one in gravest(one for one in seen.judges if not one.decides):
        yield said_of("informs", one, policy)
    if seen.informing_axes:
        for axis in seen.informing_axes:
            yield Reason("axes_inform", (Term(axis),))
    if not trusted.exit_code and everybody.exit_code != EXIT_CODES["blocked"] and everybody.state != trusted.state:
        yield Reason("all_graders_say", (Term(everybody.state),))


def said_of(code: str, one: JudgeStanding, policy: Policy) -> Reason:
    """What is known of a judge: `<code>_unmeasured`, `_few`, `_unclear`; `_untrusted`, `_unsure` or `_simulated` with
    figures. Unsure is one whose figures reach the bar, and whose intervals do not yet."""
    trust, needed = one.trust, policy.count("trust.min_n")
    if trust.state == "unmeasured" and not trust.n:
        return Reason(f"{code}_unmeasured", (one.name,))
    if trust.state == "unmeasured":
        return Reason(f"{code}_few" if trust.n < needed else f"{code}_unclear", (one.name, trust.n, needed))
    figures = (_figure(part) for part in (trust.kappa, trust.sensitivity, trust.specificity))
    lacks = Bar.of(policy).shortfalls(trust)
    state = "unsure" if lacks and all(name.endswith("_low") for name in lacks) else "untrusted"
    state = "simulated" if trust.is_trusted else state
    return Reason(f"{code}_{state}", (one.name, trust.n, *figures))


def _figure(interval: Interval) -> Value:
    return "–" if interval.value is None else interval.value


def _standings(seen: Judged, wanted: Wanted | None = None, to_read: tuple[ToRead, ...] = ()) -> Standings:
    return Standings(seen.judges, seen.informing_axes, seen.rulings, wanted, to_read)


def _shown(trusted: Comparison, everybody: Comparison, seen: Judged) -> Comparison:
    """The figures that decided, beside all that there is to read; axes that inform alone have a state of their own."""
    known = {axis.name for axis in trusted.axes}
    alone = [replace(axis, state="informs") for axis in everybody.axes if axis.name not in known]
    axes = sorted((*trusted.axes, *alone), key=lambda axis: AXES.index(axis.name))
    quality = trusted.quality if trusted.quality.cases else replace(everybody.quality, state="informs")
    return replace(
        everybody,
        axes=tuple(axes),
        slices=trusted.slices,
        quality=quality,
        flips=_marked(everybody.flips, seen),
        new_never_events=_marked(everybody.new_never_events, seen),
        standing_never_events=_marked(everybody.standing_never_events, seen),
        unconfirmed_never_events=_marked(everybody.unconfirmed_never_events, seen),
    )


def _marked(flips: Iterable[Flip], seen: Judged) -> tuple[Flip, ...]:
    return tuple(replace(flip, informs=True) if _place(flip) in seen.informing else flip for flip in flips)


def _place(flip: Flip) -> ToRead:
    return ToRead(flip.suite, flip.case, flip.prompt, flip.criterion)
