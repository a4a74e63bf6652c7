"""How often retrieval finds the note that answers a question, and how often it stays silent off topic.

Two sets: the questions of evals/suites whose theme has a note, and 156 short ones of our own, written before anything
was tuned; beside them 50 that no note answers. Each is halved by the hash of its text: weights, words and floor were
chosen on the development half, and the held-back half is the one to quote. Where several notes answer, any of them
counts. Real texts of ../shared/data, where it lies there, show how often a note comes to prompts that are about nothing
of ours and to questions about pregnancy. Also: how long the index takes to build and a question to answer.
"""

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from evals.suitefile import load_suite
from matria.errors import PromptError
from matria.messages import LOCALES, Locale, Persona
from matria.policy import load_policy
from matria.yamlfile import read_yaml
from models.assistant.retrieval.bm25 import Bm25Retriever
from prompts.notes.files import load_notes
from tests.bench.intervals import Half, half, shown

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = Path(__file__).with_name("retrieval_questions.yaml")
HALVES: tuple[Half, Half] = ("development", "held-back")
DATA = ROOT.parent / "shared" / "data"
ROUNDS = 3


@dataclass(frozen=True)
class Asked:
    """A question, and the notes that answer it."""

    text: str
    locale: Locale
    persona: Persona
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What was retrieved for a question."""

    asked: Asked
    themes: tuple[str, ...]

    @property
    def rank(self) -> int | None:
        """Of the first note that answers, from 1; None where none was retrieved."""
        return next((at for at, theme in enumerate(self.themes, 1) if theme in self.asked.notes), None)


def main() -> None:
    """Prints a row for each set and half, then the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="Show what the development half misses.")
    arguments = parser.parse_args()
    policy = load_policy(ROOT / "policy.yaml")
    started = time.perf_counter()
    notes = load_notes()
    read = time.perf_counter()
    Bm25Retriever(notes, policy)
    imported = time.perf_counter()
    retriever = Bm25Retriever(notes, policy)
    built = time.perf_counter()
    most = policy.count("retrieval.notes")
    tree = read_yaml(QUESTIONS, PromptError)
    own, cases, off = _own(tree["on_topic"]), list(_cases(tree["case_themes"])), _own(tree["off_topic"])
    for name, questions in (("suites", cases), ("own", own)):
        _print_found(name, [_find(retriever, asked) for asked in questions], most)
    _print_silent([_find(retriever, asked) for asked in off])
    _print_real(retriever)
    if arguments.misses:
        _print_misses([_find(retriever, asked) for asked in (*cases, *own)], [_find(retriever, asked) for asked in off])
    first, again = 1000 * (imported - read), 1000 * (built - imported)
    print(
        f"notes {len(notes)}, read {1000 * (read - started):.0f} ms, indexed {again:.0f} ms, first time {first:.0f} ms"
    )
    _print_latency(lambda asked: _find(retriever, asked), [*cases, *own, *off])


def _own(rows: Sequence[dict[str, object]]) -> list[Asked]:
    return [
        Asked(str(row["question"]), row["locale"], row.get("persona", "gestante"), tuple(row.get("notes", ())))  # type: ignore[arg-type]
        for row in rows
    ]


def _cases(themes: dict[str, list[str]]) -> Iterator[Asked]:
    """The last thing said in each case of a known theme."""
    seen: set[str] = set()
    for folder in sorted(path.parent for path in (ROOT / "evals" / "suites").glob("*/suite.yaml")):
        for case in load_suite(folder).cases:
            theme, _, _ = case.id.rpartition(".")
            if theme in themes and case.persona != "enfermeira":
                seen.add(theme)
                yield Asked(case.messages[-1].content, case.locale, case.persona, tuple(themes[theme]))
    if unknown := themes.keys() - seen:
        raise SystemExit(f"{QUESTIONS.name} names themes that no suite has: {', '.join(sorted(unknown))}")


def _find(retriever: Bm25Retriever, asked: Asked) -> Found:
    passages = retriever.passages(asked.text, asked.locale, persona=asked.persona)
    return Found(asked, tuple(passage.note.id for passage in passages))


def _print_found(name: str, found: Sequence[Found], most: int) -> None:
    for part in HALVES:
        mine = [one for one in found if half(one.asked.text) == part]
        ranks = [one.rank for one in mine]
        mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
        recall = (f"recall@{k} {shown(sum(bool(rank and rank <= k) for rank in ranks), len(ranks))}" for k in (1, most))
        silent = f"nothing found {sum(not one.themes for one in mine)}"
        print(f"{name:<8}{part:<13}{'   '.join(recall)}   MRR {mrr:.3f}   {silent}")
    for locale in LOCALES:
        ranks = [one.rank for one in found if one.asked.locale == locale and half(one.asked.text) == "held-back"]
        hits = sum(bool(rank and rank <= most) for rank in ranks)
        print(f"{name:<8}{locale:<13}held-back recall@{most} {shown(hits, len(ranks))}")


def _print_silent(found: Sequence[Found]) -> None:
    for part in HALVES:
        mine = [one for one in found if half(one.asked.text) == part]
        print(f"off      {part:<13}retrieves nothing {shown(sum(not one.themes for one in mine), len(mine))}")


def _print_real(retriever: Bm25Retriever) -> None:
    """Halved like the rest: the floor was weighed on the development halves."""
    if not DATA.is_dir():
        print("real     ../shared/data is absent: nothing measured on real texts")
        return
    with (DATA / "xstest" / "xstest_prompts.csv").open(encoding="utf-8", newline="") as file:
        safe = [row["prompt"] for row in csv.DictReader(file) if row["label"] == "safe"]
    with (DATA / "told_br" / "told_br_dev.csv").open(encoding="utf-8", newline="") as file:
        tweets = [row["text"] for row in csv.DictReader(file)]
    path = DATA / "medquad_pregnancy" / "derived_pregnancy_subset.json"
    nih = [row["question"] for row in json.loads(path.read_text(encoding="utf-8"))]
    sets: tuple[tuple[str, Locale, list[str]], ...] = (
        ("XSTest, safe prompts", "en", safe),
        ("ToLD-Br, tweets", "pt-BR", tweets),
        ("MedQuAD, pregnancy", "en", nih),
    )
    for name, locale, texts in sets:
        for part in HALVES:
            mine = [text for text in texts if half(text) == part]
            silent = sum(not retriever.passages(text, locale, persona="gestante") for text in mine)
            print(f"real     {name:<22}{locale:<7}{part:<13}retrieves nothing {shown(silent, len(mine))}")


def _print_misses(found: Sequence[Found], off: Sequence[Found]) -> None:
    for one in (*found, *off):
        if half(one.asked.text) == "development" and (one.rank != 1 if one.asked.notes else one.themes):
            print(f"  {one.rank}  {one.asked.locale}  {one.asked.text[:100]!r}  {one.asked.notes} <- {one.themes[:3]}")


def _print_latency(find: Callable[[Asked], object], questions: Sequence[Asked]) -> None:
    times = []
    for _ in range(ROUNDS):
        for asked in questions:
            started = time.perf_counter()
            find(asked)
            times.append((time.perf_counter() - started) * 1000)
    marks = quantiles(times, n=20)
    print(f"a question: median {marks[9]:.2f} ms, p95 {marks[18]:.2f} ms, n {len(times)}")


if __name__ == "__main__":
    main()
