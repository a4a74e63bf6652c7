"""The obstetric-risk model: chance of an adverse outcome at birth, from what was known on a day of the pregnancy.

A frame's way: `signature` (which columns) -> `data` (which rows, into which part) -> `train` and `calibration` ->
`predict.RiskModel` -> `validate` and `compare` -> `retrain`, which does all of it and registers the candidate.
"""
