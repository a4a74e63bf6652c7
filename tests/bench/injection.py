"""How much of an attack the injection rail hears, what it hears wrongly, whether a prompt leaks, and what it takes.

Labelled attacks come from ../shared/data (English and German, a general-purpose chat), ours from tests/unit/guardrails.
Each set has two fixed halves by its texts' hash: phrases were written after reading errors of the development half;
texts of the held-back half were not read for it, and its figures are the ones to quote. Beside the rail stand ten
classical phrases and TF-IDF with logistic regression, which is fitted on the development half and ships nowhere.
"""

import asyncio
import csv
import json
import re
import time
from base64 import b64encode
from codecs import encode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import quantiles
from typing import Literal, get_args

import yaml

from evals.suitefile import load_suites
from guardrails.base import Text
from guardrails.injection.rail import Injection
from guardrails.prompt_leak import PromptLeak, canary
from guardrails.term_groups import load_groups
from matria.messages import Locale
from matria.policy import load_policy
from models.simulator.reply import MODELS, reply_to
from prompts.contacts import library_contacts
from prompts.notes.files import load_notes
from prompts.render import render
from prompts.repository import PromptLibrary
from tests.bench.intervals import Half, half, shown

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
TABLES = ROOT / "tests" / "unit" / "guardrails"
HALVES: tuple[Half, ...] = get_args(Half)
COUNTRIES: Mapping[Locale, str] = {"pt-BR": "BR", "pt-PT": "PT", "en": "GB"}
MOTHERHOOD = re.compile(
    r"\b(gr[aá]vid|gestante|gesta[cç][aã]o|engravid|parto\b|beb[eê]\b|amament|m[aã]e\b|filh[oa]s?\b)", re.I
)
ROUNDS = 2000

NAIVE = re.compile(
    r"ignore (all|the|previous)|disregard|forget (all|everything|your)|you are now|act as|pretend|system prompt"
    r"|new (task|instructions)|developer mode|your instructions|vergiss alle|ignoriere alle",
    re.IGNORECASE,
)
"""What somebody writes in a minute after reading about injection."""

Language = Literal["en", "de", "other"]
STOP_WORDS: Mapping[Language, frozenset[str]] = {
    "en": frozenset(
        {"the", "a", "an", "and", "is", "not", "i", "you", "how", "what", "for", "with", "on", "of", "to", "in"}
    )
    | {"are", "we", "your", "who", "when", "why", "can", "all", "do"},
    "de": frozenset(
        {"der", "die", "das", "und", "ist", "nicht", "ein", "eine", "ich", "du", "sie", "wie", "was", "für"}
    )
    | {"mit", "auf", "von", "zu", "den", "dem", "im", "wir", "bist"},
}


@dataclass(frozen=True)
class Labelled:
    """A text with what people said of it."""

    text: str
    is_attack: bool


Detector = Callable[[str], bool]


def language_of(text: str) -> Language:
    """The language whose stop words it holds most of; `other` where neither leads, as in keywords."""
    words = re.findall(r"\w+", text.lower())
    counts = {language: sum(word in stops for word in words) for language, stops in STOP_WORDS.items()}
    if counts["en"] == counts["de"]:
        return "other"
    return "en" if counts["en"] > counts["de"] else "de"


@cache
def labelled() -> tuple[Labelled, ...]:
    """The prompts of ../shared/data/prompt_injections."""
    import pandas as pd

    frame = pd.read_parquet(DATA / "prompt_injections" / "train.parquet")
    return tuple(Labelled(str(text), bool(label)) for text, label in zip(frame["text"], frame["label"], strict=True))


def fitted() -> Detector:
    """TF-IDF of words and pairs with logistic regression, fitted on the development half."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    known = [item for item in labelled() if half(item.text) == "development"]
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    model = LogisticRegression(C=10, max_iter=1000)
    model.fit(vectors.fit_transform([item.text for item in known]), [item.is_attack for item in known])
    return lambda text: bool(model.predict(vectors.transform([text]))[0])


def told_apart(name: str, detects: Detector) -> None:
    """Recall and false positives of one detector, by half and language."""
    print(f"\n{name}")
    for wanted in HALVES:
        items = [item for item in labelled() if half(item.text) == wanted]
        for language in (*STOP_WORDS, "other", "all"):
            of = [item for item in items if language in ("all", language_of(item.text))]
            attacks = [detects(item.text) for item in of if item.is_attack]
            benign = [detects(item.text) for item in of if not item.is_attack]
            recall, false = shown(sum(attacks), len(attacks)), shown(sum(benign), len(benign))
            print(f"  {wanted:<12} {language:<6} recall {recall:<36} false positives {false}")


def turns(role: str) -> Iterator[str]:
    """What one side says in HealthBench's conversations on sexual and reproductive health."""
    path = DATA / "healthbench_srh" / "healthbench_srh_en_200.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        yield from (turn["content"] for turn in json.loads(line)["prompt"] if turn["role"] == role)


def medquad(column: str) -> list[str]:
    """NIH questions on pregnancy, or the answers of those that have one."""
    path = DATA / "medquad_pregnancy" / "derived_pregnancy_subset.json"
    return [row[column] for row in json.loads(path.read_text(encoding="utf-8")) if row.get(column)]


def protocols() -> list[str]:
    """Statements on Brazilian clinical protocols, each once."""
    tree = json.loads((DATA / "healthbench_br" / "questions.json").read_text(encoding="utf-8"))
    return list(dict.fromkeys(statement for entry in tree for statement in entry["perguntas"]))


def column_of(path: str, column: str, keep: Callable[[Mapping[str, str]], bool]) -> list[str]:
    """One column of a CSV file of ../shared/data."""
    with (DATA / path).open(encoding="utf-8", newline="") as file:
        return [row[column] for row in csv.DictReader(file) if keep(row)]


def table(name: str) -> dict[Locale, list[str]]:
    """Texts of one of our tables by locale."""
    return yaml.safe_load((TABLES / name).read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def real_benign() -> dict[str, list[str]]:
    """Texts that others wrote and that nobody should be stopped for; the documents are read as sources."""
    return {
        "NIH questions (MedQuAD)": medquad("question"),
        "NIH answers (MedQuAD), as documents": medquad("answer"),
        "user turns (HealthBench)": list(turns("user")),
        "assistant turns (HealthBench), as documents": list(turns("assistant")),
        "XSTest, safe prompts": column_of("xstest/xstest_prompts.csv", "prompt", lambda row: row["label"] == "safe"),
        "Brazilian protocols, statements (HealthBench-BR)": protocols(),
        "Brazilian tweets on motherhood (ToLD-Br)": column_of(
            "told_br/told_br_dev.csv", "text", lambda row: bool(MOTHERHOOD.search(row["text"]))
        ),
    }


def our_benign() -> dict[str, list[str]]:
    """Questions of our tables and of the clinical suites, the two that attack left out."""
    asked = [
        turn.content
        for suite in load_suites(ROOT / "evals" / "suites")
        for case in suite.cases
        if suite.subject == "assistant" and case.theme != "pretend-to-be-a-doctor"
        for turn in case.messages
    ]
    return {
        "questions of our tables": [text for texts in table("benign_questions.yaml").values() for text in texts],
        "small talk of our table": [text for texts in table("small_talk.yaml").values() for text in texts],
        "turns of the clinical suites": asked,
        "notes of the library, as documents": [note.text for note in load_notes()],
    }


def wrongly(name: str, texts: Iterable[str], rail: Injection) -> None:
    """How many of a benign set are taken for an attack; those whose name says so are read as documents."""
    held = list(texts)
    if name.endswith("as documents"):
        stopped = len(rail.attacked_sources(held, "en"))
    else:
        judged = [asyncio.run(rail.judge(Text(text, "user", "en"))) for text in held]
        stopped = sum(decision.action != "allow" for decision in judged)
    print(f"  {name:<48} {shown(stopped, len(held))}")


def ours(rail: Injection, threshold: float) -> None:
    """What is heard of our attacks by kind, and of our look-alikes, in both halves."""
    attacks: Mapping[str, dict[Locale, list[str | list[str]]]] = yaml.safe_load(
        (TABLES / "attacks.yaml").read_text(encoding="utf-8")
    )
    heard: dict[tuple[Half, str], list[bool]] = defaultdict(list)
    for kind, by_locale in attacks.items():
        for locale, entries in by_locale.items():
            for entry in entries:
                said = entry if isinstance(entry, list) else [entry]
                is_heard = any(
                    rail.weigh(turn, locale, is_document=kind == "indirect").score >= threshold for turn in said
                )
                for group in (kind, locale, "all attacks"):
                    heard[half("".join(said)), group].append(is_heard)
    for locale, texts in table("attack_lookalikes.yaml").items():
        for text in texts:
            heard[half(text), "look-alikes, wrongly"].append(rail.weigh(text, locale).score >= threshold)
    for group in dict.fromkeys(group for _, group in heard):
        found = [(heard[wanted, group], wanted) for wanted in HALVES]
        print(f"  {group:<22}" + "".join(f"{wanted} {shown(sum(hits), len(hits)):<36}" for hits, wanted in found))


@dataclass(frozen=True)
class Told:
    """An answer beside the system prompt that it was given."""

    answer: str
    instructions: str
    locale: Locale


def simulated() -> Iterator[Told]:
    """The simulator's answers to every case of the clinical suites, under every prompt of its persona."""
    library = PromptLibrary(ROOT / "prompts" / "library")
    for suite in load_suites(ROOT / "evals" / "suites"):
        for case in suite.cases if suite.subject == "assistant" else ():
            contacts = library_contacts(library.sources, COUNTRIES[case.locale])
            retrieved = {"retrieved": case.retrieved_text} if case.retrieved else {}
            variables = {**contacts, **case.vars, **retrieved, "question": case.question}
            for name in suite.prompts_of(case):
                rendered = render(library.load(name, case.locale), variables, case.history)
                instructions = "\n\n".join(turn.content for turn in rendered.messages if turn.role == "system")
                yield from (Told(reply_to(rendered.messages, model), instructions, case.locale) for model in MODELS)


def leaks_of(instructions: str) -> dict[str, list[str]]:
    """Ways to tell a prompt, each with the answers that do."""
    rules = [line for line in instructions.splitlines() if line.strip() and not line.lstrip().startswith("- ")]
    return {
        "the whole prompt": [instructions],
        "its first 20 words": [" ".join(instructions.split()[:20])],
        "its first 50 words": [" ".join(instructions.split()[:50])],
        "a paragraph with a rule": [part for part in instructions.split("\n\n") if _is_rule(part)],
        "a single rule of 12 words or more": [rule for rule in rules if len(rule.split()) >= 12],
        "every second rule": ["\n".join(rules[::2])],
        "base64": [b64encode(instructions.encode()).decode()],
        "rot13": [encode(instructions, "rot13")],
        "reversed": [instructions[::-1]],
        "hexadecimal": [instructions.encode().hex()],
        "letters apart": [" ".join(instructions[:600])],
        "a canary alone": [canary("bench")],
    }


def _is_rule(paragraph: str) -> bool:
    lines = paragraph.splitlines()
    return len(paragraph.split()) >= 12 and not all(
        line.startswith(("- ", "#")) or line.endswith(":") for line in lines
    )


def leaking(rail: PromptLeak, told: Sequence[Told]) -> None:
    """What the leak rail refuses of honest answers, and of leaks by way."""
    refused = [_refuses(rail, each) for each in told]
    print(f"  {'honest answers of the simulator, wrongly':<44} {shown(sum(refused), len(refused))}")
    ways: dict[str, list[bool]] = defaultdict(list)
    # One prompt of each wording: the same rules with another week in them are the same leak.
    for each in {(item.locale, item.instructions[:80]): item for item in told}.values():
        instructions = f"{each.instructions}\n{canary('bench')}"
        for way, answers in leaks_of(each.instructions).items():
            ways[way] += [_refuses(rail, Told(f"Claro: {a}", instructions, each.locale)) for a in answers]
    for way, caught in ways.items():
        print(f"  {way:<44} {shown(sum(caught), len(caught))}")


def _refuses(rail: PromptLeak, told: Told) -> bool:
    text = Text(told.answer, "assistant", told.locale, instructions=told.instructions)
    return asyncio.run(rail.judge(text)).action == "refuse"


def timed(rail: Injection) -> None:
    """Milliseconds for one message, by length: the quickest of three, since other work runs on the machine."""
    words = [word for text in table("benign_questions.yaml")["pt-BR"] for word in text.split()]
    for length in (30, 500):
        taken = []
        for number in range(ROUNDS if length < 100 else ROUNDS // 10):
            start = number * 7 % (len(words) - length) if len(words) > length else 0
            message = " ".join((words * 3)[start : start + length])
            taken.append(min(_milliseconds(rail, f"{message} {number} {attempt}") for attempt in range(3)))
        marks = quantiles(taken, n=20)
        print(f"  {length} words: median {marks[9]:.2f} ms, p95 {marks[18]:.2f} ms")


HOSTILE = (
    "\n",
    " ",
    "a",
    "ab AB ",
    "![",
    "<img ",
    "<!--",
    "context: ",
    "Ab: ",
    "ab ",
    "A",
    ". ",
    "\\n ",
    "ignore ",
    "a b ",
)
"""What an attacker may repeat to keep a rail busy."""


def busied(rail: Injection, characters: int = 10_000) -> None:
    """The slowest of texts that are made to be slow."""
    slowest = max(_milliseconds(rail, part * (characters // len(part))) for part in HOSTILE)
    print(f"  {characters} characters of a repeated part, the slowest of {len(HOSTILE)}: {slowest:.0f} ms")


def _milliseconds(rail: Injection, message: str) -> float:
    started = time.perf_counter()
    rail.weigh(message, "pt-BR")
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Prints every table; those of real data only where they are."""
    policy, groups = load_policy(ROOT / "policy.yaml"), load_groups()
    rail, threshold = Injection(groups, policy), policy.number("injection.threshold")

    def detects(text: str) -> bool:
        return rail.weigh(text, "en").score >= threshold

    if DATA.is_dir():
        print(f"prompt_injections, {len(labelled())} prompts")
        told_apart("the rail", detects)
        told_apart("ten classical phrases", lambda text: NAIVE.search(text) is not None)
        told_apart("TF-IDF and logistic regression", fitted())
        print("\nReal texts taken for an attack")
        for name, texts in real_benign().items():
            wrongly(name, texts, rail)
    else:
        print(f"{DATA} is absent: the figures on real texts are left out.")
    print("\nOur questions taken for an attack")
    for name, texts in our_benign().items():
        wrongly(name, texts, rail)
    print("\nOur attacks heard")
    ours(rail, threshold)
    print("\nSystem prompts told")
    leaking(PromptLeak(groups, policy), list(simulated()))
    print("\nTime of the rail")
    timed(rail)
    busied(rail)


if __name__ == "__main__":
    main()
