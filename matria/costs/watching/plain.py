"""The nouns of the watch as JSON and back, exactly: times, dollars, fractions, and a ratio without an upper end."""

from typing import Any, TypeVar

from matria.errors import StorageError

Noun = TypeVar("Noun")


def dump(kind: type[Noun], noun: Noun) -> str:
    """JSON of one noun of that kind."""
    return str(_adapter(kind).dump_json((noun,)).decode())


def load(kind: type[Noun], body: str) -> Noun:
    """The noun; raises `StorageError` where another version wrote it otherwise."""
    try:
        (noun,) = _adapter(kind).validate_json(body)
    except ValueError as error:
        raise StorageError(
            f"The memory of the cost watch holds a {kind.__name__.lower()} that this version cannot read: run the "
            "version that wrote it, or move the file away."
        ) from error
    found: Noun = noun
    return found


_ADAPTERS: dict[type, Any] = {}


def _adapter(kind: type) -> Any:
    """Reads and writes one noun as JSON, an infinite ratio included."""
    if kind not in _ADAPTERS:
        from pydantic import ConfigDict, TypeAdapter

        _ADAPTERS[kind] = TypeAdapter(tuple[kind], config=ConfigDict(ser_json_inf_nan="constants"))  # type: ignore[valid-type]
    return _ADAPTERS[kind]


def plain(kind: type[Noun], noun: Noun) -> dict[str, Any]:
    """The noun as JSON's own types; dollars and times are text, an infinite number is None."""
    (found,) = _adapter(kind).dump_python((noun,), mode="json")
    given: dict[str, Any] = found
    return given
