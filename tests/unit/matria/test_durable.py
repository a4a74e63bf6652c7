"""Files that a crash leaves whole."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria import durable
from matria.errors import StorageError


@given(st.binary(max_size=2_000), st.binary(max_size=2_000))
def test_the_last_write_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, first: bytes, second: bytes) -> None:
    path = tmp_path_factory.mktemp("durable") / "a" / "file"
    durable.write_bytes(path, first)
    durable.write_bytes(path, second)
    assert path.read_bytes() == second
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_a_full_disk_keeps_the_old_file_and_leaves_nothing_over(tmp_path: Path) -> None:
    path = durable.write_text(tmp_path / "report.md", "old")

    def fill(partial: Path) -> None:
        partial.write_text("half of the new")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="disk is full.*what was there before is whole"):
        durable.write_with(path, fill)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / ".a.parquet.0123abcd.partial").write_text("half")
    durable.write_text(tmp_path / "day" / "a.parquet", "whole")
    assert durable.sweep(tmp_path) == 1
    assert [p.name for p in (tmp_path / "day").iterdir()] == ["a.parquet"]


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        durable.write_text(tmp_path / "taken" / "file", "x")
