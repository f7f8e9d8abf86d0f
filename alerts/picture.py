"""What is broken at one moment, since when, and what is known of the ways to something. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from alerts.sight import Sight
from noc.clock import NO_STEPS, Steps
from noc.model.part import owner_of
from noc.topology import Group, Topology

Way = Literal["broken", "fine", "unsure", "unseen"]
"""What is known of a way since something hangs on it in vain. unseen: nobody looks at it, so waiting is no use."""


@dataclass(frozen=True, slots=True)
class Known:
    """What incidents say. down: entities of open incidents and symptoms, and since when. open: what open incidents of
    several are about, `site/x`, since when. power: sites whose UPS told that the mains failed, and when.

    Moments count as `Steps.here` says: those before a leap of the clock later, as nothing happened in a leap.
    """

    down: Mapping[str, int] = field(default_factory=dict)
    open: Mapping[str, int] = field(default_factory=dict)
    power: Mapping[str, int] = field(default_factory=dict)


class Present:
    """One moment; answers are remembered, so make a new one for the next.

    steps: of the clock; all moments but `now_ms` count by them.
    """

    def __init__(self, topology: Topology, sight: Sight, known: Known, now_ms: int, steps: Steps = NO_STEPS) -> None:
        self.topology = topology
        self.sight = sight
        self.known = known
        self.now_ms = now_ms
        self.steps = steps
        self._broken: dict[str, bool] = {}
        self._asking: set[str] = set()

    def is_broken(self, entity: str) -> bool:
        """Return whether an entity is down, or nobody sees it and all that it hangs on is."""
        known = self._broken.get(entity)
        if known is None:
            if entity in self._asking:
                return False
            self._asking.add(entity)
            known = self._broken[entity] = self._is_broken(entity)
            self._asking.discard(entity)
        return known

    def _is_broken(self, entity: str) -> bool:
        if entity.startswith("site/"):
            edges = self.topology.edges(entity)
            return bool(edges) and all(self.is_broken(edge) for edge in edges)
        if self.is_down(entity):
            return True
        is_up = self.sight.status(entity) == "up"
        if is_up and not (entity.startswith("circuit/") or owner_of(entity) is not None):
            return False
        broken = [group for group in self.topology.parents(entity) if self.are_broken(group)]
        return bool(broken) and not (is_up and self._was_seen_since(entity, broken))

    def _was_seen_since(self, entity: str, groups: list[Group]) -> bool:
        """Return whether something that others tell of was seen well since these failed that it hangs on."""
        seen = self.sight.seen(entity)
        since_ms = min(max(self.since(one) for one in group) for group in groups)
        return seen is not None and seen.ok and self.steps.here(seen.time_ms) > since_ms

    def are_broken(self, group: tuple[str, ...]) -> bool:
        """Return whether all of a group are broken."""
        return all(self.is_broken(one) for one in group)

    def is_down(self, entity: str) -> bool:
        """Return whether an entity is down by its own evidence, as far as noc knows."""
        status = self.sight.status(entity)
        return status == "down" or (status == "unknown" and entity in self.known.down)

    def since(self, entity: str) -> int:
        """Return since when an entity is broken; now, where that isn't known."""
        if entity.startswith("site/"):
            return max((self.since(edge) for edge in self.topology.edges(entity)), default=self.now_ms)
        since_ms = self.sight.since(entity) if self.sight.status(entity) == "down" else None
        here_ms = None if since_ms is None else self.steps.here(since_ms)
        return here_ms or self.known.down.get(entity) or self.now_ms

    def way(self, entity: str, since_ms: int) -> Way:
        """Return what is known of a way since a moment."""
        if self.is_broken(entity):
            return "broken"
        if entity.startswith("site/"):
            ways = {self.way(edge, since_ms) for edge in self.topology.edges(entity)}
            return "fine" if "fine" in ways else "unsure" if "unsure" in ways else "unseen"
        seen = self.sight.seen(entity)
        if self.sight.status(entity) != "up" or seen is None:
            return "unseen"
        return "fine" if seen.ok and self.steps.here(seen.time_ms) >= since_ms else "unsure"

    def is_failing(self, entity: str) -> bool:
        """Return whether something that is up has begun to fail."""
        seen = self.sight.seen(entity)
        return seen is not None and not seen.ok and self.sight.status(entity) == "up"
