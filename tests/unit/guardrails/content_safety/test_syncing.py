"""The files' blocklists at the service, which is the emulator over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from guardrails.blocklists import Blocklists, load_blocklists
from guardrails.content_safety.keeping import BlocklistKeeper
from guardrails.content_safety.opening import open_keeper
from guardrails.content_safety.syncing import Step, carry_out, plan
from guardrails.emulator import create_app
from guardrails.emulator.faults import Fault
from guardrails.emulator.server import serving
from matria.errors import InputError, ModelError
from matria.policy import Policy
from matria.settings import ModerationSettings
from tests.unit.guardrails.content_safety.double import PATIENCE


@contextmanager
def keeping(policy: Policy, *faults: Fault) -> Iterator[BlocklistKeeper]:
    with serving(create_app(apply_lag_s=0, faults=faults)) as endpoint:
        settings = ModerationSettings(kind="azure", endpoint=endpoint, api_key=SecretStr("any"))
        yield open_keeper(settings, policy, PATIENCE)


async def sync(blocklists: Blocklists, keeper: BlocklistKeeper, *, prune: bool = False) -> list[tuple[str, int]]:
    """What was done, as change and size."""
    done: list[Step] = []
    await carry_out(await plan(blocklists, keeper, prune=prune), keeper, done.append)
    return [(step.change, step.size) for step in done]


def lists(folder: Path, *texts: str, name: str = "matria-x", description: str = "what for") -> Blocklists:
    items = [{"text": text, "description": "why"} for text in texts]
    tree: dict[str, Any] = {"name": name, "description": description, "directions": ["assistant"], "language": "pt"}
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(tree | {"clinical_review": "pending", "items": items}))
    return load_blocklists(folder)


async def test_the_lists_of_the_checkout_arrive_and_a_second_run_has_nothing_to_do(policy: Policy) -> None:
    ours = load_blocklists()
    with keeping(policy) as keeper:
        await sync(ours, keeper)
        assert set(await keeper.blocklists()) == {each.name for each in ours.lists}
        for each in ours.lists:
            assert {(i.text, i.description) for i in await keeper.items(each.name)} == {
                (i.text, i.description) for i in each.items
            }
        assert await plan(ours, keeper) == []


async def test_a_plan_alone_changes_nothing(policy: Policy) -> None:
    with keeping(policy) as keeper:
        assert await plan(load_blocklists(), keeper)
        assert await keeper.blocklists() == {}


async def test_edits_go_in_batches_of_a_hundred_and_every_page_is_read(policy: Policy, tmp_path: Path) -> None:
    with keeping(policy) as keeper:
        many = [f"termo {number}" for number in range(250)]
        assert await sync(lists(tmp_path, *many), keeper) == [("create", 0), ("add", 100), ("add", 100), ("add", 50)]
        assert await sync(lists(tmp_path, *many[120:], "novo"), keeper) == [("add", 1), ("remove", 100), ("remove", 20)]
        assert len(await keeper.items("matria-x")) == 131


async def test_another_description_changes_an_item_and_a_list(policy: Policy, tmp_path: Path) -> None:
    with keeping(policy) as keeper:
        await sync(lists(tmp_path, "um", "dois"), keeper)
        await keeper.put_items("matria-x", {"um": "something else"})
        assert await sync(lists(tmp_path, "um", "dois", description="other"), keeper) == [
            ("describe", 0),
            ("change", 1),
        ]
        assert await plan(load_blocklists(tmp_path), keeper) == []


async def test_lists_of_others_are_let_be_and_ours_go_when_asked(policy: Policy, tmp_path: Path) -> None:
    with keeping(policy) as keeper:
        await keeper.put_blocklist("another-product", "theirs")
        await keeper.put_blocklist("matria-old", "ours, once")
        ours = lists(tmp_path, "um")
        await sync(ours, keeper)
        assert set(await keeper.blocklists()) == {"another-product", "matria-old", "matria-x"}
        assert await sync(ours, keeper, prune=True) == [("delete", 0)]
        assert set(await keeper.blocklists()) == {"another-product", "matria-x"}


async def test_a_run_that_breaks_off_half_way_is_ended_by_the_next(policy: Policy, tmp_path: Path) -> None:
    ours = lists(tmp_path, *(f"termo {number}" for number in range(250)))
    broken = Fault("500", times=3, only=":addOrUpdateBlocklistItems")
    with keeping(policy, broken) as keeper:
        with pytest.raises(ModelError, match="the same command goes on"):
            await sync(ours, keeper)
        assert await sync(ours, keeper) == [("add", 100), ("add", 100), ("add", 50)]


async def test_a_short_failure_is_attempted_again(policy: Policy, tmp_path: Path) -> None:
    with keeping(policy, Fault("429", times=1), Fault("503", times=1)) as keeper:
        assert await sync(lists(tmp_path, "um"), keeper) == [("create", 0), ("add", 1)]


async def test_no_more_is_sent_than_the_service_takes_beside_the_lists_of_others(
    policy: Policy, tmp_path: Path
) -> None:
    with keeping(policy) as keeper:
        await keeper.put_blocklist("another-product", "theirs")
        await keeper.put_items("another-product", {"deles": ""})
        ours = lists(tmp_path, *(f"termo {number}" for number in range(10_000)))
        with pytest.raises(InputError, match="other lists hold 1, and the files have 10,000"):
            await sync(ours, keeper)
        assert set(await keeper.blocklists()) == {"another-product"}


async def test_a_key_that_is_refused_is_said_in_one_sentence(policy: Policy) -> None:
    with serving(create_app(api_key="the key")) as endpoint:
        settings = ModerationSettings(kind="azure", endpoint=endpoint, api_key=SecretStr("another"))
        with pytest.raises(ModelError, match="refused the key"):
            await plan(load_blocklists(), open_keeper(settings, policy))
