"""What answers the trials of an evaluation: the assistant with its rails, or the model alone."""

from typing import TYPE_CHECKING

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
    """What answers: the assistant, or the model alone; the base with its own rails, texts and limits."""
    from evals.sided import Late, Sided

    head = Late(lambda: _side(platform, request, chat, None))
    base = setup.base
    if base is None or base.answering is None:
        return head
    return Sided(Late(lambda: _side(platform, request, chat, base.answering)), head)


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
    return AssistantSubject(platform.assistant(chat, other.rails, other.policy, other.care))
