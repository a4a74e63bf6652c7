"""How much personal data is found, how much of what is none is taken for it, and how long masking takes.

Generated identifiers stand in sentences of three languages, half of them as typed on a telephone (no capitals, no
accents, no commas). An identifier is found where nothing of it is left. Sentences and detector have one author, so that
these figures say that the forms people use are covered; the real sets below say what is missed in text of others. Their
errors were read in the development half alone.
"""

import json
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from guardrails.personal_data import service_numbers
from guardrails.vault import Vault
from matria.messages import Locale
from matria.privacy.identifiers import Identifier, find
from tests.bench.intervals import half, shown
from tests.bench.people import MAKERS, cpf

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SEED = 20260101
EACH = 200
NEGATIVES = 4000
KEEP = service_numbers()
ASKED = (
    "Oi, meu nome é Maria da Silva, CPF 529.982.247-25, tel (11) 98765-4321, estou com 20 semanas e sinto dor nas "
    "costas quando fico muito tempo em pé, o que posso fazer?"
)
"""Thirty words."""

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


def is_gone(text: str, value: str, found: Iterable[Identifier]) -> bool:
    """Whether nothing of the identifier is left."""
    start = text.index(value)
    left = set(range(start, start + len(value))) - {place for one in found for place in range(one.start, one.end)}
    return not any(text[place].isalnum() for place in left)


def takes_more(text: str, value: str, found: Iterable[Identifier]) -> bool:
    """Whether a word of hers went with the identifier."""
    start = text.index(value)
    own = range(start, start + len(value))
    return any(text[place].isalnum() for one in found for place in range(one.start, one.end) if place not in own)


def recall(show: bool) -> None:
    """Per kind, over generated identifiers."""
    draw, total, hits, too_much = Random(SEED), 0, 0, 0
    for kind in TEMPLATES:
        gone = 0
        for _ in range(EACH):
            text, value, locale = planted(kind, draw)
            found = find(text, locale, keep=KEEP)
            is_found = is_gone(text, value, found)
            gone += is_found
            is_more = takes_more(text, value, found)
            too_much += is_more
            if show and is_more:
                print("   more:", text, [(one.kind, one.value) for one in found])
            if show and not is_found:
                print("   left:", text, [(one.kind, one.value) for one in find(text, locale, keep=KEEP)])
        total, hits = total + EACH, hits + gone
        print(f"{kind:<16} {shown(gone, EACH)}")
    print(f"{'all kinds':<16} {shown(hits, total)}")
    print(f"{'words beyond it':<16} {shown(too_much, total)}")


def false_positives(show: bool) -> None:
    """Sentences with figures in which something was taken for an identifier; and numbers that pass a checksum."""
    draw = Random(SEED + 1)
    hits = 0
    for _ in range(NEGATIVES):
        text = plain(draw)
        found = find(text, draw.choice(("pt-BR", "pt-PT", "en", None)), keep=KEEP)
        hits += bool(found)
        if show and found:
            print("   taken:", text, [(one.kind, one.value) for one in found])
    print(f"{'figures':<16} {shown(hits, NEGATIVES)}")
    passing = sum(bool(find(f"protocolo {cpf(draw)} do exame", "pt-BR")) for _ in range(500))
    bare = sum(bool(find(f"o número é {cpf(draw)}", "pt-BR")) for _ in range(500))
    print(f"{'valid CPF called a protocol, taken':<36} {shown(passing, 500)}")
    print(f"{'valid CPF called nothing, taken':<36} {shown(bare, 500)}")


def texts_with(name: str, texts: Sequence[str], locale: Locale, show: bool) -> None:
    """Texts of a set that hold nothing personal, in which something was found; the development half is listed."""
    kinds: Counter[str] = Counter()
    hits = 0
    for text in texts:
        found = find(text, locale, keep=KEEP)
        hits += bool(found)
        kinds.update(one.kind for one in found)
        if show and found and half(text) == "development":
            print("   taken:", [(one.kind, one.value, text[max(0, one.start - 25) : one.end + 15]) for one in found])
    print(f"{name:<36} {shown(hits, len(texts))}  {dict(kinds)}")


def real_texts(show: bool) -> None:
    """Sets in which nobody is named."""
    questions = json.loads((DATA / "medquad_pregnancy" / "derived_pregnancy_subset.json").read_text())
    texts_with("medquad_pregnancy", [f"{q['question']} {q['answer']}" for q in questions], "en", show)
    lines = (DATA / "healthbench_srh" / "healthbench_srh_en_200.jsonl").read_text().splitlines()
    turns = [m["content"] for line in lines for m in json.loads(line)["prompt"] if m["role"] == "user"]
    texts_with("healthbench_srh, user turns", turns, "en", show)
    texts_with("healthbench_srh, graded answers", list(_graded_answers()), "en", show)
    statements = [
        question
        for protocol in json.loads((DATA / "healthbench_br" / "questions.json").read_text())
        for question in protocol["perguntas"]
    ]
    texts_with("healthbench_br, statements", statements, "pt-BR", show)


def _graded_answers() -> Iterator[str]:
    """What two assistants answered."""
    for name in ("a", "b"):
        path = DATA / "healthbench_srh" / f"graded_answers_{name}.jsonl"
        for line in path.read_text().splitlines():
            yield json.loads(line)["conversations"][-1]["content"]


def presidio(show: bool) -> None:
    """English sentences with marked personal data: recall per type, and how many findings touch something marked."""
    for wanted in ("development", "held-back"):
        marked: Counter[str] = Counter()
        found_of: Counter[str] = Counter()
        touching = findings = 0
        for item in json.loads((DATA / "presidio_synthetic" / "generated_small.json").read_text()):
            text = item["full_text"]
            if half(text) != wanted:
                continue
            found = find(text, "en")
            findings += len(found)
            touching += sum(any(_overlap(one, span) for span in item["spans"]) for one in found)
            for span in item["spans"]:
                marked[span["entity_type"]] += 1
                is_found = is_gone(
                    text[: span["end_position"]], text[span["start_position"] : span["end_position"]], found
                )
                found_of[span["entity_type"]] += is_found
                if show and wanted == "development" and not is_found:
                    print("   left:", span["entity_type"], span["entity_value"], "|", " ".join(text.split()))
        print(f"presidio, {wanted}")
        for kind in ("PERSON", "PHONE_NUMBER", "EMAIL_ADDRESS", "US_SSN", "ADDRESS"):
            print(f"   {kind:<14} found {shown(found_of[kind], marked[kind])}")
        print(f"   findings that touch something marked {shown(touching, findings)}")


def _overlap(one: Identifier, span: Mapping[str, Any]) -> bool:
    return bool(one.start < span["end_position"] and span["start_position"] < one.end)


def lener() -> None:
    """Names in Brazilian court decisions: found whole or in part, and how many findings are names."""
    for wanted in ("development", "held-back"):
        people = whole = part = findings = right = 0
        for text, spans in _sentences(DATA / "lener_br" / "train.conll"):
            if half(text) != wanted:
                continue
            found = [one for one in find(text, "pt-BR") if one.kind == "name"]
            people += len(spans)
            whole += sum(any(one.start <= start and end <= one.end for one in found) for start, end in spans)
            part += sum(any(one.start < end and start < one.end for one in found) for start, end in spans)
            findings += len(found)
            right += sum(any(one.start < end and start < one.end for start, end in spans) for one in found)
        print(f"lener_br, {wanted}: names whole {shown(whole, people)}")
        print(f"   names at least in part {shown(part, people)}")
        print(f"   findings that are names {shown(right, findings)}")


def _sentences(path: Path) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Each sentence with the places of its persons."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text, spans, begun = "", [], -1
        for line in block.splitlines():
            word, _, tag = line.rpartition(" ")
            if begun >= 0 and tag != "I-PESSOA":
                spans.append((begun, len(text)))
                begun = -1
            text += " " if text else ""
            begun = len(text) if tag == "B-PESSOA" else begun
            text += word
        if text:
            yield text, [*spans, (begun, len(text))] if begun >= 0 else spans


def latency(name: str, call: Callable[[], object]) -> None:
    """Median and 95th percentile of many rounds."""
    times = []
    for _ in range(1000):
        started = time.perf_counter()
        call()
        times.append((time.perf_counter() - started) * 1000)
    marks = quantiles(times, n=20)
    print(f"{name:<44} median {marks[9]:5.2f} ms   p95 {marks[18]:5.2f} ms")


def main(show: bool = False) -> None:
    """Prints a table per question."""
    print("Recall on generated identifiers")
    recall(show)
    print("\nTaken for personal data, of what is none")
    false_positives(show)
    if DATA.exists():
        real_texts(show)
        print("\nMarked by others")
        presidio(show)
        lener()
    else:
        print(f"\n{DATA} is absent: nothing was measured on real text.")
    print("\nTime")
    vault = Vault("pt-BR", keep=KEEP)
    latency("mask a message of 30 words, three identifiers", lambda: vault.mask(ASKED))
    calm = ASKED.replace(
        "meu nome é Maria da Silva, CPF 529.982.247-25, tel (11) 98765-4321,", "tudo bem? é a minha primeira vez,"
    )
    latency("mask a message of 30 words, none", lambda: vault.mask(calm))


if __name__ == "__main__":
    import sys

    main(show="--show" in sys.argv)
