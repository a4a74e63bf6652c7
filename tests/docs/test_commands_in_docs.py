"""Every command that the docs show exists, with the options shown: each is parsed as the command line would."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from flows.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.pt-BR.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(?:console|bash|sh|shell)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(matria [a-z][^`]*)`")
PLACEHOLDERS = re.compile(r"\b(FILE|REF|CASE|FLOW|COMMAND|NAME|DIR)\b")
ROOT_COMMAND: Any = typer.main.get_command(app)


def shown(page: Path) -> Iterator[str]:
    """Each command line of a page, continuation lines joined."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            line = line.removeprefix("$ ").split(" #")[0].strip()
            if line.startswith(("matria ", "make ")):
                yield line
    for line in INLINE.findall(text):
        if not re.search(r"\b[a-z-]+, [a-z-]+\b|…|\[--", line):
            yield line


LINES = sorted({(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in shown(page)})


def parse(command: Any, arguments: list[str]) -> None:
    """Parses as the command line would, and runs nothing."""
    children = getattr(command, "commands", None)
    if children is None:
        try:
            command.make_context("matria", arguments)
        except Exception as error:
            is_named_only = not arguments and "Missing parameter" in str(error)
            if not is_named_only and "requires an argument" not in str(error):  # named in a sentence, not run
                raise
        return
    if command.invoke_without_command:
        context = command.make_context("matria", [*arguments])
        arguments = [*context._protected_args, *context.args]
    names = [argument for argument in arguments if not argument.startswith("-")]
    if not names:
        return
    assert names[0] in children, f"there is no command '{names[0]}'"
    parse(children[names[0]], arguments[arguments.index(names[0]) + 1 :])


@pytest.mark.parametrize(("page", "line"), LINES, ids=lambda value: str(value))
def test_a_command_in_the_docs_exists(page: str, line: str) -> None:
    words = shlex.split(line)
    words = words[: words.index("&&")] if "&&" in words else words
    if words[0] == "make":
        targets = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(re.search(rf"^{target}\b.*:", targets, re.MULTILINE) for target in words[1:] if "=" not in target)
        return
    if "--help" in words or PLACEHOLDERS.search(line):
        words = [word for word in words if word != "--help"]
        named = [word for word in words[1:] if word.islower() and not word.startswith("-")]
        parse(ROOT_COMMAND, named[:1])
        return
    parse(ROOT_COMMAND, words[1:])


def test_the_docs_show_commands() -> None:
    assert len(LINES) > 10
