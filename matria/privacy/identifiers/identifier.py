"""What can be found: the kinds of personal data, and one identifier in a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

from matria.messages import Locale

Kind = Literal[
    "cpf",
    "cnpj",
    "cns",
    "rg",
    "nif",
    "utente",
    "citizen_card",
    "nhs_number",
    "nino",
    "ssn",
    "phone",
    "email",
    "profile",
    "address",
    "postcode",
    "birth_date",
    "name",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

SURE, LIKELY = 2, 1
"""Told by the words around it or by a shape of its own; told by its checksum or its grouping alone."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """Personal data at one place of a text. Its value stays out of `repr`, so that no log line shows it."""

    kind: Kind
    start: int
    """First character."""
    end: int
    """One past the last character."""
    value: str = field(repr=False)
    """As it stands in the text."""


class Found(NamedTuple):
    """What one family found, in places of the view that it read."""

    kind: Kind
    start: int
    end: int
    certainty: int


_SHARED: dict[Kind, str] = {
    "cpf": "CPF",
    "cnpj": "CNPJ",
    "cns": "CNS",
    "rg": "RG",
    "nif": "NIF",
    "nhs_number": "NHS",
    "nino": "NINO",
    "ssn": "SSN",
    "email": "EMAIL",
}
_PORTUGUESE: dict[Kind, str] = _SHARED | {
    "utente": "UTENTE",
    "citizen_card": "CARTÃO_DE_CIDADÃO",
    "phone": "TELEFONE",
    "profile": "PERFIL",
    "birth_date": "NASCIMENTO",
    "name": "NOME",
}
LABELS: Mapping[Locale, Mapping[Kind, str]] = {
    "pt-BR": _PORTUGUESE | {"address": "ENDEREÇO", "postcode": "CEP"},
    "pt-PT": _PORTUGUESE | {"address": "MORADA", "postcode": "CÓDIGO_POSTAL"},
    "en": _SHARED
    | {
        "utente": "UTENTE",
        "citizen_card": "CITIZEN_CARD",
        "phone": "PHONE",
        "profile": "PROFILE",
        "birth_date": "BIRTH_DATE",
        "name": "NAME",
        "address": "ADDRESS",
        "postcode": "POSTCODE",
    },
}
"""The word that stands for a kind, by locale."""
