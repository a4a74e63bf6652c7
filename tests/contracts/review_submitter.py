"""Another process that submits: `review_submitter.py PLACE NURSE COMMENT` prints what came of it."""

import sys
from pathlib import Path

from review_places import mask, review

from evals.review.store.sql import SqlReviews

place, nurse, comment = sys.argv[1:]
records = SqlReviews(place if place.startswith("postgresql") else Path(place), mask)
print("ready", flush=True)
sys.stdin.readline()  # all are started before one submits
done = records.submit(review("i1", nurse, comment=comment), 0)
print(done.state, done.revision)
