"""What people would see of the answers, in one line: how many are read, and how many a rail stands before."""

from collections.abc import Mapping

from evals.wording import Wording


def would_see(head: Mapping[str, int], base: Mapping[str, int] | None, words: Wording) -> str:
    """How many answers ended how, `before → after` where they differ; empty where none went through the rails."""
    if not head:
        return ""
    before = base or head
    told = [words.say(f"see_{name}", _moved(before.get(name, 0), count)) for name, count in head.items()]
    return words.say("would_see", ", ".join(told))


def _moved(before: int, after: int) -> str:
    return f"{after}" if before == after else f"{before} → {after}"
