"""What a nurse, or her team, reads in a reminder: how much is open and until when, nothing of any conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from matria.messages import Locale


@dataclass(frozen=True)
class Words:
    """One language."""

    subject_one: str
    subject_many: str
    until: str
    was_due: str
    how: str
    weekdays: tuple[str, ...]
    """From Monday on."""
    when: str


_WORDS: Mapping[Locale, Words] = {
    "en": Words(
        "This week's review: 1 card is still open",
        "This week's review: {count} cards are still open",
        "Due on {when}.",
        "This was due on {when}, and your reading still counts.",
        "A card takes about a minute, and what was begun is kept.\nOpen the page: {address}\n"
        "No other reminder follows for what is open now.",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "{weekday} {day:02}/{month:02}, {hour:02}:{minute:02}",
    ),
    "pt-BR": Words(
        "Revisão da semana: falta 1 cartão",
        "Revisão da semana: faltam {count} cartões",
        "O prazo é {when}.",
        "O prazo era {when}, mas a sua leitura ainda conta.",
        "Cada cartão leva cerca de um minuto, e o que você já começou está salvo.\nAbra a página: {address}\n"
        "Não haverá outro lembrete sobre o que está aberto agora.",
        ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
        "{weekday}, {day:02}/{month:02}, {at} {hour}h{minute:02}",
    ),
    "pt-PT": Words(
        "Revisão da semana: falta 1 cartão",
        "Revisão da semana: faltam {count} cartões",
        "O prazo é {when}.",
        "O prazo era {when}, mas a sua leitura ainda conta.",
        "Cada cartão demora cerca de um minuto, e o que já começou está guardado.\nAbra a página: {address}\n"
        "Não haverá outro lembrete sobre o que está por ler agora.",
        ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
        "{weekday}, {day:02}/{month:02}, {at} {hour}h{minute:02}",
    ),
}


def for_whom(locale: Locale, count: int, due_at: datetime, is_late: bool, address: str) -> tuple[str, str]:
    """Subject and body for the nurse herself; `due_at` in her zone."""
    words = _WORDS[locale]
    subject = words.subject_one if count == 1 else words.subject_many.format(count=count)
    until = (words.was_due if is_late else words.until).format(when=_when(words, due_at))
    return subject, f"{until}\n{words.how.format(address=address)}"


def for_the_team(reviewer_id: str, count: int, due_at: datetime, is_late: bool) -> tuple[str, str]:
    """Subject and body for the team's channel, which must not hear a name."""
    wait = "1 item waits" if count == 1 else f"{count} items wait"
    was = "Was due" if is_late else "Due"
    subject = f"Review: {wait} for {reviewer_id}"
    body = (
        f"{was} on {due_at:%A %Y-%m-%d %H:%M}.\n"
        "No mail is set for the nurses (MATRIA_REVIEW__MAIL), so this comes to the team: please tell her. "
        "`matria review people list` says who it is."
    )
    return subject, body


def _when(words: Words, at: datetime) -> str:
    weekday = words.weekdays[at.weekday()]
    before = "à" if at.hour < 2 else "às"
    return words.when.format(weekday=weekday, day=at.day, month=at.month, at=before, hour=at.hour, minute=at.minute)
