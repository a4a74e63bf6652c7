"""What is started ends when it is asked to, whatever this process was told to ignore."""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from flows.up import heeding_interrupts

WAITS = (sys.executable, "-c", "print('ready', flush=True); import time; time.sleep(600)")


@pytest.fixture
def in_the_background() -> Iterator[None]:
    """As a shell without job control starts a job with `&`."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_the_background")
def test_what_a_background_job_starts_ends_at_an_interrupt() -> None:
    with heeding_interrupts():
        child = subprocess.Popen(WAITS, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(100) != 0
    finally:
        child.kill()
        child.communicate()
