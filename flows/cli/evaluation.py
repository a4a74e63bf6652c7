"""`matria eval` and `matria why`: is it good enough, and why not."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    suite: Annotated[
        list[str] | None,
        typer.Option(
            help="Suite name, file of cases (FILE.jsonl), or healthbench:FILE; may be given again. Default: all."
        ),
    ] = None,
    prompt: Annotated[
        list[str] | None,
        typer.Option(
            help="Prompt, with or without its locale; may be given again. Default: with --against those that the "
            "change touches, else all."
        ),
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="Only prompts with this tag, such as persona:gestante or locale:pt-BR; may be given again."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="Git revision, or folder of prompts, of the base; without it prompts are scored, not compared."
        ),
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="With --against: prompts that did not change too.")] = False,
    model: Annotated[str | None, typer.Option(help="Model that answers, in place of the one in the settings.")] = None,
    judge: Annotated[str | None, typer.Option(help="Model that judges, in place of the one in the settings.")] = None,
    epochs: Annotated[int, typer.Option(min=1, max=20, help="Answers for each case.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Cases of each suite at most, in order.")] = None,
    case: Annotated[list[str] | None, typer.Option(help="Case, with or without its locale. Default: all.")] = None,
    library: Annotated[Path | None, typer.Option(help="Folder of prompts in place of the checkout's.")] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Ask the model alone, without the assistant's rails.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Ask again what is already known.")] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither take replies from the response cache nor keep them in it.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked, and what it would take; ask nothing.")
    ] = False,
    max_cost: Annotated[
        float | None,
        typer.Option(min=0, help="Ask nothing that could pass this many US dollars: answers, judges, moderation."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Begin without being asked, whatever it is estimated to cost.")
    ] = False,
    max_minutes: Annotated[float | None, typer.Option(min=0, help="Stop asking after this many minutes.")] = None,
    no_record: Annotated[bool, typer.Option("--no-record", help="Write no runs to MLflow.")] = False,
    post: Annotated[
        bool, typer.Option("--post", help="Tell the pull request of the pipeline: while it runs, and the verdict.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for rows, comment and reports.")] = None,
) -> None:
    """Score prompts; with --against, give a verdict on those that a change touches.

    Exit status: 0 improved or not worse, 20 blocked, 21 inconclusive, 22 too many errors to tell, 23 not agreed to.
    """
    from flows.cli import show
    from flows.cli.agreeing import agreed
    from flows.cli.posting import finish, poster_of, told
    from flows.steps.evaluation import evaluate_prompts
    from flows.steps.evaluation_estimate import estimate_evaluation, require_approval
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform

    platform = Platform.load()
    request = EvaluationRequest(
        suites=tuple(suite or ()),
        prompts=tuple(prompt or ()),
        tags=tuple(tag or ()),
        against=against,
        is_all=is_all,
        model=model,
        judge=judge,
        epochs=epochs,
        limit=limit,
        cases=tuple(case or ()),
        library=library,
        is_bare=bare,
        fresh=fresh,
        no_cache=no_cache,
        is_recorded=not no_record,
        max_usd=None if max_cost is None else Decimal(str(max_cost)),
        max_seconds=None if max_minutes is None else 60 * max_minutes,
        out=out,
    )
    with poster_of(platform, post and not dry_run) as poster:
        outlook = estimate_evaluation(platform, request)
        if dry_run:
            show.estimated(outlook)
            return
        show.expected(outlook)
        if (not yes or outlook.is_cap_void(request)) and not agreed(outlook, request):
            require_approval(outlook, request)
        with show.progress("cases") as progress:
            outcome = evaluate_prompts(platform, request, told(progress, poster), outlook)
        show.evaluated(outcome)
        finish(platform, poster, outcome)
    raise typer.Exit(outcome.exit_code)


def why(
    case: Annotated[str, typer.Argument(help="Case, such as bleeding-third-trimester.pt-BR.")],
    run: Annotated[Path | None, typer.Option(help="Folder of an evaluation; by default the newest.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Write out the system message as it was sent.")] = False,
) -> None:
    """Show why one case got its score: the prompt's change, the input, both answers, what each criterion found."""
    from flows.cli.show_why import explanation
    from flows.steps.evaluation import explain_case
    from flows.wiring import Platform

    explanation(explain_case(Platform.load(), case, run), whole)
