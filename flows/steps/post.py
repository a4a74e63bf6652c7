"""Telling a pull request: the comment and the status of an evaluation, while it runs and when it is done.

What cannot be posted is said and changes no verdict. The comment of a newer commit is left alone.
"""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from matria.errors import ForgeError, InputError
from matria.forge.base import CheckState, NotPermitted, Status
from matria.messages import Locale

if TYPE_CHECKING:
    from matria.forge.base import PullRequest

logger = logging.getLogger(__name__)
_STATES: Mapping[str, CheckState] = {
    "improved": "success",
    "not_worse": "success",
    "inconclusive": "failure",
    "blocked": "failure",
    "error": "error",
}


@dataclass(frozen=True)
class Posting:
    """What is to stand on the pull request."""

    body: str
    """Markdown that begins with the marker."""
    state: CheckState
    title: str
    """Of the status, in one line."""
    summary: str
    """Markdown for the summary of the job."""


@dataclass(frozen=True)
class Posted:
    """What came of posting."""

    address: str
    """Of the comment; empty where none was written."""
    notes: tuple[str, ...]
    """What went otherwise, by rule: a fork, a newer commit."""
    errors: tuple[ForgeError, ...]
    """What went wrong."""


def posting_of_run(folder: Path, locale: Locale) -> Posting:
    """The finished evaluation in `folder`. Raises `InputError` where it holds none, or links in place of files.

    Scores without a verdict are an `error`: a check that compared nothing must not let anything through.
    """
    from evals.gate import title_of
    from evals.outputs import COMMENT, SUMMARY, VERDICT
    from evals.report import MARKER
    from evals.wording import wording

    words = wording(locale)
    body = _text(folder / COMMENT)
    if not body.startswith(MARKER):
        body = f"{MARKER}\n\n{body}"
    summary = _text(folder / SUMMARY) if _is_there(folder / SUMMARY) else body
    if not _is_there(folder / VERDICT):
        return Posting(body, "error", words.say("scored_only"), summary)
    verdict = _verdict(folder / VERDICT)
    trust = verdict.get("trust")
    rests_on_judges = isinstance(trust, dict) and bool(trust.get("rests_on_judges"))
    waivers = len(verdict.get("waivers") or ())
    title = title_of(verdict["state"], bool(verdict.get("is_simulated")), waivers, locale, rests_on_judges)
    return Posting(body, _STATES[verdict["state"]], title, summary)


def started(locale: Locale) -> Posting:
    """An evaluation that begins; what stood on an earlier commit is no longer read as this one's."""
    from evals.report import MARKER
    from evals.wording import wording

    words = wording(locale)
    title = words.say("started_title")
    return Posting(f"{MARKER}\n\n## ⏳ {title}\n\n{words.say('running_note')}\n", "pending", title, "")


def running(done: int, total: int, locale: Locale) -> Posting:
    """An evaluation that is under way."""
    from evals.report import running as running_body
    from evals.wording import wording

    words = wording(locale)
    return Posting(running_body(done, total, words), "pending", words.say("running_title", done, total), "")


def unfinished(locale: Locale) -> Posting:
    """An evaluation that ended without a verdict."""
    from evals.report import MARKER
    from evals.wording import wording

    words = wording(locale)
    title = words.say("unfinished_title")
    body = f"{MARKER}\n\n## ⚫ {title}\n\n{words.say('unfinished_note')}\n"
    return Posting(body, "error", title, body)


def post(pull_request: "PullRequest", posting: Posting, *, with_status: bool = True) -> Posted:
    """Comment and status, each tried whatever became of the other. Raises nothing that a forge may do."""
    from evals.report import MARKER

    notes: list[str] = []
    errors: list[ForgeError] = []
    address = ""
    try:
        if is_superseded(pull_request):
            notes.append(f"{pull_request.name} has a newer commit: its own run writes the comment.")
        else:
            address = pull_request.put(MARKER, posting.body, posting.state).address
    except ForgeError as error:
        _sort(error, notes, errors)
    try:
        if with_status:
            pull_request.set_status(Status(posting.state, posting.title, pull_request.run_address or address))
    except ForgeError as error:
        _sort(error, notes, errors)
    return Posted(address, tuple(dict.fromkeys(notes)), tuple(errors))


def is_superseded(pull_request: "PullRequest") -> bool:
    """Whether the pull request stands at another commit by now; False where the forge does not say."""
    try:
        return pull_request.head() != pull_request.commit
    except ForgeError as error:
        logger.info("head of %s unknown: %s", pull_request.name, error)
        return False


class Poster:
    """Keeps the comment of a running evaluation up to date, from a thread of its own and never in its way.

    `progress` may be called after every row: it only notes the figures, and the newest go out every `every_s` seconds.
    After a failure no more updates are tried; the verdict is, by `finish`. Left by an exception, it says that there is
    no verdict.
    """

    def __init__(self, pull_request: "PullRequest", locale: Locale, every_s: float) -> None:
        self._pull_request = pull_request
        self._locale = locale
        self._every_s = every_s
        self._changed = threading.Condition()
        self._newest: tuple[int, int] | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._update, name="pull request", daemon=True)

    def __enter__(self) -> "Poster":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and not self._is_stopped:
            self.finish(unfinished(self._locale))
        self._stop()

    def progress(self, done: int, total: int) -> None:
        """Takes note of how far the evaluation is; returns at once."""
        with self._changed:
            self._newest = (done, total)
            self._changed.notify()

    def finish(self, posting: Posting) -> Posted:
        """Ends the updates, then posts: no update can come after it."""
        self._stop()
        return post(self._pull_request, posting)

    def _stop(self) -> None:
        with self._changed:
            self._is_stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()  # ends within the time-outs of one request

    def _update(self) -> None:
        is_first = True
        while (newest := self._next()) is not None:
            posted = self._say(*newest, with_status=is_first)
            is_first = False
            if posted is None or posted.errors or posted.notes:
                return
            with self._changed:
                self._changed.wait_for(lambda: self._is_stopped, self._every_s)

    def _next(self) -> tuple[int, int] | None:
        """The newest figures, once there are some; None when it is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopped or self._newest is not None)
            newest, self._newest = self._newest, None
            return None if self._is_stopped else newest

    def _say(self, done: int, total: int, *, with_status: bool) -> Posted | None:
        try:
            posted = post(self._pull_request, running(done, total, self._locale), with_status=with_status)
        except Exception:
            logger.exception("the pull request is no longer told how far the evaluation is")
            return None
        for error in posted.errors:
            logger.warning("%s The evaluation goes on.", error)
        return posted


def _sort(error: ForgeError, notes: list[str], errors: list[ForgeError]) -> None:
    if isinstance(error, NotPermitted) and error.is_expected:
        notes.append(str(error))
    else:
        errors.append(error)


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _text(path: Path) -> str:
    """The file's text. A link is refused: whoever wrote the folder could have a file of this machine posted."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise InputError(f"{path} is not a file of its own: post the folder as `matria eval --out FOLDER` wrote it.")
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            f"{path} is missing: name the folder that `matria eval --out FOLDER` wrote, or post --unfinished."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: name the folder that `matria eval` wrote.") from error


def _verdict(path: Path) -> dict[str, Any]:
    try:
        verdict = json.loads(_text(path))
    except ValueError as error:
        raise InputError(f"{path} does not parse: evaluate again.") from error
    if not isinstance(verdict, dict) or not isinstance(verdict.get("waivers") or [], list):
        raise InputError(f"{path} holds no verdict: evaluate again.")
    if not isinstance(verdict.get("state"), str) or verdict["state"] not in _STATES:
        raise InputError(f"{path} holds no verdict: evaluate again.")
    return verdict
