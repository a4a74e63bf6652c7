"""How dear a finding says that messages are, on one scale for both rules on cost: that of a whole day.

The day's level is its mean. The hour's mean has the hour's place in the daily profile in it, so its level is its ratio
to the same hours of the day before, times what a message cost over the whole of that day.
"""

from decimal import Decimal

from matria.costs.watching.base import Episode, Finding
from matria.costs.watching.values import Values


def level_usd(finding: Finding, day_before: Decimal | None) -> float:
    """What a message costs over a day by this finding; 0 where it has no mean.

    `day_before` is the mean of the day that an hour's baseline is of.
    """
    if finding.rule == "hour" and finding.ratio is not None and day_before:
        return finding.ratio.value * float(day_before)
    return float(finding.last.mean_usd or 0)


def told_usd(finding: Finding, day_before: Decimal | None) -> float:
    """What people know from a finding that they are told: a day's message says where its newest hours stand as well.

    A step shows in the day's mean little by little; that the day fills up with it is no news.
    """
    recent = max((reason.figures.get("recent", 0.0) for reason in finding.reasons), default=0.0)
    before = float(finding.before.mean_usd or 0)
    return max(level_usd(finding, day_before), (1 + recent) * before)


def is_worse(finding: Finding, episode: Episode, day_before: Decimal | None, values: Values) -> bool:
    """Whether it is so much dearer than what was told that it is told again, and surely dearer at all."""
    if finding.rule == "unpriced":
        return unpriced_share(finding) - unpriced_share(episode.told) > values.worsened_rise
    if finding.rule == "no_data" or finding.state == "no_data":
        return False
    now, then = level_usd(finding, day_before), episode.told_usd or told_usd(episode.told, episode.baseline.mean_usd)
    sure = now * finding.ratio.low / finding.ratio.value if finding.ratio and finding.ratio.value else now
    return now > (1 + values.worsened_rise) * then and sure > (1 + values.min_sure_rise_24h) * then


def unpriced_share(finding: Finding) -> float:
    """Share of the last window's calls without a price; 0 where there are none."""
    return finding.last.unpriced_calls / finding.last.calls if finding.last.calls else 0.0
