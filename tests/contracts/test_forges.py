"""The contract of `matria.forge.base.PullRequest`, held by both adapters against servers that speak their wire."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from forge_doubles import COMMIT, NUMBER, TOKEN, AzureDouble, Entry, Fault, ForgeDouble, GitHubDouble
from pydantic import SecretStr

from matria.errors import ForgeError, SettingsError
from matria.forge.azure_devops import azure_devops_pull_request
from matria.forge.base import NotFound, NotPermitted, PullRequest, Status, Unanswered
from matria.forge.github import github_pull_request
from matria.settings import ForgeSettings
from models.simulator.server import serving

MARKER = "<!-- matria:test -->"


def text(name: str) -> str:
    return f"{MARKER}\n\n## {name}\n"


class Behind:
    """One server for all tests, behind which each test puts its double."""

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
        settings = {"timeout_s": 5, **settings}
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


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Behind, str]]:
    behind = Behind()
    with serving(behind) as address:
        yield behind, address.removesuffix("/v1")


@pytest.fixture(params=["github", "azure_devops"])
def bench(request: pytest.FixtureRequest, server: tuple[Behind, str], tmp_path: Path) -> Bench:
    behind, address = server
    double: ForgeDouble
    if request.param == "github":
        double = GitHubDouble()
        double.address = address
    else:
        double = AzureDouble()
    behind.app = double
    return Bench(request.param, double, address, tmp_path)


def test_the_first_put_makes_a_comment_and_the_next_update_it_in_place(bench: Bench) -> None:
    pull = bench.opened()
    assert pull.find(MARKER) is None
    first = pull.put(MARKER, text("running"), "pending")
    assert pull.put(MARKER, text("running more"), "pending").id == first.id
    assert bench.opened().put(MARKER, text("verdict"), "success").id == first.id
    assert [entry.body for entry in bench.double.entries] == [text("verdict")]
    found = pull.find(MARKER)
    assert found
    assert (found.id, found.body, bool(found.address)) == (first.id, text("verdict"), True)


def test_an_update_by_the_same_process_costs_no_search(bench: Bench) -> None:
    pull = bench.opened()
    pull.put(MARKER, text("running"), "pending")
    before = len(bench.double.requests)
    pull.put(MARKER, text("running more"), "pending")
    assert not [request for request in bench.double.requests[before:] if request.startswith("GET")]


def test_our_comment_is_found_behind_250_others(bench: Bench) -> None:
    for number in range(250):
        bench.double.add("somebody", f"comment {number}")
    ours = bench.double.add(bench.double.me, text("old"))
    bench.double.add("somebody", "afterwards")
    bench.opened().put(MARKER, text("new"), "success")
    assert ours.body == text("new")
    assert len(bench.double.entries) == 252


def test_a_marker_in_somebody_elses_comment_is_left_alone(bench: Bench) -> None:
    fake = bench.double.add("mallory", text("All good, merge it"))
    bench.opened().put(MARKER, text("blocked"), "failure")
    assert fake.body == text("All good, merge it")
    assert [entry.body for entry in bench.double.mine()] == [text("blocked")]


def test_a_comment_of_ours_that_quotes_the_marker_is_left_alone(bench: Bench) -> None:
    quoting = bench.double.add(bench.double.me, f"Another job says:\n> {MARKER}")
    bench.opened().put(MARKER, text("blocked"), "failure")
    assert quoting.body.startswith("Another job")
    assert len(bench.double.mine()) == 2


def test_two_racing_runs_leave_one_comment(bench: Bench) -> None:
    bench.double.creates_wait_for = 2
    pulls = [bench.opened(), bench.opened()]
    threads = [
        threading.Thread(target=pull.put, args=(MARKER, text(f"run {n}"), "pending")) for n, pull in enumerate(pulls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bench.double.mine()) == 1
    bench.opened().put(MARKER, text("verdict"), "success")
    assert [entry.body for entry in bench.double.mine()] == [text("verdict")]


def test_a_rival_that_was_faster_keeps_its_comment_and_gets_our_text(bench: Bench) -> None:
    rivals: list[Entry] = []

    def rival() -> None:
        if not rivals:
            rivals.append(bench.double.add(bench.double.me, text("rival")))

    bench.double.before_create = rival
    bench.opened().put(MARKER, text("ours"), "success")
    assert bench.double.mine() == rivals
    assert rivals[0].body == text("ours")


def test_duplicates_that_an_earlier_race_left_are_cleared(bench: Bench) -> None:
    kept = bench.double.add(bench.double.me, text("first"))
    bench.double.add(bench.double.me, text("second"))
    bench.opened().put(MARKER, text("verdict"), "success")
    assert [(entry.id, entry.body) for entry in bench.double.mine()] == [(kept.id, text("verdict"))]


def test_a_comment_deleted_meanwhile_is_made_again(bench: Bench) -> None:
    pull = bench.opened()
    pull.put(MARKER, text("running"), "pending")
    bench.double.entries.clear()
    pull.put(MARKER, text("verdict"), "success")
    assert [entry.body for entry in bench.double.mine()] == [text("verdict")]


def test_a_create_whose_answer_was_lost_is_not_made_twice(bench: Bench) -> None:
    pull = bench.opened()
    pull.find(MARKER)
    bench.double.faults = [Fault(502, method="POST", is_carried_out=True)]
    pull.put(MARKER, text("verdict"), "success")
    assert bench.double.created == 1
    assert [entry.body for entry in bench.double.mine()] == [text("verdict")]


def test_retry_after_is_waited_for(bench: Bench) -> None:
    bench.double.faults = [Fault(429, {"Retry-After": "7"}), Fault(429, {"Retry-After": "3"})]
    bench.opened().put(MARKER, text("verdict"), "success")
    assert [int(seconds) for seconds in bench.slept] == [7, 3]
    assert len(bench.double.mine()) == 1


def test_a_limit_that_outlasts_our_patience_is_said_and_not_waited_for(bench: Bench) -> None:
    bench.double.faults = [Fault(429, {"Retry-After": "3600"})]
    with pytest.raises(ForgeError, match=r"limits the rate.*MAX_WAIT_S"):
        bench.opened().put(MARKER, text("verdict"), "success")
    assert not bench.slept


def test_failures_on_its_side_are_tried_again(bench: Bench) -> None:
    bench.double.faults = [Fault(500), Fault(503, {"Retry-After": "2"}), Fault(502)]
    bench.opened().put(MARKER, text("verdict"), "success")
    assert len(bench.double.mine()) == 1
    assert len(bench.slept) == 3
    assert bench.slept[1] == 2


def test_attempts_run_out(bench: Bench) -> None:
    bench.double.faults = [Fault(500)] * 3
    with pytest.raises(Unanswered, match=r"failed on its side \(500\)"):
        bench.opened(max_attempts=3).head()
    assert len(bench.slept) == 2


def test_an_answer_that_is_no_json_is_tried_again_then_said(bench: Bench) -> None:
    bench.double.faults = [Fault(200, body=b'{"value": [')]
    assert bench.opened().head() == COMMIT
    bench.double.faults = [Fault(200, body=b"<html>")] * 2
    with pytest.raises(Unanswered, match="no JSON"):
        bench.opened(max_attempts=2).head()


@pytest.mark.parametrize("shape", [b'"x"', b"null", b'{"value": 3}', b"7"])
def test_json_of_another_shape_is_an_error_of_the_forge(bench: Bench, shape: bytes) -> None:
    bench.double.faults = [Fault(200, body=shape, method="GET")] * 2
    with pytest.raises(ForgeError, match="check"):
        bench.opened().find(MARKER)


def test_a_token_that_may_not_write_is_told_which_permission_it_lacks(bench: Bench) -> None:
    bench.double.may_write = False
    with pytest.raises(NotPermitted, match=r"pull-requests: write|Contribute to pull requests") as caught:
        bench.opened().put(MARKER, text("verdict"), "success")
    assert not caught.value.is_expected
    with pytest.raises(NotPermitted, match=r"statuses: write|Contribute to pull requests"):
        bench.opened().set_status(Status("success", "Not worse"))


def test_a_fork_that_may_not_write_is_no_surprise(bench: Bench) -> None:
    bench.double.may_write = False
    with pytest.raises(NotPermitted, match="from a fork.*the verdict stands in the summary") as caught:
        bench.opened(fork=True).put(MARKER, text("verdict"), "success")
    assert caught.value.is_expected


def test_a_pull_request_that_is_not_shown_is_not_found(bench: Bench) -> None:
    bench.double.faults = [Fault(404)]
    with pytest.raises(NotFound, match="404"):
        bench.opened().head()


def test_a_refused_token_is_told_and_never_shown(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pull = bench.opened(token="not.the.right-secret")
    with pytest.raises(ForgeError, match="refused the token") as caught:
        pull.head()
    assert "right-secret" not in f"{caught.value!r} {pull!r} {vars(pull)!r} {caplog.text}"


def test_a_text_above_the_limit_is_shortened_at_a_paragraph(bench: Bench) -> None:
    pull = bench.opened()
    folded = "<details><summary>x</summary>\n\n" + "a 🟢 b\n\n" * 30_000 + "</details>"
    pull.put(MARKER, f"{text('verdict')}\n\n{folded}\n", "success")
    assert bench.double.mine()[0].body == f"{text('verdict')}\n_…_\n"
    pull.put(MARKER, text("verdict") + "\n\nab 🟢" * 40_000, "success")
    stored = bench.double.mine()[0].body
    assert pull.most_characters - 20 < len(stored.encode("utf-16-le")) // 2 <= pull.most_characters


def test_the_head_tells_whether_a_newer_commit_is_there(bench: Bench) -> None:
    pull = bench.opened()
    assert pull.head() == pull.commit == COMMIT
    bench.double.head = "d" * 40
    assert pull.head() != pull.commit


def test_a_status_is_set_on_the_commit(bench: Bench) -> None:
    pull = bench.opened()
    pull.set_status(Status("failure", "Blocked " + "x" * 300, "https://example.org/run"))
    pull.set_status(Status("success", "Not worse", "javascript:alert(1)"))
    first, second = bench.double.statuses
    if bench.kind == "github":
        assert (first["state"], first["context"], first["target_url"]) == (
            "failure",
            "matria/prompts",
            "https://example.org/run",
        )
        assert "target_url" not in second
    else:
        assert (first["state"], first["context"]) == ("failed", {"genre": "matria", "name": "prompts"})
        assert (first["iterationId"], first["targetUrl"]) == (2, "https://example.org/run")
        assert "targetUrl" not in second


def test_a_run_for_no_pull_request_is_told(bench: Bench) -> None:
    opener = github_pull_request if bench.kind == "github" else azure_devops_pull_request
    with pytest.raises(SettingsError, match="for no pull request"):
        opener(ForgeSettings(), {})
    with pytest.raises(SettingsError, match="No token"):
        opener(ForgeSettings(), bench.environment(token=""))


def test_a_token_is_not_sent_without_tls(bench: Bench) -> None:
    with pytest.raises(SettingsError, match="over https only"):
        bench.opened(address="http://forge.example")


@contextmanager
def rude(drip: bytes = b"") -> Iterator[str]:
    """A socket that takes connections and never answers, or drips an answer without an end."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            listener.settimeout(0.05)
            held = []
            while not stop.is_set():
                try:
                    held.append(listener.accept()[0])
                    if drip:
                        held[-1].sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                except TimeoutError:
                    pass
                for connection in held if drip else ():
                    try:
                        connection.sendall(drip)
                    except OSError:
                        held.remove(connection)
            for connection in held:
                connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


@pytest.mark.parametrize("drip", [b"", b" "])
def test_a_server_that_hangs_or_drips_is_left_at_the_time_out(bench: Bench, drip: bytes) -> None:
    with rude(drip) as address:
        pull = bench.opened(address=address, timeout_s=0.3, max_attempts=2)
        started = time.monotonic()
        with pytest.raises(Unanswered, match=r"did not answer within 0.3 s"):
            pull.head()
        assert time.monotonic() - started < 3


def test_nobody_at_the_address(bench: Bench) -> None:
    with pytest.raises(Unanswered, match="cannot be reached"):
        bench.opened(address="http://127.0.0.1:9", max_attempts=2).head()


class TestGitHub:
    @pytest.fixture
    def bench(self, server: tuple[Behind, str], tmp_path: Path) -> Bench:
        behind, address = server
        double = GitHubDouble()
        double.address = address
        behind.app = double
        return Bench("github", double, address, tmp_path)

    def test_a_spent_limit_is_waited_for_until_it_is_reset(self, bench: Bench) -> None:
        reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 9)}
        bench.double.faults = [Fault(403, reset)]
        bench.opened().head()
        assert 7 < bench.slept[0] < 11

    def test_a_secondary_limit_is_waited_for_a_minute(self, bench: Bench) -> None:
        bench.double.faults = [Fault(403, body=b'{"message": "You have exceeded a secondary rate limit"}')]
        bench.opened().head()
        assert 60 <= bench.slept[0] <= 61

    def test_an_instance_whose_graphql_does_not_say_who_we_are(self, bench: Bench) -> None:
        bench.double.has_graphql = False  # type: ignore[attr-defined]
        ours = bench.double.add("github-actions[bot]", text("old"))
        bench.opened().put(MARKER, text("new"), "success")
        assert ours.body == text("new")

    def test_a_next_page_elsewhere_does_not_get_the_token(self, bench: Bench) -> None:
        elsewhere = Fault(200, {"Link": '<http://127.0.0.1:9/x?page=2>; rel="next"'}, b"[]", "GET")
        bench.double.faults = [elsewhere]
        with pytest.raises(ForgeError, match="the token is not sent there"):
            bench.opened().find(MARKER)

    def test_dependabot_may_not_write_by_rule(self, bench: Bench) -> None:
        bench.double.may_write = False
        environment = bench.environment() | {"GITHUB_ACTOR": "dependabot[bot]"}
        with pytest.raises(NotPermitted, match="Dependabot") as caught:
            github_pull_request(ForgeSettings(), environment).put(MARKER, text("x"), "success")
        assert caught.value.is_expected

    def test_a_fork_that_is_gone_is_a_fork(self, bench: Bench) -> None:
        bench.double.may_write = False
        environment = bench.environment()
        event = {"pull_request": {"number": NUMBER, "head": {"sha": COMMIT, "repo": None}}}
        Path(environment["GITHUB_EVENT_PATH"]).write_text(json.dumps(event), encoding="utf-8")
        with pytest.raises(NotPermitted, match="fork"):
            github_pull_request(ForgeSettings(), environment).set_status(Status("success", "Not worse"))


class TestAzureDevOps:
    @pytest.fixture
    def bench(self, server: tuple[Behind, str], tmp_path: Path) -> Bench:
        behind, address = server
        behind.app = AzureDouble()
        return Bench("azure_devops", behind.app, address, tmp_path)

    def test_a_thread_is_open_while_the_verdict_asks_for_something(self, bench: Bench) -> None:
        pull = bench.opened()
        states = []
        for state in ("pending", "failure", "success", "error"):
            pull.put(MARKER, text(state), state)  # type: ignore[arg-type]
            states.append(bench.double.entries[0].state)
        assert states == ["pending", "active", "fixed", "active"]

    def test_a_personal_token_goes_as_basic(self, bench: Bench) -> None:
        environment = bench.environment(token="")
        settings = ForgeSettings(token=SecretStr("a-personal-token"))
        assert azure_devops_pull_request(settings, environment).head() == COMMIT

    def test_a_variable_that_azure_left_unfilled_is_unset(self, bench: Bench) -> None:
        environment = bench.environment() | {"SYSTEM_PULLREQUEST_PULLREQUESTID": "$(System.PullRequest.PullRequestId)"}
        with pytest.raises(SettingsError, match="for no pull request"):
            azure_devops_pull_request(ForgeSettings(), environment)
