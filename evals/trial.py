"""One thing to ask: a case under a prompt, rendered, and known by a content hash before it is asked.

`answer_key` covers what the answer depends on: messages, model, parameters, epoch. `key` adds what the row depends on:
case, criteria, prompt, and how it is graded. Two prompts that render alike share an answer and keep a row each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evals.cases import RAILS, Case, digest, is_of_rails
from evals.checks.registry import Country, country_of
from evals.rails_trial import rails_answer_key, rendered_for_rails
from evals.redacted import redacted_messages
from evals.rows import AnswerError, AnswerRecord, CriterionResult, Row, Side
from evals.scoring import case_score
from matria.errors import SuiteError

if TYPE_CHECKING:
    from prompts.prompt import Prompt
    from prompts.render import RenderedPrompt


@dataclass(frozen=True)
class Trial:
    """One case to be answered under one prompt, or to be judged by the rails alone."""

    case: Case
    prompt: "Prompt"
    side: Side
    epoch: int
    model: str
    variables: Mapping[str, Any]
    rendered: "RenderedPrompt"
    """Of the rails alone: what they judge."""
    answer_key: str
    key: str

    def row(
        self,
        answer: AnswerRecord | None = None,
        criteria: tuple[CriterionResult, ...] = (),
        error: AnswerError | None = None,
    ) -> Row:
        """What came of it: an answer that was graded, or the error that came instead."""
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
            messages=redacted_messages(self.rendered.messages),
            answer=answer,
            error=error,
            criteria=criteria,
            score=case_score(criteria) if answer else None,
        )


@dataclass(frozen=True)
class TrialMaker:
    """What all trials of one version of the prompts have in common."""

    side: Side
    model: str
    grading: str
    """Identity of the graders, such as `evals.grading.Graders.identity`."""
    country: Country
    contacts: Callable[[Country], Mapping[str, str]]
    """The telephone numbers that go with the prompts."""
    answered_by: str = ""
    """Identity of what answers beside the model: rails, texts of care, limits. No answer is shared between two."""

    def make(self, case: Case, prompt: "Prompt", epoch: int) -> Trial:
        """The case under the prompt, rendered, with its keys.

        Raises `PromptError` where it does not render, `SuiteError` where the case carries retrieved passages and the
        prompt shows none.
        """
        from prompts.render import render

        if is_of_rails(prompt.name):
            return self._of_rails(case, prompt, epoch)
        contacts = self.contacts(country_of(case.locale, self.country))
        variables = {**contacts, **case.vars, **_retrieved(case, prompt), "question": case.question}
        rendered = render(prompt, variables, case.history)
        answer_key = digest(
            {
                "messages": [m.as_wire() for m in rendered.messages],
                "model": self.model,
                "parameters": dict(rendered.parameters),
                "epoch": epoch,
                "locale": case.locale,
                **({"answered_by": self.answered_by} if self.answered_by else {}),
            }
        )
        return Trial(
            case,
            prompt,
            self.side,
            epoch,
            self.model,
            variables,
            rendered,
            answer_key,
            self._key(answer_key, case, prompt),
        )

    def _of_rails(self, case: Case, prompt: "Prompt", epoch: int) -> Trial:
        """The case put to the rails that the stand-in names; neither a model nor a prompt is part of its keys."""
        country = country_of(case.locale, self.country)
        answer_key = rails_answer_key(case, prompt.closure_hash, country, epoch)
        rendered, key = rendered_for_rails(case, prompt), self._key(answer_key, case, prompt)
        return Trial(case, prompt, self.side, epoch, RAILS, {}, rendered, answer_key, key)

    def _key(self, answer_key: str, case: Case, prompt: "Prompt") -> str:
        return digest([answer_key, case.digest, tuple(prompt.ref), prompt.closure_hash, self.grading])


def _retrieved(case: Case, prompt: "Prompt") -> dict[str, str]:
    if case.retrieved and "retrieved" not in prompt.inputs:
        raise SuiteError(
            f"Case {case.id} of suite {case.suite} carries retrieved passages, and prompt {prompt.ref} has no input "
            "'retrieved' to show them: declare it, or name other prompts."
        )
    return {"retrieved": case.retrieved_text} if case.retrieved else {}
