"""The time zone of the nurses' schedules, as a build step of `prefect deploy`.

A schedule of prefect.yaml could name an environment variable, but one that is not set becomes an empty zone, which
Prefect takes for UTC without a word. A step reads the settings of this project, with their default and their check.
"""


def review_zone() -> dict[str, str]:
    """`timezone` of `MATRIA_REVIEW__TIMEZONE`. Raises `SettingsError` for one that does not exist."""
    from flows.wiring_review import review_zone as zone
    from matria.settings import load_settings

    return {"timezone": zone(load_settings()).key}
