"""What an answer is about: the topic that leads it, and a second one, in the light of the whole conversation.

A danger sign leads unless another topic fits far better; one that cannot wait goes before one that can wait for today.
Then comes a medicine that she names. A question that fits nothing takes the topic of an earlier message, and a danger
sign told earlier stays, unless the last message is small talk or another subject.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.simulator.knowledge import Stage, Topic, load_knowledge
from models.simulator.matching import Ranked, ranked
from models.simulator.text import tokens
from models.simulator.wordlists import stems

_DANGER_WITHIN = 2.0
"""Weight by which a danger sign may fall short of the best topic and still lead."""
_URGENT_WITHIN = 3.5
"""Weight by which a danger sign that cannot wait may fall short of one that can, and still lead."""
_SECOND_WITHIN = 3.0
_CHAT = ("small_talk", "identity")
_NOT_HERS = (*_CHAT, "off_topic", "injection")


@dataclass(frozen=True)
class Subject:
    """What an answer is about."""

    main: Topic
    also: Topic | None = None
    """A second topic of the same question, such as the medicine she wants to take for a danger sign."""


def subject_of(user_messages: Sequence[str], stage: Stage) -> Subject:
    """The topics of the last message, in the light of the earlier ones."""
    last = ranked(user_messages[-1], stage) if user_messages else ()
    lead = _lead(last)
    danger = _most_urgent([_lead(ranked(message, stage)) for message in reversed(user_messages)])
    if danger is not None and (lead is None or lead.kind not in _NOT_HERS):
        return Subject(danger, _medicine(last) or _second(last, danger))
    if lead is None or (lead.is_broad and lead.kind == "medicine"):
        lead = next(_earlier(user_messages[:-1], stage), lead) or _unknown(user_messages)
    return Subject(lead, None if lead.kind == "medicine" else _named_medicine(last) or _second(last, lead))


def _earlier(messages: Sequence[str], stage: Stage) -> Iterator[Topic]:
    """What earlier messages were about, the newest first."""
    leads = (_lead(ranked(message, stage)) for message in reversed(messages))
    return (topic for topic in leads if topic is not None and topic.kind in ("info", "medicine"))


def _unknown(user_messages: Sequence[str]) -> Topic:
    """The topic of a message that fits none: another subject, unless a word in it has to do with health or a baby."""
    said = tokens(" ".join(user_messages))
    is_ours = not said or bool(stems("health_words").positions(said))
    return load_knowledge().topics["other" if is_ours else "elsewhere"]


def _most_urgent(leads: Sequence[Topic | None]) -> Topic | None:
    """The danger sign that cannot wait, else the newest; None without any."""
    dangers = [topic for topic in leads if topic is not None and topic.kind == "danger"]
    return next((topic for topic in dangers if topic.care != "today"), None) or next(iter(dangers), None)


def _lead(found: Ranked) -> Topic | None:
    found = tuple(pair for pair in found if pair[0].kind not in _CHAT) or found
    dangers = [pair for pair in found if pair[0].kind == "danger"]
    if dangers and dangers[0][1] > found[0][1] - _DANGER_WITHIN:
        near = [topic for topic, weight in dangers if weight > dangers[0][1] - _URGENT_WITHIN]
        return next((topic for topic in near if topic.care != "today"), near[0])
    others = [topic for topic, _ in found if topic.kind != "danger"]
    if others and others[0].kind in ("off_topic", "injection"):
        return others[0]
    narrow = [topic for topic in others if not topic.is_broad]
    medicine = [topic for topic in others if topic.kind == "medicine"]
    return _named_medicine(found) or next(iter([*narrow, *medicine, *others]), None)


def _medicine(found: Ranked) -> Topic | None:
    """The medicine that is spoken of, a named one first."""
    return _named_medicine(found) or next((topic for topic, _ in found if topic.kind == "medicine"), None)


def _named_medicine(found: Ranked) -> Topic | None:
    return next((topic for topic, _ in found if topic.kind == "medicine" and not topic.is_broad), None)


def _second(found: Ranked, lead: Topic) -> Topic | None:
    """Another sign told, or another thing asked, in the same message, where it weighs nearly as much."""
    if lead.kind not in ("danger", "info"):
        return None
    floor = max((weight for topic, weight in found if topic is lead), default=0.0) - _SECOND_WITHIN
    alike = [topic for topic, weight in found if topic.kind == lead.kind and weight >= floor]
    return next((topic for topic in alike if topic is not lead and not topic.is_broad), None)
