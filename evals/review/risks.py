"""How much is at stake in a conversation, as far as it is known before a nurse reads it.

The signs are those that the guardrails know (`guardrails/terms/reassurance.yaml`), and where an answer sends her is
what the check `escalation` reads. Both read words and miss some, so nothing rests on them but how often a conversation
is drawn, and that is corrected for by its probability.
"""

from collections.abc import Sequence
from typing import Literal

from evals.checks.escalation import escalations
from evals.checks.reading import read as read_answer
from guardrails.disclosures import DISCLOSURES
from guardrails.finder import Finder
from guardrails.reading import read
from guardrails.reassurance import DANGER_SIGN
from guardrails.term_groups import TermGroup
from matria.messages import Locale
from matria.transcripts.base import Exchange

Risk = Literal["high", "medium", "low"]
RISKS: tuple[Risk, ...] = ("high", "medium", "low")
"""Gravest first."""
_TODAY, _NOW = 2, 3
"""Levels of `evals.checks.escalation.Escalation`."""


class DangerSigns:
    """Finds the signs for which a woman or her baby must be seen. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark == DANGER_SIGN)

    def named(self, text: str, locale: Locale) -> bool:
        """Whether the text names one that it does not deny."""
        findings = self._finder.find(read(text), locale)
        return any(not findings.is_denied(sign) for sign in findings.marked(DANGER_SIGN))


def risk_of(exchanges: Sequence[Exchange], signs: DangerSigns) -> Risk:
    """The gravest of the exchanges."""
    return min((_risk(exchange, signs) for exchange in exchanges), key=RISKS.index)


def _risk(exchange: Exchange, signs: DangerSigns) -> Risk:
    """`high` also where she names a danger sign and is not sent to care today: that may be an escalation missed."""
    if _is_disclosed(exchange):
        return "high"
    sent = _sent(exchange)
    is_named = signs.named(exchange.asked_text, exchange.locale)
    if sent == _NOW or (is_named and sent < _TODAY):
        return "high"
    return "medium" if is_named or sent == _TODAY else "low"


def _is_disclosed(exchange: Exchange) -> bool:
    marks = exchange.marks
    return (
        exchange.is_handed_over
        or exchange.outcome == "cared"
        or any(mark.action == "escalate" or not set(mark.reasons).isdisjoint(DISCLOSURES) for mark in marks)
    )


def _sent(exchange: Exchange) -> int:
    """How soon the shown answer sends her to care, without a condition; 0 where it does not."""
    found = escalations(read_answer(exchange.shown_text, exchange.locale))
    return max((each.level for each in found if not each.is_conditional), default=0)
