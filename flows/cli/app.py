"""The tree of commands, each declared in the file of its theme."""

from typing import Annotated

import typer

from flows.cli import (
    automations,
    cache,
    chat,
    costs,
    data,
    evaluation,
    guardrails,
    handovers,
    main_job,
    notices,
    post,
    prompts,
    review,
    serving,
    suites,
)
from flows.cli.sections import Sections

app = typer.Typer(
    name="matria",
    cls=Sections,
    rich_markup_mode=None,
    help="Train, evaluate, release and watch the models and prompts of a maternal-health service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def configure(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each decision.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log as JSON Lines.")] = False,
) -> None:
    """Options of every command."""
    import logging

    from matria.log import configure as configure_log

    configure_log(logging.INFO if verbose else logging.WARNING, "json" if log_json else "plain")


app.command(rich_help_panel="Everything at once")(main_job.demo)
app.command(rich_help_panel="Everything at once")(serving.up)
app.command(rich_help_panel="Everything at once")(main_job.doctor)
app.command(rich_help_panel="Everything at once")(main_job.run)
app.command(rich_help_panel="Data")(data.simulate)
app.command(rich_help_panel="Data")(data.ingest)
app.command(rich_help_panel="Prompts")(chat.chat)
app.add_typer(prompts.app, name="prompt", cls=Sections, rich_help_panel="Prompts")
app.add_typer(suites.app, name="suite", cls=Sections, rich_help_panel="Prompts")
app.command(name="eval", rich_help_panel="Prompts")(evaluation.evaluate)
app.command(rich_help_panel="Prompts")(evaluation.why)
app.command(rich_help_panel="Prompts")(post.post)
app.add_typer(review.app, name="review", cls=Sections, rich_help_panel="Nurses")
app.add_typer(costs.app, name="costs", cls=Sections, rich_help_panel="Operation")
app.add_typer(cache.app, name="cache", cls=Sections, rich_help_panel="Operation")
app.add_typer(notices.app, name="notices", cls=Sections, rich_help_panel="Operation")
app.add_typer(automations.app, name="automations", cls=Sections, rich_help_panel="Operation")
app.add_typer(handovers.app, name="handovers", cls=Sections, rich_help_panel="Operation")
app.add_typer(guardrails.app, name="guardrails", cls=Sections, rich_help_panel="Operation")
app.command(rich_help_panel="Operation")(serving.simulator)
app.command(rich_help_panel="Operation")(serving.emulator)
