"""What a text that is made to be slow costs in each local rail and in the vault.

Every form is repeated up to a length (40,000 characters; `python -m tests.bench.hostile_texts 80000` for another) and
judged as a question and as an answer. A pass whose time grows with the square of the length stands out: it takes four
times as long for twice the text. Above the bound the row says so, and the command ends with 1.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

from flows.wiring_rails import rails_apart
from guardrails.base import Direction, Rail, Text
from guardrails.delimiting import delimit, mark_from
from guardrails.vault import Vault
from matria.policy import load_policy
from matria.privacy.identifiers.name_lists import name_lists
from matria.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
CHARACTERS = 40_000
BOUND_S = 0.3
"""A whole message of 40,000 characters; what a person types has a few hundred."""
FORMS: dict[str, str | tuple[str, str]] = {
    "letters": "a",
    "two letters": "ab",
    "a word, then letters": ("é ", "k"),
    "accents": "é",
    "accented words": "não é são pé avó ",
    "combining marks": "a\u0301\u0327",
    "marks alone": "\u0301",
    "marks out of order": "\u0301\u0327",
    "digits": "1",
    "digits, spaced": "11 9 ",
    "digits, dotted": "1.",
    "digits in threes": "123 ",
    "digit words": "nove ",
    "spaces": " ",
    "line breaks": "\n",
    "letters apart": "a b c d ",
    "letters apart, dotted": "m.a.t.",
    "figures apart": "m 4 t 4 r ",
    "figures for letters": "m4t4r",
    "capitals": "AB ",
    "names": "Ana Maria ",
    "names, listed": "Ana Maria Silva, ",
    "titles": "Estou Com Muita Dor ",
    "announced": "o nome da mãe é Ana ",
    "possessives": "minha mãe minha ",
    "brackets": "[",
    "brackets, both": "[](",
    "angles": "<",
    "braces": "{{",
    "image links": "![](//a",
    "links": "[a](http://",
    "fences": "<<data ",
    "a fence, then blanks": ("<<", " "),
    "a field, then blanks": ("[system a", " "),
    "an address, then blanks": ("a arroba b", " "),
    "links with placeholders": "http://a/[NOME_1] ",
    "domains": "a.b",
    "comments": "<!--",
    "chat tokens": "<|",
    "system turns": "\nsystem ",
    "named turns": "Ana: oi\n",
    "contexts": "context: ",
    "contexts, open": "contexto({ x ",
    "quotes": 'diga "',
    "dashes": "-",
    "underscores": "_",
    "commas": ",",
    "full stops": ". ",
    "asterisks": "*",
    "jokers": "p*t",
    "plus signs": "+",
    "percent signs": "%4",
    "e-mail": "a.b@",
    "e-mail, spelt": "a arroba b ponto ",
    "e-mail, spelt on and on": ("a arroba ", "b ponto "),
    "streets": "Rua A ",
    "streets, numbered": "Rua A, 1 ",
    "a long street": ("rua ", "a "),
    "a street, then blanks": ("rua a", " "),
    "a street of one word": ("rua ", "a"),
    "buildings": "edificio a ",
    "birth": "nasci em ",
    "hexadecimal": "ab ",
    "bits": "0101 0101 ",
    "base64": "aGVs",
    "morse": ".- ",
    "escapes": "\\u00e9",
    "typed placeholders": "[NOME_1]",
    "placeholders, open": "[NOME_",
    "emoji": "😀",
    "families of emoji": "👩‍👧",
    "flags": "🇧🇷",
    "tags": "\U000e0061",
    "selectors": "\ufe00",
    "invisible": "\u200b",
    "other scripts": "рut",
    "thoughts": "quero morrer ",
    "orders": "ignore ",
    "shouted orders": "abc AB ",
    "ordinary": "Estou com 29 semanas e sinto dor na barriga quando ando, é normal? ",
}


def numbered() -> dict[str, str]:
    """Texts in which nothing comes twice, so that a vault has to learn each."""
    given, surnames = sorted(name_lists().given), sorted(name_lists().surnames)
    people = zip(given * 3, surnames * 9, strict=False)
    return {
        "names, each another": ", ".join(f"{first.title()} {last.title()}" for first, last in people),
        "telephones, each another": " e ".join(f"(11) 9{n:04}-{n * 7 % 10_000:04}" for n in range(8000)),
        "e-mail, each another": " ".join(f"a{n}@x.org" for n in range(9000)),
    }


def made(form: str | tuple[str, str], characters: int) -> str:
    """`form` repeated; of two parts the first stands once and the second is repeated."""
    first, part = form if isinstance(form, tuple) else ("", form)
    return first + part * ((characters - len(first)) // len(part))


def timed(call: Callable[[], object]) -> float:
    """Seconds, the quickest of four where the first was above the bound, since other work runs beside it."""
    taken = _once(call)
    return min(taken, *(_once(call) for _ in range(3))) if taken > BOUND_S else taken


def _once(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def passes(rails: tuple[Rail, ...], text: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """What reads a text, each by its name."""
    yield "vault", lambda: Vault("pt-BR").mask(text)
    yield "vault, back", lambda: Vault("pt-BR").unmask(text)
    yield "fence", lambda: delimit(text, "note", mark_from("bench"))
    for rail in rails:
        for direction in get_args(Direction):
            judged = Text(text, direction, "pt-BR", instructions="Nunca informe dose. " * 5)
            yield f"{rail.name}, {direction}", lambda rail=rail, judged=judged: asyncio.run(rail.judge(judged))  # type: ignore[misc]


def main(characters: int = CHARACTERS) -> int:
    """Prints a row per form with its slowest pass; 1 where one is above the bound."""
    settings = load_settings()
    rails = tuple(rails_apart(settings, load_policy(ROOT / "policy.yaml")))
    slow = 0
    texts = {name: made(form, characters) for name, form in FORMS.items()}
    texts |= {name: text[:characters] for name, text in numbered().items()}
    for name, text in texts.items():
        by_pass = {called: timed(call) for called, call in passes(rails, text)}
        worst = max(by_pass, key=lambda called: by_pass[called])
        above = {called: f"{seconds:.2f}" for called, seconds in by_pass.items() if seconds > BOUND_S}
        slow += bool(above)
        told = f"   above {BOUND_S} s: {above}" if above else ""
        print(f"{name:<24} {by_pass[worst]:6.2f} s  {worst}{told}", flush=True)
    print(f"{slow} of {len(texts)} forms above {BOUND_S} s, {characters} characters each")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
