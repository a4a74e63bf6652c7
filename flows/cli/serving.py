"""`matria up`, `matria simulator` and `matria emulator`: what is served on this machine until Ctrl-C."""

from pathlib import Path
from typing import Annotated

import typer


def up() -> None:
    """Serve Prefect with a worker, MLflow and our pages."""
    import signal
    import threading

    from flows import up as service
    from matria.settings import load_settings

    settings = load_settings()
    asked = threading.Event()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the start as Ctrl-C does
    with service.serving(settings, lambda step: typer.echo(f"  {step} …")) as children:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: asked.set())
        typer.echo("\nMátria is up:")
        labels = {
            "prefect": "Prefect (flows, deployments, artifacts)",
            "review": "Nurses' page (the week's cards)",
            "mlflow": "MLflow (runs, models, prompts)",
        }
        for child in children:
            if child.part.address:
                typer.echo(f"  {labels.get(child.part.name, 'Pages (reports, model cards)'):42} {child.part.address}")
        typer.echo("\nStart a run: matria run retrain    Stop: Ctrl-C")
        service.watch(children, asked.is_set)
        typer.echo("\nstopping …")
    typer.echo("stopped.")


def simulator(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; by default the one of the settings.")] = None,
) -> None:
    """Serve the simulated chat model on the OpenAI wire."""
    from matria.settings import load_settings
    from models.simulator.server import serve

    chosen = load_settings().serve.simulator_port if port is None else port
    typer.echo(f"simulator-1 answers at http://127.0.0.1:{chosen}/v1 (any key). Stop: Ctrl-C")
    serve("127.0.0.1", chosen)


def emulator(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; by default the one of the settings.")] = None,
    key: Annotated[str | None, typer.Option(help="Key that callers must give; by default any will do.")] = None,
    apply_lag: Annotated[
        float | None, typer.Option(min=0, help="Seconds until an edit of a blocklist applies; 0 for at once.")
    ] = None,
    throttle: Annotated[
        str | None, typer.Option(help="REQUESTS/SECONDS that are taken, such as 5/1 or 1000/10. Default: no limit.")
    ] = None,
    retry_after: Annotated[bool, typer.Option(help="Whether a call past the limit is told when to come again.")] = True,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="KIND:name=value,…, such as 429:share=0.5,retry_after=1; may be given again. Kinds: latency (ms=…), "
            "429, too_many, 500, 503, malformed, wrong_shape, half, hang."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same calls that meet a fault.")] = 0,
    state: Annotated[Path | None, typer.Option(help="File that keeps blocklists; by default they end with it.")] = None,
) -> None:
    """Serve an emulator of Azure AI Content Safety."""
    from guardrails.emulator import create_app
    from guardrails.emulator.faults import parse_fault
    from guardrails.emulator.server import serve
    from guardrails.emulator.throttle import parse_limit
    from matria.settings import load_settings

    settings = load_settings().serve
    app = create_app(
        api_key=key,
        apply_lag_s=settings.emulator_apply_lag_s if apply_lag is None else apply_lag,
        limit=None if throttle is None else parse_limit(throttle, says_when=retry_after),
        faults=[parse_fault(text) for text in fault or ()],
        seed=seed,
        state=state,
    )
    chosen = settings.emulator_port if port is None else port
    typer.echo(f"Azure AI Content Safety is imitated at http://127.0.0.1:{chosen}. To moderate with it, set")
    typer.echo("  MATRIA_MODERATION__KIND=azure")
    typer.echo(f"  MATRIA_MODERATION__ENDPOINT=http://127.0.0.1:{chosen}")
    typer.echo(f"  MATRIA_MODERATION__API_KEY={'the key that you gave' if key else 'any'}")
    typer.echo("Stop: Ctrl-C")
    serve(app, "127.0.0.1", chosen)
