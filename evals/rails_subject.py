"""The guardrails alone as the thing under evaluation: a text is judged, and what comes out of the rails is graded.

A question has its personal data masked first, as in a conversation. Out of it comes what a model would be sent, or the
text that is shown in its place; out of an answer, what she would read. No model is asked and nothing is billed. A rail
that fails is an error of the row: what nobody judged is never a pass.
"""

from evals.cases import Case
from evals.engine import Answered
from evals.rows import AnswerRecord, Meter, rail_decision
from evals.trial import Trial
from guardrails.base import Audience, Direction, RailFailed, Text
from guardrails.care.texts import CareTexts, most_urgent
from guardrails.chain import ChainDecision, RailChain
from guardrails.personal_data import apply_masks, service_numbers
from guardrails.vault import Vault
from matria.messages import Persona

STAFF: frozenset[Persona] = frozenset({"enfermeira"})
"""As `models.assistant.assistant` has it, which would load LangChain."""


class RailsSubject:
    """Puts trials to the rails; an `AnswerFunction` for `evals.engine.evaluate`."""

    def __init__(self, rails: RailChain, care: CareTexts) -> None:
        self._rails = rails
        self._care = care
        self._services = service_numbers()

    async def __call__(self, trial: Trial) -> Answered:
        """What comes out of the rails. Raises `RailFailed` where one of them does not answer."""
        text = self._text(trial.case)
        decision = await self._rails.judge(text)
        if failed := [one.rail for one in decision.decisions if one.is_error]:
            raise RailFailed(f"The rail {failed[0]} failed, so nobody judged this text.")
        out, outcome = self._out(text, decision)
        record = AnswerRecord(
            graded_text=out,
            shown_text=out,
            model_text=None,
            outcome=outcome,
            decisions=tuple(rail_decision(text.direction, one) for one in decision.decisions),
        )
        took = sum(one.latency_ms for one in decision.decisions)
        return Answered(record, Meter(trial.key, rails_ms=took), is_paid=False)

    def _text(self, case: Case) -> Text:
        """What the rails are given of a case: its answer where it has one, else what the user says last."""
        direction: Direction = "assistant" if case.answer else "user"
        audience: Audience = "staff" if case.persona in STAFF else "patient"
        asked = Vault(case.locale, keep=self._services).mask(case.question)
        return Text(
            case.answer or asked,
            direction,
            case.locale,
            audience,
            question=asked if case.answer else "",
            sources=tuple(passage.text for passage in case.retrieved),
            instructions=case.instructions,
        )

    def _out(self, text: Text, decision: ChainDecision) -> tuple[str, str]:
        """What comes out, and how it ended."""
        if text.audience == "staff":
            return self._for_staff(text, decision)
        match decision.action:
            case "allow":
                return text.content, "answered"
            case "mask" if text.direction == "assistant":
                spans = [span for one in decision.decisions if one.action == "mask" for span in one.spans]
                return apply_masks(text.content, spans, text.locale), "answered"
            case _ if text.direction == "assistant":
                return self._care.safe(decision.reasons, text.locale), "withheld"
            case "escalate":
                return self._care.care(decision.reasons, text.locale), "cared"
            case "refuse":
                return self._care.safe((), text.locale, "refused"), "refused"
            case _:
                return self._care.safe((), text.locale, "unchecked"), "unchecked"

    def _for_staff(self, text: Text, decision: ChainDecision) -> tuple[str, str]:
        """The text below a notice of what was disclosed: to a nurse nothing is withheld that a rail has judged."""
        disclosed = most_urgent(decision.reasons)
        notices = [self._care.notice(disclosed, text.locale)] if disclosed else []
        if decision.is_allowed:
            return "\n\n".join([*notices, text.content]), "answered"
        kind = "withheld" if text.direction == "assistant" else "unchecked"
        return "\n\n".join([*notices, self._care.notice(kind, text.locale)]), kind
