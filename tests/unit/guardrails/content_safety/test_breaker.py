"""When the circuit opens, who may try, and when it closes."""

from guardrails.content_safety.breaker import Breaker, BreakerLimits


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> Breaker:
    """A circuit that three failures have opened, until 10 s."""
    breaker = Breaker(BreakerLimits(failures=3, open_s=10.0, max_open_s=60.0), clock)
    for _ in range(3):
        admission = breaker.admit()
        assert admission == "call"
        breaker.failed(admission)
    return breaker


def test_failures_in_a_row_open_it_and_an_answer_between_them_does_not() -> None:
    breaker = Breaker(BreakerLimits(failures=2, open_s=10.0, max_open_s=60.0), Clock())
    for _ in range(5):
        breaker.failed("call")
        breaker.answered()
    assert breaker.state == "closed"
    breaker.failed("call")
    breaker.failed("call")
    assert breaker.state == "open"
    assert breaker.admit() is None


def test_after_the_pause_one_call_tries_and_the_others_wait_for_its_end() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 9.9
    assert breaker.admit() is None
    clock.now = 10.0
    assert [breaker.admit(), breaker.admit(), breaker.admit()] == ["probe", None, None]
    breaker.answered()
    assert breaker.state == "closed"
    assert breaker.admit() == "call"


def test_a_try_that_fails_opens_it_for_another_pause() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 10.0
    assert breaker.admit() == "probe"
    breaker.failed("probe")
    clock.now = 19.9
    assert breaker.admit() is None
    clock.now = 20.0
    assert breaker.admit() == "probe"


def test_a_try_that_is_given_up_lets_another_try() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 10.0
    assert breaker.admit() == "probe"
    breaker.dropped("probe")
    assert breaker.admit() == "probe"


def test_a_late_failure_from_before_neither_prolongs_the_pause_nor_ends_a_try() -> None:
    clock = Clock()
    breaker = broken(clock)
    clock.now = 10.0
    assert breaker.admit() == "probe"
    breaker.failed("call")
    breaker.dropped("call")
    assert breaker.admit() is None
    breaker.answered()
    assert breaker.state == "closed"


def test_a_pause_that_the_service_asks_for_opens_it_at_once_but_not_for_an_hour() -> None:
    clock = Clock()
    breaker = Breaker(BreakerLimits(failures=3, open_s=10.0, max_open_s=60.0), clock)
    breaker.failed("call", pause_s=30.0)
    clock.now = 29.0
    assert breaker.state == "open"
    clock.now = 30.0
    assert breaker.admit() == "probe"
    breaker.failed("probe", pause_s=3600.0)
    clock.now = 90.0
    assert breaker.state == "half_open"
