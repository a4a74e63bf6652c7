"""Answers a judge's request: is this criterion met by this answer? Decided by the words that both hold, and says so.

Detected by `criteria_met` in the system message; the user message holds `<answer>` and `<criterion>` sections. The same
words always get the same decision; meaning, negation and clinical sense are not understood, which is why a simulated
judgement promotes nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from matria.messages import Message
from models.simulator import judge_review
from models.simulator.text import words
from models.simulator.wordlists import word_set

MARKER = "criteria_met"
_SHARE = 0.5
"""Share of the criterion's content words that the answer must hold."""
_STEM = 5
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


def is_asked(messages: Sequence[Message]) -> bool:
    """Whether the request asks for a judgement."""
    return any(message.role == "system" and MARKER in message.content for message in messages)


def judge(messages: Sequence[Message]) -> dict[str, bool | str]:
    """The judgement, with the sentence of the answer that comes closest as its quote."""
    text = next((message.content for message in reversed(messages) if message.role == "user"), "")
    answer, criterion = section(text, "answer"), section(text, "criterion")
    reviewed = judge_review.verdict(section(text, "conversation"), answer, criterion)
    if reviewed is not None:
        return {"criteria_met": reviewed, "explanation": judge_review.SAID, "quote": ""}
    wanted = content_words(criterion)
    held = wanted & content_words(answer)
    share = len(held) / len(wanted) if wanted else 0.0
    is_met = bool(wanted) and share >= _SHARE
    return {
        "criteria_met": is_met,
        "explanation": (
            f"Simulated judge: {len(held)} of {len(wanted)} content words of the criterion occur in the answer "
            f"({share:.0%}; {_SHARE:.0%} are needed). Words are compared, not meaning."
        ),
        "quote": _closest(answer, wanted) if is_met else "",
    }


def section(text: str, name: str) -> str:
    """What stands between the tags of that name; empty where there are none."""
    found = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return found[1].strip() if found else ""


@lru_cache(maxsize=4096)
def content_words(text: str) -> frozenset[str]:
    """The stems of the words that carry meaning."""
    return frozenset(word[:_STEM] for word in words(text) if word not in word_set("judge_stopwords") and len(word) > 2)


def _closest(answer: str, wanted: frozenset[str]) -> str:
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(answer)]
    return max(sentences, key=lambda sentence: len(wanted & content_words(sentence)), default="")
