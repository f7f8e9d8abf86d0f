"""Planned time: whose it is, and from when it counts (docs/availability.md, "Planned time"). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from noc.availability.entities import PARTS
from noc.availability.policy import Policy, Window
from noc.availability.spans import NEVER, Span, Spans, union


class Above:
    """Who is above whom: the device of a part, the site of a device, the region of a site."""

    def __init__(self, *groups: Mapping[str, Sequence[str]]) -> None:
        """Take the devices of each site, the sites of each region, and so on: who has whom below."""
        self._above: dict[str, list[str]] = {}
        for group in groups:
            for name, members in group.items():
                for member in members:
                    self._above.setdefault(member, []).append(name)
        self._known: dict[str, tuple[str, ...]] = {}

    @classmethod
    def by(cls, policy: Policy) -> Above:
        """Return what a policy says."""
        return cls(policy.sites, policy.regions, policy.below)

    def self_and_above(self, entity: str) -> tuple[str, ...]:
        """Return an entity, and each that it is below."""
        found = self._known.get(entity)
        if found is None:
            found = self._known[entity] = tuple(self._climb(entity))
        return found

    def _climb(self, entity: str) -> Iterator[str]:
        yield entity
        for name in (*self._above.get(entity, ()), *_device_of(entity)):
            yield from self.self_and_above(name)


class Planned:
    """The planned time of every entity: the union of its own windows and of all above it."""

    def __init__(
        self,
        windows: Iterable[Window],
        sites: Mapping[str, Sequence[str]],
        regions: Mapping[str, Sequence[str]],
        also: Callable[[str], Spans] | None = None,
        below: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Take the windows, the devices of each site and the sites of each region.

        also: what is planned time of an entity besides. below: what else stands below sites.
        """
        self._also = also
        self._spans: dict[str, list[Span]] = {}
        for window in windows:
            self._spans.setdefault(window.entity, []).append(counted(window))
        self._above = Above(sites, regions, below or {}) if self._spans else Above()
        self._unions: dict[tuple[str, ...], Spans] = {}

    @classmethod
    def by(cls, policy: Policy, also: Callable[[str], Spans] | None = None) -> Planned:
        """Return the planned time that a policy says. also: what is planned time of an entity besides."""
        return cls(policy.windows, policy.sites, policy.regions, also, policy.below)

    def of(self, entity: str) -> Spans:
        """Return an entity's planned time."""
        return self.with_also(entity, NEVER if self._also is None else self._also(entity))

    def with_also(self, entity: str, also: Spans) -> Spans:
        """Return an entity's planned time, and other planned time besides."""
        if not self._spans:
            return also
        names = tuple(name for name in self._above.self_and_above(entity) if name in self._spans)
        found = self._unions.get(names)
        if found is None:  # for most of a site it is the same
            found = self._unions[names] = union(span for name in names for span in self._spans[name])
        return union((*also, *found)) if also else found


def counted(window: Window) -> Span:
    """Return the time for which a window counts: from the moment it was entered, where that is after it began."""
    start = window.start if window.entered is None else max(window.start, window.entered)
    return Span(start, window.end)


def _device_of(entity: str) -> tuple[str, ...]:
    """Return the device that `interface/<device>/<name>`, or another part, is below."""
    kind, _, rest = entity.partition("/")
    return (f"device/{rest.partition('/')[0]}",) if kind in PARTS else ()
