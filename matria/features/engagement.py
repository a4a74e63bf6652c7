"""`engagement_features`: what a woman has opened, read and asked of late, one row per registered woman and day."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from matria.features.frame import LONGEST_PREGNANCY_DAYS, age_band, conform, known
from matria.features.schema import ENGAGEMENT_FEATURES

if TYPE_CHECKING:
    import pandas as pd

TABLE = "engagement_features"


def build_engagement_features(tables: Mapping[str, "pd.DataFrame"], as_of: date) -> "pd.DataFrame":
    """One row per woman registered by the UTC day `as_of`; columns as ENGAGEMENT_FEATURES, types as `conform` says.

    `tables` are the clean tables patients, visits, births, content_interactions, assistant_messages. Windows of n days
    end with `as_of` and hold n days. Counts are 0 where nothing happened; `days_since_last_seen` and `favourite_theme`
    are missing then, gestational age is missing from the birth on.
    """
    women = known(tables["patients"], as_of).groupby("patient_key").tail(1).set_index("patient_key")
    contents, messages = known(tables["content_interactions"], as_of), _questions(tables, as_of)
    last_visit = known(tables["visits"], as_of).groupby("patient_key").tail(1).set_index("patient_key")
    week, month = _within(contents, as_of, 7), _within(contents, as_of, 28)
    built = women[["region"]].assign(
        gestational_age_days=_gestational_age(last_visit, known(tables["births"], as_of), as_of),
        contents_opened_7d=_opened(week),
        contents_opened_28d=_opened(month),
        reading_seconds_28d=month.groupby("patient_key")["reading_seconds"].sum(),
        questions_asked_28d=_within(messages, as_of, 28).groupby("patient_key").size(),
        days_since_last_seen=_days_since(contents, messages, as_of),
        favourite_theme=_favourite(month),
        age_band=age_band(last_visit["age_years"]),
        as_of_date=_timestamp(as_of),
    )
    counted = ["contents_opened_7d", "contents_opened_28d", "reading_seconds_28d", "questions_asked_28d"]
    built[counted] = built[counted].astype("float64").fillna(0)
    return conform(built.reset_index(), ENGAGEMENT_FEATURES)


def _questions(tables: Mapping[str, "pd.DataFrame"], as_of: date) -> "pd.DataFrame":
    messages = known(tables["assistant_messages"], as_of)
    return messages[messages["sender"] == "patient"]


def _within(events: "pd.DataFrame", as_of: date, days: int) -> "pd.DataFrame":
    import pandas as pd

    return events[events["day"] > _timestamp(as_of) - pd.Timedelta(days=days)]


def _opened(contents: "pd.DataFrame") -> "pd.Series[Any]":
    return contents.groupby("patient_key")["content_id"].nunique()


def _favourite(contents: "pd.DataFrame") -> "pd.Series[Any]":
    """The theme opened most; of equals, the first by name."""
    counts = contents.groupby(["patient_key", "theme"]).size().rename("opened").reset_index()
    ordered = counts.sort_values(["patient_key", "opened", "theme"], ascending=[True, False, True])
    first: pd.Series[Any] = ordered.groupby("patient_key").head(1).set_index("patient_key")["theme"]
    return first


def _days_since(contents: "pd.DataFrame", messages: "pd.DataFrame", as_of: date) -> "pd.Series[Any]":
    import pandas as pd

    seen = pd.concat([contents[["patient_key", "day"]], messages[["patient_key", "day"]]])
    last: pd.Series[Any] = seen.groupby("patient_key")["day"].max()
    days: pd.Series[Any] = (_timestamp(as_of) - last).dt.days
    return days


def _gestational_age(last_visit: "pd.DataFrame", births: "pd.DataFrame", as_of: date) -> "pd.Series[Any]":
    age = last_visit["gestational_age_days"].astype("float64") + (_timestamp(as_of) - last_visit["day"]).dt.days
    last_birth = births.groupby("patient_key")["born_on"].max().astype("datetime64[ns]").reindex(last_visit.index)
    is_born = last_birth >= last_visit["day"]
    known: pd.Series[Any] = age.where(~is_born & (age <= LONGEST_PREGNANCY_DAYS))
    return known


def _timestamp(day: date) -> "pd.Timestamp":
    import pandas as pd

    return pd.Timestamp(day)
