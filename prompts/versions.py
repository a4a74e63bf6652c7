"""A library held against the one that it would replace: has each changed prompt a new version and a new signature?

Changed is what changes the closure's hash, so that an edited partial asks for a version of every prompt that includes
it. `raise_versions` writes those versions for an author who has edited one partial of twelve prompts.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from matria.durable import write_text
from matria.errors import PromptError
from prompts.findings import Finding, finding, line_of
from prompts.frontmatter import version_key
from prompts.prompt import Prompt, PromptRef
from prompts.repository import PROMPT_SUFFIX, PromptLibrary

UNSIGNED = "pending"
_VERSION_LINE = re.compile(r"""^(version:[ \t]*)["']?[0-9.]+["']?""", re.MULTILINE)


def against_base(library: PromptLibrary, prompts: list[Prompt], base: PromptLibrary) -> Iterator[Finding]:
    """What the changes since `base` ask for: a raised version, a new signature."""
    for prompt, before in _pairs(prompts, base):
        text = library.sources.text_of(f"{prompt.ref}{PROMPT_SUFFIX}")
        yield from _version(prompt, before, line_of(text, "version:"))
        signed = prompt.clinical_review != UNSIGNED and prompt.clinical_review == before.clinical_review
        if signed and prompt.closure_hash != before.closure_hash:
            message = (
                f"the text changed after it was signed; set 'clinical_review: {UNSIGNED}' until it is signed again."
            )
            yield finding("stale-review", prompt.path, line_of(text, "clinical_review:"), message)


def raise_versions(root: Path, base: PromptLibrary) -> list[PromptRef]:
    """The prompts below `root` whose patch version was raised in their files, because they changed and it had not been.

    Raises `PromptError` for a prompt that does not load.
    """
    raised = []
    for prompt, before in _pairs(PromptLibrary(root).load_all(), base):
        if prompt.closure_hash != before.closure_hash and prompt.version == before.version:
            path = root / f"{prompt.ref}{PROMPT_SUFFIX}"
            major, minor, patch = version_key(prompt.version)
            new = f"{major}.{minor}.{patch + 1}"
            text = path.read_bytes().decode("utf-8")
            write_text(path, _VERSION_LINE.sub(rf"\g<1>{new}", text, count=1))
            raised.append(prompt.ref)
    return raised


def _pairs(prompts: list[Prompt], base: PromptLibrary) -> Iterator[tuple[Prompt, Prompt]]:
    """Each prompt with what it was in the base; without those that are new, or did not load there."""
    known = set(base.refs())
    for prompt in prompts:
        if prompt.ref in known:
            try:
                yield prompt, base.load(*prompt.ref)
            except PromptError:
                continue


def _version(prompt: Prompt, before: Prompt, line: int) -> Iterator[Finding]:
    is_changed = prompt.closure_hash != before.closure_hash
    old, new = version_key(before.version), version_key(prompt.version)
    if new < old:
        message = f"version {prompt.version} is lower than {before.version} in the base; raise it."
        yield finding("version-not-raised", prompt.path, line, message)
    elif is_changed and new == old:
        message = f"{_what_changed(prompt, before)} changed and the version is still {before.version}; raise it."
        yield finding("unchanged-version", prompt.path, line, message)
    elif not is_changed and new > old:
        message = f"nothing that the model sees changed; version {before.version} would do."
        yield finding("needless-version", prompt.path, line, message)


def _what_changed(prompt: Prompt, before: Prompt) -> str:
    """The parts of the closure that differ, so that an author sees which partial reached the prompt."""
    old = {partial.name: partial.source for partial in before.partials}
    new = {partial.name: partial.source for partial in prompt.partials}
    names = [f"partial '{name}'" for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    if [(s.role, s.source) for s in prompt.sections] != [(s.role, s.source) for s in before.sections]:
        names.insert(0, "the template")
    return ", ".join(names) or "inputs or model parameters"
