"""How `matria run` says that a run ended: its line and its exit status."""

import pytest
from prefect.states import Completed, Crashed, Failed, Running

from flows.run import _ended


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (Completed(message="fine"), 0),
        (Completed(name="NoData", message="nothing came"), 0),
        (Failed(name="Blocked", message="worse"), 20),
        (Failed(name="Inconclusive"), 21),
        (Failed(name="Error"), 22),
        (Failed(name="Alert", message="dearer"), 24),
        (Failed(), 1),
        (Crashed(), 1),
        (Running(), 1),
    ],
)
def test_a_run_that_did_not_pass_is_not_status_0(state: object, status: int) -> None:
    assert _ended("evaluate-prompts", state, "http://127.0.0.1/run").exit_code == status


def test_a_run_that_goes_on_says_so() -> None:
    assert "it goes on" in _ended("retrain", Running(), "").line
