"""The text that the simulated model replies with to a list of messages: an answer, a nurse's summary or a judgement."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from matria.messages import Message
from models.simulator import answer, judge, judge_metrics, nurse
from models.simulator.fences import cited_note, unfenced
from models.simulator.knowledge import Stage
from models.simulator.language import locale_to_answer_in
from models.simulator.rules import Rules, forget_some, read_rules
from models.simulator.structured import fill
from models.simulator.subject import subject_of
from models.simulator.text import tokens
from models.simulator.wordlists import stems

MODELS = ("simulator-1", "simulator-1-mini")
FORGETFUL = "simulator-1-mini"
_OPENING = 400


def reply_to(messages: Sequence[Message], model: str, response_format: Mapping[str, Any] | None = None) -> str:
    """What the model says; JSON where the format asks for it."""
    if judge.is_asked(messages):
        judgement = judge.judge(messages)
        return json.dumps(fill(_schema(response_format), judgement), ensure_ascii=False)
    measured = judge_metrics.measure(messages)
    if measured is not None:
        return json.dumps(fill(_schema(response_format), measured), ensure_ascii=False)
    text = _text(messages, model)
    if response_format is not None and response_format.get("type") in ("json_object", "json_schema"):
        return json.dumps(fill(_schema(response_format), {"answer": text}), ensure_ascii=False)
    return text


def _schema(response_format: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if response_format is None or response_format.get("type") != "json_schema":
        return None
    schema = response_format["json_schema"].get("schema")
    return schema if isinstance(schema, Mapping) else None


def _text(messages: Sequence[Message], model: str) -> str:
    prompted = "\n\n".join(message.content for message in messages if message.role == "system")
    system_prompt = unfenced(prompted)
    asked = [message.content for message in messages if message.role == "user"]
    question = asked[-1] if asked else ""
    rules = _rules(system_prompt, question, model)
    locale = locale_to_answer_in(rules, system_prompt, question)
    if rules.nurse_summary:
        return nurse.summarise(messages, locale, system_prompt)
    subject = subject_of(asked, _stage(system_prompt, asked))
    is_first = not any(message.role == "assistant" for message in messages)
    return answer.write(subject, rules, locale, question, system_prompt, is_first, cited_note(prompted))


def _rules(system_prompt: str, question: str, model: str) -> Rules:
    rules = read_rules(system_prompt)
    return forget_some(rules, question) if model == FORGETFUL else rules


def _stage(system_prompt: str, asked: Sequence[str]) -> Stage:
    """Pregnant or after birth: what she says counts before what the prompt opens with."""
    said = tokens(" ".join(asked))
    if stems("gave_birth").positions(said):
        return "postpartum"
    prompted = _stage_of_prompt(system_prompt[:_OPENING])
    return "pregnancy" if prompted == "any" and stems("pregnant").positions(said) else prompted


@lru_cache(maxsize=256)
def _stage_of_prompt(opening: str) -> Stage:
    words = tokens(opening)
    born, pregnant = stems("after_birth").positions(words), stems("pregnant").positions(words)
    if born and (not pregnant or born[0] < pregnant[0]):
        return "postpartum"
    return "pregnancy" if pregnant else "any"
