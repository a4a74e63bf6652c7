"""What people wrote in seven days, by prompt, as a forecast multiplies with it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from flows.steps.traffic import traffic_of
from matria.costs.memory import MemorySums
from matria.policy import load_policy
from tests.unit.flows.cost_parts import NOW, call


def test_each_prompt_has_its_own_messages_of_seven_days(root: Path) -> None:
    """Three messages in pt-BR, of which one has no price, and one in English; older ones and cases do not count."""
    day = timedelta(days=1)
    entries = [
        call("a", "0.01", NOW - day / 2),
        call("a", "0.002", NOW - day / 2, "moderation", model="moderator"),
        call("b", "0.02", NOW - 2 * day),
        call("c", None, NOW - 2 * day),
        call("d", "0.05", NOW - 6.5 * day, locale="en", version="1.1.0"),
        call("old", "9", NOW - 8 * day),
        replace(call("case", "9", NOW - day, "evaluation"), serves="evaluation"),
    ]
    policy = load_policy(root / "policy.yaml")
    found = traffic_of(MemorySums(entries), policy, NOW)
    assert found
    assert set(found.prompts) == {"gestante/triagem.pt-BR", "gestante/triagem.en"}
    own = found.prompts["gestante/triagem.pt-BR"]
    # (0.01 + 0.002) + 0.02 over the two whose every call has a price
    assert (own.messages, own.priced_messages, own.usd) == (3, 2, Decimal("0.032"))
    assert (found.daily(found.prompts), found.days_with_messages) == (4 / 7, 3)
    assert (found.max_rise, found.min_messages) == (
        policy.number("costs.max_rise_24h"),
        policy.count("costs.min_messages"),
    )


def test_where_nobody_wrote_there_is_no_traffic(root: Path) -> None:
    policy = load_policy(root / "policy.yaml")
    assert traffic_of(MemorySums([]), policy, NOW) is None
    assert traffic_of(MemorySums([call("old", "9", NOW - timedelta(days=8))]), policy, NOW) is None


def test_simulated_messages_are_traffic_only_where_there_are_no_real_ones(root: Path) -> None:
    policy, day = load_policy(root / "policy.yaml"), timedelta(days=1)
    test = [call(f"s{n}", "9", NOW - n * day, is_simulated=True) for n in (1, 2, 3)]
    real = call("a", "0.01", NOW - day / 2)
    both, alone = (traffic_of(MemorySums(entries), policy, NOW) for entries in ([*test, real], test))
    assert both
    assert alone
    assert (both.is_simulated, both.prompts["gestante/triagem.pt-BR"].usd) == (False, Decimal("0.01"))
    assert (alone.is_simulated, alone.prompts["gestante/triagem.pt-BR"].messages) == (True, 3)
