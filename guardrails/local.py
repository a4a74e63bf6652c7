"""A lexical moderator that runs offline: severities of four categories from the term files, in Portuguese and English.

It knows words, not intentions: it is the embedded default and the fallback, and says no more than its term files.
Clinical context is weighed before a level is given, and a person's own distress is met with care, never with a refusal.
What a woman discloses has a level in her text alone: an answer that takes up her words does so to help.
To staff nothing is withheld. Thresholds: policy.yaml, `moderation.block_levels`.
"""

from collections.abc import Sequence
from typing import get_args

from guardrails.base import Action, Category, Decision, Direction, Text
from guardrails.clinical_terms import DISCLOSURES
from guardrails.finder import Finder
from guardrails.reading import read
from guardrails.term_groups import CATEGORIES, TermGroup
from matria.policy import Policy

DENIED_LEVEL = 1
"""What is left of a level when the text denies it: the subject is still named."""


class LocalModerator:
    """See `guardrails.base.Rail`. Gives raw levels 0 to 7 for every category, whatever is decided."""

    name = "moderation"

    def __init__(self, groups: Sequence[TermGroup], policy: Policy) -> None:
        self._finder = Finder(groups, lambda group: bool(group.category) or group.mark == "clinical_context")
        self._block_levels = block_levels(policy)

    async def judge(self, text: Text) -> Decision:
        """Refused at the direction's threshold; but a user's text about self-harm escalates, whatever its level."""
        levels, block_levels = self._levels(text), self._block_levels[text.direction]
        blocked = [category for category in CATEGORIES if levels[category] >= block_levels[category]]
        reasons = tuple(f"{category}_level_{levels[category]}" for category in blocked)
        return Decision(_action(text, blocked), self.name, reasons, levels)

    async def ping(self) -> str:
        """How many phrases it reads."""
        return f"local moderator, {self._finder.size} phrases"

    def _levels(self, text: Text) -> dict[Category, int]:
        findings = self._finder.find(read(text.content), text.locale)
        is_clinical = bool(findings.marked("clinical_context"))
        levels: dict[Category, int] = dict.fromkeys(CATEGORIES, 0)
        for match in findings.matches:
            group = match.owner
            if group.category is not None and (text.direction == "user" or group.mark not in DISCLOSURES):
                level = group.in_clinical_context if is_clinical else group.level
                level = min(level, DENIED_LEVEL) if findings.is_denied(match) else level
                levels[group.category] = max(level, levels[group.category])
        return levels


def block_levels(policy: Policy) -> dict[Direction, dict[Category, int]]:
    """The level of each category at which a text is stopped, by direction. Raises `SettingsError` where one lacks."""
    return {
        direction: {
            category: policy.count(f"moderation.block_levels.{direction}.{category}") for category in CATEGORIES
        }
        for direction in get_args(Direction)
    }


def _action(text: Text, blocked: Sequence[Category]) -> Action:
    if not blocked or text.audience == "staff":
        return "allow"
    return "escalate" if text.direction == "user" and "self_harm" in blocked else "refuse"
