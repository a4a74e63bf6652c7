"""What a person reads at each ending of a question, in the words of her locale; personal data is still masked in it."""

import re
import time
from dataclasses import dataclass

from guardrails.base import Audience
from guardrails.care.texts import CareTexts, most_urgent
from guardrails.chain import ChainDecision
from guardrails.vault import Vault
from matria.messages import Locale
from models.assistant.conversation import Outcome
from models.assistant.turn import Turn

_SENTENCE_END = re.compile(r"[.!?…][\"”»)*_]*(?=\s)|\n")
TOO_LONG = "too_long"
"""Reason of a message that is longer than a model is asked to read."""


@dataclass(frozen=True)
class Ending:
    """How a question, or a text put to the rails alone, ended, and what the words to show depend on."""

    outcome: Outcome
    audience: Audience
    locale: Locale
    asked: tuple[str, ...]
    """Reasons of the rails before the model."""
    told: tuple[str, ...]
    """Reasons of the rails after it."""
    text: str
    """The model's text, or what is left of it."""


class Wording:
    """Chooses the text that is shown."""

    def __init__(self, care: CareTexts) -> None:
        self._care = care

    def text(self, ending: Ending) -> str:
        """What she, or her nurse, reads."""
        if ending.audience == "staff":
            return self._to_staff(ending)
        locale = ending.locale
        match ending.outcome:
            case "answered":
                return ending.text
            case "rewritten":
                return f"{ending.text.rstrip()}\n\n{self._care.safe(ending.told, locale)}"
            case "cared":
                return self._care.care(ending.asked, locale)
            case "withheld":
                return self._care.safe(ending.told, locale)
            case "refused":
                return self._care.safe((), locale, "too_long" if TOO_LONG in ending.asked else "refused")
            case "unchecked":
                return self._care.safe((), locale, "unchecked")

    def when_broken_off(self, turn: Turn, *, has_begun: bool) -> str:
        """The end of an answer whose model failed: the numbers to call, and where nothing came, to try again."""
        return self._care.safe((), turn.locale, "withheld" if has_begun else "unchecked")

    def _to_staff(self, ending: Ending) -> str:
        """The summary below a notice of what was disclosed; or, where there is none, a notice to read the original."""
        disclosed = most_urgent(ending.asked)
        notices = [self._care.notice(disclosed, ending.locale)] if disclosed else []
        if ending.outcome in ("answered", "rewritten"):
            return "\n\n".join([*notices, ending.text])
        missing = self._care.notice("withheld" if ending.outcome == "withheld" else "unchecked", ending.locale)
        return "\n\n".join([*notices, missing])


def ending_of(turn: Turn) -> Ending:
    """How the question ended."""
    told = turn.told.reasons if turn.told else ()
    return Ending(outcome_of(turn), turn.audience, turn.locale, turn.asked.reasons, told, turn.text)


def outcome_of(turn: Turn) -> Outcome:
    """How the question ended, in a word."""
    if turn.told is not None:
        return outcome_of_answer(turn.told, is_shown=turn.is_shown)
    return "unchecked" if turn.asked.is_allowed else outcome_of_question(turn.asked)


def outcome_of_question(asked: ChainDecision) -> Outcome:
    """What becomes of a question by its rails alone: `answered` where a model may be asked."""
    match asked.action:
        case "allow":
            return "answered"
        case "escalate":
            return "cared"
        case "refuse":
            return "refused"
        case _:
            return "unchecked"


def outcome_of_answer(told: ChainDecision, *, is_shown: bool) -> Outcome:
    """What becomes of an answer by its rails."""
    if not is_shown:
        return "withheld"
    return "rewritten" if told.action == "rewrite" else "answered"


def rest_of(final: str, shown: str, *, is_whole: bool) -> str:
    """What is still to be shown: the end of the final text, or all of it where it does not begin with what was.

    White space is left aside: what is mended loses blanks at the ends of lines that were shown with them.
    """
    if not shown:
        return final
    if not is_whole:
        return f"\n\n{final}"
    end = _end_of(shown, final)
    return final[end:] if end is not None else f"\n\n{final[_shared(shown, final) :].lstrip()}"


class Seen:
    """What she has seen of an answer, her own name and data in it, as it grows."""

    def __init__(self, vault: Vault, started: float) -> None:
        self._vault, self._started = vault, started
        self._masked = ""
        self.text = ""
        self.first_ms: float | None = None
        """From the question to the first words; None while there are none."""

    def more(self, masked: str) -> str:
        """What is new in the masked text so far; put back in the light of the whole, since an address is never."""
        whole = self._vault.unmask(masked)
        is_longer = whole.startswith(self.text)
        new = whole[len(self.text) :] if is_longer else masked[len(self._masked) :]
        self._masked, self.text = masked, self.text + new
        self.first_ms = self.first_ms or (time.perf_counter() - self._started) * 1000
        return new


def _shared(shown: str, final: str) -> int:
    """Where the sentences end with which both begin; 0 where they begin otherwise."""
    ends = [match.end() for match in _SENTENCE_END.finditer(final)]
    return max((end for end in ends if _end_of(final[:end], shown) is not None), default=0)


def _end_of(shown: str, final: str) -> int | None:
    """Where `shown` ends in `final`; None where `final` does not begin with it."""
    place = 0
    for character in shown:
        if character.isspace():
            continue
        while place < len(final) and final[place].isspace():
            place += 1
        if place == len(final) or final[place] != character:
            return None
        place += 1
    if shown[-1:].isspace():
        while place < len(final) and final[place].isspace():
            place += 1
    return place
