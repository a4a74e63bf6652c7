"""The nurses' page for tests: with its real store, a clock that is set by hand, and letters that are kept."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from evals.review.base import Assignment, Batch, Origin, Reviewer, ReviewItem, Role, Spoken
from evals.review.store.keys import SqlKeys
from evals.review.store.sql import SqlReviews
from evals.review.web.app import build
from evals.review.web.mail import NotDelivered
from evals.review.web.options import PageOptions
from matria.policy import load_policy
from matria.privacy.keys import HashKey

ROOT = Path(__file__).resolve().parents[5]
URL = "https://review.example.org"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HASH_KEY = HashKey("test", b"k" * 32)
SAME_SITE = {"Origin": URL, "Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    """A time that passes when told."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Letters:
    """See `evals.review.people.Mailer`."""

    sent: list[tuple[str, str, str, str]] = field(default_factory=list)
    is_down: bool = False

    def send(self, to: str, subject: str, body: str, link: str = "") -> None:
        if self.is_down:
            raise NotDelivered("mail could not be reached")
        self.sent.append((to, subject, body, link))

    @property
    def link(self) -> str:
        """The newest link, without the site's address."""
        return self.sent[-1][3].removeprefix(URL)


@dataclass
class Site:
    """The page and what it stands on."""

    app: FastAPI
    records: SqlReviews
    keys: SqlKeys
    clock: Clock
    letters: Letters
    place: Path

    def browser(self, base_url: str = URL, **options: Any) -> TestClient:
        """A browser that follows no redirect by itself."""
        return TestClient(self.app, base_url, follow_redirects=False, **options)

    def did(self) -> list[tuple[str, str, str]]:
        """Who did what to which thing, oldest first."""
        return [(line.who, line.did, line.thing) for line in reversed(self.records.audit())]

    def signed_in(self, name: str = "nurse-a") -> TestClient:
        """A browser in which somebody is signed in."""
        browser = self.browser()
        ask_for_link(browser, f"{name}@example.org")
        answer = press(browser, self.letters.link)
        assert answer.status_code == 303
        return browser


def site(place: Path, url: str = URL, mailer: Letters | None = None, has_mail: bool = True, **options: Any) -> Site:
    """The page at an address, with a nurse for each of two items, a lead, a viewer and one who has left."""
    clock, letters = Clock(), mailer or Letters()
    records = SqlReviews(place / "reviews.db", mask=lambda text: text, clock=clock)
    keys = SqlKeys(place / "reviews.db")
    for reviewer in (person("nurse-a"), person("nurse-b"), person("lead-a", "lead"), person("viewer-a", "viewer")):
        records.put_reviewer(reviewer)
    records.put_reviewer(person("gone-a", is_active=False))
    fill(records)
    page = PageOptions(url, HASH_KEY, **options)
    policy = load_policy(ROOT / "policy.yaml")
    app = build(page, records, keys, policy, letters if has_mail else None, clock)
    return Site(app, records, keys, clock, letters, place / "reviews.db")


def person(name: str, role: Role = "nurse", is_active: bool = True) -> Reviewer:
    return Reviewer(name, f"Name of {name}", f"{name}@example.org", role, is_active=is_active)


def fill(records: SqlReviews) -> None:
    """One item for each of two nurses."""
    said = (Spoken("m-1", "user", "Posso comer isto?"), Spoken("m-1", "assistant", "Pode, sim."))
    batch = Batch("2026-W47", NOW - timedelta(days=7), NOW, NOW, 1, "short", ())
    names = {"item-a": "nurse-a", "item-b": "nurse-b"}
    items = [ReviewItem(one, batch.batch_id, "sampled", "pt-BR", "gestante", None, said) for one in names]
    origins = [Origin(one, f"conversation-{one}", ("m-1",), "week", "core", 0.5) for one in names]
    due = NOW + timedelta(days=5)
    records.put_batch(batch, items, origins, [Assignment(one, who, "first", due, NOW) for one, who in names.items()])


def token_in(text: str) -> str:
    """The token in the first form of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found, text
    return found[1]


def ask_for_link(browser: TestClient, address: str, wanted: str = "/", **headers: str) -> Any:
    """What the page answers to her address."""
    token = token_in(browser.get("/sign-in", params={"next": wanted}).text)
    fields = {"csrf": token, "address": address, "next": wanted}
    return browser.post("/sign-in", data=fields, headers=SAME_SITE | headers)


def press(browser: TestClient, link: str) -> Any:
    """What comes of opening a link and pressing its button."""
    return browser.post("/sign-in/link", data=hidden(browser.get(link).text), headers=SAME_SITE)


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', text))
