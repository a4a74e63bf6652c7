"""Where the emulator's verdicts come from: the project's own rails, asked as the service would be.

The service knows neither who wrote a text nor in which variant of Portuguese, so a text is judged as a user's and in
each of them, and the highest level counts.
"""

from collections.abc import Mapping
from typing import Protocol

from guardrails.base import Category, Rail, Text
from matria import PROJECT_ROOT
from matria.messages import Locale
from matria.policy import Policy, load_policy

READ_IN: tuple[Locale, ...] = ("pt-BR", "pt-PT")
"""Whose terms are read. Those of Portuguese and of English are read in either, so that another locale adds none."""


class Verdicts(Protocol):
    """What the service would find in a text.

    1. Deterministic for the same text.
    2. Never raises for the text's content; a failure is the service's, and is answered as such.
    """

    async def levels(self, text: str) -> Mapping[Category, int]:
        """Severity 0 to 7 of every category."""

    async def is_attack(self, prompt: str) -> bool:
        """Whether a prompt tries to overrule what the model was told."""

    async def is_poisoned(self, document: str) -> bool:
        """Whether a document holds instructions for the model that reads it."""


class LocalVerdicts:
    """See `Verdicts`."""

    def __init__(self, moderator: Rail, injection: Rail) -> None:
        self._moderator = moderator
        self._injection = injection

    async def levels(self, text: str) -> Mapping[Category, int]:
        """The highest of each category over the locales."""
        found: dict[Category, int] = {}
        for locale in READ_IN:
            decision = await self._moderator.judge(Text(text, "user", locale))
            for category, level in decision.levels.items():
                found[category] = max(level, found.get(category, 0))
        return found

    async def is_attack(self, prompt: str) -> bool:
        """Whether the rail names a reason in one of the locales."""
        return any([await self._is_found(Text(prompt, "user", locale)) for locale in READ_IN])

    async def is_poisoned(self, document: str) -> bool:
        """Whether it names one for a question that has the document beside it."""
        return any([await self._is_found(Text("", "user", locale, sources=(document,))) for locale in READ_IN])

    async def _is_found(self, text: Text) -> bool:
        return bool((await self._injection.judge(text)).reasons)


def local_verdicts(policy: Policy | None = None) -> LocalVerdicts:
    """Those of the checkout's terms and policy."""
    from guardrails.injection.rail import Injection
    from guardrails.local import LocalModerator
    from guardrails.term_groups import load_groups

    groups, policy = load_groups(), policy or load_policy(PROJECT_ROOT / "policy.yaml")
    return LocalVerdicts(LocalModerator(groups, policy), Injection(groups, policy))
