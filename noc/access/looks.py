"""Who looked at what is secret: each look is a record of the audit, of one person and thing once an hour."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from noc.access.people import Acting, People
from noc.clock import Clock
from noc.model.instants import to_ms

HOUR_MS: Final = 3_600_000
KEPT_AT_MOST: Final = 5_000


class Looks:
    """Writes looks down. What was written in this hour is remembered; of very many the oldest is written again."""

    def __init__(self, people: People, clock: Clock) -> None:
        self._people = people
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str, str], int] = OrderedDict()

    async def note(self, by: Acting, thing: str) -> None:
        """Write down that somebody looks at something secret, before it is shown. thing: `configuration of nbo-rtr-1`.

        Raises StateError: what can't be written down isn't shown.
        """
        hour = to_ms(self._clock.now()) // HOUR_MS
        key = (by.who, by.way, thing)
        if self._seen.get(key) == hour:
            return
        await self._people.record(by, f"looked at {thing}"[:300])
        self._seen[key] = hour
        self._seen.move_to_end(key)
        if len(self._seen) > KEPT_AT_MOST:
            self._seen.popitem(last=False)
