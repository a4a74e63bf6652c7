"""Imports every module that defines checks, so that each kind is registered."""

from evals.checks import (
    advice,
    citations,
    diagnosis,
    disclosed,
    dose,
    ease,
    escalation,
    json_answer,
    literal,
    manner,
    meters,
    numbers,
    phrases,
    rails,
    refusal,
    variant,
)

__all__ = [
    "advice",
    "citations",
    "diagnosis",
    "disclosed",
    "dose",
    "ease",
    "escalation",
    "json_answer",
    "literal",
    "manner",
    "meters",
    "numbers",
    "phrases",
    "rails",
    "refusal",
    "variant",
]
