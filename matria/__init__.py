"""The floor: settings, errors, tracking, events, contracts, privacy, features, costs, notices. Imports no sibling."""

__version__ = "0.1.0"
