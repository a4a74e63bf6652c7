"""From when on a review counts: once the time to undo it is over."""

from datetime import datetime, timedelta

from matria.policy import Policy


def settled_by(policy: Policy, now: datetime) -> datetime:
    """Reviews that were submitted before this moment can no longer be undone."""
    return now - timedelta(minutes=policy.number("review.undo_min"))
