"""States and incidents on the pollers' broker, retained: a regional centre's own screens subscribe to them.

What is published follows what is so within a few seconds (`noc/app/retained.py`). The centre's own state has a last
will, so that a screen knows when nobody keeps it up to date any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from noc.app.pollerbroker import broker_of
from noc.app.retained import LOOK_EVERY_S, Retained, Shown
from noc.app.settings import RootSettings
from noc.app.statedocuments import KINDS, incident_states, incident_topic, own_state, state_topic, states
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import NocError
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.state import incidents, pollers
from noc.state.database import Database
from noc.wire.mqtt import Broker, Publication

__all__ = ["LOOK_EVERY_S", "StateOut", "StatesShown"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ground:
    """What states are read from. status: of an entity, as pages show it."""

    clock: Clock
    database: Database
    inventory: Callable[[], Inventory]
    status: Callable[[str], StatusNow]


class StatesShown:
    """A service: states are published while the settings want it, also after a reload."""

    def __init__(self, settings: RootSettings, folder: Path, ground: Ground) -> None:
        self._folder = folder
        self._ground = ground
        self._wanted = _wanted(settings)
        self._now = self._made(settings)
        self._changing: asyncio.Task[None] | None = None
        self._runs = False

    @property
    def is_wanted(self) -> bool:
        """Return whether anything is published."""
        return self._now is not None

    async def start(self) -> None:
        """Begin, where it is wanted."""
        self._runs = True
        if self._now is not None:
            await self._now.start()

    async def stop(self) -> None:
        """End."""
        self._runs = False
        if self._changing is not None:
            await asyncio.gather(self._changing, return_exceptions=True)
        if self._now is not None:
            await self._now.stop()

    def replace(self, settings: RootSettings) -> None:
        """Go by other settings; returns at once. Those that can't be used leave it as it is, and the log says why."""
        wanted = _wanted(settings)
        if wanted == self._wanted or not self._runs:
            return
        try:
            fresh = self._made(settings)
        except NocError as error:
            log.error("states are published as before: %s", error)
            return
        self._wanted = wanted
        self._changing = asyncio.create_task(self._change(fresh, self._changing), name="state-out-anew")

    async def _change(self, fresh: StateOut | None, before: asyncio.Task[None] | None) -> None:
        """End what is there, which says so on its broker, and begin anew: a broker has one client of a name."""
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        if self._now is not None:
            await self._now.stop()
        self._now = fresh
        if fresh is not None:
            await fresh.start()

    def _made(self, settings: RootSettings) -> StateOut | None:
        """Return what publishes; None where none is wanted. Raises SecretError, and UsageError for a CA file."""
        wanted, ground = settings.pollers, self._ground
        if wanted.broker is None or not wanted.state_out:
            return None
        centre = settings.polling.poller
        broker = broker_of(wanted.broker, self._folder, f"noc-state-{centre}")
        around = (ground.clock, ground.database, ground.inventory, ground.status)
        return StateOut(broker, *around, centre, tells_incidents=not _told(settings, broker))


def _wanted(settings: RootSettings) -> tuple[object, ...]:
    """Return all of the settings that matters here, to be compared."""
    wanted = settings.pollers
    if wanted.broker is None or not wanted.state_out:
        return ()
    notifiers = settings.alerts.notifiers
    told = [(name, _there(one), one.get("incidents")) for name, one in sorted(notifiers.items()) if _is_mqtt(name, one)]
    return wanted.broker, settings.polling.poller, *told


class StateOut:
    """A service. centre: the name of this poller. status: of an entity, as pages show it.

    tells_incidents: whether incidents are published too; else a notifier does that, and only what it left is cleared.
    """

    def __init__(
        self,
        broker: Broker,
        clock: Clock,
        database: Database,
        inventory: Callable[[], Inventory],
        status: Callable[[str], StatusNow],
        centre: str,
        *,
        tells_incidents: bool = True,
    ) -> None:
        self._clock = clock
        self._database = database
        self._inventory = inventory
        self._status = status
        self._centre = centre
        self._tells_incidents = tells_incidents
        self._own = state_topic(f"poller/{centre}")
        filters = [*map(state_topic, (f"{kind}/+" for kind in KINDS)), incident_topic("+")]
        shown = Shown("states", f"centre/{centre}/kept", filters)
        will = Publication(self._own, own_state(centre, None), retain=True)
        self._retained = Retained(broker, clock, shown, self._round, self._state, will)

    async def start(self) -> None:
        """Begin; a broker that is away keeps nobody from starting."""
        await self._retained.start()

    async def stop(self) -> None:
        """Say that states are kept up to date no longer, and hang up."""
        await self._retained.stop()

    @property
    def published(self) -> int:
        """Return how many messages were published so far."""
        return self._retained.published

    @property
    def failing(self) -> str | None:
        """Return why there is no connection, one sentence."""
        return self._retained.failing

    def _state(self) -> Publication:
        return Publication(self._own, own_state(self._centre, to_ms(self._clock.now())), retain=True)

    async def _round(self, retained: Retained) -> None:
        """Publish what changed, and clear what is no more."""
        async with self._database.read() as connection:
            opened = await incidents.all_open(connection)
            known = await pollers.everyone(connection)
        there = {self._own}
        if self._tells_incidents:
            told = incident_states(opened)
            there |= told.keys()
            await retained.send(told)
        else:
            there |= {incident_topic(one.id) for one in opened}
        of = {one.entity: one for one in reversed(opened)}
        for part in states(self._inventory(), self._status, of, known):
            there |= part.keys()
            await retained.send(part)
            await self._clock.sleep(0)
        await retained.clear(there)


def _told(settings: RootSettings, broker: Broker) -> bool:
    """Return whether a notifier publishes incidents on this broker already."""
    return any(
        _is_mqtt(name, one) and _there(one) == broker.host and one.get("incidents") is not False
        for name, one in settings.alerts.notifiers.items()
    )


def _is_mqtt(name: str, notifier: Mapping[str, object]) -> bool:
    return notifier.get("kind", name) == "mqtt"


def _there(notifier: Mapping[str, object]) -> object:
    return notifier.get("host")
