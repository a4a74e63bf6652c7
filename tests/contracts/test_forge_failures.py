"""What goes wrong between an adapter of `matria.forge.base.PullRequest` and its forge, and what it makes of it."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from forge_bench import MARKER, ON_AZURE_DEVOPS, ON_GITHUB, Bench, text
from forge_doubles import COMMIT, NUMBER, Fault

from matria.errors import ForgeError, SettingsError
from matria.forge.azure_devops import azure_devops_pull_request
from matria.forge.base import NotFound, NotPermitted, Status, Unanswered
from matria.forge.github import github_pull_request
from matria.settings import ForgeSettings


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
    """A socket that takes connections and never answers, or drips an answer that takes more than an hour."""
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            listener.settimeout(0.05)
            with ExitStack() as held:
                dripping: list[socket.socket] = []
                while not stop.is_set():
                    with suppress(OSError):
                        connection = held.enter_context(listener.accept()[0])
                        if drip:
                            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                            dripping.append(connection)
                    for connection in dripping:
                        with suppress(OSError):
                            connection.sendall(drip)

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
        assert time.monotonic() - started < 30, "of an hour and more; two attempts with the setting's default are 40 s"


def test_nobody_at_the_address(bench: Bench) -> None:
    with pytest.raises(Unanswered, match="cannot be reached"):
        bench.opened(address="http://127.0.0.1:9", max_attempts=2).head()


@ON_GITHUB
def test_a_spent_limit_is_waited_for_until_it_is_reset(bench: Bench) -> None:
    reset_at, asked_at = int(time.time()) + 100, time.time()
    bench.double.faults = [Fault(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset_at)})]
    bench.opened().head()
    assert reset_at - time.time() <= bench.slept[0] <= reset_at - asked_at + 1  # and up to a second by chance


@ON_GITHUB
def test_a_secondary_limit_is_waited_for_a_minute(bench: Bench) -> None:
    bench.double.faults = [Fault(403, body=b'{"message": "You have exceeded a secondary rate limit"}')]
    bench.opened().head()
    assert 60 <= bench.slept[0] <= 61


@ON_GITHUB
def test_a_next_page_elsewhere_does_not_get_the_token(bench: Bench) -> None:
    elsewhere = Fault(200, {"Link": '<http://127.0.0.1:9/x?page=2>; rel="next"'}, b"[]", "GET")
    bench.double.faults = [elsewhere]
    with pytest.raises(ForgeError, match="the token is not sent there"):
        bench.opened().find(MARKER)


@ON_GITHUB
def test_dependabot_may_not_write_by_rule(bench: Bench) -> None:
    bench.double.may_write = False
    environment = bench.environment() | {"GITHUB_ACTOR": "dependabot[bot]"}
    with pytest.raises(NotPermitted, match="Dependabot") as caught:
        github_pull_request(ForgeSettings(), environment).put(MARKER, text("x"), "success")
    assert caught.value.is_expected


@ON_GITHUB
def test_a_fork_that_is_gone_is_a_fork(bench: Bench) -> None:
    bench.double.may_write = False
    environment = bench.environment()
    event = {"pull_request": {"number": NUMBER, "head": {"sha": COMMIT, "repo": None}}}
    Path(environment["GITHUB_EVENT_PATH"]).write_text(json.dumps(event), encoding="utf-8")
    with pytest.raises(NotPermitted, match="fork"):
        github_pull_request(ForgeSettings(), environment).set_status(Status("success", "Not worse"))


@ON_AZURE_DEVOPS
def test_a_variable_that_azure_left_unfilled_is_unset(bench: Bench) -> None:
    environment = bench.environment() | {"SYSTEM_PULLREQUEST_PULLREQUESTID": "$(System.PullRequest.PullRequestId)"}
    with pytest.raises(SettingsError, match="for no pull request"):
        azure_devops_pull_request(ForgeSettings(), environment)
