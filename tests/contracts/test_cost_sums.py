"""The contract of `matria.costs.sums.CostSums`, run on every store, against sums in plain Python over the entries."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_places import LedgerPlace

from matria.costs.base import MOST_USD, Cost, LedgerEntry, Rates, UnitPrices, Usage
from matria.costs.ledger.rows import ENTRY_COLUMNS, entry_row
from matria.costs.ledger.store import SqlLedger, _insert
from matria.costs.memory import MemorySums
from matria.costs.sums import CallSums, MessageSums, Window, bucket_of, rates_order
from matria.errors import StorageError

NOON = datetime(2024, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PRICES = UnitPrices(input=Decimal("0.40"), output=Decimal("1.60"))
RATES = Rates(date(2024, 11, 20), Decimal(6), Decimal("0.9"), "BCB PTAX, ECB")
Sums = tuple[Sequence[CallSums], Sequence[MessageSums]]


def entry(call_id: str, message_at: datetime = NOON, usd: str | None = "0.001", **other: Any) -> LedgerEntry:
    cost = Cost("unpriced" if usd is None else "priced", None if usd is None else Decimal(usd), "l", date(2026, 11, 20))
    made = LedgerEntry(
        call_id, message_at + timedelta(seconds=1), "assistant", "c", call_id, "gestante/triagem", "1.0.0", "h",
        "gestante", "pt-BR", "openai", "gpt", "gpt-1", Usage(10, 5), 1.5, cost, False, message_at, "people", 4,
    )  # fmt: skip
    return replace(made, **other)


def sums(ledger: SqlLedger, window: Window) -> Sums:
    return ledger.calls(window), ledger.messages(window)


# The same sums in plain Python, over entries one by one.


def expected(entries: Sequence[LedgerEntry], window: Window) -> Sums:
    kept = [e for e in entries if window.start <= e.message_at < window.end and e.serves == window.serves]
    messages: dict[tuple[datetime, str], list[LedgerEntry]] = defaultdict(list)
    for e in kept:
        messages[e.message_at, e.message_id].append(e)
    if window.is_simulated is not None:
        messages = {k: own for k, own in messages.items() if any(e.is_simulated for e in own) == window.is_simulated}
        kept = [e for own in messages.values() for e in own]
    calls: dict[tuple[Any, ...], list[LedgerEntry]] = defaultdict(list)
    for e in kept:
        calls[shared(e, window)].append(e)
    priced = {e.call_id for own in messages.values() for e in own if all(o.cost.usd is not None for o in own)}
    answered: dict[tuple[Any, ...], list[Decimal | None]] = defaultdict(list)
    for own in messages.values():
        named = max((e.prompt_name, e.prompt_version) for e in own)
        at = (slot(own[0], window), min(bucket_of(e.conversation_id) for e in own), named[0])
        rates = {e.cost.rates for e in own if e.cost.usd is not None}
        one = rates.pop() if len(rates) == 1 else None
        key = (*at, max(e.persona for e in own), max(e.locale for e in own), named[1], one)
        known = own[0].call_id in priced
        answered[key].append(sum((e.cost.usd or Decimal(0) for e in own), Decimal(0)) if known else None)
    return (
        [call_sums(key, own, priced) for key, own in calls.items()],
        [
            MessageSums(*key[:5], len(own), *priced_sum(own), prompt_version=key[5], rates=key[6])
            for key, own in sorted(answered.items(), key=lambda row: (*row[0][:6], rates_order(row[0][6])))
        ],
    )


def slot(entry: LedgerEntry, window: Window) -> int:
    """Counted back from the end: what came in the last moment is in slot 0, what came a slot earlier in slot 1."""
    return (window.end - entry.message_at - timedelta(microseconds=1)) // window.slot


def shared(e: LedgerEntry, window: Window) -> tuple[Any, ...]:
    return (
        slot(e, window), e.purpose, e.prompt_name, e.prompt_version, e.prompt_hash, e.persona, e.locale, e.provider,
        e.model, e.model_snapshot, e.usage.tier, e.cost.unit_prices, e.cost.price_source, e.is_simulated,
        e.cost.rates,
    )  # fmt: skip


def priced_sum(costs: Sequence[Decimal | None]) -> tuple[int, Decimal]:
    known = [usd for usd in costs if usd is not None]
    return len(known), sum(known, Decimal(0))


def call_sums(key: tuple[Any, ...], own: Sequence[LedgerEntry], priced: set[str]) -> CallSums:
    of = [e for e in own if e.call_id in priced]
    return CallSums(
        *key[:-1],
        len(own),
        sum(e.cost.usd is None for e in own),
        len(of),
        sum(e.usage.input_tokens for e in of),
        sum(e.prompt_tokens for e in of),
        sum(e.usage.cached_tokens for e in of),
        sum(e.usage.cache_write_tokens for e in of),
        sum(e.usage.output_tokens for e in of),
        sum(e.usage.reasoning_tokens for e in of),
        sum(e.usage.text_records for e in of),
        sum(int(e.latency_ms * 1000) for e in of) / 1000,
        sum((e.cost.usd or Decimal(0) for e in of), Decimal(0)),
        key[-1],
    )


def assert_same(found: Sums, wanted: Sums) -> None:
    calls, messages = found
    assert sorted(map(repr, calls)) == sorted(map(repr, map(plain, wanted[0])))
    assert list(messages) == list(wanted[1])
    assert [c.slot for c in calls] == sorted(c.slot for c in calls)


def assert_alike(found: Sums, memory: MemorySums, window: Window) -> None:
    """The sums in memory are a ledger's, but for parts of a microsecond of latency."""
    calls, messages = memory.calls(window), memory.messages(window)
    assert sorted(repr(replace(row, latency_ms=0.0)) for row in found[0]) == sorted(
        repr(replace(plain(row), latency_ms=0.0)) for row in calls
    )
    assert list(found[1]) == list(messages)


def plain(row: CallSums) -> CallSums:
    """Dollars written without idle zeros, as a ledger gives them."""
    usd = row.usd.normalize()
    return replace(row, usd=usd.quantize(Decimal(1)) if usd == usd.to_integral_value() else usd)


MOMENTS = st.one_of(
    st.sampled_from([NOON, NOON - timedelta(microseconds=1), NOON - timedelta(hours=1), NOON + timedelta(minutes=30)]),
    st.integers(-72 * 3600, 2 * 3600).map(lambda s: NOON + timedelta(seconds=s)),
)
NAMES = st.sampled_from([("", ""), ("gestante/triagem", "1.0.0"), ("gestante/triagem", "1.10.0"), ("puerpera/x", "1")])
COSTS = st.one_of(
    st.none(),
    st.decimals(0, 50, places=12),
    st.sampled_from([Decimal(0), Decimal("0.000000000001"), MOST_USD]),
)


@st.composite
def entries(draw: st.DrawFn) -> LedgerEntry:
    """Few values of each kind, so that calls share messages, messages buckets, and everything comes late at times."""
    name, version = draw(NAMES)
    usd = draw(COSTS)
    made = entry(
        str(draw(st.integers(0, 10**6))),
        draw(MOMENTS),
        None if usd is None else str(usd),
        message_id=draw(st.sampled_from(["m1", "m2", "é", "abcd"])),
        conversation_id=draw(st.sampled_from(["a", "b", "c"])),
        purpose=draw(st.sampled_from(["assistant", "moderation", "retry"])),
        serves=draw(st.sampled_from(["people", "people", "people", "evaluation"])),
        prompt_name=name,
        prompt_version=version,
        persona=draw(st.sampled_from(["", "gestante", "puérpera"])),
        locale=draw(st.sampled_from(["", "pt-BR"])),
        latency_ms=draw(st.floats(0, 1e6)),
        usage=Usage(*draw(st.tuples(*[st.integers(0, 2**31 - 1)] * 6)), draw(st.sampled_from(["standard", "batch"]))),
        is_simulated=draw(st.booleans()),
    )
    prices = draw(st.sampled_from([None, PRICES, replace(PRICES, cached=Decimal("0.1"))]))
    rates = draw(st.sampled_from([None, RATES, replace(RATES, on=date(2024, 11, 19), brl=Decimal(5))]))
    return replace(made, cost=replace(made.cost, unit_prices=prices, rates=rates))


@given(
    batches=st.lists(st.lists(entries(), max_size=12), min_size=1, max_size=4),
    pass_after=st.sampled_from([1, 5, 1000]),
    end=MOMENTS,
    length=st.sampled_from([timedelta(hours=1), DAY, 2 * DAY, timedelta(hours=30, minutes=7)]),
    each=st.sampled_from([timedelta(minutes=7), timedelta(hours=1), DAY]),
    serves=st.sampled_from(["people", "evaluation"]),
    is_simulated=st.sampled_from([None, False, True]),
)
@settings(suppress_health_check=list(HealthCheck), max_examples=25, deadline=None)
def test_sums_are_those_of_the_entries_as_of_every_mark(
    new_place: Callable[[], LedgerPlace],
    batches: list[list[LedgerEntry]],
    pass_after: int,
    end: datetime,
    length: timedelta,
    each: timedelta,
    serves: Any,
    is_simulated: bool | None,
) -> None:
    """With hourly sums kept after every batch, now and then, and never."""
    ledger = new_place().open(pass_after=pass_after)
    window = Window(end - length, end, each, serves, is_simulated=is_simulated)
    known: dict[str, LedgerEntry] = {}
    marks: list[tuple[str, list[LedgerEntry]]] = []
    for batch in batches:
        ledger.record(batch)
        known = {e.call_id: e for e in reversed(batch)} | known
        assert_same(sums(ledger, window), expected(list(known.values()), window))
        assert_alike(sums(ledger, window), MemorySums(known.values()), window)
        marks.append((ledger.mark(), list(known.values())))
    for mark, there in marks:
        assert_same(sums(ledger, replace(window, as_of=mark)), expected(there, window))
    ledger.close()


@pytest.mark.parametrize("pass_after", [1, 2, 1000])
def test_a_late_call_counts_from_then_on_and_not_before(place: LedgerPlace, pass_after: int) -> None:
    """A message of 1 cent at noon; a retry of it makes it 3, and an unpriced one unknown. Its hour is kept after each
    call, after the second alone, or never."""
    ledger = place.open(pass_after=pass_after)
    window = Window(NOON - DAY, NOON + DAY, 2 * DAY)
    seen: list[tuple[str, Any]] = []
    for call_id, usd in (("first", "0.01"), ("retry", "0.02"), ("unpriced", None)):
        ledger.record([entry(call_id, usd=usd, message_id="m")])
        (row,) = ledger.messages(window)
        seen.append((ledger.mark(), (row.messages, row.priced_messages, row.usd)))
    figures = [found for _, found in seen]
    assert figures == [(1, 1, Decimal("0.01")), (1, 1, Decimal("0.03")), (1, 0, Decimal(0))]
    for mark, found in seen:
        (row,) = place.open().messages(replace(window, as_of=mark))
        assert (row.messages, row.priced_messages, row.usd) == found


def test_sums_as_of_a_mark_never_change_while_others_write(place: LedgerPlace) -> None:
    """Four writers, each as another process would be, and a reader that takes marks and keeps hourly sums meanwhile."""
    place.open().record([entry("there")])
    window = Window(NOON - 3 * DAY, NOON + DAY, DAY)
    reader = place.open(pass_after=15)
    marks = [(first := reader.mark(), sums(reader, replace(window, as_of=first)))]
    stop, written = threading.Event(), threading.Semaphore(0)

    def write(name: int) -> None:
        ledger, n = place.open(), 0
        while not stop.is_set() and n < 400:
            late = NOON - timedelta(hours=(n * 7 + name) % 60)
            ledger.record([entry(f"{name}-{n}-{k}", late, None if n % 9 == 0 else "0.01") for k in range(3)])
            written.release()
            n += 1
        ledger.close()

    writers = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(11):
        written.acquire()
        mark = reader.mark()
        marks.append((mark, sums(reader, replace(window, as_of=mark))))
    stop.set()
    for writer in writers:
        writer.join()
    counts = [sum(row.calls for row in calls) for _, (calls, _) in marks]
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]
    for mark, found in marks:
        assert sums(place.open(), replace(window, as_of=mark)) == found
    everything = place.open().between(NOON - 4 * DAY, NOON + DAY)
    assert_same(sums(place.open(pass_after=1), window), expected(everything, window))


def test_a_commit_under_way_is_no_part_of_a_mark_though_it_began_before(postgres_server: Any) -> None:
    from ledger_places import postgres_address

    place = LedgerPlace("postgres", postgres_address(postgres_server))
    slow, quick = place.open(), place.open(pass_after=1)
    slow.record([entry("there")])
    window = Window(NOON - DAY, NOON + DAY, DAY)
    with slow._database.writing() as connection:
        row = entry_row(entry("slow"))
        numbers = slow._series_numbers(connection, [row])
        _insert(connection, "ledger_entries", ENTRY_COLUMNS, "call_id", [(numbers[row.digest], *row.own)])
        quick.record([entry("quick")])
        mark = quick.mark()
        before = sums(quick, replace(window, as_of=mark))
        assert sum(row.messages for row in before[1]) == 2
    assert sums(quick, replace(window, as_of=mark)) == before
    assert sums(place.open(), replace(window, as_of=mark)) == before
    assert sum(row.messages for row in quick.messages(window)) == 3


@pytest.mark.parametrize("pass_after", [1, 1000])
def test_a_message_is_simulated_where_any_of_its_calls_is(place: LedgerPlace, pass_after: int) -> None:
    """Three messages: real, simulated, and one that the simulator answered and a real service moderated."""
    ledger = place.open(pass_after=pass_after)
    ledger.record(
        [
            entry("real", usd="0.01"),
            entry("simulated", usd="0.02", is_simulated=True),
            entry("answer", usd="0.04", message_id="both", is_simulated=True),
            entry("moderation", usd="0.08", message_id="both", purpose="moderation"),
        ]
    )
    found = {}
    for kind in (None, False, True):
        window = Window(NOON - DAY, NOON + DAY, 2 * DAY, is_simulated=kind)
        calls, messages = sums(ledger, window)
        assert sum(row.usd for row in calls) == sum(row.usd for row in messages)
        found[kind] = (sum(row.messages for row in messages), sum(row.calls for row in calls), str(calls[0].usd))
        assert MemorySums(ledger.between(NOON - DAY, NOON + DAY)).messages(window) == messages
    assert {kind: counts[:2] for kind, counts in found.items()} == {None: (3, 4), False: (1, 1), True: (2, 3)}
    assert found[False][2] == "0.01"


@pytest.mark.parametrize("pass_after", [1, 1000])
def test_dollars_come_with_the_rates_of_their_calls(place: LedgerPlace, pass_after: int) -> None:
    """A dollar at 5 reais, two at 6, four at none, and a message of 8 whose moderation (16) was at another rate."""
    ledger = place.open(pass_after=pass_after)
    older = replace(RATES, on=date(2024, 10, 1), brl=Decimal(5))
    made = [
        (entry("a", usd="1"), older),
        (entry("b", usd="2"), RATES),
        (entry("c", usd="4"), None),
        (entry("d", usd="8", message_id="m"), older),
        (entry("e", usd="16", message_id="m"), RATES),
    ]
    ledger.record([replace(one, cost=replace(one.cost, rates=rates)) for one, rates in made])
    calls, messages = sums(ledger, Window(NOON - DAY, NOON + DAY, 2 * DAY))
    assert {row.rates: row.usd for row in calls} == {older: 9, RATES: 18, None: 4}
    assert {(row.rates, row.usd) for row in messages if row.rates} == {(older, 1), (RATES, 2)}
    assert sum(row.usd for row in messages if row.rates is None) == 28


def test_of_a_call_told_twice_memory_keeps_the_first_as_ledgers_do(place: LedgerPlace) -> None:
    window = Window(NOON - DAY, NOON + DAY, 2 * DAY)
    twice = [entry("a", usd="0.01"), entry("a", usd="0.02")]
    ledger = place.open()
    ledger.record(twice)
    assert MemorySums(twice).messages(window) == ledger.messages(window)


def test_nothing_recorded_is_no_rows(place: LedgerPlace) -> None:
    ledger = place.open()
    window = Window(NOON - DAY, NOON, DAY, as_of=ledger.mark())
    assert sums(ledger, window) == ([], [])
    ledger.record([entry("a", NOON - timedelta(hours=1))])
    assert sums(ledger, window) == ([], [])


def test_what_is_no_window_is_refused(place: LedgerPlace) -> None:
    ledger = place.open()
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError, match="time zone"):
        ledger.calls(Window(naive, NOON, DAY))
    with pytest.raises(ValueError, match="slot"):
        ledger.messages(Window(NOON - DAY, NOON, timedelta(0)))
    with pytest.raises(ValueError, match="no mark"):
        ledger.messages(Window(NOON - DAY, NOON, DAY, as_of="yesterday"))


def test_hourly_sums_made_between_two_releases_are_put_right_as_the_reference_says(place: LedgerPlace) -> None:
    ledger = place.open(pass_after=1)
    ledger.record([entry("a", NOON - timedelta(hours=2))])
    window = Window(NOON - DAY, NOON, DAY)
    wanted = sums(ledger, window)
    with ledger._database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger_hour_calls RENAME COLUMN simulated TO simulated_before")
    with pytest.raises(StorageError, match="'Making the hourly sums anew'"):
        ledger.calls(window)
    reference = Path(__file__).resolve().parents[2] / "docs" / "reference" / "ledger.md"
    _, _, remedy = reference.read_text(encoding="utf-8").partition("## Making the hourly sums anew")
    with ledger._database.writing() as connection:
        for statement in remedy.split("```sql")[1].split("```")[0].split(";"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    ledger.close()
    assert sums(place.open(pass_after=1), window) == wanted
