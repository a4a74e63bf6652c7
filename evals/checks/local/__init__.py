"""Checks of this project's own, one module each; see docs/how-to/write-a-check.md."""
