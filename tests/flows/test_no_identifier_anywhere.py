"""Identifiers are planted in what people type, in a file of cases and in errors; then every store is searched for them.

A conversation and two evaluations run as whole processes with a home of their own. What the terminal showed to the
person is hers; everything below home, and all that was logged, must not hold one planted value in any rendering.
"""

import base64
import gzip
import json
import os
import sqlite3
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from real_service import ENDS_ON_ANY_MACHINE

from matria import PROJECT_ROOT
from tests.bench.people import cns, cpf, grouped, nhs, nif

pytestmark = ENDS_ON_ANY_MACHINE
DRAW = Random(20260101)
PLANTED: Mapping[str, str] = {
    "cpf": grouped(cpf(DRAW), "###.###.###-##"),
    "cns": grouped(cns(DRAW), "### #### #### ####"),
    "nif": nif(DRAW),
    "nhs_number": grouped(nhs(DRAW), "### ### ####"),
    "phone": "(11) 98214-7763",
    "email": "quiteria.bragancosa@example.org",
    "name": "Quitéria Bragançosa Figueiroa",
    "address": "Rua dos Lírios Roxos, 4821",
}
SAID = (
    f"Oi, meu nome é {PLANTED['name']} e meu CPF é {PLANTED['cpf']}. Posso comer queijo com 20 semanas?",
    f"Meu cartão do SUS é {PLANTED['cns']}, o NIF {PLANTED['nif']}, o NHS number {PLANTED['nhs_number']}. Posso nadar?",
    f"Me liga no {PLANTED['phone']} ou escreve para {PLANTED['email']}, moro na {PLANTED['address']}.",
    f"Sou a Quitéria, de {PLANTED['email']}. Não aguento mais, penso em me matar.",
)
LOGGED = "logged.txt"
"""Below home: what the processes wrote to standard error, so that it is searched like any other file."""


def renderings(value: str) -> Iterator[bytes]:
    """The value as it might lie in a file."""
    plain = "".join(c for c in unicodedata.normalize("NFD", value) if not unicodedata.combining(c))
    digits = "".join(c for c in value if c.isdigit())
    forms = {value, value.lower(), value.upper(), plain, plain.lower(), unicodedata.normalize("NFD", value)}
    forms |= {digits} if len(digits) > 6 else set()
    for form in forms:
        yield from (
            form.encode(),
            form.encode("utf-16-le"),
            form.encode("utf-16-be"),
            form.encode("latin-1", "replace"),
        )
        yield from (quote(form).encode(), quote_plus(form).encode(), json.dumps(form).strip('"').encode())
        yield from _base64(form.encode())


def _base64(value: bytes) -> Iterator[bytes]:
    """What a base64 text that holds the value has in it, wherever the value begins."""
    for shift in range(3):
        start, end = -(-shift * 8 // 6), (shift + len(value)) * 8 // 6
        yield base64.b64encode(b"\0" * shift + value)[start:end]


def found_below(folder: Path) -> list[tuple[str, str]]:
    """Which planted value lies in which file."""
    searched = {kind: tuple(renderings(value)) for kind, value in PLANTED.items()}
    return [
        (kind, str(path.relative_to(folder)))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for content in (_content(path),)
        for kind, forms in searched.items()
        if any(form in content for form in forms)
    ]


def _content(path: Path) -> bytes:
    """The bytes of a file, with what is compressed in it beside them."""
    raw = path.read_bytes()
    if path.suffix == ".parquet":
        return raw + json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()
    return raw + gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw


def matria(home: Path, *arguments: str, said: str = "", **settings: str) -> int:
    """The exit status of a command with a home of its own; what it logs is kept below home."""
    environment = {**os.environ, "MATRIA_HOME": str(home), "PREFECT_HOME": str(home / "prefect"), **settings}
    with (home / LOGGED).open("ab") as log:
        run = subprocess.run(
            [sys.executable, "-c", "from flows.cli.entry import main; main()", *arguments],
            input=said.encode(),
            stdout=subprocess.DEVNULL,
            stderr=log,
            env=environment,
            cwd=PROJECT_ROOT,
            check=False,
        )
    return run.returncode


def cases(path: Path) -> Path:
    """A file of conversations as somebody might import it, identifiers and all."""
    lines = [
        {
            "prompt_id": f"planted-{number}",
            "prompt": [{"role": "user", "content": said}],
            "rubrics": [{"criterion": "Answers her question.", "points": 5}],
        }
        for number, said in enumerate(SAID)
    ]
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    return path


def test_the_search_finds_what_lies_there(tmp_path: Path) -> None:
    for number, (kind, value) in enumerate(PLANTED.items()):
        for place, form in enumerate(sorted(set(renderings(value)))):
            (tmp_path / f"{kind}-{place}").write_bytes(b"\0before" + form + b"after" * number)
    assert {path.name for path in tmp_path.iterdir()} == {name for _, name in found_below(tmp_path)}
    store, table = tmp_path / "store.db", tmp_path / "rows.parquet"
    connection = sqlite3.connect(store)
    with connection:
        connection.execute("CREATE TABLE said (text TEXT)")
        connection.execute("INSERT INTO said VALUES (?)", (" ".join(SAID),))
    connection.close()
    pq.write_table(pa.table({"said": SAID}), table, compression="zstd")
    (tmp_path / "said.gz").write_bytes(gzip.compress(SAID[0].encode()))
    (tmp_path / "said.b64").write_bytes(base64.b64encode(" ".join(SAID).encode()))
    found = {name for _, name in found_below(tmp_path)}
    assert {"store.db", "rows.parquet", "said.gz", "said.b64"} <= found


def test_a_conversation_leaves_no_identifier_behind(tmp_path: Path) -> None:
    assert matria(tmp_path, "chat", "--name", "Quitéria", said="\n".join(SAID)) == 0
    assert list(tmp_path.rglob("mlflow.db"))
    assert list(tmp_path.rglob("ledger.db"))
    assert found_below(tmp_path) == []


@pytest.mark.parametrize("flags", [(), ("--bare",)])
def test_an_evaluation_leaves_no_identifier_behind(
    tmp_path: Path, mlflow_in: Callable[[Path], Path], flags: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    mlflow_in(home / "mlflow")
    suite = cases(tmp_path / "imported.jsonl")
    status = matria(home, "eval", "--suite", f"healthbench:{suite}", "--prompt", "gestante/triagem.en", *flags)
    assert status in (0, 22), (home / LOGGED).read_text()[-2000:]
    assert list(home.rglob("results.jsonl"))
    assert list(home.rglob("mlflow.db"))
    assert found_below(home) == []


def test_an_error_leaves_no_identifier_behind(tmp_path: Path) -> None:
    nowhere = {
        "MATRIA_CHAT__KIND": "openai",
        "MATRIA_CHAT__BASE_URL": "http://127.0.0.1:9/v1",
        "MATRIA_CHAT__MODEL": "m",
    }
    matria(tmp_path, "chat", said=SAID[0], MATRIA_CHAT__MAX_ATTEMPTS="1", **nowhere)
    assert matria(tmp_path, "chat", "--prompt", PLANTED["email"], said=SAID[0]) != 0
    assert matria(tmp_path, "prompt", "render", f"{PLANTED['name']} {PLANTED['cpf']}") != 0
    assert (tmp_path / LOGGED).read_text().strip()
    assert found_below(tmp_path) == []
