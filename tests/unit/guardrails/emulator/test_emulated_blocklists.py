"""Blocklists of the emulator: how they are kept, their limits, and when an edit applies."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from emulated_service import FewWords, SetClock, Wire

from guardrails.emulator.app import create_app
from guardrails.emulator.blocklists import Blocklists
from matria.errors import StorageError

LISTS = "/contentsafety/text/blocklists"
MINE = f"{LISTS}/mine"


def terms(*texts: str) -> dict[str, Any]:
    return {"blocklistItems": [{"text": text} for text in texts]}


async def is_hit(wire: Wire, text: str) -> bool:
    answer = await wire("POST", "/contentsafety/text:analyze", {"text": text, "blocklistNames": ["mine"]})
    return bool(answer.json()["blocklistsMatch"])


async def test_a_list_is_made_changed_shown_and_deleted(wire: Wire) -> None:
    made = await wire("PATCH", MINE, {"description": "first"})
    assert (made.status_code, made.json()) == (201, {"blocklistName": "mine", "description": "first"})
    kept = await wire("PATCH", MINE, {"blocklistName": "mine"})
    assert (kept.status_code, kept.json()["description"]) == (200, "first")
    emptied = await wire("PATCH", MINE, {"description": None})
    assert emptied.json() == (await wire("GET", MINE)).json() == {"blocklistName": "mine"}
    assert (await wire("GET", LISTS)).json() == {"value": [{"blocklistName": "mine"}]}
    deleted = await wire("DELETE", MINE)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await wire("DELETE", MINE)).status_code == (await wire("GET", MINE)).status_code == 404


async def test_a_term_that_is_there_keeps_its_id(wire: Wire) -> None:
    await wire("PATCH", MINE, {})
    added = (await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", terms("um", "dois"))).json()["blocklistItems"]
    again = {"blocklistItems": [{"text": "um", "description": "now said"}]}
    (changed,) = (await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", again)).json()["blocklistItems"]
    assert changed == {**added[0], "description": "now said"}
    assert (await wire("GET", f"{MINE}/blocklistItems/{changed['blocklistItemId']}")).json() == changed
    assert len((await wire("GET", f"{MINE}/blocklistItems")).json()["value"]) == 2


async def test_terms_come_page_by_page(wire: Wire) -> None:
    await wire("PATCH", MINE, {})
    for start in (0, 100):
        batch = [f"termo {n}" for n in range(start, start + 100)]
        await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", terms(*batch))
    seen, link = [], f"{MINE}/blocklistItems?top=150&skip=30&maxpagesize=60"
    while link and len(seen) < 4:
        page = (await wire("GET", link.removeprefix("http://emulator"))).json()
        seen.append([item["text"] for item in page["value"]])
        link = page.get("nextLink", "")
    assert [len(page) for page in seen] == [60, 60, 30]
    assert [text for page in seen for text in page] == [f"termo {n}" for n in range(30, 180)]
    assert len((await wire("GET", f"{MINE}/blocklistItems")).json()["value"]) == 100
    assert (await wire("GET", f"{MINE}/blocklistItems?skip=999")).json() == {"value": []}
    assert (await wire("GET", f"{MINE}/blocklistItems?top=-1")).status_code == 400


@pytest.mark.parametrize("name", ["a" * 65, "com espaço", "lista!", "ção"])
async def test_a_name_that_does_not_fit_is_refused(wire: Wire, name: str) -> None:
    answer = await wire("PATCH", f"{LISTS}/{name}", {})
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "InvalidResourceName")


@pytest.mark.parametrize(
    "body",
    [
        {},
        terms(),
        terms(*map(str, range(101))),
        terms("a" * 129),
        terms(" "),
        {"blocklistItems": ["a"]},
        {"blocklistItems": [{"description": "a"}]},
        {"blocklistItems": [{"text": "a", "description": "d" * 1_025}]},
    ],
    ids=lambda body: str(body)[:60],
)
async def test_terms_that_do_not_fit_are_refused_and_none_is_kept(wire: Wire, body: dict[str, Any]) -> None:
    await wire("PATCH", MINE, {})
    answer = await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", body)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (400, "InvalidRequestBody")
    assert (await wire("GET", f"{MINE}/blocklistItems")).json() == {"value": []}


async def test_all_lists_together_hold_ten_thousand_terms(wire: Wire) -> None:
    for name in ("mine", "other"):
        await wire("PATCH", f"{LISTS}/{name}", {})
    for batch in range(100):
        name = "mine" if batch % 2 else "other"
        texts = [f"{batch} {n}" for n in range(100)]
        assert (await wire("POST", f"{LISTS}/{name}:addOrUpdateBlocklistItems", terms(*texts))).status_code == 200
    assert (await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", terms("one more"))).status_code == 400
    assert await is_hit(wire, "depois vem 99 7 e 8")


async def test_an_unknown_list_or_term_is_not_found(wire: Wire) -> None:
    assert (await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", terms("a"))).status_code == 404
    assert (await wire("POST", f"{MINE}:removeBlocklistItems", {"blocklistItemIds": ["a"]})).status_code == 404
    assert (await wire("GET", f"{MINE}/blocklistItems")).status_code == 404
    await wire("PATCH", MINE, {})
    assert (await wire("GET", f"{MINE}/blocklistItems/none")).status_code == 404


async def test_an_edit_applies_after_the_lag(clock: SetClock) -> None:
    wire = Wire(create_app(FewWords(), clock=clock))
    await wire("PATCH", MINE, {})
    added = await wire("POST", f"{MINE}:addOrUpdateBlocklistItems", terms("um"))
    assert len((await wire("GET", f"{MINE}/blocklistItems")).json()["value"]) == 1
    assert not await is_hit(wire, "um")
    clock.now += 300
    assert await is_hit(wire, "Um")
    ids = [item["blocklistItemId"] for item in added.json()["blocklistItems"]]
    await wire("POST", f"{MINE}:removeBlocklistItems", {"blocklistItemIds": ids})
    assert (await wire("GET", f"{MINE}/blocklistItems")).json() == {"value": []}
    clock.now += 299
    assert await is_hit(wire, "um")
    clock.now += 1
    assert not await is_hit(wire, "um")


async def test_a_file_keeps_the_lists_between_runs(tmp_path: Path, clock: SetClock) -> None:
    state = tmp_path / "emulator.db"
    first = create_app(FewWords(), state=state, clock=clock)
    await Wire(first)("PATCH", MINE, {"description": "kept"})
    await Wire(first)("POST", f"{MINE}:addOrUpdateBlocklistItems", terms("um"))
    first.service.blocklists.close()
    clock.now += 300
    again = Wire(create_app(FewWords(), state=state, clock=clock))
    assert (await again("GET", MINE)).json()["description"] == "kept"
    assert await is_hit(again, "um")


def test_a_file_that_is_no_state_is_told_in_one_sentence(tmp_path: Path, clock: SetClock) -> None:
    (tmp_path / "state").write_text("no database, but long enough to be read as one " * 20)
    with pytest.raises(StorageError, match="emulator's state") as told:
        Blocklists(clock, tmp_path / "state")
    assert isinstance(told.value.__cause__, sqlite3.Error)
