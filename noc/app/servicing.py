"""Servicing: services are worked out from what they stand on, told of, and put into the ledger."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from noc.clock import Clock, Timer
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.reading import Reading
from noc.model.switch import ServiceSwitch
from noc.model.transition import Status, Transition
from noc.pipeline.ingest import Ingested
from noc.pipeline.services import CHECK, ServiceNow, Services
from noc.pipeline.serviceseries import service_samples
from noc.pipeline.status import Statuses
from noc.state import ledger, switches
from noc.state.committer import Committer
from noc.state.database import Database

log = logging.getLogger(__name__)

RECORDED_AN_HOUR: Final = 12
"""Changes of place of one service: a name that is answered by both places in turn must not fill the ledger."""

HOUR_MS: Final = 3_600_000

TELL_EVERY_S: Final = 15.0
"""Time between two samples of a service; one that changes is told of at once."""


class Servicing:
    """A service; starts after those whose statuses it takes.

    told: takes what comes of it, as polling's does; set before the start, for it is what hands us transitions.
    """

    def __init__(
        self,
        inventory: Callable[[], Inventory],
        statuses: Statuses,
        endpoints: Callable[[], Statuses],
        clock: Clock,
        database: Database,
        committer: Committer,
        poller: str,
    ) -> None:
        self._inventory = inventory
        self._statuses = statuses
        self._endpoints = endpoints
        self._clock = clock
        self._database = database
        self._committer = committer
        self._services = Services(inventory(), poller)
        self._timer: Timer | None = None
        self._hours: dict[str, deque[int]] = {}
        self._restless: set[str] = set()
        self._started = False
        self.told: Callable[[Check | None, Ingested], None] = lambda _, __: None

    async def start(self) -> None:
        """Take up what is known of all that services stand on."""
        async with self._database.read() as connection:
            known = await ledger.latest(connection)
            served = await switches.last(connection, self._services.names())
        said = {entity: last for entity, last in known.items() if entity.startswith("service/")}
        self._started = True
        self._both(*self._services.start(self._status_of, self._since_of, said, served, self._now_ms()))
        self._tick()

    async def stop(self) -> None:
        """Tell no more."""
        self._started = False
        if self._timer is not None:
            self._timer.cancel()

    def take(self, transitions: Sequence[Transition]) -> None:
        """Take changes of entities; those of services themselves are passed over."""
        if self._started:
            self._both(*self._services.take(transitions))

    def read(self, entity: str, reading: Reading) -> None:
        """Take what an end point answered."""
        if self._started:
            self._switched(self._services.mark(entity, reading, to_ms(reading.started_at)))

    def replace(self) -> None:
        """Go on with the inventory of now; what it watches is watched already."""
        now_ms = self._now_ms()
        self._both(*self._services.replace(self._inventory(), self._status_of, self._since_of, now_ms))

    def status(self, entity: str) -> StatusNow:
        """Return the status of a service; unknown for what is none."""
        now = self._services.now(entity)
        return StatusNow("unknown") if now is None else StatusNow(now.status, now.since_ms)

    def now(self, entity: str) -> ServiceNow | None:
        """Return a service at this moment; None where it is none."""
        return self._services.now(entity)

    def _both(self, changes: Sequence[Transition], switched: Sequence[ServiceSwitch]) -> None:
        self._tell(changes)
        self._switched(switched)

    def _tell(self, transitions: Sequence[Transition]) -> None:
        if transitions:
            self._committer.put(transitions)
            self.told(None, Ingested(tuple(transitions)))
            for change in transitions:
                self._sample(change.entity)

    def _switched(self, switched: Sequence[ServiceSwitch]) -> None:
        for switch in switched:
            self._sample(switch.entity)
            hour = self._hours.setdefault(switch.entity, deque(maxlen=RECORDED_AN_HOUR))
            room = len(hour) < RECORDED_AN_HOUR or switch.since_ms - hour[0] >= HOUR_MS
            if room:
                hour.append(switch.since_ms)
                self._committer.put([switch])
                if switch.before is not None:
                    log.warning("%s is served from %s now, before from %s", switch.entity, switch.after, switch.before)
            elif switch.entity not in self._restless:
                message = (
                    "%s: its place changed more than %d times in an hour; changes are not recorded until it is calm"
                )
                log.warning(message, switch.entity, RECORDED_AN_HOUR)
            (self._restless.discard if room else self._restless.add)(switch.entity)

    def _tick(self) -> None:
        for entity in self._services.names():
            self._sample(entity)
        self._timer = self._clock.call_later(TELL_EVERY_S, self._tick)

    def _sample(self, entity: str) -> None:
        service = self._inventory().services.get(entity.removeprefix("service/"))
        now = self._services.now(entity)
        if service is not None and now is not None:
            samples = service_samples(service, now, self._clock.now())
            self.told(Check(entity, CHECK, TELL_EVERY_S, TELL_EVERY_S), Ingested((), (samples,)))

    def _status_of(self, entity: str) -> Status:
        return self._of(entity).status_of(entity)

    def _since_of(self, entity: str) -> int | None:
        return self._of(entity).since_ms(entity)

    def _of(self, entity: str) -> Statuses:
        return self._endpoints() if entity.startswith("endpoint/") else self._statuses

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())
