"""Recordings of real devices, polled twice: what a poll by known rows brings is what a walk brings."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.model.reading import Known, Reading, SnmpAnswer
from noc.model.snapshot import Snapshot
from noc.pipeline.snapshot import snapshot
from noc.wire.snmp import Agent, Community
from tests.live.conftest import RunningAgent
from tests.live.recorded import NAMES, PROFILES, poll

pytestmark = pytest.mark.live

FALLS_SILENT = {"windows_svr_2019_1809"}
"""A table of which gets no answer is never known."""


def again(name: str, port: int, known: Known | None) -> Reading:
    agent = Agent("127.0.0.1", Community(name), port, timeout_s=1.0, retries=1)
    return asyncio.run(collect(SnmpTarget(agent, 60.0, known=known), PROFILES, SystemClock(), "test"))


def plain(answer: SnmpAnswer | None) -> tuple[object, ...]:
    assert answer is not None
    tables = {name: dict(rows) for name, rows in answer.tables.items() if rows}
    return answer.profile, dict(answer.scalars), tables


def timeless(reading: Reading) -> Snapshot:
    assert reading.snmp is not None
    return replace(snapshot(reading, PROFILES[reading.snmp.profile]), duration_ms=0.0)


@pytest.mark.parametrize("name", sorted(set(NAMES) - FALLS_SILENT))
def test_a_poll_by_known_rows_brings_what_a_walk_brings(name: str, snmpsim: RunningAgent) -> None:
    walked = poll(name, snmpsim.port).reading
    known = walked.known
    assert known is not None
    assert known.valid is not bool(walked.parts)
    if not known.valid:  # the same is missing once more: that will last
        walked = again(name, snmpsim.port, known)
        known = walked.known
        assert known is not None
        assert known.valid
    fast = again(name, snmpsim.port, known)
    assert fast.failure is None
    assert plain(fast.snmp) == plain(walked.snmp)
    assert timeless(fast) == timeless(walked)
    assert fast.known == known, "the poll was none by known rows, or these changed"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FALLS_SILENT & set(NAMES)))
def test_an_agent_that_falls_silent_is_discovered_each_time(name: str, snmpsim: RunningAgent) -> None:
    assert poll(name, snmpsim.port).reading.known is None
