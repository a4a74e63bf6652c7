"""Persons who do not exist: identifiers with valid check digits, in the ways that people write and type them.

Seeded, so that the same figures come out each time. The check digits are worked out here from the published rules and
not with the library that the detector asks.
"""

from collections.abc import Callable, Mapping
from random import Random

CNS_WEIGHTS = range(15, 0, -1)


def cpf(draw: Random) -> str:
    """Eleven digits; both check digits weigh those before them with 2, 3, ... from the right, modulo 11."""
    digits = [draw.randrange(10) for _ in range(9)]
    for _ in range(2):
        rest = sum(d * w for d, w in zip(reversed(digits), range(2, 12), strict=False)) % 11
        digits.append(0 if rest < 2 else 11 - rest)
    return "".join(map(str, digits))


def cns(draw: Random) -> str:
    """Fifteen digits, definitive or provisional, whose weighted sum is a multiple of 11."""
    while True:
        first = draw.choice("12789")
        middle = "".join(draw.choice("0123456789") for _ in range(10))
        body = first + middle + (draw.choice(("000", "001")) if first in "12" else f"{draw.randrange(1000):03}")
        rest = sum(int(d) * w for d, w in zip(body, CNS_WEIGHTS, strict=False)) % 11
        check = (11 - rest) % 11
        if check < 10:
            return body + str(check)


def nif(draw: Random) -> str:
    """Nine digits; the check digit weighs the eight before it with 9 to 2, modulo 11."""
    digits = [draw.choice((1, 2))] + [draw.randrange(10) for _ in range(7)]
    check = 11 - sum(d * w for d, w in zip(digits, range(9, 1, -1), strict=True)) % 11
    return "".join(map(str, [*digits, 0 if check > 9 else check]))


def nhs(draw: Random) -> str:
    """Ten digits; the check digit weighs the nine before it with 10 to 2, modulo 11; 10 is not given out."""
    while True:
        digits = [draw.choice((4, 6, 7))] + [draw.randrange(10) for _ in range(8)]
        check = 11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return "".join(map(str, [*digits, check % 11]))


def grouped(digits: str, shape: str) -> str:
    """`shape` with its #s filled: `###.###.###-##`."""
    rest = iter(digits)
    return "".join(next(rest) if mark == "#" else mark for mark in shape)


def _shaped(make: Callable[[Random], str], *shapes: str) -> Callable[[Random], str]:
    return lambda draw: grouped(make(draw), draw.choice(shapes))


def _digits(count: int) -> Callable[[Random], str]:
    return lambda draw: "".join(draw.choice("0123456789") for _ in range(count))


def _full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)


def _typed_cpf(draw: Random) -> str:
    plain = cpf(draw)
    return draw.choice(
        [
            plain,
            grouped(plain, "###.###.###-##"),
            grouped(plain, "### ### ### ##"),
            grouped(plain, "#########-##"),
            grouped(plain, "###-###-###-##"),
            _full_width(grouped(plain, "###.###.###-##")),
            "\u200b".join((plain[:5], plain[5:])),
        ]
    )


GIVEN_PT = (
    "Maria Ana Juliana Patrícia Rayssa Thaís Jéssica Luana Camila Beatriz Inês Catarina Mafalda Joana Leonor Rosângela "
    "Gislaine Edivânia Josefa Antônia Lúcia Vitória Kelly Tainá Débora Raquel Sílvia Cláudia João Pedro Rafael Tiago "
    "Bruno José Carlos Eduardo"
)
SURNAMES_PT = (
    "Silva Santos Oliveira Souza Pereira Ferreira Costa Rodrigues Almeida Nascimento Lima Araújo Carvalho Gomes "
    "Ribeiro "
    "Martins Barbosa Teixeira Marques Fonseca Pacheco Esteves Antunes Quaresma Figueiredo Azevedo"
)
GIVEN_EN = (
    "Emily Sarah Jessica Charlotte Olivia Hannah Chloe Megan Amelia Priya Aisha Fatima Grace Laura Rebecca "
    "James Daniel "
    "Thomas Michael David Siobhan Zoe Rachel Kimberly Ashley"
)
SURNAMES_EN = (
    "Smith Jones Taylor Williams Brown Davies Evans Wilson Thomas Roberts Johnson Walker Wright Thompson White Hughes "
    "Edwards Green Patel Khan Murphy Campbell Okafor Bennett Whitfield Ashworth"
)
STREETS_BR = (
    "Rua das Flores|Avenida Brasil|Rua Sete de Setembro|Travessa do Comércio|Alameda Santos|Av. Paulista|"
    "Rua XV de Novembro|"
    "Rua Dona Maria Quitéria|R. Augusta|Rua 7 de Setembro"
)
STREETS_PT = (
    "Rua de Santa Catarina|Avenida da Liberdade|Travessa do Carmo|Praceta dos Lírios|Rua Garrett|Largo do Rato|"
    "Av. da Boavista|"
    "Calçada do Combro|Estrada de Benfica"
)
STREETS_EN = (
    "Acacia Road|High Street|Church Lane|Victoria Avenue|Station Road|Mill Lane|Elm Street|Park Avenue|Queens Crescent|"
    "Oak Drive|Maple Court|Windsor Close|Sunset Boulevard|King Street"
)
HOSTS = ("gmail.com", "hotmail.com", "yahoo.com.br", "outlook.pt", "sapo.pt", "example.org", "icloud.com", "nhs.net")


def name_pt(draw: Random) -> str:
    """A given name, maybe two, and one to three surnames."""
    given = draw.sample(GIVEN_PT.split(), draw.choice((1, 1, 2)))
    surnames = draw.sample(SURNAMES_PT.split(), draw.choice((1, 2, 2, 3)))
    particle = draw.choice(("", "", "da ", "de ", "dos "))
    return f"{' '.join(given)} {particle}{' '.join(surnames)}"


def name_en(draw: Random) -> str:
    """A given name and a surname, maybe one between."""
    middle = f"{draw.choice(GIVEN_EN.split())} " if draw.random() < 0.2 else ""
    return f"{draw.choice(GIVEN_EN.split())} {middle}{draw.choice(SURNAMES_EN.split())}"


def email(draw: Random) -> str:
    """As written, and as spelled out in Portuguese or English."""
    first = draw.choice(GIVEN_EN.split()).lower()
    user = draw.choice(
        (first, f"{first}{draw.randrange(100)}", f"{first}.{draw.choice(SURNAMES_EN.split()).lower()}", f"{first}_m")
    )
    host = draw.choice(HOSTS)
    spelled = host.replace(".", " ponto ")
    return draw.choice(
        (f"{user}@{host}", f"{user}@{host}", f"{user} arroba {host}", f"{user} arroba {spelled}", f"{user} @ {host}",
         f"{user.upper()}@{host.upper()}", f"{user} at {host.replace('.', ' dot ')}", f"{user} [at] {host}")
    )  # fmt: skip


def phone_br(draw: Random) -> str:
    """A mobile number with its area code, or a fixed one."""
    area = draw.choice(("11", "21", "31", "41", "51", "61", "71", "81", "85", "92"))
    mobile = f"9{draw.randrange(7000, 9999)}{draw.randrange(10000):04}"
    fixed = f"{draw.choice('23')}{draw.randrange(1000):03}{draw.randrange(10000):04}"
    shapes = ("(##) #####-####", "## #####-####", "###########", "+55 ## #####-####", "## ##### ####", "## # ####-####")
    if draw.random() < 0.8:
        return grouped(area + mobile, draw.choice(shapes))
    return grouped(area + fixed, draw.choice(("(##) ####-####", "## ####-####", "## #### ####")))


def phone_pt(draw: Random) -> str:
    """A mobile number, or one of Lisbon or Porto."""
    start = draw.choice(("91", "92", "93", "96", "21", "22"))
    plain = start + f"{draw.randrange(2000000, 9999999)}"
    return grouped(plain, draw.choice(("### ### ###", "#########", "+351 ### ### ###", "## ### ## ##", "###-###-###")))


def phone_gb(draw: Random) -> str:
    """A mobile number."""
    given = ("400", "500", "800", "890", "911")
    unassigned = f"07700900{draw.randrange(1000):03}"
    plain = unassigned if draw.random() < 0.5 else f"07{draw.choice(given)}{draw.randrange(100000, 999999)}"
    return draw.choice(
        (
            grouped(plain, "##### ######"),
            plain,
            grouped(plain, "##### ### ###"),
            "+44 " + grouped(plain[1:], "#### ######"),
        )
    )


def phone_us(draw: Random) -> str:
    """A number of ten digits, punctuated."""
    plain = draw.choice(("212", "415", "312", "617", "206")) + f"{draw.randrange(200, 999)}{draw.randrange(10000):04}"
    return grouped(plain, draw.choice(("(###) ###-####", "###-###-####", "+1 ### ### ####", "###.###.####")))


def address_br(draw: Random) -> str:
    """Street, number, maybe a flat."""
    number = draw.randrange(2, 4000)
    tail = draw.choice(
        ("", f", apto {draw.randrange(1, 200)}", f" ap {draw.randrange(10, 99)} bloco {draw.choice('ABC')}", ", casa 2")
    )
    return f"{draw.choice(STREETS_BR.split('|'))}{draw.choice((', ', ' ', ', nº ', ' n '))}{number}{tail}"


def address_pt(draw: Random) -> str:
    """Street, number, maybe a floor."""
    tail = draw.choice(("", ", 3º esq", ", 1.º dto", ", r/c"))
    street = draw.choice(STREETS_PT.split("|"))
    return f"{street}{draw.choice((', ', ' ', ', n.º ', ' nº '))}{draw.randrange(1, 400)}{tail}"


def address_en(draw: Random) -> str:
    """Number and street, maybe a flat."""
    return f"{draw.choice(('', '', 'Flat 3, '))}{draw.randrange(1, 400)} {draw.choice(STREETS_EN.split('|'))}"


def postcode_gb(draw: Random) -> str:
    """Outward and inward code."""
    area = draw.choice(("SW", "LS", "M", "B", "NW", "EH", "CF", "G", "BS", "NE"))
    return f"{area}{draw.randrange(1, 20)} {draw.randrange(10)}{draw.choice('ABDEFGH')}{draw.choice('JLNPQRSTUWXYZ')}"


def birth_date(draw: Random) -> str:
    """In one of six ways."""
    day, month, year = draw.randrange(1, 29), draw.randrange(1, 13), draw.randrange(1975, 2008)
    months = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
    return draw.choice(
        (f"{day:02}/{month:02}/{year}", f"{day}/{month}/{year % 100:02}", f"{day:02}.{month:02}.{year}",
         f"{day:02}-{month:02}-{year}", f"{day} de {months.split()[month - 1]} de {year}", f"{day:02}{month:02}{year}")
    )  # fmt: skip


MAKERS: Mapping[str, Callable[[Random], str]] = {
    "cpf": _typed_cpf,
    "cns": _shaped(cns, "###############", "### #### #### ####", "### ### ### ### ###"),
    "rg": _shaped(_digits(9), "##.###.###-#", "#########", "##.###.###"),
    "nif": _shaped(nif, "#########", "### ### ###", "###-###-###"),
    "utente": _shaped(_digits(9), "#########", "### ### ###"),
    "nhs_number": _shaped(nhs, "### ### ####", "##########", "###-###-####"),
    "phone_br": phone_br,
    "phone_pt": phone_pt,
    "phone_gb": phone_gb,
    "phone_us": phone_us,
    "email": email,
    "address_br": address_br,
    "address_pt": address_pt,
    "address_en": address_en,
    "cep": _shaped(_digits(8), "#####-###", "##.###-###", "########"),
    "codigo_postal": lambda draw: f"{draw.randrange(1000, 9999)}-{draw.randrange(1000):03}",
    "postcode_gb": postcode_gb,
    "birth_date": birth_date,
    "name_pt": name_pt,
    "name_en": name_en,
}
