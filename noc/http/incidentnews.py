"""News of incidents: whoever changes one knows its number alone, and listeners hear of those of their regions alone.

So the region is looked up here, in the state database, between the change and the hub.
"""

from __future__ import annotations

import logging
from typing import Final

from noc.http.live import Hub
from noc.http.scope import region_of
from noc.http.sources import Sources
from noc.service import Rounds
from noc.state import incidents
from noc.state.database import StateError

log = logging.getLogger(__name__)

AT_ONCE: Final = 200
"""Incidents that are looked up in one transaction."""

LOOK_EVERY_S: Final = 3_600.0
RETRY_AFTER_S: Final = 5.0


class IncidentNews:
    """Publishes what `Hub.incident` was told, on the topic `incidents`, with the region of each."""

    def __init__(self, hub: Hub, sources: Sources) -> None:
        self._hub = hub
        self._sources = sources
        self._rounds = Rounds(sources.clock, "incident news", self._round)

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._hub.incidents_wait = self._rounds.wake
        self._rounds.start()

    async def stop(self) -> None:
        """End after the round that is under way."""
        await self._rounds.stop()

    async def _round(self) -> float:
        while numbers := self._hub.waiting_incidents(AT_ONCE):
            try:
                regions = await self._regions(numbers)
            except StateError as error:
                log.warning("pages hear later of incidents that changed, their regions can't be read now: %s", error)
                return RETRY_AFTER_S
            for number in numbers:
                self._hub.tell_incident(number, regions.get(number))
        return LOOK_EVERY_S

    async def _regions(self, numbers: list[int]) -> dict[int, str | None]:
        inventory = self._sources.inventory()
        async with self._sources.database.read() as connection:
            found = [await incidents.get(connection, number) for number in numbers]
        return {one.id: region_of(inventory, one.entity) for one in found if one is not None}
