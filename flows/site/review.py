"""The nurses' page as a server runs it: `uvicorn --factory flows.site.review:build`."""

from typing import Any

from flows.steps.review_access import page
from flows.wiring import Platform


def build() -> Any:
    """The ASGI application, by the settings of this process. Raises `SettingsError`."""
    return page(Platform.load())
