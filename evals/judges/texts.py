"""The judges' own words to the model: one file for each judge and locale, each written in its language.

What is to be judged never stands in them. It follows in a message of its own, in named sections that it cannot close.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from matria.errors import SuiteError
from matria.messages import LOCALES, Locale, Message
from matria.yamlfile import read_yaml

FOLDER = Path(__file__).parent / "templates"
_SECTIONS = (
    "conversation|message|answer|criterion|steps|choices|role|facts|question|text|statements|passages|passage|reference"
)
_TAG = re.compile(rf"<(/?\s*(?:{_SECTIONS})\s*)>", re.IGNORECASE)


class JudgePrompt(str):
    """What a judge is sent, and what its reply is held to. As text it is the messages one after the other.

    A string, since the libraries that ask through us hand on the prompt that they were given as one.
    """

    messages: tuple[Message, ...]
    check: Callable[[Any], None]
    """Raises ValueError with the reason where a reply that fits its schema is none all the same."""

    def __new__(
        cls, task: str, sections: Mapping[str, str], check: Callable[[Any], None] = lambda reply: None
    ) -> "JudgePrompt":
        """`task` with the sections below it."""
        content = "\n\n".join(f"<{name}>\n{_inert(text)}\n</{name}>" for name, text in sections.items())
        prompt = super().__new__(cls, f"{task}\n\n{content}")
        prompt.messages = (Message("system", task), Message("user", content))
        prompt.check = check
        return prompt


def task_text(judge: str, task: str, locale: Locale) -> str:
    """What a judge is told to do."""
    return _tasks(judge, locale)[task]


@lru_cache(maxsize=8)
def templates_hash(judge: str) -> str:
    """Hash of a judge's templates in all locales."""
    return sha256(b"".join(_path(judge, locale).read_bytes() for locale in LOCALES)).hexdigest()[:12]


def turns_text(messages: Sequence[Message]) -> str:
    """A conversation as a section shows it; system prompts are left out."""
    return "\n\n".join(f"{m.role}: {m.content}" for m in messages if m.role != "system")


@lru_cache(maxsize=16)
def _tasks(judge: str, locale: Locale) -> Mapping[str, str]:
    tasks = read_yaml(_path(judge, locale), SuiteError)
    return {name: text.strip() for name, text in tasks.items()}


def _path(judge: str, locale: Locale) -> Path:
    return FOLDER / f"{judge}.{locale}.yaml"


def _inert(text: str) -> str:
    """The text with tags of ours made harmless, so that an answer cannot close its section."""
    return _TAG.sub(r"&lt;\1&gt;", text)
