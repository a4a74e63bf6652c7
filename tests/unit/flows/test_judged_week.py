"""The judges read a week's conversations, and what that costs is in the ledger."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from review_parts import MONDAY, made_platform, person, talk

from evals.review.base import QUESTIONS
from evals.review.judging import criterion_name
from flows.steps.judged_week import JUDGES, judge_week
from flows.steps.review import draw_week
from flows.steps.simulated_week import simulate_week
from flows.wiring import Platform
from matria.messages import LOCALES
from matria.transcripts.base import Transcript


def week(platform: Platform) -> list[Transcript]:
    """Three conversations that say the same."""
    talk(platform, 3)
    assert platform.transcripts is not None
    return list(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY))


def test_a_simulated_week_is_judged_and_each_call_is_entered(tmp_path: Path) -> None:
    platform = made_platform(tmp_path)
    transcripts = [
        Transcript(one.conversation_id, tuple(replace(exchange, is_simulated=True) for exchange in one.exchanges))
        for one in week(platform)
    ]
    found = judge_week(platform, transcripts)
    harm_from = platform.policy.count("review.harm_from")
    assert sorted(found) == sorted(one.conversation_id for one in transcripts)
    for verdicts in found.values():
        assert [(one.criterion, one.grader) for one in verdicts] == [
            (criterion_name(one, harm_from), f"judge:{judge}") for one in QUESTIONS for judge in JUDGES
        ]
        assert all(one.judge.startswith(f"{one.grader} ") and one.is_simulated for one in verdicts)
        assert all(one.met for one in verdicts), "nothing is wrong with it that the simulator knows of"
    assert len({one.judge for one in found[transcripts[0].conversation_id]}) == len(JUDGES)
    now = datetime.now(UTC)
    entries = platform.ledger.between(now - timedelta(hours=1), now + timedelta(hours=1))
    judged = [one for one in entries if one.purpose == "judge"]
    assert len(judged) == len(QUESTIONS) * len(JUDGES) * len(transcripts)
    assert platform.response_cache is not None
    assert list(asyncio.run(platform.response_cache.survey())) == [], "what a judge says of a person is kept nowhere"
    assert {one.serves for one in judged} == {"evaluation"}


def test_a_trial_week_has_usual_conversations_beside_those_that_the_judges_noticed(tmp_path: Path) -> None:
    platform = made_platform(tmp_path / "trial")
    person(platform, "nurse-a", languages=LOCALES)
    simulate_week(platform, MONDAY - timedelta(days=7), MONDAY - timedelta(hours=12), 12)
    usual = week(made_platform(tmp_path / "other"))[0].last
    curt = f"Isso você já deveria saber. {usual.shown_text}"
    assert platform.transcripts is not None
    platform.transcripts.keep(replace(usual, shown_text=curt, is_simulated=True))
    drawn = draw_week(platform, now=MONDAY)
    sizes = {stratum.name: stratum.size for stratum in drawn.batch.strata}
    assert drawn.judged == sum(sizes.values()) == 13
    assert {"high_risk", "judges", "usual"} <= set(sizes)
    assert sizes["judges"] < 6


def test_the_simulated_judge_says_nothing_of_real_conversations(tmp_path: Path) -> None:
    platform = made_platform(tmp_path)
    assert judge_week(platform, week(platform)) == {}
    assert not platform.ledger.between(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
