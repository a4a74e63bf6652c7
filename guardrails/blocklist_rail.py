"""The blocklists as a rail of this process: what is listed does not pass, whichever service moderates besides."""

from guardrails.base import Decision, Text
from guardrails.blocklists import ACTION_ON_HIT, Blocklists, reason_of
from guardrails.reading import read


class BlocklistRail:
    """See `guardrails.base.Rail`. To staff nothing is withheld."""

    name = "blocklists"

    def __init__(self, blocklists: Blocklists) -> None:
        self._blocklists = blocklists

    async def judge(self, text: Text) -> Decision:
        """Stopped where a list of the text's direction and locale has a phrase of it."""
        if not self._blocklists.names(text.direction, text.locale):
            return Decision("allow", self.name)
        hits = self._blocklists.hits(read(text.content), text.direction, text.locale)
        reasons = tuple(dict.fromkeys(reason_of(hit.blocklist) for hit in hits))
        is_stopped = hits and text.audience == "patient"
        return Decision(ACTION_ON_HIT[text.direction] if is_stopped else "allow", self.name, reasons)

    async def ping(self) -> str:
        """How many phrases are listed."""
        return f"{len(self._blocklists.lists)} blocklists, {self._blocklists.size} phrases"
