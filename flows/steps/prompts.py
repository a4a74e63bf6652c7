"""What a prompt engineer asks of the library: findings, a rendering, a difference, a publication."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from matria.errors import PromptError
from matria.messages import LOCALES

if TYPE_CHECKING:
    from flows.wiring import Platform
    from prompts.diff import PromptDiff
    from prompts.findings import Finding
    from prompts.prompt import Prompt, PromptRef
    from prompts.publish import Published
    from prompts.render import RenderedPrompt
    from prompts.repository import PromptLibrary


def lint_prompts(platform: "Platform", against: str | None) -> "list[Finding]":
    """Findings on the library, held against a git revision where one is named, and on the notes as of today."""
    from prompts.lint import lint
    from prompts.notes.lint import lint_notes

    found = lint(platform.library, library_at(platform, against) if against else None)
    oldest, today = platform.policy.number("suites.max_guideline_age"), datetime.now(UTC).date()
    return [*found, *lint_notes(oldest, today, platform.settings.root / "prompts" / "notes" / "texts")]


def raise_versions(platform: "Platform", against: str) -> "list[PromptRef]":
    """The prompts whose text changed since a git revision, their versions now raised in the working tree."""
    from prompts.versions import raise_versions

    return raise_versions(platform.settings.root / "prompts" / "library", library_at(platform, against))


def render_sample(platform: "Platform", reference: str, assignments: Sequence[str]) -> "RenderedPrompt":
    """The messages of one prompt, its sample overlaid with `name=value` assignments. Raises `PromptError`."""
    from prompts.contacts import contact_variables
    from prompts.render import render

    prompt = platform.library.load(*parse_reference(platform.library, reference))
    contacts = {k: v for k, v in contact_variables(platform.settings.country).items() if k in prompt.inputs}
    given = dict(_assignment(prompt, text) for text in assignments)
    return render(prompt, {**prompt.sample, **contacts, **given})


def diff_prompt(platform: "Platform", reference: str, against: str) -> "PromptDiff":
    """One prompt, a git revision against the working tree, word by word."""
    from prompts.diff import diff_prompts

    ref = parse_reference(platform.library, reference)
    base = library_at(platform, against)
    return diff_prompts(base.load(*ref) if ref in base.refs() else None, platform.library.load(*ref))


def publish_prompts(platform: "Platform", only: Sequence[str]) -> "list[Published]":
    """The prompts named, or all, in MLflow's registry; those unchanged add nothing."""
    from prompts.publish import publish

    library = platform.library
    refs = [parse_reference(library, reference) for reference in only] or library.refs()
    return publish([library.load(*ref) for ref in refs], platform.tracking.client, platform.tracking.origin.git_commit)


def library_at(platform: "Platform", revision: str) -> "PromptLibrary":
    """The library at a git revision. Raises `PromptError` for one that git does not know."""
    from prompts.repository import PromptLibrary

    return PromptLibrary.at_ref(platform.settings.root / "prompts" / "library", revision)


def parse_reference(library: "PromptLibrary", reference: str) -> "PromptRef":
    """`gestante/triagem.pt-BR` as a reference. Raises `PromptError` with what there is."""
    from prompts.prompt import PromptRef

    name, _, locale = reference.partition(".")
    if locale not in LOCALES:
        raise PromptError(f"'{reference}' lacks its locale: write, for instance, {name}.{LOCALES[0]}.")
    ref = PromptRef(name, locale)
    if ref not in library.refs():
        raise PromptError(f"There is no prompt '{reference}': `matria prompt list` shows those there are.")
    return ref


def _assignment(prompt: "Prompt", text: str) -> tuple[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise PromptError(f"'{text}' is not name=value: write, for instance, --var question='…'.")
    declared = prompt.inputs.get(name)
    if declared is None:
        raise PromptError(f"{prompt.ref} takes no variable '{name}': it takes {', '.join(prompt.inputs)}.")
    if declared.type == "integer":
        try:
            return name, int(value)
        except ValueError:
            raise PromptError(f"'{name}' of {prompt.ref} is a whole number, not '{value}'.") from None
    return name, value
