"""Files that a crash at any instant leaves whole: temporary name, fsync, rename, fsync of the folder.

A reader sees the old file or the new one, never a part. Temporary names start with a dot and end in `.partial`;
`sweep` removes those that a killed process left.
"""

import contextlib
import errno
import os
import uuid
from collections.abc import Callable
from pathlib import Path

from matria.errors import StorageError

PARTIAL_SUFFIX = ".partial"


def write_bytes(path: Path, content: bytes) -> Path:
    """The file `path`, holding exactly `content`. Raises `StorageError` where the disk does not take it."""
    return write_with(path, lambda partial: _dump(partial, content))


def write_text(path: Path, content: str) -> Path:
    """The file `path`, holding `content` as UTF-8 with the newlines it has."""
    return write_bytes(path, content.encode("utf-8"))


def write_with(path: Path, write: Callable[[Path], object]) -> Path:
    """The file `path` as `write(temporary_path)` made it; on any failure the old file stays, nothing is left over."""
    partial = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}{PARTIAL_SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(partial)
        _fsync(partial)
        os.replace(partial, path)  # noqa: PTH105  (the one call whose atomicity POSIX names)
        _fsync(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return path


def sweep(folder: Path) -> int:
    """How many left-over temporary files of killed writers were removed below `folder`."""
    leftovers = list(folder.rglob(f".*{PARTIAL_SUFFIX}")) if folder.is_dir() else []
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    return len(leftovers)


def storage_error(error: OSError, path: Path) -> StorageError:
    """`error` in a sentence that says what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            f"The disk is full: {path.name} was not written and what was there before is whole. "
            f"Free some space under {path.parent} and run the same command again."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StorageError(
            f"{path.parent} cannot be written ({error.strerror}): name another folder with MATRIA_HOME."
        )
    return StorageError(f"{path} could not be written: {error.strerror or error}.")


def _dump(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
