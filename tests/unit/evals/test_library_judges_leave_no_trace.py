"""Judging with the libraries writes no file, opens no connection and reads no .env, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from matria import PROJECT_ROOT

PROGRAM = """
import asyncio, os, socket, sys, threading

def refuse(event, args):
    if event == "socket.connect" or event == "socket.getaddrinfo":
        print("CONNECTION", args[-1], flush=True)
        raise OSError("no network here")

sys.addaudithook(refuse)
from evals.judges.registry import judges
from tests.unit.evals.judge_parts import Scripted, model, question

before = set(sys.modules)
assert not any(name.split(".")[0] in ("deepeval", "ragas") for name in before), "loaded before it was asked"

async def main():
    scripted = Scripted({"reason": "r", "score": 8}, {"statements": ["a"]},
                        {"statements": [{"statement": "a", "reason": "r", "verdict": 1}]})
    known = judges(model(scripted))
    first = await known["deepeval"].grade(question(metric="g_eval", steps=["Manda?"], threshold=0.5))
    second = await known["ragas"].grade(question(metric="faithfulness", threshold=0.5))
    print("GRADES", first.met, second.met, "SECRET" in "".join(os.environ))

asyncio.run(main())
"""


def test_they_write_nothing_call_nobody_and_read_no_env_file(tmp_path: Path) -> None:
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / ".env").write_text("SECRET_OF_A_PROJECT=1\n", encoding="utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DEEPEVAL", "RAGAS", "XDG"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env={**clean, "HOME": str(home), "PYTHONPATH": str(PROJECT_ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "GRADES True True False\n"
    assert [path.name for path in folder.iterdir()] == [".env"]
    assert list(home.rglob("*")) == []
