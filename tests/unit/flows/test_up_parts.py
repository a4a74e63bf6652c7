"""What `matria up` serves: each page by one process, since limits of the nurses' page are counted in it; MLflow from a
folder of this user's alone."""

import socket
from pathlib import Path

import pytest

from flows.up import parts, serving
from matria.errors import BusyError
from matria.settings import ServeSettings, Settings


def test_each_page_is_one_process_whatever_servers_are_told_of_workers(tmp_path: Path) -> None:
    commands = {one.name: one.command for one in parts(Settings(home=tmp_path))}
    for name in ("pages", "review"):
        at = commands[name].index("--workers")
        assert commands[name][at + 1] == "1"  # else $WEB_CONCURRENCY, which hosts set for other services


def test_the_folder_that_mlflow_is_served_from_is_for_this_user_alone(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        serve = ServeSettings(prefect_port=held.getsockname()[1])
        with pytest.raises(BusyError), serving(Settings(home=tmp_path, serve=serve), lambda step: None):
            pytest.fail("it was served")
    assert (tmp_path / "mlflow").stat().st_mode & 0o777 == 0o700
