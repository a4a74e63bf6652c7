"""Chooses where the record is kept and where pull requests lie: MLflow, GitHub, Azure DevOps.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from matria.errors import SettingsError
from matria.policy import Policy
from matria.settings import ModerationSettings, Settings

if TYPE_CHECKING:
    from matria.forge.base import PullRequest
    from matria.tracking import Tracking


def tracking(settings: Settings, policy: Policy) -> "Tracking":
    """MLflow, on SQLite below home or at the address configured."""
    from flows.wiring_review import private
    from matria.provenance import provenance
    from matria.tracking import Tracking

    origin = provenance(settings.root, {"policy": policy.digest, "settings": _public(settings)})
    artifacts = None if settings.tracking.uri else settings.home / "mlflow" / "artifacts"
    if artifacts is not None:
        private(artifacts)  # traces of the nurses' week are health text as well
    return Tracking(settings.tracking_uri, settings.tracking.owner, origin, artifacts)


def pull_request(
    settings: Settings, kind: Literal["github", "azure_devops"] | None, environment: Mapping[str, str]
) -> "PullRequest":
    """The pull request of the pipeline whose variables are in `environment`; `kind` goes before the settings."""
    match kind or settings.forge.kind or _pipeline(environment):
        case "github":
            from matria.forge.github import github_pull_request

            return github_pull_request(settings.forge, environment)
        case "azure_devops":
            from matria.forge.azure_devops import azure_devops_pull_request

            return azure_devops_pull_request(settings.forge, environment)
    raise SettingsError(
        "No pipeline of GitHub or Azure DevOps runs here: post from one, or name it with --forge and set the variables "
        "that it would set."
    )


def _pipeline(environment: Mapping[str, str]) -> Literal["github", "azure_devops"] | None:
    if environment.get("GITHUB_ACTIONS") == "true":
        return "github"
    return "azure_devops" if environment.get("TF_BUILD") else None


def _public(settings: Settings) -> dict[str, Any]:
    """What of the settings shapes a result; neither secrets nor places."""
    return {
        "chat": settings.chat.model_dump(mode="json", exclude={"api_key"}),
        "judge": settings.judge.model_dump(mode="json", exclude={"api_key"}),
        "moderation": _moderation(settings.moderation),
        "country": settings.country,
    }


def _moderation(settings: ModerationSettings) -> Any:
    """Which service moderates, and what it is asked."""
    asked = {"kind", "prompt_shield", "groundedness", "blocklists"}
    return settings.kind if settings.kind == "local" else settings.model_dump(include=asked)
