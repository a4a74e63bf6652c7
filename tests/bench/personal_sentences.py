"""Sentences around persons who do not exist, and sentences with figures that are nobody's, in three languages.

Half of those with an identifier are typed as on a telephone: no capitals, no accents, no commas.
"""

import unicodedata
from collections.abc import Mapping
from random import Random

from matria.messages import Locale
from tests.bench.people import MAKERS

TEMPLATES: Mapping[str, tuple[Locale, tuple[str, ...]]] = {
    "cpf": (
        "pt-BR",
        (
            "meu CPF é {}, posso marcar a consulta?",
            "CPF: {}",
            "O cpf da minha filha é {} e o meu eu não lembro",
            "segue meu documento {} para o cadastro",
            "{} é o meu cpf",
            "Quero pegar o remédio, cpf {} , estou de 30 semanas",
        ),
    ),
    "cns": (
        "pt-BR",
        (
            "meu cartão do SUS é {}",
            "CNS {}",
            "número do SUS: {}, estou com 12 semanas",
            "cartão SUS {} e preciso de ultrassom",
            "o cartão nacional de saúde dela é {}",
        ),
    ),
    "rg": ("pt-BR", ("meu RG é {}", "RG: {}, preciso levar?", "identidade {} de SP", "o rg da minha mãe é {}")),
    "nif": (
        "pt-PT",
        (
            "O meu NIF é {}",
            "NIF: {}, pode confirmar a consulta?",
            "o meu número de contribuinte é {}",
            "contribuinte {} e estou de 20 semanas",
            "nif {}",
        ),
    ),
    "utente": (
        "pt-PT",
        ("O meu número de utente é {}", "n.º de utente {}", "utente {}, grávida de 32 semanas", "número do SNS {}"),
    ),
    "nhs_number": (
        "en",
        (
            "My NHS number is {}",
            "NHS no {} and I'm 20 weeks",
            "nhs number: {}, can I book a scan?",
            "It's {} on my NHS card",
            "her NHS number is {}",
        ),
    ),
    "phone_br": (
        "pt-BR",
        (
            "meu telefone é {}",
            "me liga no {} por favor",
            "whatsapp {}",
            "pode me chamar no zap {} depois das 18h?",
            "Celular do meu marido: {}",
            "estou no {} se precisar",
        ),
    ),
    "phone_pt": (
        "pt-PT",
        (
            "O meu telemóvel é {}",
            "liguem-me para o {}",
            "contacto: {}",
            "o número do meu marido é o {}",
            "telefone {} , estou em casa",
        ),
    ),
    "phone_gb": (
        "en",
        (
            "My mobile is {}",
            "call me on {} please",
            "you can text me at {}",
            "phone: {}",
            "my husband is on {} if I don't answer",
        ),
    ),
    "phone_us": ("en", ("my phone number is {}", "call me at {}", "Cell: {}", "reach me at {} after 5pm")),
    "email": (
        "pt-BR",
        (
            "meu email é {}",
            "manda o resultado para {} por favor",
            "e-mail: {}",
            "my email is {}",
            "pode enviar para o {} hoje?",
        ),
    ),
    "address_br": (
        "pt-BR",
        (
            "moro na {}, perto da UBS",
            "meu endereço é {}",
            "Endereço: {}",
            "mandem a ambulância para {} agora",
            "estou na {} com muita dor",
        ),
    ),
    "address_pt": ("pt-PT", ("Moro na {}, em Lisboa", "a minha morada é {}", "Morada: {}", "venham à {} por favor")),
    "address_en": (
        "en",
        ("I live at {}, near the hospital", "my address is {}", "please send an ambulance to {}", "Address: {}"),
    ),
    "cep": ("pt-BR", ("meu CEP é {}", "cep {}", "CEP: {}, qual a UBS mais perto?")),
    "codigo_postal": ("pt-PT", ("código postal {}", "moro em {} Lisboa", "o meu código postal é {}")),
    "postcode_gb": ("en", ("my postcode is {}", "postcode: {}", "the post code is {}, which hospital is closest?")),
    "birth_date": (
        "pt-BR",
        (
            "nasci em {}",
            "minha data de nascimento é {}",
            "data de nascimento: {}",
            "DN {}",
            "nasci no dia {} e estou grávida",
            "date of birth {}",
        ),
    ),
    "name_pt": (
        "pt-BR",
        (
            "meu nome é {} e estou com 20 semanas",
            "me chamo {}",
            "Chamo-me {}, tenho uma dúvida",
            "Paciente: {}, 30 anos",
            "minha médica, {}, pediu o exame",
            "Quem cuida de mim é {}",
            "Obrigada, {}",
            "Nome completo: {}",
        ),
    ),
    "name_en": (
        "en",
        (
            "my name is {} and I am 20 weeks",
            "Patient: {}",
            "My midwife {} told me to rest",
            "I'm {}, first pregnancy",
            "Thanks, {}",
            "Full name: {}",
        ),
    ),
}

PLAIN: tuple[str, ...] = (
    "TSH {d},{dd} mUI/L e T4 livre {d},{dd}",
    "hCG {ddddd}, estou de quantas semanas?",
    "beta hcg deu {ddddd},{d}",
    "glicemia de jejum {dd} mg/dL",
    "hemoglobina {dd},{d} e plaquetas {ddd}.000",
    "pressão {1dd}x{dd} hoje às {h}:{m}",
    "pressão 12 por 8 e depois {1dd}/{dd}",
    "peso {dd},{d} kg e altura 1,{dd}",
    "o bebê pesou {3ddd} g e mediu {dd} cm",
    "DUM {date} e DPP {date}",
    "minha última menstruação foi em {date}",
    "consulta dia {date} às {h}:{m}",
    "due date {date}",
    "a data provável do parto é {date}",
    "fiz a morfológica em {date} com {w} semanas e {d} dias",
    "protocolo {ddddddddddd}",
    "protocolo 2026{ddddddd}",
    "número do exame {dddddddd}",
    "exame nº {ddddddddd}",
    "pedido {ddddddd}-{d}",
    "lote da vacina {ddd}{dd}AB",
    "lote {dddd}-{ddd}",
    "atendimento {dddddddddd}",
    "guia {ddddddddddddddd}",
    "nota fiscal {ddddddddd}",
    "custou R$ {ddd},{dd}",
    "paguei {d}.{ddd},{dd} reais",
    "tomei {d} comprimidos de 500 mg às {h}h{m}",
    "G{d}P{d}A{d}, {w} semanas",
    "ciclo de {dd} dias",
    "batimentos {1dd} bpm, saturação {dd}%",
    "contrações a cada {d} minutos desde as {h}:{m}",
    "andei na rua por {dd} minutos",
    "temperatura {dd},{d} às {h}:{m}",
    "IMC {dd},{d}",
    "vitamina D {d}000 UI, ferro {dd} mg",
    "sample number {dddddddddd}",
    "my blood pressure was {1dd}/{dd} at {h}:{m}",
    "order {ddddddddd} has not arrived",
    "ferritin {ddd} ng/mL, hb {dd}.{d}",
    "I am {w}+{d} weeks, scan on {date}",
    "reference {dddddddddd}",
    "baby weighed {d} lb {d} oz",
    "fundal height {dd} cm",
    "toxoplasmose IgG {ddd},{d} IgM 0,{dd}",
    "dormi {d} horas de {date} para {date}",
    "cap. {dd}, pág. {ddd}, 20{dd}-20{dd}",
    "ligue 192 ou 188, SNS 24 808 24 24 24, {h}h",
    "minha filha nasceu com {w} semanas",
    "CID O{dd}.{d}, código {ddddddd}",
    "ureia {dd} creatinina 0,{dd} TGO {dd} TGP {dd}",
    "translucência nucal {d},{d} mm, CCN {dd} mm",
    "2026-{m}-{dd} {h}:{m}",
    "curva glicêmica {dd} {1dd} {1dd}",
    "semana {w}, dia {d}, {dd} kg, {1dd} {dd} {1dd} {dd}",
    "quarto {ddd}, leito {d}",
)


def as_typed(text: str, kept: str) -> tuple[str, str]:
    """Sentence and identifier as typed on a telephone."""
    plain = [
        "".join(c for c in unicodedata.normalize("NFD", one.lower()) if not unicodedata.combining(c))
        for one in (text, kept)
    ]
    return plain[0].replace("?", "").replace(".", "") if "." not in kept else plain[0], plain[1]


def planted(kind: str, draw: Random) -> tuple[str, str, Locale]:
    """A sentence, the identifier in it, and its locale."""
    locale, templates = TEMPLATES[kind]
    template, value = draw.choice(templates), MAKERS[kind](draw)
    text = template.format(value)
    if draw.random() < 0.5 and kind not in ("postcode_gb",):
        text, value = as_typed(text, value)
    return text, value, locale


def plain(draw: Random) -> str:
    """A sentence with figures and nothing personal."""
    date = f"{draw.randrange(1, 29):02}/{draw.randrange(1, 13):02}/{draw.choice((2025, 2026, 2027))}"
    text = draw.choice(PLAIN).replace("{date}", date)
    text = text.replace("{h}", str(draw.randrange(0, 24))).replace("{m}", f"{draw.randrange(10, 60)}")
    text = text.replace("{w}", str(draw.randrange(4, 42)))
    while "{" in text:
        start, end = text.index("{"), text.index("}")
        figures = "".join(
            str(draw.randrange(1 if n == 0 else 0, 10)) if c == "d" else c for n, c in enumerate(text[start + 1 : end])
        )
        text = text[:start] + figures + text[end + 1 :]
    return text
