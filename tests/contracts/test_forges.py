"""The contract of `matria.forge.base.PullRequest`, held by both adapters against servers that speak their wire.

Here what they write and find; what goes wrong is in `test_forge_failures.py`.
"""

import threading

from forge_bench import MARKER, ON_AZURE_DEVOPS, ON_GITHUB, Bench, text
from forge_doubles import COMMIT, Entry, Fault
from pydantic import SecretStr

from matria.forge.azure_devops import azure_devops_pull_request
from matria.forge.base import Status
from matria.settings import ForgeSettings


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
    bench.double.may_create = lambda: bench.double.created >= 2
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


@ON_GITHUB
def test_an_instance_whose_graphql_does_not_say_who_we_are(bench: Bench) -> None:
    bench.double.has_graphql = False  # type: ignore[attr-defined]
    ours = bench.double.add("github-actions[bot]", text("old"))
    bench.opened().put(MARKER, text("new"), "success")
    assert ours.body == text("new")


@ON_AZURE_DEVOPS
def test_a_thread_is_open_while_the_verdict_asks_for_something(bench: Bench) -> None:
    pull = bench.opened()
    states = []
    for state in ("pending", "failure", "success", "error"):
        pull.put(MARKER, text(state), state)
        states.append(bench.double.entries[0].state)
    assert states == ["pending", "active", "fixed", "active"]


@ON_AZURE_DEVOPS
def test_a_personal_token_goes_as_basic(bench: Bench) -> None:
    environment = bench.environment(token="")
    settings = ForgeSettings(token=SecretStr("a-personal-token"))
    assert azure_devops_pull_request(settings, environment).head() == COMMIT
