"""Names and documents of the simulated women: made up, of the form that Brazilian registers use.

CPF (two check digits, modulo 11) and CNS (weighted sum divisible by 11) carry valid check digits, so that a filter that
looks for such numbers finds them. They are drawn at random and belong to nobody known to us.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matria.events.synthetic.population import Women, generator

if TYPE_CHECKING:
    import numpy as np

_GIVEN = (
    *("Ana", "Beatriz", "Camila", "Débora", "Elisa", "Fernanda", "Gabriela", "Helena", "Isabela", "Joana"),
    *("Júlia", "Larissa", "Luana", "Mariana", "Natália", "Olívia", "Patrícia", "Rafaela", "Simone", "Vitória"),
)
_SECOND = ("", "", " Clara", " Beatriz", " Cristina", " Luíza", " Paula", " Regina", " Rosa", " Aparecida")
_FAMILY = (
    *("Almeida", "Araújo", "Barbosa", "Cardoso", "Carvalho", "Costa", "Dias", "Ferreira", "Gomes", "Lima"),
    *("Martins", "Melo", "Moreira", "Nascimento", "Nunes", "Oliveira", "Pereira", "Ribeiro", "Rocha", "Teixeira"),
)
_STREETS = ("Rua das Acácias", "Rua do Sol", "Avenida Central", "Travessa da Paz", "Rua Ipê Amarelo", "Rua da Matriz")


@dataclass(frozen=True)
class Identities:
    """Lists of one length, a woman a position."""

    name: Sequence[str]
    mother_name: Sequence[str]
    cpf: Sequence[str]
    cns: Sequence[str]
    phone: Sequence[str]
    birth_date: Sequence[str]
    address: Sequence[str]
    postcode: Sequence[str]


def draw_identities(women: Women, seed: int) -> Identities:
    """A name, documents and an address for each woman."""
    import numpy as np

    rng = generator(seed, "identities")
    count = len(women)
    born = women.booked_on - (women.age_years * 365.25).astype(np.int64)
    family = rng.integers(0, len(_FAMILY), (3, count))
    numbers = rng.integers(1, 2000, count)
    streets = rng.integers(0, len(_STREETS), count)
    area, subscriber = rng.integers(11, 100, count), rng.integers(0, 10**8, count)
    postcode = rng.integers(1_000_000, 99_999_999, count)
    return Identities(
        name=_names(rng, family[:2]),
        mother_name=_names(rng, family[1:]),
        cpf=[cpf(digits) for digits in rng.integers(0, 10, (count, 9)).tolist()],
        cns=[cns(digits) for digits in rng.integers(0, 10, (count, 13)).tolist()],
        phone=[f"+55{code}9{number:08d}" for code, number in zip(area, subscriber, strict=True)],
        birth_date=born.astype("datetime64[D]").astype(str).tolist(),
        address=[f"{_STREETS[street]}, {number}" for street, number in zip(streets, numbers, strict=True)],
        postcode=[f"{code // 1000:05d}-{code % 1000:03d}" for code in postcode.tolist()],
    )


def cpf(digits: Sequence[int]) -> str:
    """Nine digits and their two check digits."""
    full = list(digits)
    for _ in range(2):
        rest = sum(digit * weight for digit, weight in zip(full, range(len(full) + 1, 1, -1), strict=True)) % 11
        full.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, full))


def cns(digits: Sequence[int]) -> str:
    """A provisional health-card number: 7, thirteen digits, and one that makes the weighted sum divisible by 11."""
    first = [7, *digits]
    while True:
        total = sum(digit * weight for digit, weight in zip(first, range(15, 1, -1), strict=True))
        last = -total % 11
        if last < 10:
            return "".join(map(str, [*first, last]))
        first[-1] = (first[-1] + 1) % 10


def _names(rng: "np.random.Generator", family: Any) -> list[str]:
    count = family.shape[1]
    given, second = rng.integers(0, len(_GIVEN), count), rng.integers(0, len(_SECOND), count)
    return [
        f"{_GIVEN[first]}{_SECOND[middle]} {_FAMILY[mother]} {_FAMILY[father]}"
        for first, middle, mother, father in zip(given, second, family[0], family[1], strict=True)
    ]
