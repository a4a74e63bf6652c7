"""The emulator over real HTTP, its command and its page."""

import asyncio
import re
import socket
import threading
import urllib.request
from pathlib import Path

import pytest
from emulated_service import FewWords

from flows.cli.entry import run
from guardrails.emulator import create_app
from guardrails.emulator.faults import KINDS, Fault
from guardrails.emulator.routes import ROUTES
from guardrails.emulator.server import serve, serving
from matria.errors import BusyError
from tests.virtual_time import LONG_S, PATIENCE_S, until

EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "reference" / "emulator.md").read_text(encoding="utf-8")


def ask(endpoint: str, timeout_s: float = PATIENCE_S) -> bytes:
    request = urllib.request.Request(
        f"{endpoint}/contentsafety/text:analyze?api-version=2023-10-01",
        data=b'{"text": "hate"}',
        headers={"Ocp-Apim-Subscription-Key": "any", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=timeout_s) as response:
        return bytes(response.read())


def test_half_an_answer_ends_before_the_length_that_it_announced() -> None:
    from http.client import IncompleteRead

    with serving(create_app(FewWords(), faults=[Fault("half", times=1)])) as endpoint:
        with pytest.raises(IncompleteRead) as cut:
            ask(endpoint)
        assert cut.value.expected
        assert cut.value.partial == ask(endpoint)[: len(cut.value.partial)]


def test_a_call_that_hangs_does_not_hold_up_the_end() -> None:
    app = create_app(FewWords(), faults=[Fault("hang")])
    with serving(app) as endpoint:
        caller = threading.Thread(target=ask_in_vain, args=[endpoint], daemon=True)
        caller.start()
        asyncio.run(until(lambda: app.faults.met["hang"]))
    caller.join(PATIENCE_S)
    assert not caller.is_alive()


def ask_in_vain(endpoint: str) -> None:
    with pytest.raises(OSError):
        ask(endpoint, timeout_s=LONG_S)


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BusyError, match="choose another port"):
        serve(create_app(FewWords()), "127.0.0.1", taken.getsockname()[1])


def test_the_command_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["emulator", "--port", str(port), "--throttle", "5/1", "--fault", "429:share=0.5"]) == 18
    said = capsys.readouterr().out
    for name in ("KIND=azure", f"ENDPOINT=http://127.0.0.1:{port}", "API_KEY=any"):
        assert f"MATRIA_MODERATION__{name}" in said


def test_a_fault_or_limit_that_does_not_fit_ends_the_command() -> None:
    assert run(["emulator", "--fault", "fire"]) == 10
    assert run(["emulator", "--throttle", "fast"]) == 10


def test_every_call_fault_and_version_is_on_the_page(page: str) -> None:
    versions = {version for route in ROUTES for version in route.versions}
    calls = {name for route in ROUTES for name in re.findall(r":([a-z]\w+)", route.path.pattern)}
    assert len(calls) == 6
    assert [name for name in (*KINDS, *versions, *calls) if name not in page] == []


def test_the_example_runs(page: str) -> None:
    (example,) = EXAMPLE.findall(page)
    exec(compile(example, "docs/reference/emulator.md", "exec"), {})
