"""What a negation and a condition reach: "não tome" is not "tome", and "não deixe de ir" is "ir"."""

import pytest

from evals.checks.reading import read
from matria.messages import Locale


def marked(text: str, locale: Locale) -> str:
    """The words, with `-` before what is negated and `?` before what is supposed."""
    words = []
    for sentence in read(text, locale).sentences:
        for position, token in enumerate(sentence.tokens):
            mark = "-" if sentence.is_negated(position) else "?" if sentence.supposed[position] else ""
            words.append(mark + token.text)
    return " ".join(words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Não tome ibuprofeno, naproxeno ou diclofenaco.", "Não -tome -ibuprofeno -naproxeno -ou -diclofenaco"),
        ("Não espere, vá ao hospital.", "Não -espere vá ao hospital"),
        ("Não espere: vá ao hospital.", "Não -espere vá ao hospital"),
        ("Não espere ligue já.", "Não -espere ligue já"),
        ("Não, vá agora.", "Não vá agora"),
        ("Não deixe de ir à maternidade.", "Não -deixe -de ir à maternidade"),
        ("Não hesite em ligar.", "Não -hesite em ligar"),
        ("Não é preciso esperar para ligar.", "Não -é -preciso -esperar -para ligar"),
        ("Não tome nunca ibuprofeno, nem naproxeno.", "Não -tome -nunca -ibuprofeno -nem -naproxeno"),
        ("Não tome, em hipótese alguma, ibuprofeno.", "Não -tome -em -hipótese -alguma -ibuprofeno"),
        ("Não tome remédios em casa e vá ao hospital.", "Não -tome -remédios -em -casa e vá ao hospital"),
        ("Não é nariz entupido e não pode esperar.", "Não -é -nariz -entupido e não -pode -esperar"),
        ("Não precisa ir, pois é normal.", "Não -precisa -ir pois é normal"),
        ("Em vez de ibuprofeno, use paracetamol.", "Em vez de -ibuprofeno use paracetamol"),
        ("Não só isso, mas também febre.", "Não só isso mas também febre"),
        ("Vá sem demora ao hospital.", "Vá sem demora ao hospital"),
        ("Vá sem esperar até amanhã.", "Vá sem -esperar até amanhã"),
        ("Não precisa escolher: não pare.", "Não -precisa -escolher não -pare"),
        ("Não está sozinha e isso não é culpa sua.", "Não -está -sozinha e isso não -é -culpa -sua"),
        ("Nada disso é culpa sua, vá.", "Nada -disso -é -culpa -sua vá"),
        ("Não mudou nada hoje.", "Não -mudou -nada -hoje"),
        ("Parar de fumar é difícil.", "Parar de -fumar é difícil"),
        ("Vá, se puder, se piorar.", "Vá se puder ?se ?piorar"),
        ("Nunca ignore o sangramento.", "Nunca -ignore o sangramento"),
        ("Não se preocupe: ligue.", "Não -se -preocupe ligue"),
        ("Não tome nada sem falar connosco.", "Não -tome -nada -sem falar connosco"),
        ("Se o sangramento não parar vá ao hospital.", "?Se ?o ?sangramento ?não -parar vá ao hospital"),
        ("Caso o sangramento volte, procure a UBS.", "?Caso ?o ?sangramento ?volte procure a UBS"),
        ("Você está se sentindo bem.", "Você está se sentindo bem"),
        ("Evite:\n- ibuprofeno\n- naproxeno\nBeba água.", "Evite -ibuprofeno -naproxeno Beba água"),
        ("Evite:\n- ibuprofeno\n- tome água", "Evite -ibuprofeno tome água"),
    ],
)
def test_portuguese_negation_reaches_its_clause(text: str, expected: str) -> None:
    assert marked(text, "pt-BR") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do not take ibuprofen or aspirin, and call us.", "Do not -take -ibuprofen -or -aspirin and call us"),
        ("You don't need to go.", "You don't -need -to -go"),
        ("Don't wait to call us.", "Don't -wait -to call us"),
        ("Don’t hesitate: call us.", "Don’t -hesitate call us"),
        ("Never take it without asking.", "Never -take -it -without asking"),
        ("There is no need to go; rest.", "There is no -need -to -go rest"),
        ("Go to the hospital without delay.", "Go to the hospital without delay"),
        ("Avoid alcohol, cigarettes and drug use.", "Avoid -alcohol -cigarettes -and -drug -use"),
        ("Not only fever but also pain.", "Not only fever but also pain"),
        ("If it does not stop, go to us.", "?If ?it ?does ?not -stop go to us"),
        ("Ask whether you can take it.", "Ask ?whether ?you ?can ?take ?it"),
        ("Vaccines against flu are safe.", "Vaccines against flu are safe"),
        ("We advise against flying.", "We advise against -flying"),
        ("Go now without waiting for him.", "Go now without -waiting for him"),
        ("None of this is your fault.", "None -of -this -is -your -fault"),
        ("You need not choose: don't stop it.", "You need not -choose don't -stop it"),
        ("No, you should go.", "No you should go"),
    ],
)
def test_english_negation_reaches_its_clause(text: str, expected: str) -> None:
    assert marked(text, "en") == expected


def test_the_words_of_a_reading_are_those_of_the_text() -> None:
    text = "Dr. Ana disse: “vá à UBS agora mesmo”. Dirija-se já! 38,5 °C?"
    sentences = read(text, "pt-BR").sentences
    assert [s.tokens[0].text for s in sentences] == ["Dr", "Dirija", "38,5"]
    assert [t.text for t in sentences[0].tokens if t.is_quoted] == ["vá", "à", "UBS", "agora", "mesmo"]
    assert sentences[1].tokens[1].is_joined
    assert sentences[2].is_question
