"""The service as settings and policy describe it, checked before anything is asked."""

from urllib.parse import urlsplit

from guardrails.content_safety.attempts import Patience
from guardrails.content_safety.breaker import BreakerLimits
from guardrails.content_safety.client import Account
from guardrails.content_safety.keeping import BlocklistKeeper
from guardrails.content_safety.service import ContentSafety
from matria.errors import SettingsError
from matria.policy import Policy
from matria.settings import ModerationSettings

PATIENCE_TO_SYNC = Patience(most=5, attempt_s=15.0, total_s=60.0, backoff_s=0.5, max_backoff_s=8.0)
"""Of one call that keeps blocklists: nobody waits for it but the person who runs the command."""


def open_content_safety(settings: ModerationSettings, policy: Policy) -> ContentSafety:
    """What the rails ask, within the time that all rails have for a text. Raises `SettingsError`."""
    budget_ms = policy.number("moderation.time_budget_ms") - policy.number("content_safety.budget_margin_ms")
    if budget_ms <= 0:
        raise SettingsError("policy.yaml: content_safety.budget_margin_ms leaves nothing of moderation.time_budget_ms.")
    return ContentSafety(account(settings), _patience(settings, policy, budget_ms / 1000), _limits(policy))


def open_keeper(settings: ModerationSettings, policy: Policy, patience: Patience = PATIENCE_TO_SYNC) -> BlocklistKeeper:
    """What keeps the resource's blocklists. Raises `SettingsError`."""
    return BlocklistKeeper(ContentSafety(account(settings), patience, _limits(policy)))


def account(settings: ModerationSettings) -> Account:
    """Which resource is asked, and as whom. Raises `SettingsError` where the settings do not say so soundly."""
    address = urlsplit(settings.endpoint or "")
    if address.scheme not in ("http", "https") or not address.hostname or address.path.strip("/") or address.query:
        raise SettingsError(
            "MATRIA_MODERATION__ENDPOINT must be the address of a resource of Azure AI Content Safety, such as "
            "https://NAME.cognitiveservices.azure.com, without a path."
        )
    endpoint = f"{address.scheme}://{address.netloc}"
    if settings.auth == "entra":
        if address.scheme != "https":
            raise SettingsError(
                "MATRIA_MODERATION__AUTH=entra sends a token, which goes over https alone: set an https endpoint, or "
                "use a key, as the emulator does."
            )
        return Account(endpoint)
    if settings.api_key is None or not settings.api_key.get_secret_value():
        raise SettingsError("MATRIA_MODERATION__API_KEY is not set: set it, or MATRIA_MODERATION__AUTH=entra.")
    return Account(endpoint, settings.api_key.get_secret_value())


def _patience(settings: ModerationSettings, policy: Policy, total_s: float) -> Patience:
    return Patience(
        most=settings.max_attempts,
        attempt_s=settings.timeout_s,
        total_s=total_s,
        backoff_s=policy.number("content_safety.backoff_s"),
        max_backoff_s=policy.number("content_safety.max_backoff_s"),
    )


def _limits(policy: Policy) -> BreakerLimits:
    return BreakerLimits(
        failures=policy.count("content_safety.breaker_failures"),
        open_s=policy.number("content_safety.breaker_open_s"),
        max_open_s=policy.number("content_safety.breaker_max_open_s"),
    )
