"""What to ask: every case with every prompt that it is for, rendered, and known by a content hash before it is asked.

`answer_key` covers what the answer depends on: messages, model, parameters, epoch. `key` adds what the row depends on:
case, criteria, prompt, and how it is graded. Two prompts that render alike share an answer and keep a row each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evals.cases import Case, Suite, digest
from evals.checks.registry import Country, country_of
from evals.rows import Row, Side
from matria.errors import PromptError, SuiteError
from matria.messages import LOCALES

if TYPE_CHECKING:
    from prompts.prompt import Prompt
    from prompts.render import RenderedPrompt
    from prompts.repository import PromptLibrary


@dataclass(frozen=True)
class Trial:
    """One case to be answered under one prompt."""

    case: Case
    prompt: "Prompt"
    side: Side
    epoch: int
    model: str
    variables: Mapping[str, Any]
    rendered: "RenderedPrompt"
    answer_key: str
    key: str

    def blank_row(self) -> Row:
        """The row before there is an answer."""
        return Row(
            key=self.key,
            answer_key=self.answer_key,
            suite=self.case.suite,
            case=self.case.id,
            locale=self.case.locale,
            persona=self.case.persona,
            stage=self.case.stage,
            prompt=str(self.prompt.ref),
            prompt_version=self.prompt.version,
            prompt_hash=self.prompt.closure_hash,
            epoch=self.epoch,
            model=self.model,
            parameters=dict(self.rendered.parameters),
            messages=self.rendered.messages,
        )


@dataclass(frozen=True)
class Selection:
    """What of the suites and the library is wanted."""

    prompts: tuple[str, ...] = ()
    """Names with or without their locale (`gestante/triagem`, `gestante/triagem.pt-BR`); none means all."""
    cases: tuple[str, ...] = ()
    """Cases by id, with or without their locale; none means all."""
    epochs: int = 1
    limit: int | None = None
    """Cases of each suite at most, in order; None means all."""


@dataclass(frozen=True)
class Plan:
    """All trials of an evaluation, and what they were made from."""

    trials: tuple[Trial, ...]
    suites: tuple[Suite, ...]
    model: str
    digest: str
    """Content hash of the whole."""

    @property
    def sides(self) -> dict[str, tuple[Side, ...]]:
        """The key of each row, with the sides that it is for."""
        sides: dict[str, tuple[Side, ...]] = {}
        for trial in self.trials:
            sides[trial.key] = (*sides.get(trial.key, ()), trial.side)
        return sides

    @property
    def is_comparison(self) -> bool:
        """Whether there is a base to hold the head against."""
        return any(trial.side == "base" for trial in self.trials)


def plan_trials(
    suites: Sequence[Suite],
    head: "PromptLibrary",
    base: "PromptLibrary | None" = None,
    *,
    model: str,
    grading: str,
    country: Country,
    selection: Selection = Selection(),
    base_rails: str = "",
) -> Plan:
    """Every trial of the suites: of `head`, and of `base` for each prompt that it also has.

    `base_rails` is the identity of the base's rails where they are not the head's, so that no answer is shared then.
    `grading` is the identity of the graders (`evals.grading.Graders.identity`). Raises `SuiteError` where nothing is
    left to ask, and `PromptError` for a prompt that is named and does not exist or does not render.
    """
    _refuse_unknown(selection.prompts, head)
    trials: list[Trial] = []
    for side, library in (("base", base), ("head", head)):
        if library is not None:
            rails = base_rails if side == "base" else ""
            trials += _side(suites, library, head, side, selection, model, grading, country, rails)  # type: ignore[arg-type]
    if not any(trial.side == "head" for trial in trials):
        raise SuiteError(
            "There is nothing to ask: no case of the suites is for the prompts and cases named; name others."
        )
    return Plan(tuple(trials), tuple(suites), model, digest(sorted(trial.key for trial in trials)))


def _refuse_unknown(names: Sequence[str], library: "PromptLibrary") -> None:
    known = {*library.names(), *(str(ref) for ref in library.refs())}
    for name in names:
        if name not in known:
            raise PromptError(f"There is no prompt '{name}': `matria prompt list` shows those that there are.")


def _side(
    suites: Sequence[Suite],
    library: "PromptLibrary",
    head: "PromptLibrary",
    side: Side,
    selection: Selection,
    model: str,
    grading: str,
    country: Country,
    rails: str,
) -> Iterator[Trial]:
    from prompts.contacts import library_contacts

    prompts = {(ref.name, ref.locale): library.load(*ref) for ref in library.refs() if ref in head.refs()}
    for suite in suites:
        for case in [case for case in suite.cases if _is_wanted(case, selection)][: selection.limit]:
            for name in _names(suite, case, selection):
                prompt = prompts.get((name, case.locale))
                if prompt is not None:
                    contacts = library_contacts(library.sources, country_of(case.locale, country))
                    for epoch in range(selection.epochs):
                        yield make_trial(case, prompt, side, epoch, model, grading, contacts, rails)


def _is_wanted(case: Case, selection: Selection) -> bool:
    return not selection.cases or case.id in selection.cases or case.theme in selection.cases


def _names(suite: Suite, case: Case, selection: Selection) -> list[str]:
    own = [name for name in suite.prompts if name.startswith(f"{case.persona}/")]
    if not selection.prompts:
        return own
    return [n for n in own if n in selection.prompts or f"{n}.{case.locale}" in selection.prompts]


def make_trial(
    case: Case,
    prompt: "Prompt",
    side: Side,
    epoch: int,
    model: str,
    grading: str,
    contacts: Mapping[str, str],
    rails: str = "",
) -> Trial:
    """The case under the prompt, rendered, with its keys. Raises `PromptError` where it does not render, `SuiteError`
    where the case carries retrieved passages and the prompt shows none."""
    from prompts.render import render

    variables = {**contacts, **case.vars, **_retrieved(case, prompt), "question": case.question}
    rendered = render(prompt, variables, case.history)
    answer_key = digest(
        {
            "messages": [m.as_wire() for m in rendered.messages],
            "model": model,
            "parameters": dict(rendered.parameters),
            "epoch": epoch,
            "locale": case.locale,
            **({"rails": rails} if rails else {}),
        }
    )
    key = digest([answer_key, case.digest, prompt.ref, prompt.closure_hash, grading])
    return Trial(case, prompt, side, epoch, model, variables, rendered, answer_key, key)


def _retrieved(case: Case, prompt: "Prompt") -> dict[str, str]:
    if case.retrieved and "retrieved" not in prompt.inputs:
        raise SuiteError(
            f"Case {case.id} of suite {case.suite} carries retrieved passages, and prompt {prompt.ref} has no input "
            "'retrieved' to show them: declare it, or name other prompts."
        )
    return {"retrieved": case.retrieved_text} if case.retrieved else {}


def prompt_without_locale(reference: str) -> str:
    """`gestante/triagem` of `gestante/triagem.pt-BR`."""
    for locale in LOCALES:
        reference = reference.removesuffix(f".{locale}")
    return reference
