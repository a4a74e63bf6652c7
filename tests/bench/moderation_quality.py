"""How well the local moderator finds hate, sexual content, violence and self-harm, beside a word list and TF-IDF.

Real labelled texts come from ../shared/data, each set in two fixed halves by its text's hash: phrases were widened
after reading errors of the development half; texts of the held-back half were never opened, and its figures are the
ones to quote. A text counts as found from a level on; each level is a point of the precision-recall curve. Precision
and recall have Wilson's 95 % interval, F1 the bootstrap's. `--words FILE` adds a published word list (one term a line),
or more.
"""

import argparse
import csv
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import quantiles

from guardrails.base import Category, Text
from guardrails.local import LocalModerator
from guardrails.reading import fold
from guardrails.term_groups import load_groups
from matria.messages import Locale
from matria.policy import load_policy
from tests.bench.intervals import Half, half, wilson

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
HALVES: tuple[Half, Half] = ("development", "held-back")
RESAMPLES = 400
SEED = 20260101

TOLD_CLASSES = ("homophobia", "obscene", "insult", "racism", "misogyny", "xenophobia")
ANNOTATORS = ("1", "2", "3")
TOLD_SETS: tuple[tuple[str, tuple[str, ...], Category | None], ...] = (
    ("any of six classes", TOLD_CLASSES, None),
    ("aimed at somebody (all but obscene)", ("homophobia", "insult", "racism", "misogyny", "xenophobia"), "hate"),
    ("obscene", ("obscene",), None),
    ("insult", ("insult",), "hate"),
    ("homophobia", ("homophobia",), "hate"),
    ("misogyny", ("misogyny",), "hate"),
    ("racism or xenophobia", ("racism", "xenophobia"), "hate"),
)
"""Which classes are looked for, and where: what aims at somebody is hate; obscene words are exclamations, insults or
vulgar names, so the highest of all categories counts."""
OPENAI_LABELS: dict[str, Category] = {"S": "sexual", "H": "hate", "V": "violence", "SH": "self_harm"}

NAIVE_STEMS = (
    *("sex", "porn", "erot", "orgas", "masturb", "vagin", "penis", "anal", "oral", "nude", "nu", "mama", "seio"),
    *("mat", "mort", "morr", "viol", "estupr", "abus", "bat", "agred", "sangr", "arma", "faca", "tiro", "bomba"),
    *("drog", "cocain", "maconh", "crack", "alcool", "suicid", "cort", "aborto", "remedio"),
)
"""Thirty-five stems of sex, violence and drugs: what somebody writes in an hour; see CONTENT_SAFETY.md."""


QUESTION = "Estou com vinte semanas e sinto dor nas costas quando fico de pé muito tempo, o que posso fazer"


@dataclass(frozen=True)
class Item:
    """A text with the answer that people gave."""

    text: str
    is_harmful: bool


@dataclass(frozen=True)
class LabelledSet:
    """Texts of one question."""

    name: str
    locale: Locale
    category: Category | None
    """What is looked for; None for the highest of all four."""
    items: Sequence[Item]

    def of(self, wanted: Half) -> list[Item]:
        """The texts of one half."""
        return [item for item in self.items if half(item.text) == wanted]


Found = Callable[[str], bool]


def sets() -> Iterator[LabelledSet]:
    """Every labelled set that is there."""
    rows = list(csv.DictReader((DATA / "told_br" / "told_br_dev.csv").open(encoding="utf-8", newline="")))
    for name, classes, category in TOLD_SETS:
        yield LabelledSet(f"ToLD-Br, {name}", "pt-BR", category, [Item(r["text"], _agreed(r, classes)) for r in rows])
    with gzip.open(DATA / "openai_moderation" / "samples_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        samples = [json.loads(line) for line in lines]
    for label, sought in OPENAI_LABELS.items():
        known = [Item(s["prompt"], s[label] == 1) for s in samples if s.get(label) is not None]
        yield LabelledSet(f"OpenAI moderation, {label} ({sought})", "en", sought, known)
    with (DATA / "xstest" / "xstest_prompts.csv").open(encoding="utf-8", newline="") as file:
        prompts = [Item(row["prompt"], row["label"] == "unsafe") for row in csv.DictReader(file)]
    yield LabelledSet("XSTest, unsafe against safe", "en", None, prompts)


def _agreed(row: dict[str, str], classes: Sequence[str]) -> bool:
    """Two of three annotators gave any of the classes."""
    return sum(any(row[f"{name}_{who}"] in ("1", "1.0") for name in classes) for who in ANNOTATORS) >= 2


@dataclass(frozen=True)
class Score:
    """Counts of one method on one half."""

    hits: int
    false_alarms: int
    misses: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was found."""
        found = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / found if found else 0.0


def score(pairs: Sequence[tuple[bool, bool]]) -> Score:
    """Of pairs (found, harmful)."""
    return Score(
        sum(found and harmful for found, harmful in pairs),
        sum(found and not harmful for found, harmful in pairs),
        sum(harmful and not found for found, harmful in pairs),
    )


def told(name: str, pairs: Sequence[tuple[bool, bool]]) -> str:
    """A line of the table."""
    counts, rng = score(pairs), random.Random(SEED)
    f1s = sorted(score(rng.choices(pairs, k=len(pairs))).f1 for _ in range(RESAMPLES))
    low, high = f1s[int(0.025 * RESAMPLES)], f1s[int(0.975 * RESAMPLES) - 1]
    precision = _share(counts.hits, counts.hits + counts.false_alarms)
    recall = _share(counts.hits, counts.hits + counts.misses)
    return f"  {name:<42} P {precision}   R {recall}   F1 {counts.f1:.2f} ({low:.2f} to {high:.2f})"


def _share(hits: int, total: int) -> str:
    low, high = wilson(hits, total)
    return f"{hits / total if total else 0:.2f} ({max(0.0, low):.2f} to {high:.2f})"


def word_list(words: Sequence[str]) -> Found:
    """Finds a text that holds one of the terms as whole words."""
    terms = sorted({fold(word.strip()) for word in words if word.strip()}, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, terms))})(?!\w)")
    return lambda text: pattern.search(fold(text)) is not None


def stems(starts: Sequence[str]) -> Found:
    """Finds a text with a word that begins so."""
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(starts)})")
    return lambda text: pattern.search(fold(text)) is not None


def trained(items: Sequence[Item]) -> Found:
    """TF-IDF of words and pairs of words with logistic regression, classes weighed alike, fitted to `items`.

    From which probability on a text counts is chosen for F1 on the same items, each judged by a model that lacks it.
    """
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode"),
        LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
    )
    texts, answers = [item.text for item in items], [item.is_harmful for item in items]
    unseen = cross_val_predict(model, texts, answers, cv=5, method="predict_proba")[:, 1]
    least = max(np.unique(unseen), key=lambda bar: score(list(zip(unseen >= bar, answers, strict=True))).f1)
    model.fit(texts, answers)
    return lambda text: bool(model.predict_proba([text])[0, 1] >= least)


def compare(moderator: LocalModerator, labelled: LabelledSet, lists: Sequence[Path]) -> None:
    """Prints the moderator's curve on both halves, and the baselines on the held-back one."""

    @cache
    def level(text: str) -> int:
        levels = moderator.levels(Text(text, "user", labelled.locale))
        return max(levels.values()) if labelled.category is None else levels[labelled.category]

    def pairs(items: Sequence[Item], found: Found) -> list[tuple[bool, bool]]:
        return [(found(item.text), item.is_harmful) for item in items]

    for wanted in HALVES:
        items = labelled.of(wanted)
        print(f"\n{labelled.name}, {wanted} half: {len(items)} texts, {sum(i.is_harmful for i in items)} harmful")
        for least in range(1, 8):
            print(
                told(f"local moderator, level {least} and above", pairs(items, lambda text, n=least: level(text) >= n))
            )  # type: ignore[misc]
    print(told("naive list of 35 stems", pairs(items, stems(NAIVE_STEMS))))
    for path in lists:
        found = word_list(path.read_text(encoding="utf-8").splitlines())
        print(told(f"word list {path.stem}", pairs(items, found)))
    print(told("TF-IDF, logistic regression", pairs(items, trained(labelled.of("development")))))


def measure_time(moderator: LocalModerator) -> None:
    """Prints how long a message and an answer take, each text read for the first time."""
    words = QUESTION.split()
    for name, count in (("message of 30 words", 30), ("answer of 200 words", 200)):
        times = []
        for place in range(2000):
            text = " ".join((words * 20)[: count - 1]) + f" {place}."
            started = time.perf_counter()
            moderator.levels(Text(text, "user", "pt-BR"))
            times.append((time.perf_counter() - started) * 1000)
        marks = quantiles(times, n=20)
        print(f"{name}: median {marks[9]:.2f} ms, p95 {marks[18]:.2f} ms")


def main() -> None:
    """Prints a table for each set, then times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=Path, nargs="*", default=[], help="published word lists, one term a line")
    parser.add_argument("--set", default="", help="only sets whose name holds this")
    asked = parser.parse_args()
    moderator = LocalModerator(load_groups(), load_policy(ROOT / "policy.yaml"))
    if not DATA.is_dir():
        print(f"{DATA} is absent: quality is not measured, times are.")
    else:
        for labelled in sets():
            if asked.set in labelled.name:
                compare(moderator, labelled, asked.words)
    measure_time(moderator)


if __name__ == "__main__":
    main()
