"""Parts of devices in the daemon's polling: one that begins to fail is looked at soon; a restart forgets none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from noc.app.polling import Polling
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.transition import Transition
from noc.pipeline.ingest import Ingested
from noc.wire.ber import Oid, Tag, Value
from tests.agents.device import device as objects
from tests.agents.snmp import Agent, serving
from tests.live.test_polling_known import Watched, polling
from tests.things import watch

pytestmark = pytest.mark.live

PEER = "peer/d/bgp:192.0.2.9"
STATE: Oid = (1, 3, 6, 1, 2, 1, 15, 3, 1, 2, 192, 0, 2, 9)
ADMIN: Oid = (1, 3, 6, 1, 2, 1, 15, 3, 1, 3, 192, 0, 2, 9)
WATCH = watch(
    interval=timedelta(milliseconds=200),
    poll_interval=timedelta(hours=1),
    timeout=timedelta(milliseconds=150),
    liveness=Liveness("tcp", 1),
)


def with_peer(state: int) -> dict[Oid, tuple[Tag, Value]]:
    return {**objects(3), STATE: (Tag.INTEGER, state), ADMIN: (Tag.INTEGER, 2)}


class Heard(Watched):
    """Keeps the changes of the peer."""

    def __init__(self, agent: Agent) -> None:
        super().__init__(agent)
        self.changes: list[Transition] = []

    def told(self, check: Check | None, ingested: Ingested) -> None:
        self.changes += [change for change in ingested.transitions if change.entity == PEER]
        super().told(check, ingested)

    @property
    def words(self) -> list[str]:
        return [change.status for change in self.changes]


@asynccontextmanager
async def watched_peer(folder: Path, agent: Agent) -> AsyncIterator[tuple[Polling, Heard]]:
    heard = Heard(agent)
    async with polling(folder, agent, heard, WATCH) as running:
        running.look("device/d")
        await heard.until(lambda: len(heard.looked) >= 1)
        yield running, heard


async def test_a_peer_that_fails_is_sure_to_be_down_long_before_the_next_polls(tmp_path: Path) -> None:
    async with serving(Agent(with_peer(6))) as agent, watched_peer(tmp_path, agent) as (running, heard):
        assert heard.words == ["up"]
        agent.become(with_peer(1))
        running.look("device/d")
        await heard.until(lambda: heard.words == ["up", "down"])
        assert len(heard.looked) == 4
        first_ms, *_ = [time_ms for time_ms, ok in heard.changes[-1].results if not ok]
        assert heard.changes[-1].since_ms == first_ms
        assert running.gathering.soon == 0, "it is sure, so nobody asks again"


async def test_after_a_restart_a_peer_goes_on_from_where_it_was(tmp_path: Path) -> None:
    async with serving(Agent(with_peer(6))) as agent:
        async with watched_peer(tmp_path, agent) as (_, heard):
            assert heard.words == ["up"]
        async with watched_peer(tmp_path, agent) as (running, heard):
            assert running.statuses.status_of(PEER) == "up"
            assert heard.words == []
