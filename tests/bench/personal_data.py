"""How much personal data is found, how much of what is none is taken for it, and how long masking takes.

Generated identifiers stand in sentences of three languages, half of them as typed on a telephone (no capitals, no
accents, no commas). An identifier is found where nothing of it is left. Sentences and detector have one author, so that
these figures say that the forms people use are covered; the real sets below say what is missed in text of others. Their
errors were read in the development half alone.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from guardrails.personal_data import service_numbers
from guardrails.vault import Vault
from matria.messages import Locale
from matria.privacy.identifiers import Identifier, find
from tests.bench.intervals import half, shown
from tests.bench.people import cpf
from tests.bench.personal_sentences import TEMPLATES, plain, planted

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SEED = 20260101
EACH = 200
NEGATIVES = 4000
KEEP = service_numbers()
ASKED = (
    "Oi, meu nome é Maria da Silva, CPF 529.982.247-25, tel (11) 98765-4321, estou com 20 semanas e sinto dor nas "
    "costas quando fico muito tempo em pé, o que posso fazer?"
)
"""Thirty words."""


def is_gone(text: str, value: str, found: Iterable[Identifier]) -> bool:
    """Whether nothing of the identifier is left."""
    start = text.index(value)
    left = set(range(start, start + len(value))) - {place for one in found for place in range(one.start, one.end)}
    return not any(text[place].isalnum() for place in left)


def takes_more(text: str, value: str, found: Iterable[Identifier]) -> bool:
    """Whether a word of hers went with the identifier."""
    start = text.index(value)
    own = range(start, start + len(value))
    return any(text[place].isalnum() for one in found for place in range(one.start, one.end) if place not in own)


def recall(show: bool) -> None:
    """Per kind, over generated identifiers."""
    draw, total, hits, too_much = Random(SEED), 0, 0, 0
    for kind in TEMPLATES:
        gone = 0
        for _ in range(EACH):
            text, value, locale = planted(kind, draw)
            found = find(text, locale, keep=KEEP)
            is_found = is_gone(text, value, found)
            gone += is_found
            is_more = takes_more(text, value, found)
            too_much += is_more
            if show and is_more:
                print("   more:", text, [(one.kind, one.value) for one in found])
            if show and not is_found:
                print("   left:", text, [(one.kind, one.value) for one in find(text, locale, keep=KEEP)])
        total, hits = total + EACH, hits + gone
        print(f"{kind:<16} {shown(gone, EACH)}")
    print(f"{'all kinds':<16} {shown(hits, total)}")
    print(f"{'words beyond it':<16} {shown(too_much, total)}")


def false_positives(show: bool) -> None:
    """Sentences with figures in which something was taken for an identifier; and numbers that pass a checksum."""
    draw = Random(SEED + 1)
    hits = 0
    for _ in range(NEGATIVES):
        text = plain(draw)
        found = find(text, draw.choice(("pt-BR", "pt-PT", "en", None)), keep=KEEP)
        hits += bool(found)
        if show and found:
            print("   taken:", text, [(one.kind, one.value) for one in found])
    print(f"{'figures':<16} {shown(hits, NEGATIVES)}")
    passing = sum(bool(find(f"protocolo {cpf(draw)} do exame", "pt-BR")) for _ in range(500))
    bare = sum(bool(find(f"o número é {cpf(draw)}", "pt-BR")) for _ in range(500))
    print(f"{'valid CPF called a protocol, taken':<36} {shown(passing, 500)}")
    print(f"{'valid CPF called nothing, taken':<36} {shown(bare, 500)}")


def texts_with(name: str, texts: Sequence[str], locale: Locale, show: bool) -> None:
    """Texts of a set that hold nothing personal, in which something was found; the development half is listed."""
    kinds: Counter[str] = Counter()
    hits = 0
    for text in texts:
        found = find(text, locale, keep=KEEP)
        hits += bool(found)
        kinds.update(one.kind for one in found)
        if show and found and half(text) == "development":
            print("   taken:", [(one.kind, one.value, text[max(0, one.start - 25) : one.end + 15]) for one in found])
    print(f"{name:<36} {shown(hits, len(texts))}  {dict(kinds)}")


def real_texts(show: bool) -> None:
    """Sets in which nobody is named."""
    questions = json.loads((DATA / "medquad_pregnancy" / "derived_pregnancy_subset.json").read_text())
    texts_with("medquad_pregnancy", [f"{q['question']} {q['answer']}" for q in questions], "en", show)
    lines = (DATA / "healthbench_srh" / "healthbench_srh_en_200.jsonl").read_text().splitlines()
    turns = [m["content"] for line in lines for m in json.loads(line)["prompt"] if m["role"] == "user"]
    texts_with("healthbench_srh, user turns", turns, "en", show)
    texts_with("healthbench_srh, graded answers", list(_graded_answers()), "en", show)
    statements = [
        question
        for protocol in json.loads((DATA / "healthbench_br" / "questions.json").read_text())
        for question in protocol["perguntas"]
    ]
    texts_with("healthbench_br, statements", statements, "pt-BR", show)


def _graded_answers() -> Iterator[str]:
    """What two assistants answered."""
    for name in ("a", "b"):
        path = DATA / "healthbench_srh" / f"graded_answers_{name}.jsonl"
        for line in path.read_text().splitlines():
            yield json.loads(line)["conversations"][-1]["content"]


def presidio(show: bool) -> None:
    """English sentences with marked personal data: recall per type, and how many findings touch something marked."""
    for wanted in ("development", "held-back"):
        marked: Counter[str] = Counter()
        found_of: Counter[str] = Counter()
        touching = findings = 0
        for item in json.loads((DATA / "presidio_synthetic" / "generated_small.json").read_text()):
            text = item["full_text"]
            if half(text) != wanted:
                continue
            found = find(text, "en")
            findings += len(found)
            touching += sum(any(_overlap(one, span) for span in item["spans"]) for one in found)
            for span in item["spans"]:
                marked[span["entity_type"]] += 1
                is_found = is_gone(
                    text[: span["end_position"]], text[span["start_position"] : span["end_position"]], found
                )
                found_of[span["entity_type"]] += is_found
                if show and wanted == "development" and not is_found:
                    print("   left:", span["entity_type"], span["entity_value"], "|", " ".join(text.split()))
        print(f"presidio, {wanted}")
        for kind in ("PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN", "ADDRESS"):
            print(f"   {kind:<14} found {shown(found_of[kind], marked[kind])}")
        print(f"   findings that touch something marked {shown(touching, findings)}")


def _overlap(one: Identifier, span: Mapping[str, Any]) -> bool:
    return bool(one.start < span["end_position"] and span["start_position"] < one.end)


def lener() -> None:
    """Names in Brazilian court decisions: found whole or in part, and how many findings are names."""
    for wanted in ("development", "held-back"):
        people = whole = part = findings = right = 0
        for text, spans in _sentences(DATA / "lener_br" / "train.conll"):
            if half(text) != wanted:
                continue
            found = [one for one in find(text, "pt-BR") if one.kind == "name"]
            people += len(spans)
            whole += sum(any(one.start <= start and end <= one.end for one in found) for start, end in spans)
            part += sum(any(one.start < end and start < one.end for one in found) for start, end in spans)
            findings += len(found)
            right += sum(any(one.start < end and start < one.end for start, end in spans) for one in found)
        print(f"lener_br, {wanted}: names whole {shown(whole, people)}")
        print(f"   names at least in part {shown(part, people)}")
        print(f"   findings that are names {shown(right, findings)}")


def _sentences(path: Path) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each sentence with the places of its persons."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text, spans, begun = "", [], -1
        for line in block.splitlines():
            word, _, tag = line.rpartition(" ")
            if begun >= 0 and tag != "I-PESSOA":
                spans.append((begun, len(text)))
                begun = -1
            text += " " if text else ""
            begun = len(text) if tag == "B-PESSOA" else begun
            text += word
        if text:
            yield text, [*spans, (begun, len(text))] if begun >= 0 else spans


def latency(name: str, call: Callable[[], object]) -> None:
    """Median and 95th percentile of many rounds."""
    times = []
    for _ in range(1000):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    marks = quantiles(times, n=20)
    print(f"{name:<44} median {marks[9]:5.2f} ms   p95 {marks[18]:5.2f} ms")


def main(show: bool = False) -> None:
    """Prints a table per question."""
    print("Recall on generated identifiers")
    recall(show)
    print("\nTaken for personal data, of what is none")
    false_positives(show)
    if DATA.exists():
        real_texts(show)
        print("\nMarked by others")
        presidio(show)
        lener()
    else:
        print(f"\n{DATA} is absent: nothing was measured on real text.")
    print("\nTime")
    vault = Vault("pt-BR", keep=KEEP)
    latency("mask a message of 30 words, three identifiers", lambda: vault.mask(ASKED))
    calm = ASKED.replace(
        "meu nome é Maria da Silva, CPF 529.982.247-25, tel (11) 98765-4321,", "tudo bem? é a minha primeira vez,"
    )
    latency("mask a message of 30 words, none", lambda: vault.mask(calm))


if __name__ == "__main__":
    import sys

    main(show="--show" in sys.argv)
