"""States and incidents on the pollers' broker, retained: a regional centre's own screens subscribe to them.

What is published follows what is so within a few seconds (`noc/app/retained.py`). The centre's own state has a last
will, so that a screen knows when nobody keeps it up to date any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from noc.app.pollerbroker import broker_of
from noc.app.retained import LOOK_EVERY_S, Retained, Shown
from noc.app.settings import RootSettings
from noc.app.statedocuments import KINDS, incident_states, incident_topic, own_state, state_topic, states
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.state import incidents, pollers
from noc.state.database import Database
from noc.wire.mqtt import Broker, Publication

__all__ = ["LOOK_EVERY_S", "StateOut", "state_out_of"]


def state_out_of(
    settings: RootSettings,
    folder: Path,
    clock: Clock,
    database: Database,
    inventory: Callable[[], Inventory],
    status: Callable[[str], StatusNow],
) -> StateOut | None:
    """Return the service; None where the settings want none. Raises SecretError, and UsageError for a CA file."""
    wanted = settings.pollers
    if wanted.broker is None or not wanted.state_out:
        return None
    centre = settings.polling.poller
    broker = broker_of(wanted.broker, folder, f"noc-state-{centre}")
    told = any(_tells(name, one, broker) for name, one in settings.alerts.notifiers.items())
    return StateOut(broker, clock, database, inventory, status, centre, tells_incidents=not told)


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


def _tells(name: str, notifier: Mapping[str, object], broker: Broker) -> bool:
    """Return whether a notifier publishes incidents on this broker already."""
    there = notifier.get("kind", name) == "mqtt" and notifier.get("host") == broker.host
    return there and notifier.get("incidents") is not False
