"""What a person reads at each ending of a question, in the words of her locale; personal data is still masked in it."""

from guardrails.care.texts import CareTexts, most_urgent
from models.assistant.conversation import Outcome
from models.assistant.turn import Turn

TOO_LONG = "too_long"
"""Reason of a message that is longer than a model is asked to read."""


class Wording:
    """Chooses the text that is shown."""

    def __init__(self, care: CareTexts) -> None:
        self._care = care

    def text(self, turn: Turn, outcome: Outcome) -> str:
        """What she, or her nurse, reads."""
        if turn.audience == "staff":
            return self._to_staff(turn, outcome)
        locale, reasons = turn.locale, turn.told.reasons if turn.told else ()
        match outcome:
            case "answered":
                return turn.text
            case "rewritten":
                return f"{turn.text.rstrip()}\n\n{self._care.safe(reasons, locale)}"
            case "cared":
                return self._care.care(turn.asked.reasons, locale)
            case "withheld":
                return self._care.safe(reasons, locale)
            case "refused":
                return self._care.safe((), locale, "too_long" if TOO_LONG in turn.asked.reasons else "refused")
            case "unchecked":
                return self._care.safe((), locale, "unchecked")

    def when_broken_off(self, turn: Turn, *, has_begun: bool) -> str:
        """The end of an answer whose model failed: the numbers to call, and where nothing came, to try again."""
        return self._care.safe((), turn.locale, "withheld" if has_begun else "unchecked")

    def _to_staff(self, turn: Turn, outcome: Outcome) -> str:
        """The summary below a notice of what was disclosed; or, where there is none, a notice to read the original."""
        disclosed = most_urgent(turn.asked.reasons)
        notices = [self._care.notice(disclosed, turn.locale)] if disclosed else []
        if outcome in ("answered", "rewritten"):
            return "\n\n".join([*notices, turn.text])
        missing = self._care.notice("withheld" if outcome == "withheld" else "unchecked", turn.locale)
        return "\n\n".join([*notices, missing])


def outcome_of(turn: Turn) -> Outcome:
    """How the question ended."""
    if turn.told is not None:
        if not turn.is_shown:
            return "withheld"
        return "rewritten" if turn.told.action == "rewrite" else "answered"
    match turn.asked.action:
        case "escalate":
            return "cared"
        case "refuse":
            return "refused"
        case _:
            return "unchecked"


def rest_of(final: str, shown: str, *, is_whole: bool) -> str:
    """What is still to be shown: the end of the final text, or all of it where it does not begin with what was.

    White space is left aside: what is mended loses blanks at the ends of lines that were shown with them.
    """
    end = _end_of(shown, final) if is_whole else None
    if end is not None:
        return final[end:]
    return f"\n\n{final}" if shown else final


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
