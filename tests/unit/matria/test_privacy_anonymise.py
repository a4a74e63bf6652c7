"""No identifier goes past the contract: neither into clean tables nor into quarantine nor into features."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_service import Service

from matria.contracts.contract import Contract
from matria.contracts.reading import as_received, typed
from matria.errors import InternalError
from matria.events.file import open_file
from matria.events.ingest import ingest, local_stores
from matria.features.parquet import ParquetFeatures
from matria.features.publish import publish
from matria.features.sqlite import SqliteFeatures
from matria.policy import Policy
from matria.privacy.anonymise import anonymise
from matria.privacy.keys import HashKey

MESSAGE = {
    "event_id": "e1",
    "occurred_at": "2026-06-01T10:00:00Z",
    "schema_version": 1,
    "message_id": "m1",
    "conversation_id": "c1",
    "patient_id": "p1",
    "sender": "patient",
    "persona": "gestante",
    "locale": "pt-BR",
    "text": "Olá, sou a Marilda",
}


def test_each_column_is_treated_as_its_class_says(contracts: Mapping[str, Contract], hash_key: HashKey) -> None:
    contract = contracts["assistant_messages"]
    values = typed(as_received([MESSAGE, MESSAGE | {"text": None, "patient_id": None}], contract), contract)
    safe = anonymise(values, contract, hash_key)
    assert list(safe.columns) == [
        *("event_key", "occurred_at", "schema_version", "message_key", "conversation_key", "patient_key"),
        *("sender", "persona", "locale", "text_characters", "hash_key_id"),
    ]
    assert safe["patient_key"].tolist() == [hash_key.pseudonym("patient_id", "p1"), None]
    assert safe["text_characters"].tolist() == [18, pd.NA]
    assert set(safe["hash_key_id"]) == {"test-1"}


def test_the_same_woman_has_the_same_pseudonym_in_every_table(service: Service, hash_key: HashKey) -> None:
    registered = set(service.tables["patients"]["patient_key"])
    lost = {hash_key.pseudonym("patient_id", str(e.payload["patient_id"])) for e in service.events} - registered
    for table in ("visits", "vitals", "labs", "births", "content_interactions", "assistant_messages"):
        assert set(service.tables[table]["patient_key"]) <= registered | lost


def test_a_column_without_a_class_is_refused(contracts: Mapping[str, Contract], hash_key: HashKey) -> None:
    with pytest.raises(InternalError, match="no privacy class"):
        anonymise(pd.DataFrame({"event_id": ["e1"], "surname": ["Silva"]}), contracts["labs"], hash_key)


def _identifiers(service: Service, contracts: Mapping[str, Contract]) -> Iterator[str]:
    private = ("direct_identifier", "free_text", "key")
    for event in service.events:
        fields = {"event_id": event.event_id, **event.payload}
        for column in contracts[event.topic].columns:
            value = fields.get(column.name)
            if column.privacy in private and isinstance(value, str):
                yield value


def _texts(folder: Path) -> Iterator[str]:
    """Every text that lies in a file below the folder, and the names of the files."""
    for path in sorted(file for file in folder.rglob("*") if file.is_file()):
        yield path.relative_to(folder).as_posix()
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            yield from (str(value) for name in frame for value in frame[name].unique())
        else:
            yield path.read_bytes().decode("utf-8", "replace")


def test_no_identifier_of_any_woman_survives_past_raw(
    service: Service, contracts: Mapping[str, Contract], hash_key: HashKey, now: datetime
) -> None:
    features = service.home / "features"
    publish(
        service.stores.clean, ParquetFeatures(features), SqliteFeatures(features / "online.db"), hash_key.key_id, now
    )
    planted = set(_identifiers(service, contracts))
    assert len(planted) > 5 * 100
    for zone in ("clean", "quarantine", "features"):
        kept = "\n".join(_texts(service.home / zone))
        assert len(kept) > 1000
        assert [value for value in planted if value in kept] == []


SECRETS = ("Marilda Quintanilha", "39053344705", "700000000000005")
FIELDS = ("region", "race_colour", "parity", "multiple_pregnancy", "occurred_at", "schema_version", "nickname")


def test_an_identifier_in_the_wrong_field_does_not_survive_either(
    tmp_path: Path, contracts: Mapping[str, Contract], policy: Policy, hash_key: HashKey, now: datetime
) -> None:
    good: dict[str, Any] = {"patient_id": "p0", "region": "sul", "parity": 0}
    spoilt = [good | {field: secret} for field in FIELDS for secret in (*SECRETS, int(SECRETS[1]))]
    lines = [_event(f"good-{number}", good) for number in range(300)]
    lines += [_event(f"bad-{number}", payload) for number, payload in enumerate(spoilt)]
    lines += [f"not JSON: {secret}" for secret in SECRETS]
    (tmp_path / "events.jsonl").write_text("\n".join(lines))
    report = ingest(
        open_file(tmp_path / "events.jsonl", contracts), local_stores(tmp_path), contracts, hash_key, policy, now
    )
    kept = "\n".join([*_texts(tmp_path / "clean"), *_texts(tmp_path / "quarantine")])
    assert report.quarantined >= len(spoilt) - 4
    assert [secret for secret in SECRETS if secret in kept] == []


def _event(event_id: str, payload: dict[str, Any]) -> str:
    envelope = {"event_id": event_id, "topic": "patients", "occurred_at": "2026-06-01T10:00:00Z", "schema_version": 1}
    envelope |= {name: payload[name] for name in ("occurred_at", "schema_version") if name in payload}
    return json.dumps({**envelope, "payload": payload})
