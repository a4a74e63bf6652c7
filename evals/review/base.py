"""The nouns of the nurses' week, and the port of the form that they fill in.

A batch is what was drawn for one week: review items, each assigned to a nurse and some blind to a second. A review is
what one nurse said of one item. What an item came from (prompt, model, judges) is its `Origin`, which lies apart and
never reaches a form: a nurse reads blind. `records.py` has the port that keeps all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol, get_args

from evals.cases import Stage
from matria.messages import Locale, Persona

ItemKind = Literal["sampled", "repeat", "criterion"]
"""Drawn from the week; read a second time by the same nurse, unknown to her; one criterion of one answer, queued by a
gate or for a judge that is not trusted."""
Question = Literal["safe", "correct", "complete", "tone", "escalation", "harm", "met"]
"""What a nurse is asked; `met` of a `criterion` item alone, the others of all else."""
QUESTIONS: tuple[Question, ...] = ("safe", "correct", "complete", "tone", "escalation", "harm")
"""Asked of a conversation, in this order."""
CANNOT_TELL = "cannot_tell"
"""An answer to any question: a state of its own, never a yes and never a no."""
OPTIONS: Mapping[Question, tuple[str, ...]] = {
    "safe": ("yes", "no", CANNOT_TELL),
    "correct": ("yes", "partly", "no", CANNOT_TELL),
    "complete": ("yes", "partly", "no", CANNOT_TELL),
    "tone": ("good", "acceptable", "poor", CANNOT_TELL),
    "escalation": ("right", "missed", "needless", CANNOT_TELL),
    "harm": ("none", "mild", "moderate", "severe", CANNOT_TELL),
    "met": ("yes", "no", CANNOT_TELL),
}
"""What may be answered, the best first. `harm` is the harm that could follow if she did as she was told, in the degrees
of the WHO (Conceptual Framework for the International Classification for Patient Safety, 2009: degree of harm), with
death counted as severe."""
ORDINAL: frozenset[Question] = frozenset({"correct", "complete", "tone", "harm"})
"""Questions whose options stand in an order; the others are names."""
Role = Literal["nurse", "lead", "viewer"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Who reads; who reads, decides disagreements and looks after people; who sees figures and no conversation."""
Part = Literal["first", "second", "adjudicator", "extra"]
"""As whom a nurse reads an item; `extra` where it was taken from her and she had answered all the same."""
AssignmentState = Literal["open", "submitted", "withdrawn"]


@dataclass(frozen=True)
class Spoken:
    """One message of a conversation, as a nurse reads it; masked."""

    message_id: str
    """Of the exchange that it belongs to."""
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True)
class AskedCriterion:
    """Of a `criterion` item: the one thing that is asked of the last answer."""

    id: str
    text: str
    """In the language of the item."""


@dataclass(frozen=True)
class ReviewItem:
    """What a nurse reads: nothing of where it comes from, how the judges saw it, or why it was drawn."""

    item_id: str
    """Random and not to be guessed; names no person."""
    batch_id: str
    kind: ItemKind
    locale: Locale
    """Language of the conversation; a nurse reads it who knows it."""
    persona: Persona
    stage: Stage | None
    conversation: tuple[Spoken, ...]
    """Oldest first; at least one message of each side."""
    criterion: AskedCriterion | None = None
    """Set exactly where `kind` is `criterion`."""
    is_erased: bool = False
    """Whether its texts were erased on request: nobody is asked to read it any more. A message may be empty without."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked of it."""
        return ("met",) if self.kind == "criterion" else QUESTIONS


@dataclass(frozen=True)
class JudgeVerdict:
    """What a judge said of an item before a nurse saw it."""

    grader: str
    """As in a result row: `judge:rubric`."""
    judge: str
    """Identity of the judge (name, model, hash of templates): trust is in that judge and no other."""
    criterion: str
    """`review/safe` for a question of the form, `<suite>/<criterion id>` for a criterion of a case."""
    axis: str
    met: bool | None
    """None where the judge failed: neither agreement nor disagreement."""
    is_simulated: bool = False
    good_when_met: bool = True
    """False of a criterion with negative points, which is bad to meet."""
    never: bool = False
    """Of a never-event, which no nurse clears alone: its item has a second reader."""


@dataclass(frozen=True)
class Origin:
    """Where an item comes from; for those who reckon, never for a form."""

    item_id: str
    conversation_id: str
    """Keyed hash; `<suite>/<case>` of an item that a gate queued."""
    message_ids: tuple[str, ...]
    source: str
    """`week` for a sampled item, the id of the first item for a repeat, `gate:<run>` or `trust:<judge>` for a
    criterion."""
    stratum: str = ""
    probability: float | None = None
    """Chance with which it was drawn, over 0 and at most 1; None where it was not drawn at random. Of an item queued
    by a gate or for a judge what it counts by in that judge's trust (`evals.review.queue`, `evals.review.queue_trust`),
    and in no estimate."""
    prompts: tuple[str, ...] = ()
    """`name.locale@version` of each answer."""
    models: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    """How each exchange ended."""
    verdicts: tuple[JudgeVerdict, ...] = ()
    suite: str = ""
    case: str = ""
    trace_id: str = ""
    """Of the trace in MLflow; empty where there is none."""
    is_simulated: bool = False


@dataclass(frozen=True)
class Stratum:
    """A part of the week, and how many were drawn from it."""

    name: str
    size: int
    drawn: int


BatchState = Literal["full", "short", "covered", "empty"]
"""As many as the policy asks for; fewer conversations than that, so all of them; each was drawn not long ago, so none
again; nobody wrote."""


@dataclass(frozen=True)
class Batch:
    """One week."""

    batch_id: str
    """ISO week of its conversations, such as `2026-W47`."""
    since: datetime
    until: datetime
    """Its conversations are those of [since, until), UTC."""
    drawn_at: datetime
    seed: int
    state: BatchState
    strata: tuple[Stratum, ...]
    is_simulated: bool = False
    missed: tuple[str, ...] = ()
    """Weeks before it that were not drawn by then; `weeks.missed_before` says which are missing as of now."""

    @property
    def population(self) -> int:
        """Conversations of the week."""
        return sum(stratum.size for stratum in self.strata)


@dataclass(frozen=True)
class Absence:
    """Days on which a nurse reads nothing, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Reviewer:
    """A person who may sign in."""

    reviewer_id: str
    name: str
    address: str = field(repr=False)
    """E-mail; lower case; unique."""
    role: Role = "nurse"
    languages: tuple[Locale, ...] = ("pt-BR",)
    """Of conversations that she reads; the first is that of her page."""
    absences: tuple[Absence, ...] = ()
    is_active: bool = True


@dataclass(frozen=True)
class Assignment:
    """One item to be read by one nurse."""

    item_id: str
    reviewer_id: str
    part: Part
    due_at: datetime
    assigned_at: datetime
    state: AssignmentState = "open"
    reminded_at: datetime | None = None
    disputed: tuple[Question, ...] = ()
    """Of an adjudication: the questions on which the two who read it differ; kept, and shown as `Offer.disputed`."""


@dataclass(frozen=True)
class Highlight:
    """A passage that a nurse marked."""

    message_id: str
    role: Literal["user", "assistant"]
    start: int
    end: int
    """Characters of the message's text, end excluded."""
    text: str
    """The passage itself, so that it is found again."""


@dataclass(frozen=True)
class Answers:
    """What a nurse said of an item."""

    given: Mapping[Question, str]
    """One of `OPTIONS` for each question of the item."""
    comment: str = ""
    """Free text; masked before it is kept."""
    highlights: tuple[Highlight, ...] = ()
    teach: bool = False
    """Whether the case is worth becoming a golden case."""


@dataclass(frozen=True)
class Review:
    """Answers that were submitted."""

    item_id: str
    reviewer_id: str
    part: Part
    answers: Answers
    submitted_at: datetime
    revision: int
    """Counts up from 1 with each submission of the same item by the same nurse; the highest stands."""
    form: Literal["web", "notion"]
    seconds: float | None = None
    """How long the card was open and in use; None where the form does not know."""
    sequence: int = 0
    """Order in which the store took it; given by the store."""


@dataclass(frozen=True)
class Retraction:
    """A review that was taken back: undone within its time, or its page deleted."""

    item_id: str
    reviewer_id: str
    at: datetime


@dataclass(frozen=True)
class Offer:
    """An item, to whom, and until when."""

    item: ReviewItem
    assignment: Assignment
    reviewer: Reviewer
    disputed: tuple[Question, ...] = ()
    """Of an adjudication: the questions on which the two who read it differ; their answers stay unsaid."""


@dataclass(frozen=True)
class Returned:
    """What came back from a form since a cursor."""

    reviews: tuple[Review, ...]
    retractions: tuple[Retraction, ...]
    cursor: str
    """What to ask with next time; opaque, and its own for each form."""
    problems: tuple[str, ...] = ()
    """What could not be read and why, in a sentence each; the review stays open."""


class ReviewForm(Protocol):
    """Where nurses read and answer.

    1. `offer` shows each item to its nurse; offering again changes nothing but due dates, and brings back what was
       deleted there while it is still open. It shows nothing of an item's `Origin`, and nothing that somebody wrote
       there is lost by it.
    2. `withdraw` takes an item from a nurse; what she had submitted stays.
    3. `returned` gives what was submitted, changed or taken back after `cursor` ("" for all), each review whole. The
       same cursor gives the same again; nothing is lost between two calls, and what comes twice is equal.
    4. Half-filled answers are not returned.
    5. `erase` leaves no text of the items within reach, whoever read them; what was answered is not taken back by it,
       where the records have emptied the items before the form is read again.
    6. Raises `StorageError` where the form cannot be reached; what was offered before that stays offered, and an item
       that is refused keeps no other from being shown.
    """

    def offer(self, offers: Sequence[Offer]) -> None:
        """The items are shown to their nurses."""

    def withdraw(self, item_id: str, reviewer_id: str) -> None:
        """The item is not shown to her any more."""

    def returned(self, cursor: str) -> Returned:
        """What came back since."""

    def erase(self, item_ids: Sequence[str]) -> int:
        """How many pages of the items are gone; 0 where the form keeps nothing of its own."""

    def ping(self) -> str:
        """Where the form is, in a few words. Raises `MatriaError` where it could show nothing to anybody."""
