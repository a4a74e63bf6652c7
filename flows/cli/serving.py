"""`matria up` and `matria simulator`: what is served on this machine until Ctrl-C."""

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
        labels = {"prefect": "Prefect (flows, deployments, artifacts)", "mlflow": "MLflow (runs, models, prompts)"}
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
