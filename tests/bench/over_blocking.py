"""What the local chain stops or cares for wrongly, what it hears of disclosures, what it catches in answers.

The benign sets are questions that nobody should be stopped for. Real ones come from ../shared/data, ours from the
tables in tests/unit/guardrails. Errors are listed for the development half of each set alone; the held-back half is
counted and never shown. Run with `--show` for the texts of the development half.
"""

import argparse
import asyncio
import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flows.wiring_rails import rails
from guardrails.base import Audience, Direction, Text
from guardrails.chain import ChainDecision, RailChain
from matria.messages import Locale
from matria.policy import load_policy
from matria.settings import load_settings
from tests.bench.intervals import half, shown

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
TABLES = ROOT / "tests" / "unit" / "guardrails"
SUITES = ROOT / "evals" / "suites"
DISCLOSING_CASES = (
    "edinburgh-item-ten",
    "intrusive-images",
    "urge-to-shake",
    "partner-report",
    "sexual-coercion",
    "danger-now",
    "he-reads-my-phone",
    "thoughts-of-suicide",
    "self-harm",
    "wish-to-disappear",
    "partner-violence",
    "controlling-partner",
)
"""Cases of the clinical suites whose last message is a disclosure."""
ATTACKING_CASES = ("pretend-to-be-a-doctor",)
"""Cases whose last message commands the assistant to drop its rules; the rest are questions to be answered."""
PASSES = ("allow", "mask")
MOTHERHOOD = re.compile(
    r"\b(gr[aá]vid|gestante|gesta[cç][aã]o|engravid|parto\b|beb[eê]\b|amament|maternidade|parir\b|m[aã]e\b|filh[oa]s?\b)",
    re.I,
)
AMOUNT = re.compile(r"\b\d[\d.,]*[\s-]?(?:mg|mcg|µg|ug|iu|micrograms?|milligrams?|tablets?|pills?|capsules?)\b", re.I)


@dataclass(frozen=True)
class Sample:
    """One text of a set, in the locale it is judged in."""

    text: str
    locale: Locale
    audience: Audience = "patient"


def medquad() -> Iterator[Sample]:
    """NIH questions on pregnancy."""
    path = DATA / "medquad_pregnancy" / "derived_pregnancy_subset.json"
    return (Sample(row["question"], "en") for row in json.loads(path.read_text(encoding="utf-8")))


def healthbench() -> Iterator[Sample]:
    """Every user turn of HealthBench's conversations on sexual and reproductive health, whatever its language."""
    path = DATA / "healthbench_srh" / "healthbench_srh_en_200.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        yield from (Sample(turn["content"], "en") for turn in json.loads(line)["prompt"] if turn["role"] == "user")


def xstest() -> Iterator[Sample]:
    """Prompts that only sound unsafe."""
    with (DATA / "xstest" / "xstest_prompts.csv").open(encoding="utf-8", newline="") as file:
        yield from (Sample(row["prompt"], "en") for row in csv.DictReader(file) if row["label"] == "safe")


def healthbench_br() -> Iterator[Sample]:
    """Brazilian protocols' true-or-false questions, each once."""
    tree = json.loads((DATA / "healthbench_br" / "questions.json").read_text(encoding="utf-8"))
    return (Sample(question, "pt-BR") for question in dict.fromkeys(q for entry in tree for q in entry["perguntas"]))


def motherhood_tweets() -> Iterator[Sample]:
    """Tweets that mention pregnancy or a baby, from a corpus that was gathered for its toxicity: a harsh stand-in."""
    with (DATA / "told_br" / "told_br_dev.csv").open(encoding="utf-8", newline="") as file:
        yield from (Sample(row["text"], "pt-BR") for row in csv.DictReader(file) if MOTHERHOOD.search(row["text"]))


REAL = {
    "NIH questions on pregnancy (MedQuAD)": medquad,
    "user turns, reproductive health (HealthBench)": healthbench,
    "prompts that only sound unsafe (XSTest)": xstest,
    "Brazilian protocols' questions (HealthBench-BR)": healthbench_br,
    "Brazilian tweets on motherhood (ToLD-Br; stand-in)": motherhood_tweets,
}


def self_harm_texts() -> Iterator[Sample]:
    """English texts that people labelled as self-harm (OpenAI's moderation set): stories and songs are among them."""
    with gzip.open(DATA / "openai_moderation" / "samples_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from (Sample(row["prompt"], "en") for row in map(json.loads, file) if row.get("SH") == 1)


def table(name: str) -> Any:
    """A table of the unit tests."""
    return yaml.safe_load((TABLES / name).read_text(encoding="utf-8"))


def samples(by_locale: Mapping[Locale, Sequence[str]]) -> list[Sample]:
    """The rows of a table by locale."""
    return [Sample(text, locale) for locale, texts in by_locale.items() for text in texts]


def clinical_suites() -> list[str]:
    """The suites that are put to an assistant, not to the rails alone."""
    return sorted(path.parent.name for path in SUITES.glob("*/suite.yaml") if path.parent.name != "guardrails")


def suite_messages(suite: str, files: str = "*.yaml") -> Iterator[tuple[str, Sample]]:
    """The last message of every case in these files of a suite, with the case's name less its locale."""
    for path in sorted((SUITES / suite / "cases").glob(files)):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
            audience: Audience = "staff" if case["persona"] == "enfermeira" else "patient"
            yield case["id"].split(".")[0], Sample(case["messages"][-1]["content"], case["locale"], audience)


async def judged(
    chain: RailChain, texts: Sequence[Sample], direction: Direction = "user"
) -> list[tuple[Sample, ChainDecision]]:
    """What the chain decided on each."""
    return [(s, await chain.judge(Text(s.text, direction, s.locale, s.audience))) for s in texts]


def report_stopped(name: str, results: Sequence[tuple[Sample, ChainDecision]], show: bool) -> None:
    """A line for the set and its held-back half, then the reasons seen in the development half."""
    stopped = [(s, d) for s, d in results if d.action not in PASSES]
    held = [s for s, _ in results if half(s.text) == "held-back"]
    held_stopped = sum(half(s.text) == "held-back" for s, _ in stopped)
    print(f"{name:<52} {shown(len(stopped), len(results)):<36} held back {shown(held_stopped, len(held))}")
    read = [(s, d) for s, d in stopped if half(s.text) == "development"]
    for reasons, count in Counter(d.reasons for _, d in read).most_common():
        print(f"    {count} x {', '.join(reasons)}")
    if show:
        for sample, _ in read:
            print(f"      {sample.locale}  {sample.text[:200]!r}")


def report_heard(name: str, results: Sequence[tuple[str, Sample, ChainDecision]], show: bool) -> None:
    """How many were met with care, in all and in each half; then the missed and the otherwise named ones."""
    for part, kept in (
        ("", results),
        (", development half", [r for r in results if half(r[1].text) == "development"]),
        (", held-back half", [r for r in results if half(r[1].text) == "held-back"]),
    ):
        heard = sum(decision.action == "escalate" for _, _, decision in kept)
        first = sum(decision.reasons[:1] == (mark,) for mark, _, decision in kept)
        print(f"{name + part:<52} {shown(heard, len(kept)):<36} with the right text {shown(first, len(kept))}")
    for mark, sample, decision in results if show else ():
        if half(sample.text) == "development" and decision.reasons[:1] != (mark,):
            print(f"      {sample.locale}  {mark} {decision.reasons}  {sample.text!r}")


async def report_escalated(chain: RailChain, name: str, texts: Sequence[Sample]) -> None:
    """How many of each half were met with care."""
    results = await judged(chain, texts)
    for part in ("development", "held-back"):
        kept = [decision for sample, decision in results if half(sample.text) == part]
        heard = sum(decision.action == "escalate" for decision in kept)
        print(f"{name + ', ' + part + ' half':<52} {shown(heard, len(kept))}")


async def measure_over_blocking(chain: RailChain, show: bool) -> None:
    """Benign texts: shares stopped or cared for."""
    print("\nStopped or cared for wrongly (target under 1 %)")
    if DATA.is_dir():
        for name, read in REAL.items():
            report_stopped(name, await judged(chain, list(read())), show)
    else:
        print("  ../shared/data is not here: the real texts are skipped")
    print("  real Brazilian women's questions kept back for review: there are none yet")
    benign = [sample for _, sample in suite_messages("guardrails", "over-blocking.*")]
    report_stopped("the suite of the rails, benign questions", await judged(chain, benign), show)
    for name in ("benign_questions.yaml", "new_benign.yaml", "later_benign.yaml"):
        for locale, texts in table(name).items():
            report_stopped(f"ours, {name}, {locale}", await judged(chain, samples({locale: texts})), show)


async def measure_disclosures(chain: RailChain, show: bool) -> None:
    """Disclosures: shares met with care."""
    print("\nDisclosures met with care")
    cases = [row for suite in clinical_suites() for row in suite_messages(suite)]
    told = [sample for name, sample in cases if name in DISCLOSING_CASES]
    results = await judged(chain, told)
    heard = sum(decision.action == "escalate" for _, decision in results)
    print(f"{'clinical suites, disclosures':<52} {shown(heard, len(told))}")
    for sample, decision in results:
        print("" if decision.action == "escalate" else f"      missed: {sample.locale} {sample.text}\n", end="")
    asked = [sample for name, sample in cases if name not in (*DISCLOSING_CASES, *ATTACKING_CASES)]
    report_stopped("clinical suites, all other questions, stopped", await judged(chain, asked), show)
    await report_escalated(chain, "suite of the rails", [s for _, s in suite_messages("guardrails", "disclosure-*")])
    if DATA.is_dir():
        await report_escalated(chain, "English posts labelled self-harm", list(self_harm_texts()))
    for name in ("disclosures.yaml", "new_disclosures.yaml", "later_disclosures.yaml"):
        rows = [(mark, s) for mark, by_locale in table(name).items() for s in samples(by_locale)]
        decisions = await judged(chain, [s for _, s in rows])
        report_heard(name, [(mark, s, d) for (mark, s), (_, d) in zip(rows, decisions, strict=True)], show)


async def measure_acts(chain: RailChain, show: bool) -> None:
    """Answers: clinical acts caught in our tables, and sentences with an amount in real answers."""
    print("\nClinical acts in answers")
    for name in ("answers.yaml", "new_answers.yaml"):
        if not (TABLES / name).is_file():
            continue
        answers = table(name)
        report_stopped(
            f"{name}, careful answers withheld", await judged(chain, samples(answers["passes"]), "assistant"), show
        )
        for act, by_locale in answers["caught"].items():
            results = await judged(chain, samples(by_locale), "assistant")
            caught = sum(f"{act}_in_answer" in d.reasons for _, d in results)
            print(f"{name + ', caught: ' + act:<52} {shown(caught, len(results))}")
            for sample, decision in results:
                if show and f"{act}_in_answer" not in decision.reasons and half(sample.text) == "development":
                    print(f"      {sample.locale} {sample.text!r}")
    if DATA.is_dir():
        await measure_real_answers(chain, show)


async def measure_real_answers(chain: RailChain, show: bool) -> None:
    """HealthBench's answers of two assistants, sentence by sentence: those with an amount, and the rest."""
    sentences = list(dict.fromkeys(real_sentences()))
    with_amount = [s for s in sentences if AMOUNT.search(s.text)]
    for name, kept in (
        ("with an amount", with_amount),
        ("without", [s for s in sentences if not AMOUNT.search(s.text)]),
    ):
        results = await judged(chain, kept, "assistant")
        dosed = [(s, d) for s, d in results if "dose_in_answer" in d.reasons]
        print(f"{'sentences of real answers ' + name + ', as dose':<52} {shown(len(dosed), len(results))}")
        odd = [s for s, d in results if ("dose_in_answer" in d.reasons) != (name == "with an amount")]
        for sample in odd if show else ():
            if half(sample.text) == "development":
                print(f"      {sample.text[:160]!r}")


def real_sentences() -> Iterator[Sample]:
    """Sentences and lines of the assistants' turns."""
    for name in ("graded_answers_a.jsonl", "graded_answers_b.jsonl"):
        for line in (DATA / "healthbench_srh" / name).read_text(encoding="utf-8").splitlines():
            answer = json.loads(line)["conversations"][-1]["content"]
            yield from (Sample(s.strip(), "en") for s in re.split(r"\n+|(?<=[.!?])\s+", answer) if s.strip())


async def main(show: bool) -> None:
    """Prints every table."""
    chain = rails(load_settings(), load_policy(ROOT / "policy.yaml"))
    print(await chain.ping())
    await measure_over_blocking(chain, show)
    await measure_disclosures(chain, show)
    await measure_acts(chain, show)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print the texts of the development half that went wrong")
    asyncio.run(main(parser.parse_args().show))
