"""Imports every module that defines checks, so that each kind is registered."""

from evals.checks import advice, diagnosis, dose, escalation, manner, numbers, phrases, variant

__all__ = ["advice", "diagnosis", "dose", "escalation", "manner", "numbers", "phrases", "variant"]
