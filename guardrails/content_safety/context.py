"""Whether a text speaks of the body, of care or of the baby, by the terms that the local moderator uses as well."""

from collections.abc import Sequence

from guardrails.base import Text
from guardrails.finder import Finder
from guardrails.reading import read
from guardrails.term_groups import TermGroup

MARK = "clinical_context"


class ClinicalContext:
    """Knows the words of context.yaml."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark == MARK)

    def stands_in(self, text: Text) -> bool:
        """Whether the text has one of them."""
        return bool(self._finder.find(read(text.content), text.locale).marked(MARK))
