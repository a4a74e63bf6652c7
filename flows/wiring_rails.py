"""The composition root of the guardrails: which rails judge a text, in which order.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, assert_never
from urllib.parse import urlsplit

from matria.errors import SettingsError
from matria.policy import Policy
from matria.settings import ModerationSettings, Settings

if TYPE_CHECKING:
    from guardrails.base import Rail
    from guardrails.blocklists import Blocklists
    from guardrails.chain import RailChain
    from guardrails.term_groups import TermGroup
    from matria.costs.records import RecordPrices
    from models.assistant.sources import Screen

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Where no service bills anybody: the emulator."""


def rails(settings: Settings, policy: Policy, folder: Path | None = None) -> "RailChain":
    """Every rail, those that answer from memory first; terms and blocklists of `folder` stand in for our own.

    Raises `InputError` where a file of the folder does not fit.
    """
    from guardrails.blocklists import load_blocklists
    from guardrails.chain import RailChain
    from guardrails.term_groups import TERMS_FOLDER, load_groups

    folder = folder or TERMS_FOLDER
    groups, blocklists = load_groups(folder), load_blocklists(folder / "blocklists")
    return RailChain(_remote(settings, policy, groups, blocklists), policy, first=_local(groups, blocklists, policy))


def rails_apart(settings: Settings, policy: Policy) -> "list[Rail]":
    """The rails of the checkout, in the order of the chain, to be asked one by one."""
    from guardrails.blocklists import load_blocklists
    from guardrails.term_groups import load_groups

    groups, blocklists = load_groups(), load_blocklists()
    return [*_local(groups, blocklists, policy), *_remote(settings, policy, groups, blocklists)]


def _local(groups: "Sequence[TermGroup]", blocklists: "Blocklists", policy: Policy) -> "list[Rail]":
    """Rails that need no network. Disclosures come first: where one is heard, nothing else is asked."""
    from guardrails.blocklist_rail import BlocklistRail
    from guardrails.care_given import CareGiven
    from guardrails.clinical_terms import ClinicalTerms
    from guardrails.injection.rail import Injection
    from guardrails.local import LocalModerator
    from guardrails.persona import Persona
    from guardrails.personal_data import PersonalData, service_numbers
    from guardrails.prompt_leak import PromptLeak

    moderation: list[Rail] = [LocalModerator(groups, policy), BlocklistRail(blocklists)]
    return [
        ClinicalTerms(groups),
        Injection(groups, policy),
        *moderation,
        Persona(groups),
        CareGiven(),
        PersonalData(service_numbers()),
        PromptLeak(groups, policy),
    ]


def _remote(
    settings: Settings, policy: Policy, groups: "Sequence[TermGroup]", blocklists: "Blocklists"
) -> "list[Rail]":
    """Rails behind a network, as configured. Raises `SettingsError` where the service's settings do not fit."""
    match settings.moderation.kind:
        case "local":
            return []
        case "azure":
            return _content_safety(settings.moderation, policy, groups, blocklists)
    assert_never(settings.moderation.kind)


def _content_safety(
    settings: ModerationSettings, policy: Policy, groups: "Sequence[TermGroup]", blocklists: "Blocklists"
) -> "list[Rail]":
    """Rails that ask Azure AI Content Safety; they share its connections and its time."""
    from guardrails.content_safety.groundedness import AzureGroundedness
    from guardrails.content_safety.moderator import AzureModerator
    from guardrails.content_safety.opening import open_content_safety
    from guardrails.content_safety.shield import AzureShield

    service = open_content_safety(settings, policy)
    shield = [AzureShield(service, policy)] if settings.prompt_shield else []
    groundedness = [AzureGroundedness(service, policy)] if settings.groundedness else []
    return [
        AzureModerator(service, groups, policy, blocklists if settings.blocklists else None),
        *shield,
        *groundedness,
    ]


def listener() -> "Rail":
    """What hears a disclosure that is told over several messages."""
    from guardrails.clinical_terms import ClinicalTerms
    from guardrails.term_groups import load_groups

    return ClinicalTerms(load_groups())


def screen(policy: Policy) -> "Screen":
    """What tells documents that hold an attack."""
    from guardrails.injection.rail import Injection
    from guardrails.term_groups import load_groups

    return Injection(load_groups(), policy).attacked_sources


def record_prices(settings: ModerationSettings) -> "RecordPrices":
    """What the moderation service counts costs. Raises `SettingsError` for a price that nobody can trace."""
    from matria.costs.records import RecordPrices

    given = {
        "content_safety": settings.usd_per_1000_records,
        "prompt_shield": settings.shield_usd_per_1000_records,
        "groundedness": settings.groundedness_usd_per_1000_records,
    }
    prices = {rail: usd for rail, usd in given.items() if usd is not None}
    if prices and not settings.price_source:
        raise SettingsError(
            "MATRIA_MODERATION__PRICE_SOURCE is not set beside a price: say where and when it was read, such as "
            "'Azure price list, Brazil South, 2026-11-01'."
        )
    host = urlsplit(settings.endpoint or "").hostname
    return RecordPrices(prices, settings.price_source or "", is_simulated=host in LOOPBACK)
