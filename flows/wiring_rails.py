"""The composition root of the guardrails: which rails judge a text, in which order.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from matria.policy import Policy
from matria.settings import Settings

if TYPE_CHECKING:
    from guardrails.base import Rail
    from guardrails.chain import RailChain
    from guardrails.term_groups import TermGroup


def rails(settings: Settings, policy: Policy, terms: "Sequence[TermGroup] | None" = None) -> "RailChain":
    """Every rail, those that answer from memory first; `terms` stand in for the checkout's."""
    from guardrails.chain import RailChain
    from guardrails.term_groups import load_groups

    groups = load_groups() if terms is None else list(terms)
    return RailChain(_remote(settings), policy, first=_local(groups, policy))


def _local(groups: "Sequence[TermGroup]", policy: Policy) -> "list[Rail]":
    """Rails that need no network. Disclosures come first: where one is heard, nothing else is asked."""
    from guardrails.clinical_terms import ClinicalTerms
    from guardrails.local import LocalModerator

    return [ClinicalTerms(groups), LocalModerator(groups, policy)]


def _remote(settings: Settings) -> "list[Rail]":
    """Rails behind a network, as configured."""
    match settings.moderation.kind:
        case "local":
            return []
    assert_never(settings.moderation.kind)
