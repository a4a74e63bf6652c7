"""`matria chat`: a conversation with the assistant in the terminal, as a person would have it."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.steps.chat import ChatRequestOptions, ChatSession
    from flows.wiring import Platform
    from guardrails.base import Category
    from models.assistant.conversation import Answer

SETTLED_WITHIN_S = 30
"""How long an answer that was left may still be read, so that it is paid in the open."""
ENDS = ("/sair", "/exit", "/quit")
HANDED_OVER = {
    "told": "a person was told of it",
    "untold": "kept for a person, and no channel took the notice: see matria handovers list",
    "pending": "a person is being told of it",
    "known": "a person knows of it already",
    "failed": "it could not be kept for a person: see the log",
}


def chat(
    prompt: Annotated[str, typer.Option(help="Prompt to talk to.")] = "gestante/conteudo",
    locale: Annotated[str, typer.Option(help="pt-BR, pt-PT or en.")] = "pt-BR",
    weeks: Annotated[int | None, typer.Option(help="Weeks of pregnancy, if known.", min=0, max=45)] = None,
    days: Annotated[int | None, typer.Option(help="Days since the birth, if known.", min=0, max=400)] = None,
    name: Annotated[str | None, typer.Option(help="Her first name; no model is told.")] = None,
    explain: Annotated[bool, typer.Option(help="Show what the rails decided, what was read and what it took.")] = False,
    record: Annotated[bool, typer.Option(help="Keep the conversation, masked, as a run in MLflow.")] = True,
) -> None:
    """Talk to the assistant, guardrails and all; Ctrl-D or /sair ends it."""
    import asyncio

    from flows.cli import show
    from flows.wiring import Platform

    platform, opened = Platform.load(), Opened()
    try:
        asyncio.run(_talk(platform, _options(prompt, locale, weeks, days, name), explain, opened))
    finally:
        if record and opened.session is not None and opened.session.answers:
            show.line(f"recorded as MLflow run {opened.session.record()}")


@dataclass
class Opened:
    """The conversation, once it is open: what was said is recorded however it ends."""

    session: "ChatSession | None" = None


def _options(prompt: str, locale: str, weeks: int | None, days: int | None, name: str | None) -> "ChatRequestOptions":
    from flows.steps.chat import ChatRequestOptions
    from matria.errors import PromptError
    from matria.messages import LOCALES

    chosen = next((known for known in LOCALES if known == locale), None)
    if chosen is None:
        raise PromptError(f"There is no locale '{locale}': choose one of {', '.join(LOCALES)}.")
    given = {"gestational_age_weeks": weeks, "days_postpartum": days, "first_name": name}
    return ChatRequestOptions(prompt, chosen, {key: value for key, value in given.items() if value is not None})


async def _talk(platform: "Platform", options: "ChatRequestOptions", explain: bool, opened: Opened) -> None:
    import asyncio

    from flows.cli import show
    from flows.steps.chat import open_session
    from matria.errors import UserError

    model = platform.chat()
    assistant = platform.assistant(model, serves_people=True)
    try:
        session = opened.session = open_session(platform, assistant, options)
        show.line(f"\n{session.greeting}\n")
        while (said := await _heard()) is not None:
            if not said.strip():
                continue
            try:
                await _answer(session, said, explain)
            except UserError as error:
                show.line(f"\n\n[{error}]\n")
    finally:
        await asyncio.wait_for(assistant.settled(), SETTLED_WITHIN_S)
        await model.aclose()


async def _heard() -> str | None:
    """What she types next; None where she ends the conversation."""
    import asyncio
    import sys

    if sys.stdin.isatty():
        sys.stdout.write("› ")
        sys.stdout.flush()
    line = await asyncio.to_thread(sys.stdin.readline)
    return None if not line or line.strip() in ENDS else line.rstrip("\n")


async def _answer(session: "ChatSession", said: str, explain: bool) -> None:
    from flows.cli import show
    from flows.cli.terminal import Column, inert

    column = Column(show.out.width)

    show.line("")
    async with aclosing(session.say(said)) as parts:
        async for part in parts:
            if isinstance(part, str):
                show.out.print(inert(column.wrapped(part)), end="", soft_wrap=True)
            else:
                show.line("\n")
                if explain:
                    explained(part)


def explained(answer: "Answer") -> None:
    """What the rails decided on question and answer, which notes were read, and what it took."""
    from flows.cli import show

    asked, told = answer.input_decision, answer.output_decision
    rows = [
        (side, d.rail, d.action, ", ".join(d.reasons), _levels(d.levels), f"{d.latency_ms:.1f}")
        for side, chain in (("question", asked), ("answer", told))
        if chain is not None
        for d in chain.decisions
    ]
    show.out.print(show.table("", ["of", "rail", "action", "reasons", "levels", "ms"], rows))
    timing = answer.timing
    first = "" if timing.first_shown_ms is None else f", first words after {timing.first_shown_ms:.0f} ms"
    model = "not asked" if timing.model_ms is None else f"{timing.model_ms:.0f} ms"
    rails = f"{timing.input_rails_ms + timing.output_rails_ms + timing.stream_rails_ms:.1f} ms"
    show.line(f"{answer.outcome}; model {model}, rails {rails}{first}")
    if answer.notes:
        show.line(f"notes: {', '.join(answer.notes)}")
    if answer.handed_over:
        show.line(HANDED_OVER[answer.handed_over])
    show.line("")


def _levels(levels: "Mapping[Category, int]") -> str:
    return ", ".join(f"{category} {level}" for category, level in levels.items() if level)
