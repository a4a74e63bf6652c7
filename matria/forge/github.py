"""Pull requests on GitHub.com and GitHub Enterprise: issue comments and commit statuses of the REST API, 2022-11-28.

Repository, number and commit come from the workflow's environment and event. The job's token needs
`pull-requests: write` for the comment and `statuses: write` for the status, nothing else.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from matria.errors import ForgeError, SettingsError
from matria.forge.base import CheckState, Comment, NotFound, NotPermitted, Status, Unanswered
from matria.forge.sticky import StickyComment
from matria.forge.wire import Answer, Token, Wire
from matria.settings import ForgeSettings

ACTIONS_LOGIN = "github-actions[bot]"
"""Author of what a workflow's own token writes."""
_MOST_PAGES = 100
_PER_PAGE = 100
_TITLE_CHARACTERS = 140
"""Of a status; a longer description is refused."""


@dataclass(frozen=True)
class Place:
    """Which pull request, from the workflow's environment."""

    api: str
    graphql: str
    repository: str
    """`owner/name`."""
    number: int
    commit: str
    run_address: str
    is_read_only: str
    """Why the token of such a run may not write; empty where it may."""


class GitHubPullRequest:
    """See `matria.forge.base.PullRequest`. A comment has no open or closed thread here, so `state` changes nothing."""

    most_characters = 65_536

    def __init__(self, place: Place, wire: Wire) -> None:
        self.name = f"{place.repository}#{place.number}"
        self.commit = place.commit
        self.run_address = place.run_address
        self._place = place
        self._wire = wire
        self._login = ""
        self._sticky = StickyComment(self, wire, self.most_characters)

    def head(self) -> str:
        """Full hash of the commit that the pull request stands at now."""
        answer = self._send(
            "GET", f"/repos/{self._place.repository}/pulls/{self._place.number}", "read the pull request"
        )
        return str(_field(answer.data, "head", "sha"))

    def find(self, marker: str) -> Comment | None:
        """The oldest comment of ours that begins with the marker, or None."""
        return self._sticky.find(marker)

    def put(self, marker: str, body: str, state: CheckState) -> Comment:
        """The one comment, now with this text."""
        return self._sticky.put(marker, body, state)

    def set_status(self, status: Status) -> None:
        """The commit has this status."""
        title = status.title if len(status.title) <= _TITLE_CHARACTERS else f"{status.title[: _TITLE_CHARACTERS - 1]}…"
        body = {"state": status.state, "description": title, "context": self._wire.settings.status}
        if status.address.startswith(("https://", "http://")):
            body["target_url"] = status.address
        path = f"/repos/{self._place.repository}/statuses/{self._place.commit}"
        self._send("POST", path, "set a commit status (`statuses: write`)", body)

    def mine(self, marker: str) -> Sequence[Comment]:
        """Every comment of ours that begins with the marker, the oldest first; all pages are read."""
        login = self._own_login()
        found = [
            _comment(item)
            for item in self._comments()
            if str(item.get("body") or "").lstrip().startswith(marker) and _field(item, "user", "login") == login
        ]
        return sorted(found, key=lambda comment: int(comment.id))

    def create(self, body: str, state: CheckState) -> Comment:
        """A new comment; sent once."""
        del state
        path = f"/repos/{self._place.repository}/issues/{self._place.number}/comments"
        return _comment(self._send("POST", path, _COMMENTING, {"body": body}, repeatable=False).data)

    def update(self, comment: Comment, body: str, state: CheckState) -> Comment:
        """The comment with a new text."""
        del state
        path = f"/repos/{self._place.repository}/issues/comments/{comment.id}"
        return _comment(self._send("PATCH", path, _COMMENTING, {"body": body}).data)

    def delete(self, comment: Comment) -> None:
        """The comment is gone."""
        self._send("DELETE", f"/repos/{self._place.repository}/issues/comments/{comment.id}", _COMMENTING)

    def _comments(self) -> Iterator[Mapping[str, Any]]:
        path = f"/repos/{self._place.repository}/issues/{self._place.number}/comments"
        answer = self._send("GET", path, "read comments", params={"per_page": str(_PER_PAGE)})
        for _ in range(_MOST_PAGES):
            if not isinstance(answer.data, list):
                raise ForgeError(
                    f"GitHub gave no list of the comments of {self.name}: check that GITHUB_API_URL is its API."
                )
            yield from (item for item in answer.data if isinstance(item, dict))
            if not answer.next_address:
                return
            answer = self._send("GET", answer.next_address, "read comments")
        raise ForgeError(
            f"{self.name} has more than {_MOST_PAGES * _PER_PAGE} comments: no comment is looked for there."
        )

    def _own_login(self) -> str:
        """Who we are signed in as. A workflow's token may not ask for its user over REST, but over GraphQL."""
        if not self._login:
            try:
                answer = self._wire.send("POST", self._place.graphql, {"query": "query { viewer { login } }"})
                login = _field(answer.data, "data", "viewer", "login") if answer.status == 200 else None
            except Unanswered:
                login = None
            self._login = str(login or ACTIONS_LOGIN)
        return self._login

    def _send(
        self,
        method: str,
        path: str,
        doing: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        *,
        repeatable: bool = True,
    ) -> Answer:
        answer = self._wire.send(method, path, body, params, repeatable=repeatable)
        if answer.status < 300:
            return answer
        raise self._refusal(answer, doing)

    def _refusal(self, answer: Answer, doing: str) -> ForgeError:
        status, said = answer.status, str(_field(answer.data, "message") or "")
        if status == 401:
            return ForgeError("GitHub refused the token (401): set a valid one in MATRIA_FORGE__TOKEN or GITHUB_TOKEN.")
        if status == 403:
            if self._place.is_read_only:
                return NotPermitted(f"{self._place.is_read_only} (GitHub: 403).", is_expected=True)
            if "lock" in said.lower():
                return NotPermitted(f"{self.name} is locked, so GitHub takes no comment there (403): unlock it.")
            return NotPermitted(f"GitHub does not let this token {doing} (403): grant the job that permission.")
        if status in (404, 410):
            return NotFound(
                f"GitHub does not have {self.name}, or does not show it to this token ({status}): check "
                "GITHUB_REPOSITORY and what the token may read."
            )
        return ForgeError(
            f"GitHub refused to {doing.split(' (')[0]} on {self.name} ({status}): see the log of this run."
        )


_COMMENTING = "write comments (`pull-requests: write`)"


def github_pull_request(
    settings: ForgeSettings, environment: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
) -> GitHubPullRequest:
    """The pull request of the running workflow. Raises `SettingsError` where the environment does not name one."""
    place = place_of(environment)
    token = settings.token or SecretStr(environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or "")
    if not token.get_secret_value():
        raise SettingsError("No token for GitHub: pass `github.token` to the step as GITHUB_TOKEN.")
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    return GitHubPullRequest(place, Wire("GitHub", place.api, Token(token), settings, headers, sleep))


def place_of(environment: Mapping[str, str]) -> Place:
    """Which pull request the workflow runs for. Raises `SettingsError` where it runs for none."""
    event = _event(environment)
    pull, repository = _field(event, "pull_request"), environment.get("GITHUB_REPOSITORY", "")
    number, commit = _field(pull, "number"), _field(pull, "head", "sha")
    if not repository or not isinstance(number, int) or not isinstance(commit, str):
        raise SettingsError(
            "This run is for no pull request of GitHub: post from a workflow `on: pull_request`, whose event "
            "(GITHUB_EVENT_PATH) names number and commit."
        )
    api = environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    server = environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    run = environment.get("GITHUB_RUN_ID", "")
    return Place(
        api=api,
        graphql=environment.get("GITHUB_GRAPHQL_URL", f"{api}/graphql"),
        repository=repository,
        number=number,
        commit=commit,
        run_address=f"{server}/{repository}/actions/runs/{run}" if run else "",
        is_read_only=_read_only(pull, repository, environment),
    )


def _event(environment: Mapping[str, str]) -> Any:
    path = environment.get("GITHUB_EVENT_PATH", "")
    try:
        return json.loads(Path(path).read_text(encoding="utf-8")) if path else None
    except (OSError, ValueError) as error:
        raise SettingsError(f"The event of this workflow cannot be read ({path}): check GITHUB_EVENT_PATH.") from error


def _read_only(pull: Any, repository: str, environment: Mapping[str, str]) -> str:
    """Why GitHub gives such a run a token that only reads; empty where it does not."""
    rest = "so its run may not write here: the verdict stands in the summary of the job"
    if _field(pull, "head", "repo", "full_name") != repository:
        return f"The pull request comes from a fork, {rest}"
    if environment.get("GITHUB_ACTOR") == "dependabot[bot]":
        return f"Dependabot opened the pull request, {rest}"
    return ""


def _comment(item: Any) -> Comment:
    number = _field(item, "id")
    if not isinstance(number, int):
        raise ForgeError("GitHub gave a comment without a number: check that GITHUB_API_URL is its API.")
    return Comment(str(number), str(item.get("body") or ""), str(item.get("html_url") or ""))


def _field(data: Any, *names: str) -> Any:
    """A field within fields; None where one of them is missing."""
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data
