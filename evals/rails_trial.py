"""A case put to the guardrails alone: what stands in the place of a prompt, and the trial that it makes.

There is one trial a case, however many prompts there are: the rails know no prompt. Its keys cover what the rails read
and who they are, so that a change of terms asks every case again and a change of a prompt asks none.
"""

from typing import TYPE_CHECKING

from evals.cases import RAILS, Case, digest
from matria.messages import LOCALES, Locale, Message

if TYPE_CHECKING:
    from prompts.prompt import Prompt, PromptRef
    from prompts.render import RenderedPrompt

_VERSION_DIGITS = 8


def rails_refs() -> "tuple[PromptRef, ...]":
    """The rails in each locale, as a scope lists them beside prompts."""
    from prompts.prompt import PromptRef

    return tuple(PromptRef(RAILS, locale) for locale in LOCALES)


def rails_prompt(locale: Locale, identity: str) -> "Prompt":
    """What stands for the rails where rows and reports name a prompt; `identity` is that of their terms and texts."""
    from prompts.prompt import Prompt

    return Prompt(
        name=RAILS,
        locale=locale,
        persona="gestante",
        use="support",
        version=identity[:_VERSION_DIGITS],
        description="The guardrails alone.",
        authors=(),
        tags=(),
        clinical_review="pending",
        model_parameters={},
        inputs={},
        sample={},
        path="guardrails/terms",
        sections=(),
        partials=(),
        closure_hash=identity,
    )


def rails_messages(case: Case) -> tuple[Message, ...]:
    """The conversation with the text that is judged at its end."""
    return (*case.messages, Message("assistant", case.answer)) if case.answer else case.messages


def rails_answer_key(case: Case, identity: str, country: str, epoch: int) -> str:
    """Content hash of all that the rails' word on the case depends on."""
    return digest(
        {
            "messages": [message.as_wire() for message in rails_messages(case)],
            "sources": [passage.text for passage in case.retrieved],
            "instructions": case.instructions,
            "persona": case.persona,
            "locale": case.locale,
            "country": country,
            "rails": identity,
            "epoch": epoch,
        }
    )


def rendered_for_rails(case: Case, prompt: "Prompt") -> "RenderedPrompt":
    """The case as its row has it; nothing is sent to a model."""
    from prompts.render import RenderedPrompt

    return RenderedPrompt(
        messages=rails_messages(case),
        prompt_name=prompt.name,
        prompt_version=prompt.version,
        prompt_hash=prompt.closure_hash,
        persona=case.persona,
        locale=case.locale,
        parameters={},
    )
