"""Pull requests on Azure DevOps Services and Server: threads and pull request statuses of the Git REST API, 7.1.

Organisation, repository and number come from the pipeline's variables. The build service needs the permission
"Contribute to pull requests" on the repository. A thread is active while the verdict asks for something, and fixed once
it passes, so that the branch policy on resolved comments holds on the verdict too.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from matria.errors import ForgeError, SettingsError
from matria.forge.base import CheckState, Comment, NotFound, NotPermitted, Status
from matria.forge.sticky import StickyComment
from matria.forge.wire import Answer, Token, Wire
from matria.settings import ForgeSettings

_API = {"api-version": "7.1"}
_CONNECTION_API = {"api-version": "7.1-preview.1"}
_THREADS: Mapping[CheckState, str] = {"pending": "pending", "success": "fixed", "failure": "active", "error": "active"}
_STATUSES: Mapping[CheckState, str] = {
    "pending": "pending",
    "success": "succeeded",
    "failure": "failed",
    "error": "error",
}
_CONTINUATION = "x-ms-continuationtoken"
_MOST_PAGES = 200


@dataclass(frozen=True)
class Place:
    """Which pull request, from the pipeline's variables."""

    collection: str
    """`https://dev.azure.com/organisation`, or a collection of Azure DevOps Server."""
    project: str
    repository: str
    number: int
    commit: str
    run_address: str
    is_fork: bool

    @property
    def path(self) -> str:
        """Of the pull request, below the collection."""
        names = (quote(name, safe="") for name in (self.project, self.repository))
        return "/{}/_apis/git/repositories/{}/pullRequests/".format(*names) + str(self.number)


class AzureDevOpsPullRequest:
    """See `matria.forge.base.PullRequest`. A comment is the first one of a thread of its own."""

    most_characters = 150_000

    def __init__(self, place: Place, wire: Wire) -> None:
        self.name = f"pull request {place.number}"
        self.commit = place.commit
        self.run_address = place.run_address
        self._place = place
        self._wire = wire
        self._identity = ""
        self._sticky = StickyComment(self, wire, self.most_characters)

    def head(self) -> str:
        """Full hash of the commit that the pull request stands at now."""
        answer = self._send("GET", self._place.path)
        return str(_field(answer.data, "lastMergeSourceCommit", "commitId"))

    def find(self, marker: str) -> Comment | None:
        """The oldest comment of ours that begins with the marker, or None."""
        return self._sticky.find(marker)

    def put(self, marker: str, body: str, state: CheckState) -> Comment:
        """The one comment, now with this text, its thread open or closed by `state`."""
        return self._sticky.put(marker, body, state)

    def set_status(self, status: Status) -> None:
        """The iteration that was evaluated has this status."""
        genre, _, name = self._wire.settings.status.rpartition("/")
        context = {"name": name, "genre": genre} if genre else {"name": name}
        body: dict[str, Any] = {"state": _STATUSES[status.state], "description": status.title, "context": context}
        if status.address.startswith(("https://", "http://")):
            body["targetUrl"] = status.address
        iteration = self._iteration()
        if iteration is not None:
            body["iterationId"] = iteration
        self._send("POST", f"{self._place.path}/statuses", body)

    def mine(self, marker: str) -> Sequence[Comment]:
        """Comments of ours that begin a thread, and begin with the marker, the oldest first; all pages are read."""
        identity = self._own_identity()
        found = []
        for thread in self._threads():
            first = next(iter(thread.get("comments") or ()), None)
            if first is None or thread.get("isDeleted") or first.get("isDeleted"):
                continue
            is_mine = str(_field(first, "author", "id") or "").lower() == identity
            if is_mine and str(first.get("content") or "").lstrip().startswith(marker):
                found.append(self._comment(thread))
        return sorted(found, key=lambda comment: int(comment.id.split("/")[0]))

    def create(self, body: str, state: CheckState) -> Comment:
        """A thread with one comment; sent once."""
        first = {"parentCommentId": 0, "content": body, "commentType": "text"}
        thread = {"comments": [first], "status": _THREADS[state]}
        return self._comment(self._send("POST", f"{self._place.path}/threads", thread, repeatable=False).data)

    def update(self, comment: Comment, body: str, state: CheckState) -> Comment:
        """The comment with a new text, and its thread opened or closed."""
        thread, number = comment.id.split("/")
        self._send("PATCH", f"{self._place.path}/threads/{thread}/comments/{number}", {"content": body})
        self._send("PATCH", f"{self._place.path}/threads/{thread}", {"status": _THREADS[state]})
        return Comment(comment.id, body, comment.address)

    def delete(self, comment: Comment) -> None:
        """The comment is gone, and its thread closed."""
        thread, number = comment.id.split("/")
        self._send("PATCH", f"{self._place.path}/threads/{thread}", {"status": "closed"})
        self._send("DELETE", f"{self._place.path}/threads/{thread}/comments/{number}")

    def _threads(self) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            answer = self._send("GET", f"{self._place.path}/threads", params=more)
            threads = _field(answer.data, "value")
            if not isinstance(threads, list):
                raise ForgeError(
                    f"Azure DevOps gave no list of the threads of {self.name}: check SYSTEM_COLLECTIONURI."
                )
            yield from (thread for thread in threads if isinstance(thread, dict))
            if not answer.headers.get(_CONTINUATION):
                return
            more = {"continuationToken": answer.headers[_CONTINUATION]}
        raise ForgeError(f"{self.name} has more than {_MOST_PAGES} pages of threads: no comment is looked for there.")

    def _iteration(self) -> int | None:
        """Which push of the pull request the commit is; None where it is none of them."""
        answer = self._send("GET", f"{self._place.path}/iterations")
        for iteration in reversed(_field(answer.data, "value") or []):
            if _field(iteration, "sourceRefCommit", "commitId") == self._place.commit:
                number = _field(iteration, "id")
                return number if isinstance(number, int) else None
        return None

    def _own_identity(self) -> str:
        if not self._identity:
            answer = self._send("GET", "/_apis/connectionData", params=_CONNECTION_API)
            identity = _field(answer.data, "authenticatedUser", "id")
            if not isinstance(identity, str) or not identity:
                raise ForgeError(
                    "Azure DevOps does not say who this token is: check SYSTEM_COLLECTIONURI and the token."
                )
            self._identity = identity.lower()
        return self._identity

    def _comment(self, thread: Any) -> Comment:
        first: Any = next(iter(_field(thread, "comments") or ()), None)
        numbers = (_field(thread, "id"), _field(first, "id"))
        if not all(isinstance(number, int) for number in numbers):
            raise ForgeError("Azure DevOps gave a thread without a number: check that SYSTEM_COLLECTIONURI is its API.")
        place = self._place
        page = f"{place.collection}/{quote(place.project)}/_git/{quote(place.repository)}/pullrequest/{place.number}"
        return Comment("{}/{}".format(*numbers), str(first.get("content") or ""), f"{page}?discussionId={numbers[0]}")

    def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        *,
        repeatable: bool = True,
    ) -> Answer:
        answer = self._wire.send(method, path, body, {**_API, **(params or {})}, repeatable=repeatable)
        if answer.status < 300 and answer.status != 203:
            return answer
        raise self._refusal(answer.status)

    def _refusal(self, status: int) -> ForgeError:
        match status:
            case 203 | 302 | 401:  # a token that is unknown gets the page to sign in
                return ForgeError(
                    f"Azure DevOps refused the token ({status}): pass $(System.AccessToken) to the step as "
                    "SYSTEM_ACCESSTOKEN."
                )
            case 403 if self._place.is_fork:
                return NotPermitted(
                    "The pull request comes from a fork, so its run may not write here: the verdict stands in the "
                    "summary of the run (Azure DevOps: 403).",
                    is_expected=True,
                )
            case 403:
                return NotPermitted(
                    'Azure DevOps does not let this token write (403): give the build service "Contribute to pull '
                    'requests" on the repository.'
                )
            case 404:
                return NotFound(
                    f"Azure DevOps does not have {self.name}, or does not show it to this token (404): check what the "
                    "pipeline's job may read."
                )
        return ForgeError(f"Azure DevOps refused a request on {self.name} ({status}): see the log of this run.")


def azure_devops_pull_request(
    settings: ForgeSettings, environment: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
) -> AzureDevOpsPullRequest:
    """The pull request of the running pipeline. Raises `SettingsError` where its variables do not name one."""
    place = place_of(environment)
    if settings.token is not None:
        token = Token(settings.token, _scheme(settings.token))
    else:
        own = _variable(environment, "SYSTEM_ACCESSTOKEN")
        if not own:
            raise SettingsError(
                "No token for Azure DevOps: map $(System.AccessToken) to SYSTEM_ACCESSTOKEN in the step."
            )
        token = Token(SecretStr(own))
    return AzureDevOpsPullRequest(place, Wire("Azure DevOps", place.collection, token, settings, sleep=sleep))


def place_of(environment: Mapping[str, str]) -> Place:
    """Which pull request the pipeline runs for. Raises `SettingsError` where it runs for none."""
    collection = _variable(environment, "SYSTEM_COLLECTIONURI").rstrip("/")
    project = _variable(environment, "SYSTEM_TEAMPROJECTID") or _variable(environment, "SYSTEM_TEAMPROJECT")
    repository, number = (
        _variable(environment, name) for name in ("BUILD_REPOSITORY_ID", "SYSTEM_PULLREQUEST_PULLREQUESTID")
    )
    commit = _variable(environment, "SYSTEM_PULLREQUEST_SOURCECOMMITID")
    if not (collection and project and repository and commit and number.isdecimal()):
        raise SettingsError(
            "This run is for no pull request of Azure Repos: post from a pipeline that a branch policy starts for pull "
            "requests (SYSTEM_PULLREQUEST_PULLREQUESTID and its like name them)."
        )
    build = _variable(environment, "BUILD_BUILDID")
    return Place(
        collection=collection,
        project=project,
        repository=repository,
        number=int(number),
        commit=commit,
        run_address=f"{collection}/{quote(project)}/_build/results?buildId={build}" if build else "",
        is_fork=_variable(environment, "SYSTEM_PULLREQUEST_ISFORK").lower() == "true",
    )


def _variable(environment: Mapping[str, str], name: str) -> str:
    """A variable; empty where it is unset, which Azure Pipelines leaves as its own `$(Name)`."""
    value = environment.get(name, "")
    return "" if value.startswith("$(") else value


def _scheme(token: SecretStr) -> str:
    """A token of Entra or of a job is a JWT and goes as `Bearer`; a personal access token goes as `Basic`."""
    return "Bearer" if token.get_secret_value().count(".") == 2 else "Basic"


def _field(data: Any, *names: str) -> Any:
    """A field within fields; None where one of them is missing."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data
