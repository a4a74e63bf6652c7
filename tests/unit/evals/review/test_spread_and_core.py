"""How a week's items are spread over personas and stages, and what of them the policy's core holds."""

import uuid
from collections import Counter
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from evals.review.risks import DangerSigns
from evals.review.sampling import draw
from evals.review.week import Known, prepare
from evals.review.weeks import week_before
from guardrails.term_groups import load_groups
from matria.policy import Policy, load_policy
from matria.transcripts.base import Exchange, RailMark, Transcript
from tests.unit.evals.review.week_parts import MONDAY, nurse
from tests.unit.evals.review.week_units import unit

ZONE = ZoneInfo("America/Sao_Paulo")
POLICY = load_policy(Path(__file__).parents[4] / "policy.yaml")


@pytest.mark.parametrize(
    ("trait", "third", "others"),
    [("persona", "puerpera", "gestante"), ("stage", "first_trimester", "third_trimester")],
)
def test_personas_and_stages_of_a_stratum_are_drawn_in_proportion(trait: str, third: str, others: str) -> None:
    """Spread over their order: of 6 in 60 of which a third is the one, 2."""
    units = [unit(f"c{at:02d}", **{trait: third if at < 20 else others}) for at in range(60)]
    for seed in range(20):
        found = draw(units, "2026-W47", seed, items=6, core_items=6)
        assert Counter(getattr(one.unit, trait) for one in found.drawn) == {third: 2, others: 4}


def talked(key: str, *marks: RailMark) -> Transcript:
    asked_at = MONDAY - timedelta(days=3)
    said = ("Posso tomar chá?", "Em pequena quantidade, sim.", "answered", "gestante/conteudo", "1.0.0", "hash", "m-1")
    message_id = uuid.uuid5(uuid.NAMESPACE_OID, key).hex
    one = Exchange(key, message_id, asked_at, "pt-BR", "gestante", "third_trimester", *said, marks=marks)
    return Transcript(key, (one,))


def drawn_with(policy: Policy) -> dict[str, int]:
    """Items by stratum, of a week with 60 conversations that a rail changed and 90 of which nothing was noticed."""
    mark = RailMark("assistant", "stub", "mask", ("stub",))
    talks = [talked(f"r{at:02d}", mark) for at in range(60)] + [talked(f"u{at:02d}") for at in range(90)]
    week, signs = week_before(MONDAY, ZONE), DangerSigns(load_groups())
    known = Known((), (), (), (), (), (nurse("nurse-a"), nurse("nurse-b")))
    found = prepare(week, talks, {}, known, policy, signs, MONDAY, ZONE)
    return {one.name: one.drawn for one in found.batch.strata}


def test_a_week_is_drawn_with_the_core_of_the_policy() -> None:
    """Of 20 items the roots of 60 and 90 give 9 and 11; a core of all 20 leaves each stratum its share, 8 and 12."""
    assert drawn_with(POLICY) == {"rails": 9, "usual": 11}
    core = POLICY.thresholds["review.core_items"]
    of_all = type(core)(**{**vars(core), "value": 20})
    assert drawn_with(Policy({**POLICY.thresholds, core.name: of_all}, "test")) == {"rails": 8, "usual": 12}
