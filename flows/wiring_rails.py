"""The composition root of the guardrails: which rails judge a text, in which order.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from matria.policy import Policy
from matria.settings import ModerationSettings, Settings

if TYPE_CHECKING:
    from guardrails.base import Rail
    from guardrails.chain import RailChain
    from guardrails.term_groups import TermGroup


def rails(settings: Settings, policy: Policy, terms: "Sequence[TermGroup] | None" = None) -> "RailChain":
    """Every rail, those that answer from memory first; `terms` stand in for the checkout's."""
    from guardrails.chain import RailChain
    from guardrails.term_groups import load_groups

    groups = load_groups() if terms is None else list(terms)
    return RailChain(_remote(settings, policy, groups), policy, first=_local(groups, policy))


def _local(groups: "Sequence[TermGroup]", policy: Policy) -> "list[Rail]":
    """Rails that need no network. Disclosures come first: where one is heard, nothing else is asked."""
    from guardrails.blocklist_rail import BlocklistRail
    from guardrails.blocklists import load_blocklists
    from guardrails.clinical_terms import ClinicalTerms
    from guardrails.injection.rail import Injection
    from guardrails.local import LocalModerator
    from guardrails.prompt_leak import PromptLeak

    moderation: list[Rail] = [LocalModerator(groups, policy), BlocklistRail(load_blocklists())]
    return [ClinicalTerms(groups), Injection(groups, policy), *moderation, PromptLeak(groups, policy)]


def _remote(settings: Settings, policy: Policy, groups: "Sequence[TermGroup]") -> "list[Rail]":
    """Rails behind a network, as configured. Raises `SettingsError` where the service's settings do not fit."""
    match settings.moderation.kind:
        case "local":
            return []
        case "azure":
            return _content_safety(settings.moderation, policy, groups)
    assert_never(settings.moderation.kind)


def _content_safety(settings: ModerationSettings, policy: Policy, groups: "Sequence[TermGroup]") -> "list[Rail]":
    """Rails that ask Azure AI Content Safety; they share its connections and its time."""
    from guardrails.blocklists import load_blocklists
    from guardrails.content_safety.groundedness import AzureGroundedness
    from guardrails.content_safety.moderator import AzureModerator
    from guardrails.content_safety.opening import open_content_safety
    from guardrails.content_safety.shield import AzureShield

    service = open_content_safety(settings, policy)
    blocklists = load_blocklists() if settings.blocklists else None
    shield = [AzureShield(service, policy)] if settings.prompt_shield else []
    groundedness = [AzureGroundedness(service, policy)] if settings.groundedness else []
    return [AzureModerator(service, groups, policy, blocklists), *shield, *groundedness]
