"""The floor: settings, errors, tracking, events, contracts, privacy, features, costs, notices. Imports no sibling."""

from pathlib import Path

__version__ = "0.1.0"

PROJECT_ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""
