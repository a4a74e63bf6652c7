"""Which prompts a change touches: those of which something that decides answers or grades differs.

The closure of a prompt is its file, its partials, the telephone numbers, the suites that it meets, the guardrails'
terms and texts of care, the notes where it shows what was retrieved, and what of policy.yaml shapes answers. The gate's
own thresholds are left aside: they change how a difference is read, not what is answered. The guardrails alone are
touched by their terms, their texts, the policy and the suites of the rails, and by no prompt.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.cases import Suite
from evals.rails_trial import rails_refs
from matria.policy import Policy
from matria.provenance import digest
from prompts.contacts import CONTACTS_NAME

if TYPE_CHECKING:
    from prompts.prompt import Prompt, PromptRef
    from prompts.repository import PromptLibrary

OTHER_POLICY = frozenset(
    {"sla", "data", "risk", "recommender", "gate", "costs", "engine", "cache", "judge", "tracking", "suites", "review"}
    | {"handover", "trust"}
)
"""Sections of policy.yaml that shape no answer. Whatever section is new does, until it is named here."""
CONTACTS = "contacts"
RETRIEVED = "retrieved"
"""The input of a prompt that notes are shown in."""


@dataclass(frozen=True)
class Revision:
    """All that decides answers and grades, at one point of the project's history."""

    library: "PromptLibrary"
    suites: Mapping[str, str]
    """A content hash of each suite's files, by its name."""
    terms: str
    """A content hash of the guardrails' terms."""
    care: str
    """A content hash of the texts and numbers of care."""
    policy: Mapping[str, float]
    """The thresholds that shape answers, by name; see `answer_thresholds`."""
    notes: str = ""
    """A content hash of the notes that are retrieved into answers; empty where there are none."""

    @property
    def answered_by(self) -> str:
        """Identity of what answers beside the model: rails, texts of care, limits, notes."""
        return digest([self.railed_by, self.notes]) if self.notes else self.railed_by

    @property
    def railed_by(self) -> str:
        """Identity of the rails: terms, texts of care, thresholds."""
        return digest([self.terms, self.care, dict(self.policy)])


@dataclass(frozen=True)
class Change:
    """One prompt that a change touches, and through what."""

    ref: "PromptRef"
    causes: tuple[str, ...]
    """Such as `prompt`, `partial escalation`, `suite danger_signs`, `terms` or `policy`; `new` where it had none."""


def answer_thresholds(policy: Policy) -> dict[str, float]:
    """The thresholds that shape what is answered, or how an answer is graded, by name."""
    return {
        name: threshold.value
        for name, threshold in policy.thresholds.items()
        if name.partition(".")[0] not in OTHER_POLICY
    }


def changed_prompts(base: Revision, head: Revision, suites: Sequence[Suite]) -> list[Change]:
    """The prompts of `head` that differ from `base`, in the order of the library; `suites` are the head's.

    Raises `PromptError` where a prompt of either side is malformed.
    """
    shared = tuple(_shared_causes(base, head))
    suite_causes = {suite.id: f"suite {suite.id}" for suite in suites if _differs(base, head, suite.id)}
    found = []
    for ref in head.library.refs():
        meeting = [suite_causes[suite.id] for suite in suites if suite.id in suite_causes and ref.name in suite.prompts]
        causes = (*_own_causes(base, head, ref), *meeting, *_notes_causes(base, head, ref), *shared)
        if causes:
            found.append(Change(ref, causes))
    return found


def changed_rails(base: Revision, head: Revision, suites: Sequence[Suite]) -> list[Change]:
    """The guardrails in each locale that a suite of the rails has, where they or that suite differ from `base`."""
    shared = [cause for cause in _shared_causes(base, head) if cause != CONTACTS]
    own = [suite for suite in suites if suite.subject == "rails"]
    found = []
    for ref in rails_of(own):
        meeting = [
            f"suite {suite.id}" for suite in own if ref.locale in suite.locales and _differs(base, head, suite.id)
        ]
        if causes := (*meeting, *shared):
            found.append(Change(ref, causes))
    return found


def rails_of(suites: Sequence[Suite]) -> "list[PromptRef]":
    """The guardrails in each locale that one of the suites puts cases to them in."""
    locales = {locale for suite in suites if suite.subject == "rails" for locale in suite.locales}
    return [ref for ref in rails_refs() if ref.locale in locales]


def _differs(base: Revision, head: Revision, suite: str) -> bool:
    return base.suites.get(suite) != head.suites.get(suite)


def _shared_causes(base: Revision, head: Revision) -> Iterator[str]:
    """What touches every prompt."""
    contacts = [revision.library.sources.files.get(CONTACTS_NAME) for revision in (base, head)]
    if contacts[0] != contacts[1]:
        yield CONTACTS
    if base.terms != head.terms:
        yield "terms"
    if base.care != head.care:
        yield "care"
    if dict(base.policy) != dict(head.policy):
        yield "policy"


def _notes_causes(base: Revision, head: Revision, ref: "PromptRef") -> Iterator[str]:
    """Notes touch the prompts that show what was retrieved."""
    if base.notes != head.notes and RETRIEVED in head.library.load(*ref).inputs:
        yield "notes"


def _own_causes(base: Revision, head: Revision, ref: "PromptRef") -> Iterator[str]:
    if ref not in base.library.refs():
        yield "new"
        return
    before, after = base.library.load(*ref), head.library.load(*ref)
    if before.closure_hash != after.closure_hash:
        partials = tuple(_changed_partials(before, after))
        if _without_partials(before) != _without_partials(after) or not partials:
            yield "prompt"
        yield from partials


def _without_partials(prompt: "Prompt") -> tuple[object, ...]:
    sections = tuple((section.role, section.source) for section in prompt.sections)
    inputs = tuple(sorted((i.name, i.type, i.required, str(i.default)) for i in prompt.inputs.values()))
    return sections, inputs, dict(prompt.model_parameters)


def _changed_partials(before: "Prompt", after: "Prompt") -> Iterator[str]:
    old = {partial.name: partial.source for partial in before.partials}
    new = {partial.name: partial.source for partial in after.partials}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield f"partial {name}"


def lost_never_events(base: Sequence[Suite], head: Sequence[Suite]) -> tuple[str, ...]:
    """Never-events of the base's cases that the head has no more, as `suite/case/criterion`."""
    return tuple(sorted(_never_events(base) - _never_events(head)))


def lost_cases(base: Sequence[Suite], head: Sequence[Suite]) -> tuple[str, ...]:
    """Cases of the base that the head has no more, as `suite/case`; suites that are gone as a whole are left aside."""
    there = {suite.id for suite in head}
    cases = {f"{suite.id}/{case.id}" for suite in head for case in suite.cases}
    lost = {f"{suite.id}/{case.id}" for suite in base if suite.id in there for case in suite.cases}
    return tuple(sorted(lost - cases))


def lost_suites(base: Revision, head: Revision) -> tuple[str, ...]:
    """Suites of the base that the head has no more."""
    return tuple(sorted(base.suites.keys() - head.suites.keys()))


def _never_events(suites: Sequence[Suite]) -> set[str]:
    return {f"{s.id}/{case.id}/{c.id}" for s in suites for case in s.cases for c in case.criteria if c.never}
