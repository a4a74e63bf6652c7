"""A double of a forge behind a local server, and how an adapter is opened on it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from forge_doubles import COMMIT, NUMBER, PATIENCE_S, TOKEN, ForgeDouble

from matria.forge.azure_devops import azure_devops_pull_request
from matria.forge.base import PullRequest
from matria.forge.github import github_pull_request
from matria.settings import ForgeSettings

MARKER = "<!-- matria:test -->"
ON_GITHUB = pytest.mark.parametrize("bench", ["github"], indirect=True)
ON_AZURE_DEVOPS = pytest.mark.parametrize("bench", ["azure_devops"], indirect=True)


def text(name: str) -> str:
    """A comment with that heading."""
    return f"{MARKER}\n\n## {name}\n"


class Behind:
    """One server for all tests of a module, behind which each test puts its double."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@dataclass
class Bench:
    """A double with its address, and how an adapter is opened on it."""

    kind: str
    double: ForgeDouble
    address: str
    folder: Path
    slept: list[float] = field(default_factory=list)

    def opened(self, *, fork: bool = False, address: str = "", token: str = TOKEN, **settings: Any) -> PullRequest:
        settings = {"timeout_s": PATIENCE_S, **settings}
        opener = github_pull_request if self.kind == "github" else azure_devops_pull_request
        return opener(ForgeSettings(**settings), self.environment(fork, address, token), self.slept.append)

    def environment(self, fork: bool = False, address: str = "", token: str = TOKEN) -> dict[str, str]:
        where = address or self.address
        if self.kind == "github":
            repository = {"full_name": "stranger/service" if fork else "owner/service"}
            event = {"pull_request": {"number": NUMBER, "head": {"sha": COMMIT, "repo": repository}}}
            path = self.folder / "event.json"
            path.write_text(json.dumps(event), encoding="utf-8")
            return {
                "GITHUB_API_URL": where,
                "GITHUB_GRAPHQL_URL": f"{where}/graphql",
                "GITHUB_REPOSITORY": "owner/service",
                "GITHUB_EVENT_PATH": str(path),
                "GITHUB_TOKEN": token,
                "GITHUB_RUN_ID": "77",
            }
        return {
            "SYSTEM_COLLECTIONURI": f"{where}/",
            "SYSTEM_TEAMPROJECTID": "project",
            "BUILD_REPOSITORY_ID": "repo",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": str(NUMBER),
            "SYSTEM_PULLREQUEST_SOURCECOMMITID": COMMIT,
            "SYSTEM_PULLREQUEST_ISFORK": str(fork),
            "SYSTEM_ACCESSTOKEN": token,
            "BUILD_BUILDID": "77",
        }
