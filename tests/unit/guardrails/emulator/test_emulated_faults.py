"""What goes wrong on demand, how often, and how the emulator is told."""

import pytest
from emulated_service import FewWords, SetClock, Wire
from hypothesis import given
from hypothesis import strategies as st

from guardrails.emulator.app import create_app
from guardrails.emulator.faults import KINDS, Fault, Faults, parse_fault
from guardrails.emulator.throttle import Limit, Throttle, parse_limit
from matria.errors import SettingsError

ANALYZE = "/contentsafety/text:analyze"


def test_a_fault_is_written_on_one_line() -> None:
    assert parse_fault("hang") == Fault("hang")
    assert parse_fault("429:share=0.5,retry_after=1,times=3,only=text:analyze") == Fault(
        "429", share=0.5, times=3, only="text:analyze", retry_after=1.0
    )
    assert parse_fault("latency:ms=20") == Fault("latency", ms=20.0)


@pytest.mark.parametrize(
    "text",
    ["", "slow", "429:share=2", "429:share=x", "429:often=1", "latency:ms=-1", "latency:ms=inf", "hang:times=-1"],
)
def test_a_fault_that_does_not_fit_is_told(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_fault(text)


@given(st.integers(), st.lists(st.sampled_from(KINDS), max_size=4), st.floats(0, 1))
def test_the_same_seed_draws_the_same_faults(seed: int, kinds: list[str], share: float) -> None:
    faults = [Fault(kind, share=share) for kind in kinds]  # type: ignore[arg-type]
    first, second = Faults(faults, seed), Faults(faults, seed)
    for _ in range(20):
        drawn = first.draw("/")
        assert drawn == second.draw("/")
        assert len([fault for fault in drawn if fault.kind != "latency"]) <= 1


def test_a_fault_ends_after_its_times_and_meets_its_path_alone() -> None:
    faults = Faults([Fault("500", times=2, only="shield")])
    drawn = [bool(faults.draw(path)) for path in ("shield", "analyze", "shield", "shield")]
    assert drawn == [True, False, True, False]
    assert faults.met == {"500": 2}


def test_a_share_of_calls_is_met() -> None:
    faults = Faults([Fault("503", share=0.3)], seed=1)
    assert 250 < sum(bool(faults.draw("/")) for _ in range(1000)) < 350


def test_a_limit_holds_in_any_window(clock: SetClock) -> None:
    throttle = Throttle(parse_limit("2/10"), clock)
    assert [throttle.take(), throttle.take()] == [None, None]
    clock.now += 4
    assert throttle.take() == 6
    clock.now += 6
    assert throttle.take() is None


@pytest.mark.parametrize("text", ["", "5", "0/1", "5/0", "5/s", "-1/1", "1/1e9"])
def test_a_limit_that_does_not_fit_is_told(text: str) -> None:
    with pytest.raises(SettingsError, match="REQUESTS/SECONDS"):
        parse_limit(text)


@pytest.mark.parametrize(("says_when", "header"), [(True, "2"), (False, None)])
async def test_past_the_limit_the_gateway_answers(clock: SetClock, says_when: bool, header: str | None) -> None:
    wire = Wire(create_app(FewWords(), limit=Limit(1, 1.5, says_when), clock=clock))
    assert (await wire("POST", ANALYZE, {"text": "a"})).status_code == 200
    turned_away = await wire("POST", ANALYZE, {"text": "a"})
    assert (turned_away.status_code, turned_away.json()["error"]["code"]) == (429, "429")
    assert turned_away.headers.get("retry-after") == header
    assert "x-ms-error-code" not in turned_away.headers
    clock.now += 1.5
    assert (await wire("POST", ANALYZE, {"text": "a"})).status_code == 200


async def test_faults_are_set_and_lifted_while_it_serves(wire: Wire) -> None:
    set_ = {"seed": 3, "faults": [{"kind": "429", "retry_after": 7, "times": 1}, {"kind": "503"}]}
    assert (await wire("PUT", "/emulator/faults", set_)).json()["faults"][1]["share"] == 1.0
    first = await wire("POST", ANALYZE, {"text": "a"})
    assert (first.status_code, first.headers["retry-after"]) == (429, "7")
    second = await wire("POST", ANALYZE, {"text": "a"})
    assert (second.status_code, second.headers["x-ms-error-code"]) == (503, "ServerBusy")
    assert (await wire("GET", "/emulator/state")).json()["faults_met"] == {"429": 1, "503": 1}
    assert (await wire("DELETE", "/emulator/faults")).status_code == 204
    assert (await wire("POST", ANALYZE, {"text": "a"})).status_code == 200


async def test_the_service_itself_may_count_too_many_requests(wire: Wire) -> None:
    await wire("PUT", "/emulator/faults", {"faults": [{"kind": "too_many", "retry_after": 2}]})
    answer = await wire("POST", ANALYZE, {"text": "a"})
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (429, "TooManyRequests")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "faults", {"faults": [{"kind": "fire"}]}),
        ("PUT", "faults", {"faults": {}}),
        ("PUT", "faults", []),
        ("POST", "state", {"advance_s": -1}),
        ("POST", "state", {"advance_s": "5"}),
    ],
)
async def test_a_control_that_does_not_fit_is_told(wire: Wire, method: str, path: str, body: object) -> None:
    assert (await wire(method, f"/emulator/{path}", body)).status_code == 400


async def test_the_state_counts_calls_and_text_records(wire: Wire) -> None:
    await wire("POST", ANALYZE, {"text": "a" * 1_001})
    await wire("POST", "/contentsafety/text:shieldPrompt", {"userPrompt": "a", "documents": ["b", "c"]})
    await wire("PATCH", "/contentsafety/text/blocklists/mine", {})
    state = (await wire("GET", "/emulator/state")).json()
    assert state["calls"] == {"analyze": 1, "shield_prompt": 1, "put_blocklist": 1}
    assert (state["text_records"], state["blocklists"]) == (5, {"mine": 0})
    await wire("DELETE", "/emulator/state")
    assert (await wire("GET", "/emulator/state")).json()["calls"] == {}


async def test_the_clock_can_be_moved_on() -> None:
    wire = Wire(create_app(FewWords(), apply_lag_s=300, clock=SetClock()))
    await wire("PATCH", "/contentsafety/text/blocklists/mine", {})
    path = "/contentsafety/text/blocklists/mine:addOrUpdateBlocklistItems"
    await wire("POST", path, {"blocklistItems": [{"text": "um"}]})
    asked = {"text": "um", "blocklistNames": ["mine"]}
    assert not (await wire("POST", ANALYZE, asked)).json()["blocklistsMatch"]
    assert (await wire("POST", "/emulator/state", {"advance_s": 300})).json()["clock_ahead_s"] == 300
    assert (await wire("POST", ANALYZE, asked)).json()["blocklistsMatch"]
