"""How much dearer a message is than before, with an interval that knows that a conversation's messages hang together.

Resampled are buckets of conversations, drawn with both windows' messages in them (the cluster bootstrap, Davison and
Hinkley 1997, section 3.8), since a conversation may span both. A percentile interval is too narrow on few clusters, so
its ends are read from Student's t (Hesterberg 2015, section 5.3, the expanded percentile interval).
"""

import zlib
from datetime import datetime
from math import sqrt

import numpy as np

from matria.costs.watching.base import Ratio
from matria.costs.watching.hours import Buckets, Numbers
from matria.costs.watching.values import Values

_CHUNK = 1_000_000
"""Draws held at once: 8 MB."""


def seed_of(until: datetime, scope: str, rule: str) -> int:
    """The seed of one finding: the same whenever and wherever it is made again."""
    return zlib.crc32(f"{until.isoformat()} {rule} {scope}".encode())


def ratio(last: Buckets, before: Buckets, values: Values, seed: int) -> Ratio | None:
    """The last mean over the one before; None where either window has no priced message, or costs nothing before.

    With one bucket nothing is known of its spread, and the interval is 0 to infinity.
    """
    sums = np.stack([last.usd, last.messages, before.usd, before.messages], axis=1)
    sums = sums[(last.messages > 0) | (before.messages > 0)]
    last_usd, last_messages, before_usd, before_messages = sums.sum(axis=0)
    if not (last_messages > 0 and before_messages > 0 and before_usd > 0):
        return None
    value = float((last_usd / last_messages) / (before_usd / before_messages))
    if len(sums) < 2:
        return Ratio(value, 0.0, float("inf"))
    resampled = _resampled(sums, int(values.bootstrap_resamples), seed)
    tail = _tail(len(sums), values.confidence)
    low = np.quantile(resampled, tail, method="lower")
    high = np.quantile(resampled, 1 - tail, method="higher")
    return Ratio(value, float(low), float(high))


def _resampled(sums: Numbers, resamples: int, seed: int) -> Numbers:
    """The ratio in each resample, shape (resamples,); 0 without a last message, infinite without one before."""
    generator, count = np.random.default_rng(seed), len(sums)
    rows = max(1, _CHUNK // count)
    parts = []
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        picks = generator.integers(0, count, (size, count)) + count * np.arange(size)[:, None]
        weights = np.bincount(picks.ravel(), minlength=size * count).reshape(size, count)
        parts.append(weights @ sums)
    usd, messages, before_usd, before_messages = np.concatenate(parts).T
    last = np.divide(usd, messages, out=np.zeros_like(usd), where=messages > 0)
    before = np.divide(before_usd, before_messages, out=np.zeros_like(usd), where=before_messages > 0)
    resampled: Numbers = np.divide(last, before, out=np.full_like(usd, np.inf), where=before > 0)
    return resampled


def _tail(count: int, confidence: float) -> float:
    """Which share of the resamples lies outside at each end: less than the nominal one on few clusters."""
    from scipy.special import ndtr, stdtrit

    return float(ndtr(sqrt(count / (count - 1)) * stdtrit(count - 1, (1 - confidence) / 2)))
