"""States and incidents on the pollers' broker, retained: a regional centre's own screens subscribe to them.

What is published follows what is so within a few seconds. At each connection all that the broker kept is looked at
first: what is no longer true is replaced, what is no more is cleared. The centre's own state has a last will, so that a
screen knows when nobody keeps it up to date any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

from noc.app.pollerbroker import broker_of
from noc.app.settings import RootSettings
from noc.app.statedocuments import KINDS, incident_states, incident_topic, own_state, state_topic, states
from noc.bus.topics import ROOT
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.state import incidents, pollers
from noc.state.database import Database, StateError
from noc.wire.errors import WireError
from noc.wire.mqtt import Broker, Link, Publication, linked, publish_all

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 5.0
A_SECOND: Final = 200
"""Publications, so that a start doesn't fill a thin line."""

_AT_ONCE: Final = 50
_KEPT_WITHIN_S: Final = 60.0
_LAST_WORD_S: Final = 2.0
_FIRST_PAUSE_S: Final = 1.0
_PAUSE_AT_MOST_S: Final = 60.0


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
    published: how many messages so far. failing: why there is no connection, one sentence.
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
        self._broker = broker
        self._clock = clock
        self._database = database
        self._inventory = inventory
        self._status = status
        self._centre = centre
        self._tells_incidents = tells_incidents
        self._task: asyncio.Task[None] | None = None
        self._kept: dict[str, bytes] = {}
        self._will = Publication(state_topic(f"poller/{centre}"), own_state(centre, None), retain=True)
        self._is_up = False
        self.published = 0
        self.failing: str | None = None

    async def start(self) -> None:
        """Begin; a broker that is away keeps nobody from starting."""
        self._task = asyncio.create_task(self._run(), name="state-out")

    async def stop(self) -> None:
        """Say that states are kept up to date no longer, and hang up."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
            if self._is_up:  # who leaves orderly has no last will
                with suppress(WireError, TimeoutError):
                    async with asyncio.timeout(_LAST_WORD_S):
                        await publish_all(self._broker, [self._will], _LAST_WORD_S)

    async def _run(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            before = self.published
            try:
                self._kept = await self._read_kept()
                await self._stay()
            except* (WireError, UsageError, TimeoutError) as errors:
                self._lost(_first(errors))
            pause_s = _FIRST_PAUSE_S if self.published > before else min(2 * pause_s, _PAUSE_AT_MOST_S)
            await self._clock.sleep(pause_s)

    async def _read_kept(self) -> dict[str, bytes]:
        """Return digests of what the broker keeps, by topic. Raises WireError, TimeoutError."""
        found: dict[str, bytes] = {}
        marker = f"{ROOT}/centre/{self._centre}/kept"
        filters = [*map(state_topic, (f"{kind}/+" for kind in KINDS)), incident_topic("+")]
        for one in filters:
            # Of one filter after the other: a broker queues so many messages for one who reads, and no more.
            async with asyncio.timeout(_KEPT_WITHIN_S), linked(self._broker, [one, marker]) as link:
                await link.publish(Publication(marker, b""))  # comes after all that is kept
                async for heard in link.heard():
                    if heard.topic == marker:
                        break
                    found[heard.topic] = _digest(heard.body)
        return found

    async def _stay(self) -> None:
        """Publish until the connection is lost. Raises groups of WireError."""
        own = self._will.topic
        async with linked(self._broker, (), self._will) as link:
            if self.failing is not None:
                log.info("states are published again")
            self.failing, self._is_up = None, True
            body = own_state(self._centre, to_ms(self._clock.now()))
            await link.publish(Publication(own, body, retain=True))
            self._kept[own] = _digest(body)
            self.published += 1
            async with asyncio.TaskGroup() as both:
                both.create_task(_listen(link), name="state-out-link")
                both.create_task(self._publish(link, own), name="state-out-changes")

    async def _publish(self, link: Link, own: str) -> None:
        while True:
            try:
                await self._round(link, own)
            except StateError as error:
                log.warning("states are not published for now: %s", error)
            await self._clock.sleep(LOOK_EVERY_S)

    async def _round(self, link: Link, own: str) -> None:
        """Publish what changed, and clear what is no more."""
        async with self._database.read() as connection:
            opened = await incidents.all_open(connection)
            known = await pollers.everyone(connection)
        there = {own}
        if self._tells_incidents:
            told = incident_states(opened)
            there |= told.keys()
            await self._send(link, told)
        else:
            there |= {incident_topic(one.id) for one in opened}
        of = {one.entity: one for one in reversed(opened)}
        for part in states(self._inventory(), self._status, of, known):
            there |= part.keys()
            await self._send(link, part)
            await self._clock.sleep(0)
        await self._send(link, dict.fromkeys(self._kept.keys() - there, b""))

    async def _send(self, link: Link, bodies: Mapping[str, bytes]) -> None:
        fresh = [(topic, body) for topic, body in bodies.items() if self._kept.get(topic) != _digest(body)]
        for start in range(0, len(fresh), _AT_ONCE):
            some = fresh[start : start + _AT_ONCE]
            await asyncio.gather(*(link.publish(Publication(topic, body, retain=True)) for topic, body in some))
            for topic, body in some:
                if body:
                    self._kept[topic] = _digest(body)
                else:
                    self._kept.pop(topic, None)
            self.published += len(some)
            if len(some) == _AT_ONCE:
                await self._clock.sleep(_AT_ONCE / A_SECOND)

    def _lost(self, why: str) -> None:
        if self.failing is None:
            log.warning("states are not published: %s", why)
        self.failing, self._is_up = why, False


def _tells(name: str, notifier: Mapping[str, object], broker: Broker) -> bool:
    """Return whether a notifier publishes incidents on this broker already."""
    there = notifier.get("kind", name) == "mqtt" and notifier.get("host") == broker.host
    return there and notifier.get("incidents") is not False


async def _listen(link: Link) -> None:
    """Wait until the connection is lost. Raises WireError."""
    async for _ in link.heard():
        pass


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=8).digest()


def _first(errors: BaseExceptionGroup[Exception]) -> str:
    one: BaseException = errors
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    return str(one) or "the broker doesn't answer in time"
