"""A watch that failed or fell silent, told of by the one flow that does not depend on it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.messages import Locale

Watch = Literal["watch-costs", "watch-handovers"]

WORDS: "Mapping[Locale, tuple[str, str]]" = {
    "en": (
        "{flow} does not run",
        "{flow} failed or has not run: until it does, nobody watches what it watches.\n"
        "Open its newest run in Prefect under Runs and read how it ended; matria doctor says which part is off.\n"
        "This notice comes once a day.",
    ),
    "pt-BR": (
        "{flow} não está rodando",
        "{flow} falhou ou deixou de rodar: enquanto isso, ninguém vigia o que ele vigia.\n"
        "Abra a execução mais recente no Prefect, em Runs, e veja como terminou; matria doctor diz que parte está fora "
        "do ar.\nEste aviso vem uma vez por dia.",
    ),
    "pt-PT": (
        "{flow} não está a correr",
        "{flow} falhou ou deixou de correr: entretanto, ninguém vigia o que ele vigia.\n"
        "Abra a execução mais recente no Prefect, em Runs, e veja como terminou; matria doctor diz que parte está em "
        "baixo.\nEste aviso vem uma vez por dia.",
    ),
}


def put_broken(platform: "Platform", watch: Watch, now: datetime | None = None) -> bool:
    """Whether a notice on it went to the outbox; one a day at most. Raises `StorageError`."""
    from matria.notify.base import Notice

    at = now or datetime.now(UTC)
    subject, body = (text.format(flow=watch) for text in WORDS[platform.settings.locale])
    return platform.outbox.put(f"broken/{watch}/{at:%Y%m%d}", Notice(subject, body, "critical", at), at)
