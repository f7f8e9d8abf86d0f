"""Whether a remote poller has lost its own way out: then failures say nothing of what is behind it. Pure.

It has while all that it reaches everything over fails, and nothing else has answered it since that began. Who answers
is believed at once: then what fails has failed by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from noc.app.remotepollers import Heard
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.reading import Reading


@dataclass(slots=True)
class _Way:
    """failing: uplinks that fail, and since when. answered_ms: when something else answered last."""

    failing: dict[str, int] = field(default_factory=dict)
    answered_ms: int = -1


class WaysOut:
    """Knows of all pollers. uplinks: entities over which the pollers of a group reach everything, by group."""

    def __init__(self, uplinks: Mapping[str, frozenset[str]]) -> None:
        self._uplinks = uplinks
        self._ways: dict[str, _Way] = {}
        self.withheld = 0

    def replace(self, uplinks: Mapping[str, frozenset[str]]) -> None:
        """Go on with other groups."""
        self._uplinks = uplinks
        self._ways.clear()

    def withholds(self, heard: Heard, check: Check, reading: Reading) -> bool:
        """Take a reading; return whether it is to be passed over, as it only says that its poller is cut off."""
        uplinks = self._uplinks.get(heard.row.group, frozenset())
        if not uplinks:
            return False
        way, at_ms = self._ways.setdefault(heard.row.name, _Way()), to_ms(reading.started_at)
        failed = reading.failure is not None
        if check.entity in uplinks and check.liveness:
            if failed:
                way.failing.setdefault(check.entity, at_ms)
            else:
                way.failing.pop(check.entity, None)
        elif not failed:
            way.answered_ms = max(way.answered_ms, at_ms)
        withheld = failed and self.lost_ms(heard) is not None
        self.withheld += withheld
        return withheld

    def lost_ms(self, heard: Heard) -> int | None:
        """Return since when a poller has no way out; None while it has one, or nobody said which it is."""
        uplinks, way = self._uplinks.get(heard.row.group, frozenset()), self._ways.get(heard.row.name)
        if way is None or not uplinks or way.failing.keys() < uplinks:
            return None
        since_ms = max(way.failing.values())
        return since_ms if way.answered_ms < since_ms else None
