"""When a poller fetches copies of configurations: it has no database that would tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors._ports import Target
from noc.app.pollerwork import LEAST_APART_MS, Copies
from noc.clock import ManualClock
from noc.inventory.ssh import Backup
from noc.model.check import Check
from noc.model.reading import Failure, FailureKind, Reading, SshAnswer
from tests.things import device

START = datetime(2026, 11, 22, tzinfo=UTC)
CHECK = Check("device/d", "backup", 3_600.0, 300.0)
PLAIN = device()
TARGET = Target(CHECK, replace(PLAIN, watch=replace(PLAIN.watch, backup=Backup())))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


def fetched(clock: ManualClock, failure: Failure | None = None) -> Reading:
    answers = None if failure else (SshAnswer("frr", "show running-config", "hostname d", 1.0),)
    return Reading("backup", "192.0.2.1", "nbo-1", clock.now(), 1.0, failure=failure, ssh=answers)


async def test_a_copy_is_due_at_first_and_when_it_is_old(clock: ManualClock) -> None:
    copies = Copies(clock)
    assert copies.due(TARGET, clock.now())
    assert not copies.due(replace(TARGET, device=PLAIN), clock.now())
    copies.take(CHECK, fetched(clock))
    assert not copies.due(TARGET, clock.now() + timedelta(hours=23))
    assert copies.due(TARGET, clock.now() + timedelta(hours=23, minutes=30))


async def test_one_that_failed_is_still_due(clock: ManualClock) -> None:
    copies = Copies(clock)
    copies.take(CHECK, fetched(clock, Failure(FailureKind.TIMEOUT, "no answer")))
    copies.take(replace(CHECK, kind="ssh"), fetched(clock))
    assert copies.due(TARGET, clock.now())


async def test_a_change_makes_one_due_but_not_again_and_again(clock: ManualClock) -> None:
    copies = Copies(clock)
    copies.take(CHECK, fetched(clock))
    assert copies.changed("device/d") == LEAST_APART_MS / 1_000
    assert copies.due(TARGET, clock.now())
    await clock.advance(90)
    assert copies.changed("device/d") == 0
    copies.take(CHECK, fetched(clock))
    assert not copies.due(TARGET, clock.now())
