"""`/text:analyze` as a rail: four categories in eight levels, and the blocklists of the resource.

The service knows no clinic: its own description lists pregnancy and anatomy under *Sexual*. So the raw levels are kept
as they come, the thresholds are ours (policy.yaml, `moderation.block_levels`), and where a text speaks of the body or
of care its sexual level counts for less (`content_safety.clinical_relief`). What a woman says of harming herself is met
with care and never refused; to staff nothing is withheld.
"""

from collections.abc import Sequence

from guardrails.base import Action, Category, Decision, Direction, RailFailed, Text
from guardrails.blocklists import ACTION_ON_HIT, Blocklists, reason_of
from guardrails.content_safety.answers import Analysis
from guardrails.content_safety.context import ClinicalContext
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.service import ContentSafety, all_of
from guardrails.content_safety.splitting import split
from guardrails.local import block_levels
from guardrails.term_groups import CATEGORIES, TermGroup
from matria.policy import Policy

MAX_TEXT = 10_000
"""Code points that one call takes (2023-10-01)."""


class AzureModerator:
    """See `guardrails.base.Rail`. A text that is too long for one call is judged in parts; the severest counts."""

    name = "content_safety"

    def __init__(
        self, service: ContentSafety, groups: Sequence[TermGroup], policy: Policy, blocklists: Blocklists | None = None
    ) -> None:
        self._service = service
        self._context = ClinicalContext(groups)
        self._block_levels = block_levels(policy)
        self._relief: dict[Direction, int] = {
            "user": policy.count("content_safety.clinical_relief.user"),
            "assistant": policy.count("content_safety.clinical_relief.assistant"),
        }
        self._max_parts = policy.count("content_safety.max_parts")
        self._blocklists = blocklists or Blocklists([])

    async def judge(self, text: Text) -> Decision:
        """By thresholds and blocklists of the text's direction. Raises `CallFailed`; a blank text is not sent."""
        if not text.content.strip():
            return Decision("allow", self.name, levels=dict.fromkeys(CATEGORIES, 0))
        parts = [part for part in split(text.content, MAX_TEXT) if part.strip()]
        if len(parts) > self._max_parts:
            raise CallFailed("too_long")
        names, give_up_at = self._blocklists.names(text.direction, text.locale), self._service.give_up_at()
        billed = await all_of([self._service.analyze(part, names, give_up_at) for part in parts])
        return self._decision(text, [each.answer for each in billed], sum(each.text_records for each in billed))

    async def ping(self) -> str:
        """The resource, and that it has the blocklists; this is not billed. Raises `RailFailed`."""
        there = await self._service.blocklists()
        if missing := sorted({each.name for each in self._blocklists.lists} - there):
            raise RailFailed(f"Azure AI Content Safety lacks {', '.join(missing)}: run `matria guardrails sync`.")
        return f"Azure AI Content Safety at {self._service.endpoint}, {len(self._blocklists.lists)} blocklists"

    def _decision(self, text: Text, analyses: Sequence[Analysis], text_records: int) -> Decision:
        levels = _highest(analyses)
        hits = dict.fromkeys(hit for analysis in analyses for hit in analysis.hits)
        blocked = [each for each in levels if levels[each] >= self._block_levels[text.direction][each]]
        reasons = [f"{each}_level_{levels[each]}" for each in blocked]
        if self._is_clinical(text, levels, blocked):
            blocked.remove("sexual")
            reasons.append("clinical_context")
        reasons += [reason_of(hit) for hit in hits]
        action = _action(text, blocked, is_listed=bool(hits))
        return Decision(action, self.name, tuple(reasons), levels, text_records=text_records)

    def _is_clinical(self, text: Text, levels: dict[Category, int], blocked: Sequence[Category]) -> bool:
        """Whether clinical context brings the sexual level below its threshold."""
        if "sexual" not in blocked:
            return False
        relieved = levels["sexual"] - self._relief[text.direction]
        return relieved < self._block_levels[text.direction]["sexual"] and self._context.stands_in(text)


def _highest(analyses: Sequence[Analysis]) -> dict[Category, int]:
    """The severest of all parts; a category that no part gives is missing."""
    return {
        category: max(analysis.levels[category] for analysis in analyses if analysis.levels)
        for category in CATEGORIES
        if any(analysis.levels for analysis in analyses)
    }


def _action(text: Text, blocked: Sequence[Category], *, is_listed: bool) -> Action:
    if text.audience == "staff" or not (blocked or is_listed):
        return "allow"
    if text.direction == "user" and "self_harm" in blocked:
        return "escalate"
    return "refuse" if blocked else ACTION_ON_HIT[text.direction]
