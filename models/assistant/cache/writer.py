"""A thread that writes entries in batches: what comes while one batch is written goes together into the next.

Nobody waits for it. A process that is killed loses the batch that is gathering, some hundredths of a second of replies.
"""

import logging
import queue
import threading
from collections.abc import Callable, Sequence

from matria.errors import StorageError
from models.assistant.cache.base import CacheEntry

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 500
_GATHERING_S = 0.02
"""A batch is let grow for so long: a transaction costs as much as ten entries, and takes its turn from the calls."""


class BatchWriter:
    """Runs `write` in a thread of its own; entries are found in `unwritten` until they are written."""

    def __init__(self, write: Callable[[Sequence[CacheEntry]], None]) -> None:
        self._write = write
        self._queue: queue.SimpleQueue[CacheEntry | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self.unwritten: dict[str, CacheEntry] = {}
        self._closing = threading.Event()
        self._lost = 0
        self._thread = threading.Thread(target=self._run, name="response-cache", daemon=True)
        self._thread.start()

    def put(self, entry: CacheEntry) -> None:
        """Taken; written soon."""
        with self._lock:
            self.unwritten[entry.key] = entry
        self._queue.put(entry)

    def close(self) -> None:
        """Waits until everything is written."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()
        if self._lost:
            log.warning("%d replies could not be kept in the cache; they will be asked for again", self._lost)

    def _run(self) -> None:
        is_open = True
        while is_open:
            batch, is_open = self._take()
            self._write_batch(batch)
            if is_open:
                self._closing.wait(_GATHERING_S)

    def _take(self) -> tuple[list[CacheEntry], bool]:
        """What is there already, waiting only for the first of it; and whether more may come."""
        batch: list[CacheEntry] = []
        entry = self._queue.get()
        while entry is not None:
            batch.append(entry)
            if len(batch) == _MOST_AT_ONCE:
                return batch, True
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _write_batch(self, batch: Sequence[CacheEntry]) -> None:
        if not batch:
            return
        try:
            self._write(batch)
        except StorageError as error:
            if not self._lost:
                log.warning("%s What is not kept is asked for again.", error)
            self._lost += len(batch)
        with self._lock:
            for entry in batch:
                if self.unwritten.get(entry.key) is entry:
                    del self.unwritten[entry.key]
