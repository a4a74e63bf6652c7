"""Personal data in a text: where it stands, and the text without it.

On the floor, since logs and tracking need it. One small module per family. What counts is written in
docs/reference/personal-data.md.
"""

from matria.privacy.identifiers.finding import find, redact
from matria.privacy.identifiers.identifier import LABELS, Identifier, Kind

__all__ = ["LABELS", "Identifier", "Kind", "find", "redact"]
