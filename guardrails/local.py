"""A lexical moderator that runs offline: severities of four categories from the term files, in Portuguese and English.

It knows words, not intentions: it is the embedded default and the fallback, and says no more than its term files.
What a term weighs where it stands is left to `guardrails.severity`, spelling tricks to `guardrails.spelling`.
A person's own distress is met with care, never with a refusal. To staff nothing is withheld.
Thresholds: policy.yaml, `moderation.block_levels`.
"""

from collections.abc import Iterator, Sequence
from typing import get_args

from guardrails.base import Action, Category, Decision, Direction, Text
from guardrails.finder import Finder
from guardrails.reading import Reading, read, read_folded
from guardrails.severity import CONTEXTS, highest, severities
from guardrails.spelling import Speller
from guardrails.term_groups import CATEGORIES, TermGroup
from matria.policy import Policy


class LocalModerator:
    """See `guardrails.base.Rail`. Gives raw levels 0 to 7 for every category, whatever is decided."""

    name = "moderation"

    def __init__(self, groups: Sequence[TermGroup], policy: Policy) -> None:
        self._finder = Finder(groups, lambda group: bool(group.category) or group.mark in CONTEXTS)
        self._speller = speller([group for group in groups if group.category])
        self._block_levels = block_levels(policy)

    async def judge(self, text: Text) -> Decision:
        """Refused at the direction's threshold; but a user's text about self-harm escalates, whatever its level."""
        levels, block_levels = self.levels(text), self._block_levels[text.direction]
        blocked = [category for category in CATEGORIES if levels[category] >= block_levels[category]]
        reasons = tuple(f"{category}_level_{levels[category]}" for category in blocked)
        return Decision(_action(text, blocked), self.name, reasons, levels)

    async def ping(self) -> str:
        """How many phrases it reads."""
        return f"local moderator, {self._finder.size} phrases"

    def levels(self, text: Text) -> dict[Category, int]:
        """The raw level of every category, whatever is decided."""
        findings = (self._finder.find(reading, text.locale) for reading in self._readings(text.content))
        return highest(severities(found, text.direction) for found in findings)

    def _readings(self, content: str) -> Iterator[Reading]:
        """The text as it stands and, where words look tricked, as it was meant."""
        reading = read(content)
        yield reading
        undone = self._speller.undone(reading.folded)
        if undone is not None:
            yield read_folded(undone)


def speller(groups: Sequence[TermGroup]) -> Speller:
    """A speller that knows the words of these groups."""
    slots = [slot for group in groups for phrase in group.phrases for slot in phrase]
    single = sorted(
        (group.level, word) for group in groups for first, *rest in group.phrases if not rest for word in first.words
    )
    return Speller(
        words=(word for slot in slots for word in slot.words),
        stems=(stem for slot in slots for stem in slot.stems),
        alone=(word for _, word in single),
    )


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
