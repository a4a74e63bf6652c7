"""Traces found by what they are of, so that one which nobody noted is not written again and can be erased.

The tag is a digest of an id of ours: there is nothing in it to mask or to quote, and it leads nobody to what it is of.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from matria.tracking import Tracking

TAG = "matria.key"
"""The tag's name; it holds the SHA-256 of the key."""
_AT_ONCE = 100
"""Traces in one answer of a search, of which MLflow gives 500 at most."""
_SQLITE = "sqlite:///"


def key_tags(key: str) -> dict[str, str]:
    """The tag of a trace; none of an empty key."""
    return {TAG: _digest(key)} if key else {}


def key_attributes(key: str) -> dict[str, str]:
    """The same tag as an attribute of the first span: MLflow keeps span and trace in two steps, and one may be all."""
    from mlflow.tracing.constant import SpanAttributeKey

    return {f"{SpanAttributeKey.TRACE_TAG_PREFIX}{name}": value for name, value in key_tags(key).items()}


def traces_of(tracking: "Tracking", experiment: str, keys: Iterable[str]) -> dict[str, list[str]]:
    """The traces that carry each key, the oldest first; a key that none carries is left out. Raises `TrackingError`.

    A SQLite store that was never opened holds none, and is not made for the question.
    """
    if _is_unmade(tracking.uri):
        return {}
    with tracking.speaking() as client:
        found = client.get_experiment_by_name(experiment)
        if found is None:
            return {}
        of = {key: list(_carrying(client, found.experiment_id, key)) for key in dict.fromkeys(keys)}
    return {key: trace_ids for key, trace_ids in of.items() if trace_ids}


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _is_unmade(uri: str) -> bool:
    return uri.startswith(_SQLITE) and "?" not in uri and not Path(uri.removeprefix(_SQLITE)).exists()


def _carrying(client: "MlflowClient", experiment_id: str, key: str) -> Iterator[str]:
    token: str | None = None
    while True:
        page = client.search_traces(
            locations=[experiment_id],
            filter_string=f"tags.`{TAG}` = '{_digest(key)}'",
            max_results=_AT_ONCE,
            order_by=["timestamp ASC"],
            page_token=token,
            include_spans=False,
        )
        yield from (trace.info.trace_id for trace in page)
        token = page.token
        if not token:
            return
