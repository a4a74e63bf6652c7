"""What answers the trials of an evaluation: the assistant with its rails, or the model alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.engine import AnswerFunction
    from flows.steps.evaluation import EvaluationRequest
    from flows.steps.evaluation_setup import Setup
    from flows.wiring import Platform
    from guardrails.chain import RailChain
    from matria.policy import Policy
    from models.assistant.base import ChatModel


def subject_of(
    platform: "Platform", request: "EvaluationRequest", setup: "Setup", chat: "ChatModel"
) -> "AnswerFunction":
    """What answers: the assistant, or the model alone; the base with its own rails and limits where they differ."""
    from evals.sided import Late, Sided

    head = Late(lambda: _side(platform, request, chat, None, platform.policy))
    base = setup.base
    if base is None or base.rails is None:
        return head
    return Sided(Late(lambda: _side(platform, request, chat, base.rails, base.policy)), head)


def _side(
    platform: "Platform", request: "EvaluationRequest", chat: "ChatModel", rails: "RailChain | None", policy: "Policy"
) -> "AnswerFunction":
    from evals.chat_subject import ChatSubject
    from evals.subject import AssistantSubject

    if request.is_bare:
        meter = platform.meter(platform.settings.chat)
        return ChatSubject(chat, meter, policy.count("assistant.max_output_tokens"))
    return AssistantSubject(platform.assistant(chat, rails, policy))
