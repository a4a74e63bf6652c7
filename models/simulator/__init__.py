"""The simulated chat model: answers offline, deterministically, and as the system prompt's rules ask."""

from models.simulator.app import create_app
from models.simulator.reply import MODELS

__all__ = ["MODELS", "create_app"]
