"""What to ask: every case with every prompt that it is for, on both sides, one trial at a time.

A plan is made in one walk over the suites, in which each trial is rendered once, so that a prompt that does not render
is met before anything is asked. It keeps keys, not trials: each later walk renders those anew that it comes to, apart
from the first few, which are kept from the first walk. Both sides of a case stand next to each other, so that what a
budget leaves unasked leaves whole pairs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from evals.cases import RAILS, Case, Suite
from evals.checks.registry import Country
from evals.plankeys import PlanKeys
from evals.rails_trial import rails_prompt, rails_refs
from evals.rows import Side
from evals.trial import Trial, TrialMaker
from evals.view import View
from matria.errors import PromptError, SuiteError
from matria.messages import LOCALES

if TYPE_CHECKING:
    from prompts.prompt import Prompt
    from prompts.repository import PromptLibrary

KEPT_TRIALS = 2_000
"""Trials that stay in memory between the walk that plans them and the one that asks them: some 10 MB."""


@dataclass(frozen=True)
class Selection:
    """What of the suites and the library is wanted."""

    prompts: tuple[str, ...] = ()
    """Names with or without their locale (`gestante/triagem`, `guardrails.pt-BR`); none means all."""
    cases: tuple[str, ...] = ()
    """Cases by id, with or without their locale; none means all."""
    epochs: int = 1
    limit: int | None = None
    """Cases of each suite at most, in order; None means all."""
    first_epoch: int = 0
    """Number of the first epoch; answers asked again to confirm something have numbers of their own."""


class _Place(NamedTuple):
    """A trial before it is rendered."""

    version: "_Version"
    case: Case
    prompt: "Prompt"
    epoch: int

    def trial(self) -> Trial:
        return self.version.maker.make(self.case, self.prompt, self.epoch)


@dataclass(frozen=True)
class _Version:
    """The prompts of one side, by name and locale."""

    maker: TrialMaker
    prompts: "Mapping[tuple[str, str], Prompt]"


@dataclass(frozen=True)
class Plan:
    """All trials of an evaluation, and what they were made from."""

    suites: tuple[Suite, ...]
    model: str
    selection: Selection
    is_comparison: bool
    """Whether there is a base to hold the head against."""
    digest: str
    """Content hash of the whole."""
    _keys: PlanKeys = field(repr=False)
    _versions: tuple[_Version, ...] = field(repr=False)
    _kept: dict[int, Trial] = field(repr=False)

    @classmethod
    def of_nothing(cls, suites: Sequence[Suite], model: str) -> "Plan":
        """The plan of a comparison that asks nothing, since nothing that decides an answer differs."""
        keys = PlanKeys()
        return cls(tuple(suites), model, Selection(), True, keys.digest(), keys, (), {})

    def part(self, number: int, of: int) -> "Plan":
        """The rows of one shard, `number` from 0; trials that share an answer are in the same one."""
        keys = PlanKeys()
        for place, trial in enumerate(self.trials):
            if int(trial.answer_key[:8], 16) % of == number:
                keys.add(trial.key, trial.side, place)
        return replace(self, digest=keys.digest(), _keys=keys, _kept={})

    @property
    def rows(self) -> int:
        """How many rows it comes to; trials of both sides that are the same trial share one."""
        return len(self._keys)

    @property
    def trials(self) -> View[Trial]:
        """Every trial, rendered as it is walked to."""
        return View(lambda: (place.trial() for place in self._places()))

    @property
    def cases(self) -> View[Case]:
        """Every case that is asked about."""
        return View(lambda: (case for _, case in _cases(self.suites, self.selection)))

    def sides(self) -> Iterator[tuple[str, tuple[Side, ...]]]:
        """The key of each row, with the sides that it is for."""
        return self._keys.sides()

    def open_trials(self, is_done: Callable[[str], bool]) -> Iterator[Trial]:
        """The first trial of each row whose key is not done; those that are done are not rendered."""
        firsts = self._keys.firsts()
        first = next(firsts, None)
        for number, place in enumerate(self._places()):
            if first is None:
                return
            if number == first.number:
                if not is_done(first.key):
                    yield self._kept.pop(number) if number in self._kept else place.trial()
                first = next(firsts, None)

    def _places(self) -> Iterator[_Place]:
        return _places(self.suites, self._versions, self.selection)


def plan_trials(
    suites: Sequence[Suite],
    head: "PromptLibrary",
    base: "PromptLibrary | None" = None,
    *,
    model: str,
    grading: str,
    country: Country,
    selection: Selection = Selection(),
    answered_by: Mapping[Side, str] = MappingProxyType({}),
    railed_by: Mapping[Side, str] = MappingProxyType({}),
) -> Plan:
    """Every trial of the suites: of `head`, and of `base` for each prompt that it also has.

    `answered_by` is, by side, the identity of what answers beside the model, and `railed_by` that of the rails, for
    suites of the rails alone: no answer is shared between two.
    `grading` is the identity of the graders (`evals.grading.Graders.identity`). Raises `SuiteError` where nothing is
    left to ask, and `PromptError` for a prompt that is named and does not exist or does not render.
    """
    refuse_unknown(selection.prompts, head)
    libraries: list[tuple[Side, PromptLibrary]] = [("base", base)] if base is not None else []
    versions = tuple(
        _version(
            library,
            head,
            TrialMaker(side, model, grading, country, _contacts(library), answered_by.get(side, "")),
            railed_by.get(side, ""),
        )
        for side, library in (*libraries, ("head", head))
    )
    keys, kept, sides = PlanKeys(), {}, set()
    for number, place in enumerate(_places(suites, versions, selection)):
        trial = place.trial()
        keys.add(trial.key, trial.side, number)
        sides.add(trial.side)
        if number < KEPT_TRIALS:
            kept[number] = trial
    if "head" not in sides:
        raise SuiteError(
            "There is nothing to ask: no case of the suites is for the prompts and cases named; name others."
        )
    return Plan(tuple(suites), model, selection, "base" in sides, keys.digest(), keys, versions, kept)


def refuse_unknown(names: Sequence[str], library: "PromptLibrary") -> None:
    """Raises `PromptError` for a name, with or without its locale, that no prompt has."""
    known = {*library.names(), RAILS, *(str(ref) for ref in (*library.refs(), *rails_refs()))}
    for name in names:
        if name not in known:
            raise PromptError(f"There is no prompt '{name}': `matria prompt list` shows those that there are.")


def _contacts(library: "PromptLibrary") -> "Callable[[Country], Mapping[str, str]]":
    from prompts.contacts import library_contacts

    return lambda country: library_contacts(library.sources, country)


def _version(library: "PromptLibrary", head: "PromptLibrary", maker: TrialMaker, rails: str) -> _Version:
    shared = set(head.refs())
    prompts = {(ref.name, ref.locale): library.load(*ref) for ref in library.refs() if ref in shared}
    stand_ins = {(RAILS, str(locale)): rails_prompt(locale, rails) for locale in LOCALES}
    return _Version(maker, {**prompts, **stand_ins})


def _places(suites: Sequence[Suite], versions: Sequence[_Version], selection: Selection) -> Iterator[_Place]:
    for suite, case in _cases(suites, selection):
        for name in _names(suite, case, selection):
            for epoch in range(selection.first_epoch, selection.first_epoch + selection.epochs):
                for version in versions:
                    prompt = version.prompts.get((name, case.locale))
                    if prompt is not None:
                        yield _Place(version, case, prompt, epoch)


def _cases(suites: Sequence[Suite], selection: Selection) -> Iterator[tuple[Suite, Case]]:
    for suite in suites:
        wanted = (case for case in suite.asked if _is_wanted(case, selection))
        for case in islice(wanted, selection.limit):
            yield suite, case


def _is_wanted(case: Case, selection: Selection) -> bool:
    return not selection.cases or case.id in selection.cases or case.theme in selection.cases


def _names(suite: Suite, case: Case, selection: Selection) -> list[str]:
    own = suite.prompts_of(case)
    if not selection.prompts:
        return list(own)
    return [n for n in own if n in selection.prompts or f"{n}.{case.locale}" in selection.prompts]


def prompt_without_locale(reference: str) -> str:
    """`gestante/triagem` of `gestante/triagem.pt-BR`."""
    for locale in LOCALES:
        reference = reference.removesuffix(f".{locale}")
    return reference
