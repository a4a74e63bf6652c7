"""An emulator in process."""

import pytest
from emulated_service import FewWords, SetClock, Wire

from guardrails.emulator.app import Emulator, create_app


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def emulator(clock: SetClock) -> Emulator:
    return create_app(FewWords(), apply_lag_s=0, clock=clock)


@pytest.fixture
def wire(emulator: Emulator) -> Wire:
    return Wire(emulator)
