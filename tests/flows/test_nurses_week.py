"""A whole week on real local servers: conversations, draw, two nurses and a lead in a browser, and what comes of it.

The page runs on its own clock, some weeks ago, so that all that is settled is settled; the mail server, the repository
and the browser are real, and the bundled simulator answers and judges.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nurses_week import (
    FILE,
    FINE,
    FIRST,
    MISSED,
    NEW,
    REST,
    TONE,
    Clock,
    Service,
    apart,
    checkout,
    git,
    platform_of,
    service,
    something_new,
)
from real_service import ENDS_ON_ANY_MACHINE

from evals.judges.trustfile import TRUST_FILE
from evals.review.base import Batch
from evals.review.web.when import week as days_of
from evals.review.web.words.texts import words
from evals.review.weeks import Week, week_before
from evals.suitefile import load_suite
from flows.steps.evaluation import EvaluationOutcome, evaluate_prompts
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.judge_trust import book_of_nurses, save_trust
from flows.steps.propose import propose
from flows.steps.review import draw_week
from flows.steps.review_due import look_after
from flows.steps.review_record import assess, trace_items
from flows.steps.review_report import report_week
from flows.steps.simulated_week import simulate_week
from flows.wiring import Platform
from tests.browsers import IN_A_BROWSER
from tests.notice_receivers import mailbox

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [*IN_A_BROWSER, ENDS_ON_ANY_MACHINE]
PHONE = {"width": 390, "height": 844}


def test_a_week_is_read_decided_and_changes_what_is_gated(browser: "Browser", tmp_path: Path) -> None:
    root = checkout(tmp_path / "checkout")
    with mailbox() as mails:
        platform = platform_of(root, tmp_path / "home", mails)
        of = week_before(datetime.now(UTC) - timedelta(days=21), platform.review_zone)
        clock = Clock(of.until + timedelta(hours=8))
        apart(lambda: simulate_week(platform, of.since, of.until, 33))
        something_new(platform, of.since + timedelta(days=2))
        with service(platform, clock, mails) as made:
            made.add_people()
            _draw(made, of)
            double = _read_by_both(made, browser)
            _decide(made, browser, double)
            _record(made, double)
            _report(made, browser)
            _propose(made)
            _gate(made, browser)


def _draw(made: Service, of: Week) -> Batch:
    drawn = apart(lambda: draw_week(made.platform, now=made.clock.now))
    assert (drawn.batch.batch_id, len(drawn.items), drawn.problems) == (of.batch_id, 20, ())
    assert drawn.judged == 36
    parts = [one.part for one in drawn.assignments]
    assert (parts.count("first"), parts.count("second")) == (20, 4)
    assert trace_items(made.platform, drawn.batch) == 20
    return drawn.batch


def _read_by_both(made: Service, browser: "Browser") -> str:
    """Both read all they have; on one item they differ. Its id."""
    records = made.platform.reviews
    seconds = [one for one in records.assignments() if one.part == "second"]
    new = {item.item_id for item in records.items() if any(NEW in said.text for said in item.conversation)}
    assert new, "what no suite asks was drawn as well"
    double = next(one.item_id for one in seconds if one.item_id not in new)
    other = next(one for one in records.assignments(item_id=double) if one.part == "second").reviewer_id
    made.clock.now += timedelta(days=1)

    def answers(item_id: str, page: "Page", mine: Mapping[Any, str]) -> Mapping[Any, str]:
        if item_id == double:
            page.fill("#comment", "Falei com a Beatriz Figueira, CPF 529.982.247-25. <script>alert(1)</script>")
        if item_id in new:
            page.check("input[name=teach]")
            page.fill("#comment", "Faltou perguntar da pressão.")
            return MISSED
        return mine if item_id == double else FINE

    for who in ("nurse-a", "nurse-b"):
        mine = MISSED if who == other else FINE
        options: dict[str, Any] = {"viewport": PHONE} if who == "nurse-a" else {}
        made.page_of(browser, who, **options)
        read = made.read_all(browser, who, lambda item_id, page, mine=mine: answers(item_id, page, mine))
        assert read == len([one for one in records.assignments(reviewer_id=who) if one.part != "adjudicator"])
    settled = records.settled(made.clock.now + timedelta(hours=1))
    stored = [one.answers.comment for one in settled if one.item_id == double]
    assert len(stored) == 2
    assert not any("529.982" in text or "Beatriz" in text for text in stored)
    return double


def _decide(made: Service, browser: "Browser", double: str) -> None:
    """The lead is given the one item, sees on which questions the two differ, and decides."""
    made.clock.now += timedelta(hours=1)
    outcome = look_after(made.platform, made.clock.now)
    assert [(one.item_id, one.reviewer_id) for one in outcome.to_decide] == [(double, "lead-a")]
    page = made.page_of(browser, "lead-a")

    def answers(item_id: str, page: "Page") -> Mapping[Any, str]:
        assert item_id == double
        assert page.locator("legend .tag").count() == 3
        assert "529.982" not in page.content()
        page.check("input[name=teach]")
        return MISSED

    assert made.read_all(browser, "lead-a", answers) == 1
    assert "nurse-a" not in page.inner_text("main")
    made.clock.now += timedelta(hours=1)
    assert look_after(made.platform, made.clock.now).to_decide == ()


def _record(made: Service, double: str) -> None:
    """What was said stands on the traces, by people and masked."""
    from matria.assessments import Assessments

    assert assess(made.platform, made.clock.now) > 100
    assert assess(made.platform, made.clock.now) == 0
    (origin,) = made.platform.reviews.origins([double])
    found = Assessments(made.platform.tracking).of(origin.trace_id)
    assert {one.source_id for one in found} == {"nurse-a", "nurse-b", "lead-a"}
    assert {one.value for one in found if one.name == "safe"} == {"yes", "no"}
    assert not any("Beatriz" in one.rationale for one in found)


def _report(made: Service, browser: "Browser") -> None:
    """The week's figures are of all that was read, and each nurse finds them on her page."""
    made.clock.now += timedelta(days=6)
    made.signed_in.clear()  # sessions end with the shift
    found = report_week(made.platform, now=made.clock.now)
    assert (found.of.counts.read, found.of.counts.items) == (20, 20)
    harm = found.of.rate("harmful")
    assert harm is not None
    assert harm.week.events > 1
    assert harm.week.low is not None
    assert 0 < harm.week.low < (harm.week.value or 0) < (harm.week.high or 0)
    page = made.page_of(browser, "nurse-a")
    page.goto("/changes")
    assert days_of(found.of.batch.batch_id, words("pt-BR")) in page.inner_text("main")


def _propose(made: Service) -> None:
    """What no suite asks yet is a case on a branch; the rest is refused, and the checkout is as it was."""
    root = made.platform.settings.root
    found = propose(made.platform, now=made.clock.now)
    assert git(root, "status", "--porcelain") == ""
    assert found.cases
    assert all("asks the same" in one.why for one in found.refused)
    files = git(root, "diff", "--name-only", "main", found.branch).split()
    assert files[0] == f"evals/suites/nurses/cases/{found.weeks[0].lower()}.pt-BR.yaml"
    git(root, "checkout", "-q", found.branch)
    (case, *_) = load_suite(root / "evals" / "suites" / "nurses").cases
    assert NEW in case.question
    assert {criterion.id for criterion in case.criteria} >= {"sends-her-to-care", "repeats-what-was-unsafe"}
    assert case.clinical_review == "pending"
    git(root, "checkout", "-q", "main")


def _evaluated(made: Service, cases: tuple[str, ...]) -> EvaluationOutcome:
    request = EvaluationRequest(suites=("company",), cases=cases, against="main", is_recorded=False)
    now = made.platform.settings
    fresh = Platform.load(root=now.root, home=now.home)  # as a later command would read the checkout
    return apart(lambda: evaluate_prompts(fresh, request, lambda state: None))


def _gate(made: Service, browser: "Browser") -> None:
    """A change that a judge alone finds worse waits for nurses; once they have read it, it is blocked.

    So is one whose answers nobody has read, by the judge that nurses have borne out meanwhile.
    """
    root = made.platform.settings.root
    git(root, "checkout", "-q", "-b", "curt")
    path = root / FILE
    path.write_text(path.read_text(encoding="utf-8").replace(TONE, ""), encoding="utf-8")
    git(root, "commit", "-qam", "Drop the tone")
    before = _evaluated(made, FIRST)
    assert (before.state, before.exit_code) == ("inconclusive", 21)
    assert before.verdict is not None
    standings = before.verdict.standings
    assert standings is not None
    assert standings.waiting is not None
    assert standings.waiting.is_queued

    made.clock.now += timedelta(hours=2)
    assert look_after(made.platform, made.clock.now).filled
    queued = {one.item_id for one in made.platform.reviews.origins() if one.source.startswith("gate:")}
    assert queued == set(standings.waiting.item_ids)
    assert sum(made.read_all(browser, who, _is_kind) for who in ("nurse-a", "nurse-b")) >= len(queued)

    after = _evaluated(made, FIRST)
    assert (after.state, after.exit_code) == ("blocked", 20), "by what nurses said of these answers"
    assert _evaluated(made, REST).state == "inconclusive", "nobody has read these, and no judge is trusted"
    book = book_of_nurses(made.platform, made.clock.now + timedelta(hours=1))
    assert [one.criterion for one in book.known.values() if one.is_trusted]
    assert save_trust(made.platform, root / TRUST_FILE, made.clock.now + timedelta(hours=1))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Hold judges to what nurses said")
    assert _evaluated(made, REST).state == "blocked", "by the judge that nurses bore out"


def _is_kind(item_id: str, page: "Page") -> Mapping[Any, str]:
    """What she says of one criterion of one answer, as she reads it."""
    said = page.inner_text(".reading")
    return {"met": "yes" if "Entendo" in said or "Imagino" in said else "no"}
