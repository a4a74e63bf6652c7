"""Azure AI Content Safety, imitated offline: the same wire, with the local rails' verdicts behind it."""

from guardrails.emulator.app import Emulator, create_app

__all__ = ["Emulator", "create_app"]
