"""Prompts handed to MLflow's prompt registry, each with its hash, its version, its tags and the commit it comes from.

A version that is there already is left as it is, so publishing twice adds nothing. What MLflow keeps is the chat
template with its partials written out: messages that a reader sees whole, and that MLflow's own `format` can fill.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matria.errors import PromptError, TrackingError
from prompts.prompt import BUILT_IN_VARIABLES, Prompt, PromptRef
from prompts.render import usages

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)

HASH_TAG = "prompt_hash"
VERSION_TAG = "prompt_version"

_COMMENT_OR_INCLUDE = re.compile(
    r"""(?P<comment>\{\#.*?\#\}) | \{%[-+]?\s*include\s+(?P<quote>["'])(?P<name>.+?)(?P=quote)[^%]*%\}""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True)
class Published:
    """One prompt in the registry."""

    ref: PromptRef
    version: str
    """The file's version."""
    prompt_hash: str
    registry_name: str
    registry_version: int
    """MLflow's own count."""
    is_new: bool
    """False where the registry had it already."""

    @property
    def uri(self) -> str:
        """Where MLflow finds it."""
        return f"prompts:/{self.registry_name}/{self.registry_version}"


def publish(prompts: Sequence[Prompt], client: "MlflowClient", git_commit: str) -> list[Published]:
    """Each prompt in the registry, in the order given.

    Raises `PromptError`, before anything is written, where a version is in the registry with another text;
    `TrackingError` where MLflow does not answer.
    """
    with _speaking_to_mlflow():
        known = {prompt.ref: _versions(client, registry_name(prompt.ref)) for prompt in prompts}
        for prompt in prompts:
            _refuse_reused_version(prompt, known[prompt.ref])
        published = [_published(prompt, client, git_commit, known[prompt.ref]) for prompt in prompts]
    log.info("prompts published: %d new of %d", sum(one.is_new for one in published), len(published))
    return published


def registered_uri(client: "MlflowClient", ref: PromptRef, prompt_hash: str) -> str | None:
    """Where MLflow finds the version of a prompt that has this hash; None where it was never published.

    Raises `TrackingError` where MLflow does not answer.
    """
    with _speaking_to_mlflow():
        versions = _versions(client, registry_name(ref))
    found = next((v for v in versions if v.tags.get(HASH_TAG) == prompt_hash), None)
    return f"prompts:/{registry_name(ref)}/{found.version}" if found else None


def registry_name(ref: PromptRef) -> str:
    """`gestante/triagem` in pt-BR as `gestante.triagem.pt-BR`: MLflow takes letters, digits, `.`, `-` and `_`."""
    return re.sub(r"[^A-Za-z0-9._-]", ".", str(ref))


def chat_template(prompt: Prompt) -> list[dict[str, str]]:
    """The prompt as messages on the wire, still with its variables, every partial written out in its place.

    Without comments, which MLflow would fill in as text wherever a template has no `{% %}`.
    """
    partials = {partial.name: partial.source for partial in prompt.partials}
    messages = [{"role": s.role, "content": _written_out(s.source, partials).strip()} for s in prompt.sections]
    read = {usage.name for usage in usages(prompt.sections, prompt.partials, prompt.path)}
    settings = "".join(
        f'{{% set {name} = "{getattr(prompt, name)}" %}}\n' for name in BUILT_IN_VARIABLES if name in read
    )
    messages[0]["content"] = settings + messages[0]["content"]
    return messages


def _written_out(source: str, partials: dict[str, str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        return "" if match["comment"] else _written_out(partials[match["name"]], partials).strip()

    return _COMMENT_OR_INCLUDE.sub(replaced, source)


def _versions(client: "MlflowClient", name: str) -> list[Any]:
    """All versions in the registry; none where it does not know the prompt."""
    if client.get_prompt(name) is None:
        return []
    versions, token = [], None
    while True:
        page = client.search_prompt_versions(name, page_token=token)
        versions += list(page)
        token = page.token
        if not token:
            return versions


def _refuse_reused_version(prompt: Prompt, versions: list[Any]) -> None:
    for version in versions:
        if version.tags.get(VERSION_TAG) == prompt.version and version.tags.get(HASH_TAG) != prompt.closure_hash:
            raise PromptError(
                f"{prompt.path}: version {prompt.version} is published with another text; "
                "raise the version and publish again."
            )


def _published(prompt: Prompt, client: "MlflowClient", git_commit: str, versions: list[Any]) -> Published:
    name = registry_name(prompt.ref)
    same = [version for version in versions if version.tags.get(VERSION_TAG) == prompt.version]
    registered = (
        same[0]
        if same
        else client.register_prompt(
            name,
            chat_template(prompt),
            commit_message=f"{prompt.ref} {prompt.version}",
            tags=_tags(prompt, git_commit),
            model_config=_model_config(prompt),
        )
    )
    return Published(prompt.ref, prompt.version, prompt.closure_hash, name, int(registered.version), is_new=not same)


def _tags(prompt: Prompt, git_commit: str) -> dict[str, str]:
    return {
        HASH_TAG: prompt.closure_hash,
        VERSION_TAG: prompt.version,
        "prompt_name": prompt.name,
        "persona": prompt.persona,
        "locale": prompt.locale,
        "use": prompt.use,
        "authors": ", ".join(prompt.authors),
        "clinical_review": prompt.clinical_review,
        "git_commit": git_commit,
    }


def _model_config(prompt: Prompt) -> dict[str, Any]:
    """The parameters under the names that MLflow knows; the others as it wants them, in `extra_params`."""
    from mlflow.entities.model_registry import PromptModelConfig

    known = PromptModelConfig.model_fields.keys() & prompt.model_parameters.keys()
    extra = {name: value for name, value in prompt.model_parameters.items() if name not in known}
    return {**{name: prompt.model_parameters[name] for name in sorted(known)}, "extra_params": extra}


@contextmanager
def _speaking_to_mlflow() -> Iterator[None]:
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        kind = type(error).__name__
        raise TrackingError(
            f"MLflow did not take the prompts ({kind}): is it up, and is MATRIA_TRACKING__URI right?"
        ) from error
