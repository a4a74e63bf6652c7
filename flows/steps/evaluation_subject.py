"""What answers the trials of an evaluation: the assistant with its rails, the model alone, or the rails alone."""

from typing import TYPE_CHECKING

from flows.steps.revision import head_answering

if TYPE_CHECKING:
    from evals.engine import AnswerFunction
    from flows.steps.evaluation_budget import Asked
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.steps.evaluation_setup import Setup
    from flows.steps.revision import Answering
    from flows.wiring import Platform


def subject_of(platform: "Platform", request: "EvaluationRequest", setup: "Setup", asked: "Asked") -> "AnswerFunction":
    """What answers: the assistant, or the model alone, and for suites of the rails those; the base with its own.

    One trial goes to the model first; the rails wait for none, nor does a failing model make them fail.
    """
    from evals.pilot import Pilot
    from evals.sided import BySubject, Late, Sided

    assistant: AnswerFunction = Late(lambda: _side(platform, request, asked, None))
    rails: AnswerFunction = Late(lambda: _rails(asked, head_answering(platform)))
    if setup.base is not None and (other := setup.base.answering) is not None:
        assistant = Sided(Late(lambda: _side(platform, request, asked, other)), assistant)
        rails = Sided(Late(lambda: _rails(asked, other)), rails)
    return BySubject(Pilot(assistant), rails)


def _rails(asked: "Asked", answering: "Answering") -> "AnswerFunction":
    from evals.rails_subject import RailsSubject

    meter = asked.platform.meter(asked.platform.settings.chat)
    return RailsSubject(asked.rails(answering.rails), answering.care, meter)


def _side(
    platform: "Platform", request: "EvaluationRequest", asked: "Asked", other: "Answering | None"
) -> "AnswerFunction":
    from evals.chat_subject import ChatSubject
    from evals.subject import AssistantSubject

    if request.is_bare:
        policy = other.policy if other else platform.policy
        meter = platform.meter(platform.settings.chat)
        return ChatSubject(asked.chat, meter, policy.count("assistant.max_output_tokens"))
    answering = other or head_answering(platform)  # of the checkout's own folders, as the base's are of its own
    rails, notes = asked.rails(answering.rails), answering.notes or ()
    return AssistantSubject(platform.assistant(asked.chat, rails, answering.policy, answering.care, notes))
