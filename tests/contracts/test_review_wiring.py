"""The nurses' week as the settings open it: what is said in either form is masked before it is kept."""

from pathlib import Path

from notion_server import TOKEN, NotionServer
from review_desks import offers
from review_places import GIVEN, NOON, assignment, batch, item, origin, review, reviewer

from evals.review.base import Spoken
from evals.review.notion.words import FIELD
from evals.review.records import Draft
from flows.wiring import Platform
from matria.asgi_server import serving
from matria.settings import ReviewSettings

TOLD = "Meu CPF é 529.982.247-25 e meu telefone (11) 98765-4321."
GIVEN_AWAY = ("529.982", "98765")


def put(platform: Platform) -> None:
    """One item, whose conversation names numbers, for one nurse."""
    one = item(conversation=(Spoken("m1", "user", TOLD), Spoken("m1", "assistant", f"Não escreva: {TOLD}")))
    platform.reviews.put_reviewer(reviewer("nurse-a"))
    platform.reviews.put_batch(batch(), [one], [origin("i1")], [assignment("i1")])


def kept(home: Path) -> bytes:
    """All that lies on the disk of the review."""
    return b"".join(path.read_bytes() for path in (home / "review").iterdir() if path.is_file())


def test_conversations_drafts_and_comments_are_masked_before_they_are_kept(tmp_path: Path) -> None:
    platform = Platform.load(home=tmp_path)
    put(platform)
    platform.reviews.save_draft(Draft("i1", "nurse-a", {"comment": TOLD}, NOON, 0), 0)
    draft = platform.reviews.draft("i1", "nurse-a")
    assert draft is not None
    assert "Meu CPF" in draft.fields["comment"]
    platform.reviews.submit(review(comment=TOLD), 0)
    (said,) = platform.reviews.settled(NOON.replace(year=2027))
    assert "Meu CPF" in said.answers.comment
    assert not any(one.encode() in kept(tmp_path) for one in GIVEN_AWAY)


def test_nothing_that_names_her_goes_to_notion_or_comes_back_from_it(tmp_path: Path) -> None:
    server = NotionServer()
    with serving(server, "127.0.0.1") as address:
        of = {"kind": "notion", "notion_token": TOKEN, "notion_url": address, "notion_parent": server.parent_id}
        platform = Platform.load(home=tmp_path, review=ReviewSettings.model_validate(of))
        put(platform)
        platform.review_form.offer(offers(platform.reviews))
        assert not any(one.encode() in body for body in server.bodies for one in GIVEN_AWAY)
        chosen = {FIELD[question].name: FIELD[question].options[said] for question, said in GIVEN.items()}
        server.fill(server.row("i1:nurse-a"), {**chosen, "Comentário": TOLD, "Pronto": True})
        (said,) = platform.review_form.returned("").reviews
    assert "Meu CPF" in said.answers.comment
    assert not any(one in said.answers.comment for one in GIVEN_AWAY)
