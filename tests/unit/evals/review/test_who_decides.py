"""A decision whose lead is away goes to no lead who has read the item, and waits where there is no other."""

import random
from zoneinfo import ZoneInfo

from evals.review.base import Reviewer
from evals.review.due import Calendar
from evals.review.reminding import Cover, cover
from tests.unit.evals.review.week_parts import MONDAY, given, item, nurse

ZONE = ZoneInfo("America/Sao_Paulo")


def handed(*leads: Reviewer) -> Cover:
    """A decision of lead-a, who has left, on an item that nurse-a and lead-b have read."""
    read = [given("i1", "lead-b", state="submitted"), given("i1", "nurse-a", "second", state="submitted")]
    decision = given("i1", "lead-a", "adjudicator", disputed=("safe",))
    people = [nurse("nurse-a"), nurse("lead-a", "lead", is_active=False), *leads]
    return cover([*read, decision], [item("i1")], people, Calendar(MONDAY, ZONE, 2), random.Random(1))


def test_a_lead_who_read_it_is_not_given_the_decision() -> None:
    found = handed(nurse("lead-b", "lead"))
    assert found.handed == ()
    assert [(one.code, one.item_id) for one in found.problems] == [("stays", "i1")]


def test_another_lead_is() -> None:
    found = handed(nurse("lead-b", "lead"), nurse("lead-c", "lead"))
    assert [one.made.reviewer_id for one in found.handed if one.made] == ["lead-c"]
    assert found.problems == ()
