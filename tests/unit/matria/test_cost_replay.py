"""The replay that rules and causes are measured on is what a ledger would hold of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.sums import Window

HOUR = timedelta(hours=1)


def test_sums_of_the_replay_are_those_of_a_ledger_with_its_entries(tmp_path: Path, shared_data: Path) -> None:
    from tests.bench.cost_replay import Plant, replay
    from tests.bench.cost_traffic import Traffic

    assert shared_data
    traffic = Traffic(seed=5, hours=30, messages_a_day=150)
    at = traffic.start + 20 * HOUR
    played = replay(traffic, [Plant("price", at, 0.3, until=at + 5 * HOUR), Plant("prompt_tokens", at + HOUR, 0.5)])
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.record(played.entries(traffic.start, traffic.end))
    window = Window(traffic.end - 24 * HOUR, traffic.end, 6 * HOUR)

    assert list(played.messages(window)) == list(ledger.messages(window))
    assert list(played.calls(window)) == list(ledger.calls(window))


@pytest.mark.parametrize("rise", [0.3, -0.1])
def test_planted_change_moves_the_mean_by_what_was_asked_for(rise: float, shared_data: Path) -> None:
    from tests.bench.cost_replay import Plant, replay
    from tests.bench.cost_traffic import Traffic

    assert shared_data
    traffic = Traffic(seed=5, hours=48)
    played = replay(traffic, [Plant("output_tokens", traffic.start, rise)])
    plain = replay(traffic)

    assert played.rises[0] == pytest.approx(rise, abs=0.01)
    whole = played.pico.sum() / plain.pico.sum() - 1  # the same messages, all of them after the change
    assert whole == pytest.approx(rise, abs=0.01)
