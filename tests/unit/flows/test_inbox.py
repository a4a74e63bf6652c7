"""The inbox: what was taken in whole leaves it, so that silence is seen as silence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.steps.data import ingest_events, simulate_events
from flows.wiring import Platform
from matria.errors import InputError


def test_a_file_that_was_taken_in_leaves_the_inbox_and_one_that_was_not_stays(
    tmp_path: Path, mlflow_in: Callable[[Path], Path]
) -> None:
    mlflow_in(tmp_path / "mlflow")
    platform = Platform.load(home=tmp_path)
    written = simulate_events(platform, 20, 7, None, False, None)
    outcome = ingest_events(platform, (), None)
    total = outcome.table()[-1]
    assert total["rows in"] == total["clean"] + total["quarantined"] + total["duplicates"] == written.events
    assert not platform.inbox_files()
    assert (platform.inbox / "done" / written.path.name).exists()
    (platform.inbox / "broken.jsonl").write_bytes(b"\x00\x01")
    with pytest.raises(InputError, match="broken.jsonl"):
        ingest_events(platform, (), None)
    assert [path.name for path in platform.inbox_files()] == ["broken.jsonl"]
