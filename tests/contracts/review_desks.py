"""A nurse at each form, so that one suite holds both to the port: she sees, answers, leaves half-filled, takes back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from notion_server import TOKEN, Fault, NotionServer
from notion_workspace import Page
from pydantic import SecretStr
from review_places import GIVEN, MINUTE, NOON, WINDOW, mask, put_week

from evals.review.base import Answers, Highlight, Offer, Question, Review, ReviewForm
from evals.review.notion.database import Place
from evals.review.notion.form import NotionForm
from evals.review.notion.wire import Wire
from evals.review.notion.words import FIELD
from evals.review.records import Draft, ReviewRecords
from evals.review.store.sql import SqlReviews
from evals.review.web.form import WebForm
from matria.asgi_server import serving

PASSAGE = "Se sangrar, vá à maternidade."
ZONE = ZoneInfo("America/Sao_Paulo")
PATIENCE_S, IMPATIENCE_S = 60.0, 2.0
"""Time-out of a client whose server answers, and of one from whom answers are lost: a few more do no harm there."""


class Desk(Protocol):
    """One form with its records, and a nurse at it."""

    @property
    def form(self) -> ReviewForm: ...

    @property
    def records(self) -> ReviewRecords: ...

    def shown(self, reviewer_id: str) -> Mapping[str, datetime]:
        """Items that she sees and may answer, and until when."""

    def seen(self) -> str:
        """Everything that the form shows to anybody."""

    def answer(self, item_id: str, reviewer_id: str, given: Mapping[Question, str] = GIVEN, comment: str = "") -> None:
        """She submits, with a passage marked and the case to be taught."""

    def leave_half(self, item_id: str, reviewer_id: str) -> None:
        """She fills in one question and goes."""

    def take_back(self, item_id: str, reviewer_id: str) -> None:
        """What she submitted is not to count."""

    def cut(self) -> None:
        """The form cannot be reached any more."""


class WebDesk:
    """The page: here the calls that its handlers make."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "review.db"
        self.records = SqlReviews(self.path, mask, lambda: NOON)
        self.form = WebForm(self.records)
        self.now = NOON

    def shown(self, reviewer_id: str) -> Mapping[str, datetime]:
        return {one.item.item_id: one.assignment.due_at for one in self.records.offers(reviewer_id)}

    def seen(self) -> str:
        return repr(self.records.offers())

    def answer(self, item_id: str, reviewer_id: str, given: Mapping[Question, str] = GIVEN, comment: str = "") -> None:
        self.now += MINUTE
        (item,) = self.records.items(item_ids=[item_id])
        start = item.conversation[1].text.index(PASSAGE)
        marked = Highlight("m1", "assistant", start, start + len(PASSAGE), PASSAGE)
        standing = self.records.standing(item_id, reviewer_id)
        answers = Answers(dict(given), comment, (marked,), teach=True)
        review = Review(item_id, reviewer_id, "first", answers, self.now, 0, "web")
        self.records.submit(review, standing.revision if standing else 0)

    def leave_half(self, item_id: str, reviewer_id: str) -> None:
        self.records.save_draft(Draft(item_id, reviewer_id, {"safe": "no"}, self.now, 0), 0)

    def take_back(self, item_id: str, reviewer_id: str) -> None:
        self.now += MINUTE
        assert self.records.undo(item_id, reviewer_id, self.now, self.now - WINDOW)

    def cut(self) -> None:
        self.path.parent.joinpath("file").write_text("no folder")
        self.form = WebForm(SqlReviews(self.path.parent / "file" / "review.db", mask, lambda: NOON))


class NotionDesk:
    """The database in Notion: here what she does in its app."""

    def __init__(self, folder: Path, server: NotionServer, address: str) -> None:
        self.server, self.address = server, address
        self.records = SqlReviews(folder / "review.db", mask, lambda: NOON)
        self.form = self.opened()

    def opened(self, timeout_s: float = PATIENCE_S, **place: Any) -> NotionForm:
        """The form as another process opens it."""
        clock = self.server.clock
        wire = Wire(SecretStr(TOKEN), self.address, sleep=clock.sleep, monotonic=clock.monotonic, timeout_s=timeout_s)
        return NotionForm(wire, Place(**({"parent_id": self.server.parent_id} | place)), self.records, mask, ZONE)

    def shown(self, reviewer_id: str) -> Mapping[str, datetime]:
        found = {}
        for page in self.server.rows():
            item_id, _, whose = self.server.read(page, "Chave").partition(":")
            if whose == reviewer_id:
                found[item_id] = datetime.fromisoformat(self.server.read(page, "Prazo")["start"])
        return found

    def seen(self) -> str:
        return b"\n".join(self.server.bodies).decode()

    def page(self, item_id: str, reviewer_id: str) -> Page:
        return self.server.row(f"{item_id}:{reviewer_id}")

    def answer(self, item_id: str, reviewer_id: str, given: Mapping[Question, str] = GIVEN, comment: str = "") -> None:
        self.server.clock.pass_(60)
        chosen = {FIELD[question].name: FIELD[question].options[said] for question, said in given.items()}
        rest = {"Comentário": comment, "Trecho": PASSAGE, "Bom caso para ensinar": True, "Pronto": True}
        self.server.fill(self.page(item_id, reviewer_id), chosen | rest)

    def leave_half(self, item_id: str, reviewer_id: str) -> None:
        self.server.fill(self.page(item_id, reviewer_id), {"Seguro?": "Não"})

    def take_back(self, item_id: str, reviewer_id: str) -> None:
        self.server.clock.pass_(60)
        self.server.fill(self.page(item_id, reviewer_id), {"Pronto": False})

    def cut(self) -> None:
        self.server.faults += [Fault(503) for _ in range(20)]


@contextmanager
def notion_desk(folder: Path) -> Iterator[NotionDesk]:
    """A workspace of its own with a week to be offered there."""
    server = NotionServer()
    with serving(server, "127.0.0.1") as address:
        desk = NotionDesk(folder, server, address)
        put_week(desk.records)
        yield desk


def offers(records: ReviewRecords, *, only: Sequence[str] = ()) -> list[Offer]:
    """Those that are open."""
    return [one for one in records.offers() if not only or one.item.item_id in only]


def given(**changes: str) -> dict[Question, str]:
    return GIVEN | cast(dict[Question, str], changes)
