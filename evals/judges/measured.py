"""What the judges that measure share: a figure from 0 to 1 becomes met or not met, and anything else a failure."""

import asyncio
import importlib
import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from math import isfinite
from typing import Any
from weakref import WeakKeyDictionary

from evals.judges.asking import Asked, JudgeModel
from evals.judges.base import JudgeFailed, Judgement, JudgeQuestion
from evals.judges.texts import JudgePrompt, templates_hash

_DECIMALS = 6
"""Figures are compared so rounded: Ragas adds 1e-10 to a denominator, and would never reach 1."""
_LONGEST_EXPLANATION = 800
_loading: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
_loaded: set[str] = set()


def identity(judge: str, model: JudgeModel) -> str:
    """Name, version of the library, model, how it is asked, and hash of the templates."""
    return f"{judge}:{version(judge)}:{model.identity}:{templates_hash(judge)}"


async def load(modules: Sequence[str], environment: Mapping[str, str]) -> None:
    """The library's modules, imported in a thread: they take seconds, in which calls in flight would starve.

    `environment` is set before, since these libraries read their switches while they are imported.
    """
    if _loaded.issuperset(modules):
        return
    async with _loading.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        if not _loaded.issuperset(modules):
            os.environ.update(environment)
            await asyncio.to_thread(lambda: [importlib.import_module(name) for name in modules])
            _loaded.update(modules)


class Asker:
    """Asks for a library, and remembers the replies."""

    def __init__(self, judge: str, model: JudgeModel, question: JudgeQuestion) -> None:
        self._judge = judge
        self._model = model
        self._question = question
        self.asked: list[Asked[Any]] = []

    async def ask(self, prompt: object, schema: Any) -> Any:
        """A reply that fits. Raises `JudgeFailed`, also where the library asks in words that are not ours."""
        if not isinstance(prompt, JudgePrompt) or schema is None:
            raise JudgeFailed(f"{self._judge} asked in words of its own, not in those of the case's language")
        asked = await self._model.ask(prompt, schema, self._question)
        self.asked.append(asked)
        return asked.value

    def judgement(self, metric: str, measured: object, threshold: float, at_most: bool = False) -> Judgement:
        """Met from the threshold on; with `at_most`, up to it. Raises `JudgeFailed` where nothing was measured."""
        score = _score(measured, metric)
        met = score <= threshold if at_most else score >= threshold
        sign = ("≤" if met else ">") if at_most else ("≥" if met else "<")
        reasons = "; ".join(dict.fromkeys(reason for one in self.asked for reason in _reasons(one.value)))
        explanation = f"{metric} {score:.2f} {sign} {threshold:.2f}. {reasons}".strip()[:_LONGEST_EXPLANATION]
        return Judgement(met, explanation, "", self._model.mark(self._judge, self.asked, score=score))

    def failure(self, metric: str, error: Exception) -> JudgeFailed:
        """The error as a failure of the judge; what a library says of it may quote the answer, so only its type."""
        said = str(error) if isinstance(error, JudgeFailed) else f"{self._judge}'s {metric}: {type(error).__name__}"
        return JudgeFailed(said, self._model.mark(self._judge, self.asked))


def _score(measured: object, metric: str) -> float:
    if not isinstance(measured, int | float) or isinstance(measured, bool) or not isfinite(measured):
        raise JudgeFailed(f"{metric} measured nothing")
    score = round(float(measured), _DECIMALS)
    if not 0 <= score <= 1:
        raise JudgeFailed(f"{metric} is {score}, which is not from 0 to 1")
    return score


def _reasons(value: Any) -> list[str]:
    """The reasons in a reply, of itself or of the items in its lists; those of items that were found wanting only."""
    if reason := getattr(value, "reason", None):
        return [str(reason)]
    lists = [part for part in vars(value).values() if isinstance(part, list)]
    items = [item for part in lists for item in part if hasattr(item, "reason")]
    wanting = [item for item in items if not getattr(item, "verdict", getattr(item, "attributed", 0))]
    return [
        f"{statement}: {item.reason}" if (statement := getattr(item, "statement", "")) else item.reason
        for item in wanting
    ]
