"""One small simulated service, ingested once for all tests that read its tables."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_service import UNTIL, Service

from matria.contracts.contract import Contract, load_contracts
from matria.contracts.union import read_union
from matria.events.file import open_file
from matria.events.ingest import ingest, local_stores
from matria.events.synthetic import simulate, write_jsonl
from matria.policy import Policy, load_policy
from matria.privacy.keys import HashKey


@pytest.fixture(scope="session")
def contracts() -> Mapping[str, Contract]:
    """The shipped contracts."""
    return load_contracts()


@pytest.fixture(scope="session")
def policy(root: Path) -> Policy:
    """The shipped thresholds."""
    return load_policy(root / "policy.yaml")


@pytest.fixture(scope="session")
def hash_key() -> HashKey:
    """A key for tests."""
    return HashKey("test-1", bytes(range(32)))


@pytest.fixture(scope="session")
def now() -> datetime:
    """When tests ingest: after the simulated service ended."""
    return datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory,
    contracts: Mapping[str, Contract],
    policy: Policy,
    hash_key: HashKey,
    now: datetime,
) -> Service:
    """100 women, about 4,400 events, ingested."""
    home = tmp_path_factory.mktemp("service")
    source = home / "synthetic-small.jsonl"
    events = list(simulate(100, seed=11, until=UNTIL))
    write_jsonl(events, source)
    stores = local_stores(home)
    report = ingest(open_file(source, contracts), stores, contracts, hash_key, policy, now)
    tables = {name: read_union(stores.clean, contracts[name], hash_key.key_id).frame for name in contracts}
    return Service(home, source, events, stores, report, tables)
