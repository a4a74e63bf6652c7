"""`/text:detectGroundedness` as a rail: what an answer says that none of its sources bears out.

Asked of answers that were given sources, by the service's medical domain. Up to `content_safety.max_ungrounded_share`
of an answer may stand on nothing: a greeting and a word of comfort cite no guideline. A preview of Microsoft's
(2024-09-15-preview), in few regions, and slow: off by default.
"""

from collections.abc import Iterable, Sequence

from guardrails.base import Action, Decision, Span, Text
from guardrails.content_safety.answers import Grounding, Ungrounded
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.offsets import place
from guardrails.content_safety.service import ContentSafety, all_of
from guardrails.content_safety.splitting import sendable, split
from matria.policy import Policy

MAX_TEXT = 7_500
MAX_QUESTION = 7_500
MAX_SOURCES = 55_000
"""Code points that one call takes of the answer, of the question, and of all sources together."""
UNGROUNDED = "ungrounded"


class AzureGroundedness:
    """See `guardrails.base.Rail`. To staff nothing is withheld."""

    name = "groundedness"

    def __init__(self, service: ContentSafety, policy: Policy) -> None:
        self._service = service
        self._max_parts = policy.count("content_safety.max_parts")
        self._max_share = policy.number("content_safety.max_ungrounded_share")

    async def judge(self, text: Text) -> Decision:
        """`rewrite`, with the parts that are not borne out. Raises `CallFailed`; no source, no question asked."""
        sources = fitting(text.sources, MAX_SOURCES)
        parts = split(text.content, MAX_TEXT) if text.direction == "assistant" and text.content.strip() else []
        if not (sources and parts):
            return Decision("allow", self.name)
        if len(parts) > self._max_parts:
            raise CallFailed("too_long")
        question, give_up_at = text.question[:MAX_QUESTION].strip(), self._service.give_up_at()
        billed = await all_of([self._service.groundedness(part, sources, question, give_up_at) for part in parts])
        records = sum(each.text_records for each in billed)
        return self._decision(text, parts, [each.answer for each in billed], records)

    async def ping(self) -> str:
        """Asks about one sentence, which is billed as two records. Raises `CallFailed`."""
        await self._service.groundedness("A água é potável.", ["A água é potável."], "", self._service.give_up_at())
        return f"groundedness at {self._service.endpoint}"

    def _decision(
        self, text: Text, parts: Sequence[str], groundings: Sequence[Grounding], text_records: int
    ) -> Decision:
        share = sum(g.share * len(part) for part, g in zip(parts, groundings, strict=True)) / len(text.content)
        if not any(each.is_ungrounded for each in groundings) or share <= self._max_share:
            return Decision("allow", self.name, text_records=text_records)
        # Without a passage named nothing of the answer is known to stand.
        spans = tuple(_spans(parts, groundings)) or (Span(0, len(text.content), UNGROUNDED),)
        action: Action = "allow" if text.audience == "staff" else "rewrite"
        return Decision(action, self.name, (UNGROUNDED,), spans=spans, text_records=text_records)


def fitting(sources: Sequence[str], most: int) -> list[str]:
    """The first sources that together have at most `most` code points: they come best first. The last is cut short."""
    kept: list[str] = []
    for source in sources:
        part = next(iter(split(source, most)), "")
        if part.strip():
            kept.append(part)
            most -= len(part)
        if most <= 0 or len(part) < len(source):
            break
    return kept


def _spans(parts: Sequence[str], groundings: Sequence[Grounding]) -> list[Span]:
    """The parts of the whole answer that are not borne out, in order and apart."""
    found: list[tuple[int, int]] = []
    start = 0
    for part, grounding in zip(parts, groundings, strict=True):
        found += [(start + first, start + last) for first, last in _places(part, grounding.details)]
        start += len(part)
    return [Span(first, last, UNGROUNDED) for first, last in _apart(found)]


def _places(part: str, details: Iterable[Ungrounded]) -> list[tuple[int, int]]:
    return [place(sendable(part), detail.text, detail.offset, detail.length) for detail in details]


def _apart(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places, those that touch as one."""
    apart: list[tuple[int, int]] = []
    for first, last in sorted(places):
        if apart and first <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], last))
        else:
            apart.append((first, last))
    return apart
