"""The migrations of the nurses' week, run by `evals.review.store.database`."""
