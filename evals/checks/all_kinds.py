"""Imports every module that defines checks, so that each kind is registered."""

from evals.checks import (
    advice,
    citations,
    diagnosis,
    dose,
    ease,
    escalation,
    json_answer,
    literal,
    manner,
    meters,
    numbers,
    phrases,
    refusal,
    variant,
)

__all__ = [
    "advice",
    "citations",
    "diagnosis",
    "dose",
    "ease",
    "escalation",
    "json_answer",
    "literal",
    "manner",
    "meters",
    "numbers",
    "phrases",
    "refusal",
    "variant",
]
