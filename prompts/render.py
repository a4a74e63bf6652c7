"""A prompt with its variables filled in: the messages that a model is sent.

Values are data. They are never read as templates, and never open a section; in `system:` and `assistant:` sections a
text value is also brought to one line, so that it cannot pass for a paragraph of instructions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from traceback import walk_tb
from typing import Any

from jinja2 import Template, TemplateError, pass_context
from jinja2.runtime import Context

from matria.errors import PromptError
from matria.messages import Locale, Message, Persona
from prompts.frontmatter import fits
from prompts.prompt import BUILT_IN_VARIABLES, Input, Partial, Prompt, Section
from prompts.templates import Environment, Usage, variables_of

_GIVEN = " given"
"""Where a rendering notes the lengths of its values; no template can name it, for the space in it."""


@dataclass(frozen=True)
class RenderedPrompt:
    """What is sent, and which prompt it comes from."""

    messages: tuple[Message, ...]
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    persona: Persona
    locale: Locale
    parameters: Mapping[str, Any]
    """Sampling parameters by their names on the wire."""
    own_characters: int = 0
    """Of the messages' characters those of the prompt's files, partials included: not what they are filled with."""

    def own_part(self, tokens: int) -> int:
        """How many of the messages' tokens are the prompt's own, by its share of the characters: an estimate."""
        characters = sum(len(message.content) for message in self.messages)
        return tokens * self.own_characters // characters if characters else 0


def render(prompt: Prompt, variables: Mapping[str, Any], history: Sequence[Message] = ()) -> RenderedPrompt:
    """The prompt's messages, `history` standing between its first ones and its last user message.

    A variable that the prompt does not declare is left aside, so that one set of facts about a woman serves every
    prompt. Raises `PromptError` where a required one is missing, one has the wrong type, or the template reads a
    variable that is not declared.
    """
    _refuse_undeclared(prompt)
    values = resolve(prompt, variables)
    own, own_characters = [], 0
    for section in prompt.sections:
        given: list[int] = []
        text = _filled(prompt, section, values, given)
        own.append(Message(section.role, text))
        own_characters += max(0, len(text) - sum(given))
    return RenderedPrompt(
        messages=(*own[:-1], *history, own[-1]),
        prompt_name=prompt.name,
        prompt_version=prompt.version,
        prompt_hash=prompt.closure_hash,
        persona=prompt.persona,
        locale=prompt.locale,
        parameters=dict(prompt.model_parameters),
        own_characters=own_characters,
    )


def render_sample(prompt: Prompt) -> RenderedPrompt:
    """The prompt filled with its own sample."""
    return render(prompt, prompt.sample)


def resolve(prompt: Prompt, variables: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each declared input and each built-in variable; None for an optional one that is not given."""
    values = {name: _value(spec, variables.get(name), prompt) for name, spec in prompt.inputs.items()}
    return {**values, "persona": prompt.persona, "locale": prompt.locale}


def undeclared(prompt: Prompt) -> list[Usage]:
    """The variables that the template or a partial reads and the prompt does not declare."""
    declared = {*prompt.inputs, *BUILT_IN_VARIABLES}
    return [usage for usage in usages(prompt.sections, prompt.partials, prompt.path) if usage.name not in declared]


@lru_cache(maxsize=256)
def usages(sections: tuple[Section, ...], partials: tuple[Partial, ...], path: str) -> tuple[Usage, ...]:
    """The variables that the sections and the partials read."""
    read = [usage for section in sections for usage in variables_of(section.source, path, section.line)]
    shared = [usage for partial in partials for usage in variables_of(partial.source, partial.path)]
    return (*read, *shared)


def _refuse_undeclared(prompt: Prompt) -> None:
    for usage in undeclared(prompt):
        raise PromptError(
            f"{usage.path}, line {usage.line}: variable '{usage.name}' is not among the inputs of '{prompt.ref}'; "
            f"declare it in the front matter of {prompt.path}, or correct the name."
        )


def _value(spec: Input, given: Any, prompt: Prompt) -> Any:
    if given is None:
        if spec.required:
            raise PromptError(f"{prompt.path} needs the variable '{spec.name}' ({spec.type}): give it a value.")
        return spec.default
    if spec.type == "integer" and isinstance(given, str) and given.strip().isdecimal():
        return int(given)
    if not fits(given, spec.type):
        raise PromptError(f"{prompt.path}: variable '{spec.name}' must be of type {spec.type}; correct the value.")
    return given


def _filled(prompt: Prompt, section: Section, values: Mapping[str, Any], given: list[int]) -> str:
    """The section's text; `given` gets the length of each value that stands in it."""
    template = _compiled(section, prompt.partials, prompt.path)
    try:
        text = template.render({**values, _GIVEN: given})
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise _render_error(error, prompt, section) from error
    return text if section.role == "user" else _tidy(text)


@lru_cache(maxsize=512)
def _compiled(section: Section, partials: tuple[Partial, ...], path: str) -> Template:
    finalize = _counted if section.role == "user" else _counted_line
    return Environment(partials, finalize).section(section, path)


@pass_context
def _counted(context: Context, value: Any) -> Any:
    """The value as it is, its length noted."""
    context[_GIVEN].append(len(str(value)))
    return value


@pass_context
def _counted_line(context: Context, value: Any) -> Any:
    """The value, a text on one line, its length noted."""
    return _counted(context, " ".join(value.split()) if isinstance(value, str) else value)


def _tidy(text: str) -> str:
    """One empty line between paragraphs, wherever an untaken branch would leave more."""
    lines = [line.rstrip() for line in text.strip().split("\n")]
    kept = [line for n, line in enumerate(lines) if line or lines[n - 1]]
    return "\n".join(kept)


def _render_error(error: Exception, prompt: Prompt, section: Section) -> PromptError:
    """The error with the template's file and line, which Jinja writes into the traceback; never with a value."""
    first_lines = {prompt.path: section.line, **{partial.path: 1 for partial in prompt.partials}}
    places = [
        (frame.f_code.co_filename, line)
        for frame, line in walk_tb(error.__traceback__)
        if frame.f_code.co_filename in first_lines
    ]
    path, line = places[-1] if places else (prompt.path, 1)
    problem = error.message if isinstance(error, TemplateError) else f"an expression fails ({type(error).__name__})"
    return PromptError(f"{path}, line {line + first_lines[path] - 1}: {problem}; correct the template.")
