"""How far nurses agree in all that they have read, pair by pair."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from evals.review.agreement import Agreement
    from flows.wiring import Platform


def agreement_so_far(platform: "Platform", now: "datetime") -> "Agreement":
    """Of all settled readings, queued ones too; simulated conversations count where there are no others."""
    from evals.review.agreement import agreement_of
    from evals.review.settling import settled_by

    records, policy = platform.reviews, platform.policy
    origins = records.origins()
    real = {one.item_id for one in origins if not one.is_simulated}
    known = real or {one.item_id for one in origins}
    items = [one for one in records.items() if one.item_id in known]
    settled = [one for one in records.settled(settled_by(policy, now)) if one.item_id in known]
    return agreement_of(settled, items, origins, confidence=policy.number("review.confidence"))
