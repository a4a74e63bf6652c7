"""Everything that a person opens in a browser, served on this machine: Prefect with a worker, MLflow, the pages.

Each part is a child process in a group of its own, its output in `home/log/<part>.log`. They start in order, each
waited for, and stop in reverse order; if one dies, the others are stopped and the error names its log.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matria import durable
from matria.errors import BusyError, InternalError
from matria.settings import Settings

HOST = "127.0.0.1"
WORK_POOL = "matria"
START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Part:
    """One process to serve."""

    name: str
    command: tuple[str, ...]
    health_url: str | None
    """Answers 200 once the part serves; None for a part that serves nothing."""
    address: str | None
    """What a person opens."""


@dataclass
class Child:
    """A part that runs."""

    part: Part
    process: subprocess.Popen[bytes]
    log_path: Path


def api_url(settings: Settings) -> str:
    """Address of the Prefect server's API that `matria up` serves."""
    return f"http://{HOST}:{settings.serve.prefect_port}/api"


def environment(settings: Settings) -> dict[str, str]:
    """The environment of every part: this process's, pointed at the local servers and at the same home.

    The worker asks for work more often than by default, since a person waits; MLflow's job runners, which nothing here
    uses, stay off.
    """
    return {
        **os.environ,
        "MATRIA_HOME": str(settings.home.resolve()),
        "PREFECT_HOME": str((settings.home / "prefect").resolve()),
        "PREFECT_API_URL": api_url(settings),
        "PREFECT_UI_API_URL": api_url(settings),
        "PREFECT_LOGGING_LEVEL": os.environ.get("PREFECT_LOGGING_LEVEL", "INFO"),
        "PREFECT_WORKER_QUERY_SECONDS": os.environ.get("PREFECT_WORKER_QUERY_SECONDS", "3"),
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": os.environ.get("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
        "PYTHONUNBUFFERED": "1",
    }


def parts(settings: Settings) -> list[Part]:
    """What is served, in the order of starting."""
    python, serve = sys.executable, settings.serve
    prefect = (python, "-m", "prefect")
    uvicorn = (python, "-m", "uvicorn", "--factory", "--host", HOST, "--log-level", "warning", "--workers", "1")
    home = settings.home.resolve()
    mlflow_url = f"http://{HOST}:{serve.mlflow_port}"
    listed = [
        Part(
            "prefect",
            (*prefect, "server", "start", "--host", HOST, "--port", str(serve.prefect_port)),
            f"{api_url(settings)}/health",
            f"http://{HOST}:{serve.prefect_port}",
        ),
        Part(
            "pages",
            (*uvicorn, "flows.site.app:build", "--port", str(serve.pages_port)),
            f"http://{HOST}:{serve.pages_port}/healthz",
            f"http://{HOST}:{serve.pages_port}",
        ),
    ]
    if settings.review.kind == "web":
        address = f"http://{HOST}:{settings.review.port}"
        build = ("flows.site.review:build", "--port", str(settings.review.port))
        listed.append(Part("review", (*uvicorn, *build), f"{address}/healthz", address))
    if settings.tracking.uri is None:
        mlflow = (python, "-m", "mlflow", "server", "--host", HOST, "--port", str(serve.mlflow_port), "--workers", "1")
        stores = ("--backend-store-uri", settings.tracking_uri, "--default-artifact-root", (home / "mlflow").as_uri())
        listed.append(Part("mlflow", (*mlflow, *stores), f"{mlflow_url}/health", mlflow_url))
    return listed


def worker(settings: Settings) -> Part:
    """The process that runs scheduled and asked-for flow runs."""
    command = (sys.executable, "-m", "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process")
    return Part("worker", (*command, "--name", f"local-{settings.serve.prefect_port}"), None, None)


@contextlib.contextmanager
def serving(settings: Settings, said: Callable[[str], None]) -> Iterator[list[Child]]:
    """Every part running and deployed to; stopped when the block ends, however it ends."""
    from flows.wiring_review import private

    if settings.tracking.uri is None:
        private(settings.home / "mlflow" / "mlflow.db")  # MLflow would make the folder for everybody to read
    children: list[Child] = []
    env = environment(settings)
    every = parts(settings)
    for part in every:
        _require_free(part)
    try:
        for part in every:
            said(f"starting {part.name}")
            children.append(_start(part, env, settings.home))
        for child in children:
            _await_healthy(child)
        said("deploying prefect.yaml")
        deploy_all(settings, env)
        said("applying automations.yaml")
        apply_automations(settings, env)
        children.append(_start(worker(settings), env, settings.home))
        durable.write_text(_notice(settings.home), json.dumps({"prefect_api_url": api_url(settings)}))
        yield children
    finally:
        _notice(settings.home).unlink(missing_ok=True)
        for child in reversed(children):
            _stop(child)


def watch(children: list[Child], until: Callable[[], bool]) -> None:
    """Returns when `until` says so. Raises `InternalError` naming the log of a part that died before."""
    while not until():
        for child in children:
            if child.process.poll() is not None:
                raise InternalError(
                    f"{child.part.name} ended with status {child.process.returncode}; its log is {child.log_path}."
                )
        time.sleep(0.2)


def deploy_all(settings: Settings, env: Mapping[str, str]) -> None:
    """The work pool and every deployment of prefect.yaml, made or brought up to date."""
    prefect = (sys.executable, "-m", "prefect", "--no-prompt")
    pool = (*prefect, "work-pool", "create", WORK_POOL, "--type", "process", "--overwrite")
    for command in (pool, (*prefect, "deploy", "--all")):
        _run(command, settings, env)


def apply_automations(settings: Settings, env: Mapping[str, str]) -> None:
    """Every automation of automations.yaml, made or brought up to date."""
    _run((sys.executable, "-c", "from flows.cli import main; main()", "automations", "apply"), settings, env)


def _run(command: Sequence[str], settings: Settings, env: Mapping[str, str]) -> None:
    """The command has done its work. Raises `InternalError` with what it said where it has not."""
    done = subprocess.run(
        command,
        cwd=settings.root,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # a Ctrl-C is ours to answer
    )
    if done.returncode != 0:
        raise InternalError(f"`{' '.join(command[2:])}` failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def running_api_url(settings: Settings) -> str | None:
    """The API that a running `matria up` with this home serves, where it answers; else None."""
    try:
        url = str(json.loads(_notice(settings.home).read_text())["prefect_api_url"])
    except (OSError, ValueError, KeyError):
        return None
    return url if _answers(f"{url}/health") else None


def _notice(home: Path) -> Path:
    return home / "up.json"


def _require_free(part: Part) -> None:
    if part.address is None:
        return
    port = int(part.address.rsplit(":", 1)[1])
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            name = f"MATRIA_SERVE__{part.name.upper()}_PORT"
            raise BusyError(
                f"Port {port} for {part.name} is taken: stop what holds it, or name another port with {name}."
            ) from error


def _start(part: Part, env: Mapping[str, str], home: Path) -> Child:
    log_path = home / "log" / f"{part.name}.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("wb") as log_file, heeding_interrupts():
        process = subprocess.Popen(
            part.command, env=dict(env), stdout=log_file, stderr=subprocess.STDOUT, start_new_session=True
        )
    return Child(part, process, log_path)


@contextlib.contextmanager
def heeding_interrupts() -> Iterator[None]:
    """What is started in this block ends at SIGINT, though a shell that put this process in the background ignores it.

    A child inherits that, and Prefect's worker, which ends by an interrupt, would never end.
    """
    is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    is_ours = threading.current_thread() is threading.main_thread()
    if is_ignored and is_ours:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if is_ignored and is_ours:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _await_healthy(child: Child) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while child.part.health_url and not _answers(child.part.health_url):
        if child.process.poll() is not None:
            raise InternalError(f"{child.part.name} did not start; its log is {child.log_path}.")
        if time.monotonic() > deadline:
            raise InternalError(f"{child.part.name} did not answer in {START_TIMEOUT_S:.0f} s; see {child.log_path}.")
        time.sleep(0.3)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _stop(child: Child) -> None:
    """The whole group is asked to end as Ctrl-C would ask, then told to, then ended."""
    for ask, patience in ((signal.SIGINT, STOP_TIMEOUT_S), (signal.SIGTERM, STOP_TIMEOUT_S), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.process.pid, ask)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(patience)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.process.pid, signal.SIGKILL)
