"""What the simulated women open, read and ask. Rates, tastes and stages are chosen by us.

What is popular changes with the stage of pregnancy, and each woman has tastes of her own, so that recommending has
something to learn.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from matria.events.synthetic.population import Women, generator
from matria.events.synthetic.pregnancy import Rows

if TYPE_CHECKING:
    import numpy as np

THEMES = (
    *("nutrition", "exercise", "danger_signs", "birth_preparation"),
    *("breastfeeding", "newborn_care", "mental_health", "rights"),
)
_CONTENTS_A_THEME = 12
_ACTIVE_DAYS = 300
_SECONDS_A_DAY = 86_400
_OPENED_A_DAY, _ASKED_A_DAY = 1 / 24, 1 / 85
_STAGE_WEIGHTS = (
    (4, 3, 2, 1, 0.5, 0.5, 2, 2),
    (2, 3, 3, 2, 1, 1, 2, 2),
    (1, 1, 3, 4, 2, 2, 2, 1),
    (1, 1, 1, 0.2, 4, 4, 3, 1),
)
"""Weight of each theme to 14 weeks, to 28 weeks, to birth, after birth."""
_QUESTIONS = {
    "pt-BR": (
        "Oi, sou a {name}. Posso tomar café na gravidez?",
        "Estou com muito enjoo de manhã, o que ajuda?",
        "Quando devo sentir o bebê mexer?",
        "Minha pressão deu 13 por 8, está boa?",
        "Meu telefone mudou para {phone}, como atualizo?",
        "É normal o pé inchar no fim do dia?",
    ),
    "en": (
        "Hi, this is {name}. Which vaccines do I need?",
        "How much weight should I gain?",
        "My back hurts at night, what can I do?",
    ),
}
_ANSWER = {"pt-BR": "Obrigada por perguntar, {name}.", "en": "Thank you for asking, {name}."}


def draw_engagement(
    women: Women, names: Sequence[str], phones: Sequence[str], seed: int, until_day: int
) -> Iterator[Rows]:
    """Interactions with contents, and messages, before `until_day`."""
    yield _interactions(women, seed, until_day)
    yield _messages(women, names, phones, seed, until_day)


def _moments(rng: "np.random.Generator", women: Women, a_day: float, until_day: int) -> tuple[Any, Any, Any]:
    """Woman, number and second of each moment at which somebody is active."""
    import numpy as np

    rate = rng.gamma(1.2, 1 / 1.2, len(women)) * a_day * _ACTIVE_DAYS
    counts = rng.poisson(rate)
    woman = np.repeat(np.arange(len(women)), counts)
    number = np.arange(len(woman)) - np.repeat(np.cumsum(counts) - counts, counts)
    at_s = women.booked_on[woman] * _SECONDS_A_DAY + (rng.random(len(woman)) * _ACTIVE_DAYS * _SECONDS_A_DAY).astype(
        np.int64
    )
    known = (at_s >= (women.booked_on[woman] + 1) * _SECONDS_A_DAY) & (at_s < until_day * _SECONDS_A_DAY)
    return woman, np.where(known, number, -1), at_s


def _interactions(women: Women, seed: int, until_day: int) -> Rows:
    import numpy as np

    rng = generator(seed, "contents")
    woman, number, at_s = _moments(rng, women, _OPENED_A_DAY, until_day)
    taste = rng.gamma(0.8, 1.0, (len(women), len(THEMES))) + 0.05
    weight = taste[woman] * np.array(_STAGE_WEIGHTS)[_stage(women, woman, at_s)]
    share = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    theme = (rng.random(len(woman))[:, None] > share[:, :-1]).sum(axis=1)
    content = (rng.beta(0.9, 2.2, len(woman)) * _CONTENTS_A_THEME).astype(int) + 1
    action = np.array(["opened", "finished", "shared"])[np.searchsorted([0.68, 0.96], rng.random(len(woman)))]
    seconds = np.clip(rng.lognormal(np.log(70), 0.9, len(woman)), 2, 3600).round(1)
    kept = np.nonzero(number >= 0)[0]
    return Rows(
        "content_interactions",
        woman[kept],
        number[kept],
        at_s[kept],
        {
            "content_id": [
                f"{THEMES[of]}-{which:02d}" for of, which in zip(theme[kept].tolist(), content[kept], strict=True)
            ],
            "theme": [THEMES[of] for of in theme[kept].tolist()],
            "action": action[kept].tolist(),
            "reading_seconds": seconds[kept].tolist(),
        },
    )


def _stage(women: Women, woman: Any, at_s: Any) -> Any:
    import numpy as np

    day = at_s // _SECONDS_A_DAY
    age = day - women.conceived_on[woman]
    return np.where(day >= women.born_on[woman], 3, np.searchsorted([98, 196], age, side="right"))


def _messages(women: Women, names: Sequence[str], phones: Sequence[str], seed: int, until_day: int) -> Rows:
    """A question and its answer, two events a conversation."""
    import numpy as np

    rng = generator(seed, "messages")
    woman, number, at_s = _moments(rng, women, _ASKED_A_DAY, until_day)
    locale = np.where(rng.random(len(women)) < 0.95, "pt-BR", "en")[woman]
    which = rng.integers(0, 1_000, len(woman))
    persona = np.where(at_s // _SECONDS_A_DAY >= women.born_on[woman], "puerpera", "gestante")
    kept = np.repeat(np.nonzero(number >= 0)[0], 2)
    is_answer = np.arange(len(kept)) % 2
    spoken, who, message = locale[kept].tolist(), woman[kept].tolist(), 2 * number[kept] + is_answer
    templates = [
        _ANSWER[language] if answer else _QUESTIONS[language][draw % len(_QUESTIONS[language])]
        for language, answer, draw in zip(spoken, is_answer.tolist(), which[kept].tolist(), strict=True)
    ]
    payload = {
        "message_id": message.tolist(),
        "conversation_id": number[kept].tolist(),
        "sender": np.where(is_answer == 1, "assistant", "patient").tolist(),
        "persona": persona[kept].tolist(),
        "locale": spoken,
        "text": [
            template.format(name=names[one].split()[0], phone=phones[one])
            for template, one in zip(templates, who, strict=True)
        ],
    }
    return Rows("assistant_messages", woman[kept], message, at_s[kept] + 3 * is_answer, payload)
