"""`engagement_features`: each count checked by hand, windows as documented, nothing from after the day."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from small_service import UNTIL, Service

from matria.features.engagement import build_engagement_features
from matria.features.schema import ENGAGEMENT_FEATURES, names

DAY = date(2026, 6, 28)


def _table(columns: list[str], *rows: tuple[Any, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["patient_key", "occurred_at", *columns])
    return frame.assign(occurred_at=pd.to_datetime(frame["occurred_at"], utc=True))


def _tables(**changes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {
        "patients": _table(["region"], ("a", "2026-01-10T12:00Z", "sul"), ("b", "2026-02-10T12:00Z", "norte")),
        "visits": _table(
            ["gestational_age_days", "age_years"],
            ("a", "2026-01-10T12:00Z", 50, 19),
            ("a", "2026-06-18T12:00Z", 209, 20),
        ),
        "births": _table(["born_on"]),
        "content_interactions": _table(["content_id", "theme", "reading_seconds"]),
        "assistant_messages": _table(["sender"]),
        **changes,
    }


def test_every_feature_is_what_a_hand_computes() -> None:
    contents = _table(
        ["content_id", "theme", "reading_seconds"],
        ("a", "2026-05-31T23:59:59Z", "rights-01", "rights", 500.0),  # 28 days before: outside
        ("a", "2026-06-01T00:00:00Z", "rights-02", "rights", 10.0),
        ("a", "2026-06-02T00:00:00Z", "nutrition-01", "nutrition", 20.0),
        ("a", "2026-06-21T23:59:59Z", "nutrition-02", "nutrition", None),  # 7 days before: outside the week
        ("a", "2026-06-22T00:00:00Z", "nutrition-01", "nutrition", 5.0),
        ("a", "2026-06-25T10:00:00Z", "nutrition-01", "nutrition", 5.0),  # the same content again
        ("a", "2026-06-29T00:00:00Z", "exercise-01", "exercise", 900.0),  # the day after
    )
    messages = _table(
        ["sender"],
        ("a", "2026-06-27T10:00:00Z", "patient"),
        ("a", "2026-06-27T10:00:03Z", "assistant"),
        ("a", "2026-05-01T10:00:00Z", "patient"),
    )
    frame = build_engagement_features(_tables(content_interactions=contents, assistant_messages=messages), DAY)
    row = frame.set_index("patient_key").loc["a"]
    assert row["as_of_date"] == pd.Timestamp(DAY)
    assert row["gestational_age_days"] == 209 + 10
    assert (row["contents_opened_7d"], row["contents_opened_28d"]) == (1, 3)
    assert row["reading_seconds_28d"] == 40.0
    assert row["questions_asked_28d"] == 1
    assert row["days_since_last_seen"] == 1
    assert row["favourite_theme"] == "nutrition"
    assert (row["age_band"], row["region"]) == ("20-34", "sul")


def test_a_woman_who_was_never_seen_has_zeros_and_missing_values() -> None:
    row = build_engagement_features(_tables(), DAY).set_index("patient_key").loc["b"]
    counted = ["contents_opened_7d", "contents_opened_28d", "reading_seconds_28d", "questions_asked_28d"]
    assert row[counted].tolist() == [0, 0, 0, 0]
    assert np.isnan(row["days_since_last_seen"])
    assert np.isnan(row["gestational_age_days"])
    assert (row["favourite_theme"], row["age_band"], row["region"]) == (None, None, "norte")


def test_gestational_age_ends_with_the_birth_or_when_none_is_told() -> None:
    born = _table(["born_on"], ("a", "2026-06-20T10:00Z", pd.Timestamp("2026-06-20")))
    assert build_engagement_features(_tables(births=born), DAY)["gestational_age_days"].isna().all()
    later = build_engagement_features(_tables(births=born), date(2026, 6, 19)).set_index("patient_key")
    assert later.loc["a", "gestational_age_days"] == 210
    assert build_engagement_features(_tables(), date(2026, 12, 1))["gestational_age_days"].isna().all()


def test_a_woman_is_in_it_from_her_registration_on() -> None:
    assert build_engagement_features(_tables(), date(2026, 2, 9))["patient_key"].tolist() == ["a"]
    assert build_engagement_features(_tables(), date(2026, 1, 9)).empty


def test_of_equal_themes_the_first_by_name_is_the_favourite() -> None:
    contents = _table(
        ["content_id", "theme", "reading_seconds"],
        ("a", "2026-06-27T10:00Z", "rights-01", "rights", 1.0),
        ("a", "2026-06-26T10:00Z", "exercise-01", "exercise", 1.0),
    )
    frame = build_engagement_features(_tables(content_interactions=contents), DAY)
    assert frame.set_index("patient_key").loc["a", "favourite_theme"] == "exercise"


def test_the_frame_has_exactly_the_columns_of_the_schema_and_nothing_from_later(service: Service) -> None:
    as_of = date(2026, 3, 1)
    frame = build_engagement_features(service.tables, as_of)
    assert list(frame.columns) == names(ENGAGEMENT_FEATURES)
    end = pd.Timestamp(as_of, tz="UTC") + pd.Timedelta(days=1)
    ended = {name: t[t["occurred_at"] < end] for name, t in service.tables.items() if "occurred_at" in t.columns}
    pd.testing.assert_frame_equal(build_engagement_features(ended, as_of), frame)
    assert len(build_engagement_features(service.tables, UNTIL)) > len(frame) > 10
