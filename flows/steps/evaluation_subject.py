"""What answers the trials of an evaluation: the assistant with its rails, the model alone, or the rails alone."""

from typing import TYPE_CHECKING

from flows.steps.revision import head_answering

if TYPE_CHECKING:
    from evals.engine import AnswerFunction
    from flows.steps.evaluation import EvaluationRequest
    from flows.steps.evaluation_setup import Setup
    from flows.steps.revision import Answering
    from flows.wiring import Platform
    from models.assistant.base import ChatModel


def subject_of(
    platform: "Platform", request: "EvaluationRequest", setup: "Setup", chat: "ChatModel"
) -> "AnswerFunction":
    """What answers: the assistant, or the model alone, and for suites of the rails those; the base with its own."""
    from evals.sided import BySubject, Late, Sided

    head = BySubject(Late(lambda: _side(platform, request, chat, None)), Late(lambda: _rails(head_answering(platform))))
    base = setup.base
    if base is None or base.answering is None:
        return head
    other = base.answering
    return Sided(BySubject(Late(lambda: _side(platform, request, chat, other)), Late(lambda: _rails(other))), head)


def _rails(answering: "Answering") -> "AnswerFunction":
    from evals.rails_subject import RailsSubject

    return RailsSubject(answering.rails, answering.care)


def _side(
    platform: "Platform", request: "EvaluationRequest", chat: "ChatModel", other: "Answering | None"
) -> "AnswerFunction":
    from evals.chat_subject import ChatSubject
    from evals.subject import AssistantSubject

    if request.is_bare:
        policy = other.policy if other else platform.policy
        meter = platform.meter(platform.settings.chat)
        return ChatSubject(chat, meter, policy.count("assistant.max_output_tokens"))
    if other is None:
        return AssistantSubject(platform.assistant(chat))
    return AssistantSubject(platform.assistant(chat, other.rails, other.policy, other.care, other.notes or ()))
