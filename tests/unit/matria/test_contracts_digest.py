"""The content digest: equal content, equal digest, and nothing else."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from matria.contracts.digest import content_digest

FRAME = pd.DataFrame({"key": ["a", None], "day": pd.to_datetime(["2026-01-01", None]), "pulse": [70.0, np.nan]})


def test_a_digest_is_that_of_a_hand_made_encoding() -> None:
    frame = pd.DataFrame({"key": ["a", None]})
    expected = hashlib.sha256(b'[2, 1]["key", "text"]' + json.dumps(["a", None]).encode())
    assert content_digest(frame) == expected.hexdigest()


@pytest.mark.parametrize(
    "same",
    [
        FRAME.copy(),
        FRAME.set_index(pd.Index([7, 9])),
        FRAME.astype({"pulse": "Float64"}),
        FRAME.assign(key=FRAME["key"].astype("string")),
        FRAME.assign(day=FRAME["day"].astype("datetime64[ms]")),
    ],
)
def test_labels_and_storage_types_do_not_count(same: pd.DataFrame) -> None:
    assert content_digest(same) == content_digest(FRAME)


@pytest.mark.parametrize(
    "other",
    [
        FRAME.iloc[::-1],
        FRAME.rename(columns={"pulse": "rate"}),
        FRAME[["day", "key", "pulse"]],
        FRAME.assign(pulse=[70.0, 0.0]),
        FRAME.assign(key=["a", ""]),
        FRAME.assign(key=["a", "None"]),
        FRAME.iloc[:1],
        FRAME.iloc[:0],
    ],
)
def test_values_names_and_order_count(other: pd.DataFrame) -> None:
    assert content_digest(other) != content_digest(FRAME)


def test_equal_numbers_have_equal_digests() -> None:
    assert content_digest(pd.DataFrame({"n": [0.0]})) == content_digest(pd.DataFrame({"n": [-0.0]}))
    assert content_digest(pd.DataFrame({"n": [1]})) == content_digest(pd.DataFrame({"n": [True]}))


def test_a_parquet_round_trip_keeps_the_digest(tmp_path: Path) -> None:
    path = tmp_path / "frame.parquet"
    FRAME.to_parquet(path)
    assert content_digest(pd.read_parquet(path)) == content_digest(FRAME)
