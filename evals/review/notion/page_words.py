"""What stands on a nurse's page besides its properties, in her language: how to answer, what it is about, what each
question means.

Questions, personas and stages are said as on the page of this project, so that both forms ask the same. Properties and
options are called as they are in the database now, and an option of another language is explained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evals.review.base import OPTIONS, Offer, Question
from evals.review.notion.schema import Columns
from evals.review.web.words.texts import words
from matria.messages import Locale


@dataclass(frozen=True)
class _Texts:
    answer: str
    judge: str
    language: str
    writer: str
    stage: str
    differ: str
    meaning: str
    user: str
    titles: tuple[str, str]
    """Of a page that shows a conversation, and of one that asks about one answer."""
    join: str


_TEXTS: Mapping[Locale, _Texts] = {
    "pt-BR": _Texts(
        answer="Responda nas propriedades acima e marque “{ready}” no fim: antes disso nada é enviado. Para mudar uma "
        "resposta, altere e deixe “{ready}” marcado; para retirar, desmarque. Em “{passage}”, cole frases da conversa, "
        "uma por linha. O que cada pergunta quer dizer está no fim da página.",
        judge="Leia a conversa e diga, em “{met}”, se o critério abaixo descreve o que a última resposta faz; as "
        "outras perguntas ficam em branco. Marque “{ready}” no fim: antes disso nada é enviado.",
        language="Idioma",
        writer="Quem escreve",
        stage="Etapa",
        differ="Duas leituras diferem em: {names}. Leia e responda a tudo.",
        meaning="O que cada pergunta quer dizer",
        user="Pessoa",
        titles=("Conversa", "Resposta"),
        join="e",
    ),
    "pt-PT": _Texts(
        answer="Responda nas propriedades acima e assinale “{ready}” no fim: antes disso, nada é enviado. Para mudar "
        "uma resposta, altere-a e deixe “{ready}” assinalado; para a retirar, tire o visto. Em “{passage}”, cole "
        "frases da conversa, uma por linha. O significado de cada pergunta está no fim da página.",
        judge="Leia a conversa e diga, em “{met}”, se o critério abaixo descreve o que a última resposta faz; as "
        "outras perguntas ficam em branco. Assinale “{ready}” no fim: antes disso, nada é enviado.",
        language="Língua",
        writer="Quem escreve",
        stage="Fase",
        differ="Duas leituras diferem em: {names}. Leia e responda a tudo.",
        meaning="O significado de cada pergunta",
        user="Pessoa",
        titles=("Conversa", "Resposta"),
        join="e",
    ),
    "en": _Texts(
        answer="Answer in the properties above and tick “{ready}” at the end: nothing is sent before. To change an "
        "answer, change it and leave “{ready}” ticked; to take it back, untick it. Into “{passage}”, paste sentences "
        "of the conversation, one a line. What each question means stands at the end of the page.",
        judge="Read the conversation and say in “{met}” whether the criterion below describes what the last answer "
        "does; the other questions stay blank. Tick “{ready}” at the end: nothing is sent before.",
        language="Language",
        writer="Who writes",
        stage="Stage",
        differ="Two readings differ on: {names}. Read it and answer everything.",
        meaning="What each question means",
        user="Person",
        titles=("Conversation", "Answer"),
        join="and",
    ),
}


class PageWords:
    """Of one nurse's pages: the first of her languages."""

    def __init__(self, offer: Offer, columns: Columns) -> None:
        locale: Locale = offer.reviewer.languages[0]
        self._texts, self._said = _TEXTS[locale], words(locale)
        self._columns = columns
        self._offer = offer

    @property
    def title(self) -> str:
        """Of the page; names nobody."""
        conversation, answer = self._texts.titles
        return f"{answer if self._offer.item.criterion else conversation} {self._offer.item.item_id[:6]}"

    @property
    def how_to(self) -> str:
        """How to answer."""
        text = self._texts.judge if self._offer.item.criterion else self._texts.answer
        return text.format(**{str(code): name for code, name in self._columns.names.items()})

    @property
    def about(self) -> str:
        """Language, who writes and at which stage."""
        item, texts = self._offer.item, self._texts
        parts = [f"{texts.language}: {self._said(f'locale.{item.locale}')}"]
        parts.append(f"{texts.writer}: {self._said(f'persona.{item.persona}')}")
        return " · ".join([*parts, f"{texts.stage}: {self._said(f'stage.{item.stage}')}"] if item.stage else parts)

    @property
    def disputed(self) -> str:
        """What an adjudication is about; how each of the two answered stays unsaid."""
        names = [self._columns.names[question] for question in self._offer.disputed]
        return self._texts.differ.format(names=listed(names, self._texts.join)) if names else ""

    @property
    def criterion(self) -> str:
        """Heading of the criterion."""
        return self._said("card.criterion")

    def speaker(self, role: str) -> str:
        """Who said a message."""
        return self._texts.user if role == "user" else self._said("persona.assistant")

    @property
    def meaning(self) -> str:
        """Heading of what the questions mean."""
        return self._texts.meaning

    def questions(self) -> Iterator[tuple[str, str]]:
        """Each question's property, and what is asked there."""
        for question in self._offer.item.questions:
            title, help_ = self._said(f"question.{question}.title"), self._said(f"question.{question}.help")
            yield self._columns.names[question], " ".join([title, help_, *self._options(question)])

    def _options(self, question: Question) -> Iterator[str]:
        """What options mean, where their names do not say it."""
        for option in OPTIONS[question]:
            meaning, hint = self._said.option(question, option), f"question.{question}.{option}_hint"
            name = self._columns.labels[question].get(option, meaning)
            told = [*([] if name == meaning else [meaning]), *([self._said(hint)] if self._said.has(hint) else [])]
            if told:
                yield f"{name}: {', '.join(told)}."


def listed(names: Sequence[str], join: str) -> str:
    """Names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {join} {names[-1]}"
