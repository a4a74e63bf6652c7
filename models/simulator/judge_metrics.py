"""Answers the requests of judges that measure: scores, choices, statements and what supports them. By words alone.

A task is known by the keys that the system message asks for and by the sections of the user message. As with
`models.simulator.judge`, the same words always get the same reply, and neither meaning nor negation is understood.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from matria.messages import Message
from models.simulator import judge_review
from models.simulator.judge import content_words, section

Task = Callable[[str], dict[str, Any]]
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_FORBIDS = re.compile(r"(?:nunca|não|jamais|never|does not|do not)\b", re.IGNORECASE)
_SUPPORTED = 0.6
"""Share of a statement's content words that a text must hold."""
_ANSWERED = 0.5
"""The same, of a question or a step."""
_SAID = "Simulated judge: words are compared, not meaning."


def measure(messages: Sequence[Message]) -> dict[str, Any] | None:
    """The reply as plain data; None where no judge of this kind asks."""
    system = next((message.content for message in messages if message.role == "system"), "")
    user = _user(messages)
    for keys, sections, task in _TASKS:
        if all(f'"{key}"' in system for key in keys) and all(f"</{name}>" in user for name in sections):
            return task(user)
    return None


def _user(messages: Sequence[Message]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _score(text: str) -> dict[str, Any]:
    reviewed = judge_review.verdict(*(section(text, name) for name in ("conversation", "answer", "criterion")))
    if reviewed is not None:
        return {"reason": judge_review.SAID, "score": 10 if reviewed else 0}
    judged = section(text, "answer") or section(text, "conversation")
    steps = [line for line in section(text, "steps").splitlines() if line.strip()]
    shares = [_share(step, judged) for step in steps]
    score = round(10 * sum(shares) / len(shares)) if shares else 0
    return {"reason": _SAID, "score": score}


def _yes_no(text: str) -> dict[str, Any]:
    return {"reason": _SAID, "verdict": _share(section(text, "question"), section(text, "answer")) >= _ANSWERED}


def _choice(text: str) -> dict[str, Any]:
    choices = _list(section(text, "choices"))
    answer = section(text, "answer")
    return {"reason": _SAID, "verdict": max(choices, key=lambda choice: _share(str(choice), answer), default="")}


def _roles(text: str) -> dict[str, Any]:
    """A turn leaves its role where it holds the words of something that the role says is never done."""
    forbidden = [s for s in _SENTENCE.findall(section(text, "role")) if _FORBIDS.match(s.strip())]
    turns = [turn for turn in _list(section(text, "conversation")) if turn.get("role") == "assistant"]
    left = [t["index"] for t in turns if any(_share(s, str(t["content"])) >= _ANSWERED for s in forbidden)]
    return {"verdicts": [{"index": index, "reason": _SAID, "ai_message": None} for index in left]}


def _knowledge(text: str) -> dict[str, Any]:
    said = [sentence.strip() for sentence in _SENTENCE.findall(section(text, "message"))]
    told = [sentence for sentence in said if content_words(sentence) and not sentence.endswith("?")]
    return {"data": {"said": told} if told else {}}


def _forgets(text: str) -> dict[str, Any]:
    asked = [s for s in _SENTENCE.findall(section(text, "message")) if s.endswith("?")]
    facts = section(text, "facts")
    forgets = any(_share(question, facts) >= _ANSWERED for question in asked)
    return {"reason": _SAID, "verdict": "yes" if forgets else "no"}


def _statements(text: str) -> dict[str, Any]:
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(section(text, "text"))]
    return {"statements": [s for s in sentences if content_words(s) and not s.endswith("?")]}


def _supported(text: str) -> dict[str, Any]:
    held = section(text, "text")
    return {
        "statements": [
            {"statement": s, "reason": _SAID, "verdict": int(_share(s, held) >= _SUPPORTED)}
            for s in _list(section(text, "statements"))
        ]
    }


def _useful(text: str) -> dict[str, Any]:
    passage, answer = section(text, "passage"), section(text, "answer")
    is_useful = any(_share(sentence, passage) >= _SUPPORTED for sentence in _SENTENCE.findall(answer))
    return {"reason": _SAID, "verdict": int(is_useful)}


def _attributed(text: str) -> dict[str, Any]:
    held = section(text, "passages")
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(section(text, "reference")) if sentence.strip()]
    return {
        "classifications": [
            {"statement": s, "reason": _SAID, "attributed": int(_share(s, held) >= _SUPPORTED)} for s in sentences
        ]
    }


def _share(wanted: str, held: str) -> float:
    """Share of the content words of one text that the other holds; 0 where there are none."""
    words = content_words(wanted)
    return len(words & content_words(held)) / len(words) if words else 0.0


def _list(text: str) -> list[Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return []
    return value if isinstance(value, list) else []


_TASKS: Sequence[tuple[Sequence[str], Sequence[str], Task]] = (
    (("reason", "score"), ("steps",), _score),
    (("reason", "verdict"), ("choices", "answer"), _choice),
    (("reason", "verdict"), ("passage", "answer"), _useful),
    (("reason", "verdict"), ("facts", "message"), _forgets),
    (("reason", "verdict"), ("question", "answer"), _yes_no),
    (("verdicts", "index"), ("role", "conversation"), _roles),
    (("data",), ("message",), _knowledge),
    (("statements", "verdict"), ("text", "statements"), _supported),
    (("statements",), ("text",), _statements),
    (("classifications", "attributed"), ("passages", "reference"), _attributed),
)
"""Keys of the reply, sections of the request, and what answers; the first that fits."""
