"""A watch that failed or fell silent, told of by the one flow that does not depend on it."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.messages import Locale

log = logging.getLogger(__name__)

Watch = Literal["watch-costs", "watch-handovers"]

FLAPS = timedelta(hours=1)
"""A watch that fails and works by turns is told of this often at most."""
WORDS: "Mapping[Locale, tuple[str, str]]" = {
    "en": (
        "{flow} does not run",
        "{flow} failed or has not run: until it does, nobody watches what it watches.\n"
        "Open its newest run in Prefect under Runs and read how it ended; matria doctor says which part is off.\n"
        "This notice comes once a day while it lasts.",
    ),
    "pt-BR": (
        "{flow} não está rodando",
        "{flow} falhou ou deixou de rodar: enquanto isso, ninguém vigia o que ele vigia.\n"
        "Abra a execução mais recente no Prefect, em Runs, e veja como terminou; matria doctor diz que parte está fora "
        "do ar.\nEste aviso vem uma vez por dia enquanto durar.",
    ),
    "pt-PT": (
        "{flow} não está a correr",
        "{flow} falhou ou deixou de correr: entretanto, ninguém vigia o que ele vigia.\n"
        "Abra a execução mais recente no Prefect, em Runs, e veja como terminou; matria doctor diz que parte está em "
        "baixo.\nEste aviso vem uma vez por dia enquanto durar.",
    ),
}


def put_broken(platform: "Platform", watch: Watch, now: datetime | None = None) -> bool:
    """Whether a notice on it went to the outbox; one a day while it lasts. Raises `StorageError`."""
    from matria.notify.base import Notice

    at = now or datetime.now(UTC)
    subject, body = (text.format(flow=watch) for text in WORDS[platform.settings.locale])
    return platform.outbox.put(_key(watch, at), Notice(subject, body, "critical", at), at)


def note_works(platform: "Platform", watch: Watch, now: datetime | None = None) -> None:
    """A run of it has worked: should it fail again today, people are told again. Raises nothing."""
    from matria.errors import StorageError

    at = now or datetime.now(UTC)
    try:
        platform.outbox.rename(_key(watch, at), f"{_key(watch, at)}T{at:%H%M%S}", at - FLAPS)
    except StorageError as error:  # its own work is done: what it could not note costs one notice
        log.warning("that %s works could not be noted: %s", watch, error)


def _key(watch: Watch, at: datetime) -> str:
    return f"broken/{watch}/{at:%Y%m%d}"
