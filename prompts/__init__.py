"""Versioned prompt files: found, rendered, linted, compared, published.

`repository` finds and loads, `render` fills, `lint` checks, `diff` compares, `publish` hands to MLflow. What a prompt
says lies in `library/` and belongs to the clinical team; whether it is good enough is decided by `evals`.
"""
