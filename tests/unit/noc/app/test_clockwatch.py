"""The wall clock is set back: it is said, once, until it is where it was."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from noc.app.clockwatch import ClockWatch
from noc.clock import ManualClock


async def test_a_step_back_is_told_until_the_time_has_come_again(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock(datetime(2026, 1, 1, 12, tzinfo=UTC))
    watch = ClockWatch(clock)
    await watch.start()
    await clock.advance(100)
    assert watch.failing is None
    clock.step(-60)
    await clock.advance(1)
    assert watch.failing is not None
    assert "set back by 59 s: until it is 2026-01-01T12:01:40" in watch.failing
    await clock.advance(56)
    assert watch.failing is not None
    await clock.advance(2)
    assert watch.failing is None
    assert len(caplog.records) == 2
    await watch.stop()


@pytest.mark.parametrize("seconds", [3600.0, -1.5])
async def test_a_step_forward_and_what_ntp_does_is_no_reason(seconds: float) -> None:
    clock = ManualClock(datetime(2026, 1, 1, 12, tzinfo=UTC))
    watch = ClockWatch(clock)
    await watch.start()
    clock.step(seconds)
    await clock.advance(10)
    assert watch.failing is None
    await watch.stop()
