"""A start with a clock that is behind what was written: the daemon judges, says so, and the ledger stays whole."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
from pathlib import Path

import pytest

from tests.live.house import House, noc
from tests.live.test_daemon_disk import wrong
from tests.live.test_story import until

pytestmark = pytest.mark.live

HOUR_MS = 3_600_000


@pytest.mark.slow
async def test_state_of_the_future_stops_no_judging(tmp_path: Path) -> None:
    house = House(tmp_path)
    with contextlib.closing(house):
        await asyncio.to_thread(house.agent_on)
        await asyncio.to_thread(house.start)
        await until(lambda: house.ask("/devices/agent")["status"] == "up")
        assert await asyncio.to_thread(house.stop, signal.SIGTERM) == 0
        with contextlib.closing(sqlite3.connect(tmp_path / "state" / "noc.db")) as state, state:
            state.execute("UPDATE checkpoint SET at_ms = at_ms + ?", (HOUR_MS,))
        house.log.unlink()
        await asyncio.to_thread(house.start)
        assert await asyncio.to_thread(wrong, house) == {"clock"}
        assert "noc_clock_ahead_seconds 35" in await asyncio.to_thread(house.metrics)
        await until(lambda: house.ask("/devices/agent")["status"] == "up")
        house.agent_off()
        await until(lambda: house.ask("/devices/agent")["status"] == "down")
        assert await asyncio.to_thread(house.stop, signal.SIGTERM) == 0
        assert (await asyncio.to_thread(noc, house, "ledger", "verify")).returncode == 0
        listed = await asyncio.to_thread(noc, house, "ledger", "list", "--json")
        records = [one for one in json.loads(listed.stdout) if "kind" not in one]  # no policy, coverage, seal
        told = [(record["entity"], record.get("status", "clock")) for record in records]
        assert told[1:] == [
            ("poller/test-poller", "clock"),
            ("device/agent", "unknown"),
            ("device/agent", "up"),
            ("device/agent", "down"),
        ]
        # The evidence from before went stale at its own time; what is behind the step is in the order of the chain.
        assert [record["since"] for record in records[3:]] == sorted(record["since"] for record in records[3:])
        assert records[1]["since"] < records[3]["since"]
