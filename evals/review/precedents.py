"""What nurses settled of single criteria, as precedents that people read beside a new answer (`matria why`).

A reading that is disputed, or that nobody could tell, is none; and what a simulator answered teaches nothing. No judge
reads them: one that did would be held against readings that it had seen.
What a judge of the week had queued is a person's conversation and of no case, so it is none either.
"""

from collections.abc import Iterable, Sequence

from evals.precedents import Precedent
from evals.review.base import Origin, Review, ReviewItem
from evals.review.disputes import final_answers
from evals.review.queue_trust import SOURCE
from evals.review.report_cases import clipped
from matria.policy import Policy

_NOTE_CHARACTERS, _ANSWER_CHARACTERS = 300, 600


def precedents_of(
    items: Iterable[ReviewItem], origins: Iterable[Origin], settled: Sequence[Review], policy: Policy
) -> tuple[Precedent, ...]:
    """One for each criterion of an answer that nurses have settled, the oldest first; no nurse is named."""
    of = {origin.item_id: origin for origin in origins}
    finals = final_answers(settled, policy.count("review.dispute_steps"))
    found: list[Precedent] = []
    for item in items:
        final, origin = finals.get(item.item_id), of.get(item.item_id)
        if final is None or not final.is_final or origin is None or origin.is_simulated or item.criterion is None:
            continue
        if origin.source.startswith(SOURCE):
            continue
        answer = item.conversation[-1].text
        if final.answers.get("met") not in ("yes", "no") or not answer:
            continue
        found.append(
            Precedent(
                suite=origin.suite,
                case=origin.case,
                criterion=item.criterion.id,
                met=final.answers["met"] == "yes",
                reviewed_on=final.decided_by.submitted_at.date(),
                note=clipped(final.decided_by.answers.comment, _NOTE_CHARACTERS),
                answer=clipped(answer, _ANSWER_CHARACTERS),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.reviewed_on, one.suite, one.case, one.criterion)))
