"""What takes notices and mail in tests, and fails where it is told to."""

from dataclasses import dataclass, field

from matria.notify.base import NotDelivered, Notice


@dataclass
class Channel:
    """Takes notices, or fails."""

    is_down: bool = False
    refused_subjects: frozenset[str] = frozenset()
    asked: int = 0
    """How often it was tried."""
    notices: list[Notice] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        """Of the notices that it took."""
        return [notice.subject for notice in self.notices]

    def notify(self, notice: Notice) -> None:
        """Remembered."""
        self.asked += 1
        if self.is_down or notice.subject in self.refused_subjects:
            raise NotDelivered("the channel is down")
        self.notices.append(notice)

    def ping(self) -> str:
        """Its name."""
        return "channel"


@dataclass
class Post:
    """Takes mail, or refuses it."""

    is_down: bool = False
    taken: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, to: str, subject: str, body: str) -> None:
        """Remembered."""
        if self.is_down:
            raise NotDelivered("mail: could not be reached")
        self.taken.append((to, subject, body))
