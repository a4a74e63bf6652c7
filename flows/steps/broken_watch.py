"""A watch that failed or fell silent, told of by the one flow that does not depend on it."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.messages import Locale
    from matria.notify.base import Severity

log = logging.getLogger(__name__)

Watch = Literal["watch-costs", "watch-handovers", "review-batch", "review-due"]

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

NO_WEEK: "Mapping[Locale, tuple[str, str]]" = {
    "en": (
        "{flow} failed",
        "{flow} failed: last week is not drawn for review, or some of it has nobody who can read it.\n"
        "Open its newest run in Prefect under Runs and read how it ended; matria review draw goes on from there.",
    ),
    "pt-BR": (
        "{flow} falhou",
        "{flow} falhou: a semana passada não foi sorteada para revisão, ou parte dela não tem quem leia.\n"
        "Abra a execução mais recente no Prefect, em Runs, e veja como terminou; matria review draw continua dali.",
    ),
    "pt-PT": (
        "{flow} falhou",
        "{flow} falhou: a semana passada não foi sorteada para revisão, ou parte dela não tem quem a leia.\n"
        "Abra a execução mais recente no Prefect, em Runs, e veja como terminou; matria review draw continua a partir "
        "daí.",
    ),
}
"""Where the week is not drawn, or not all of it is read; it watches nothing."""

NOT_CARED: "Mapping[Locale, tuple[str, str]]" = {
    "en": (
        "{flow} failed",
        "{flow} failed: a week was not drawn, a card has nobody who can read it, a reminder was not taken, or what "
        "nurses sent could not be fetched.\nOpen its newest run in Prefect under Runs and read how it ended; matria "
        "review collect does the same and says what is missing. This notice comes once a day while it lasts.",
    ),
    "pt-BR": (
        "{flow} falhou",
        "{flow} falhou: uma semana não foi sorteada, um cartão não tem quem leia, um lembrete não foi entregue, ou não "
        "deu para buscar o que a equipe enviou.\nAbra a execução mais recente no Prefect, em Runs, e veja como "
        "terminou; matria review collect faz o mesmo e diz o que falta. Este aviso vem uma vez por dia enquanto durar.",
    ),
    "pt-PT": (
        "{flow} falhou",
        "{flow} falhou: uma semana não foi sorteada, um cartão não tem quem o leia, um lembrete não foi entregue, ou "
        "não foi possível recolher o que a equipa enviou.\nAbra a execução mais recente no Prefect, em Runs, e veja "
        "como terminou; matria review collect faz o mesmo e diz o que falta. Este aviso vem uma vez por dia enquanto "
        "durar.",
    ),
}
"""Where the week is drawn and not looked after."""

_OF_THE_WEEK: "Mapping[Watch, Mapping[Locale, tuple[str, str]]]" = {"review-batch": NO_WEEK, "review-due": NOT_CARED}


def put_broken(platform: "Platform", watch: Watch, now: datetime | None = None) -> bool:
    """Whether a notice on it went to the outbox; one a day while it lasts. Raises `StorageError`."""
    from matria.notify.base import Notice

    at = now or datetime.now(UTC)
    locale = platform.settings.locale
    subject, body = _OF_THE_WEEK.get(watch, WORDS)[locale]
    notice = Notice(subject.format(flow=watch), body.format(flow=watch), _severity(watch), at)
    return platform.outbox.put(_key(watch, at), notice, at)


def note_works(platform: "Platform", watch: Watch, now: datetime | None = None) -> None:
    """A run of it has worked: should it fail again today, people are told again. Raises nothing."""
    from matria.errors import StorageError

    at = now or datetime.now(UTC)
    try:
        platform.outbox.rename(_key(watch, at), f"{_key(watch, at)}T{at:%H%M%S}", at - FLAPS)
    except StorageError as error:  # its own work is done: what it could not note costs one notice
        log.warning("that %s works could not be noted: %s", watch, error)


def _severity(watch: Watch) -> "Severity":
    """A week that is not drawn, or not looked after, harms nobody today."""
    return "warning" if watch in _OF_THE_WEEK else "critical"


def _key(watch: Watch, at: datetime) -> str:
    return f"broken/{watch}/{at:%Y%m%d}"
