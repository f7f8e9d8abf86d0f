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
        above: Above | None = None,
    ) -> None:
        """Take the windows, the devices of each site and the sites of each region.

        also: what is planned time of an entity besides. below: what else stands below sites. above: what all of these
        say of who is above whom, where somebody knows it already.
        """
        self._also = also
        self._spans: dict[str, list[Span]] = {}
        for window in windows:
            self._spans.setdefault(window.entity, []).append(counted(window))
        self._above = above or (Above(sites, regions, below or {}) if self._spans else Above())
        self._unions: dict[tuple[str, ...], Spans] = {}
        self._also_unions: dict[tuple[int, tuple[Span, ...]], Spans] = {}

    @classmethod
    def by(cls, policy: Policy, also: Callable[[str], Spans] | None = None, above: Above | None = None) -> Planned:
        """Return the planned time that a policy says. also, above: as for the class."""
        return cls(policy.windows, policy.sites, policy.regions, also, policy.below, above)

    def of(self, entity: str) -> Spans:
        """Return an entity's planned time."""
        return self.with_also(entity, NEVER if self._also is None else self._also(entity))

    def with_also(self, entity: str, also: Spans) -> Spans:
        """Return an entity's planned time, and other planned time besides."""
        if not self._spans:
            return also
        found = self._by_windows(entity)
        if not also:
            return found
        key = (id(found), tuple(also))  # what was found is kept in `_unions`, so that no other has the same
        together = self._also_unions.get(key)
        if together is None:
            together = self._also_unions[key] = union((*also, *found))
        return together

    def _by_windows(self, entity: str) -> Spans:
        names = self._above.self_and_above(entity)
        if entity not in self._spans:
            names = names[1:]  # for most of a site the same, and so found at once
        found = self._unions.get(names)
        if found is None:
            found = self._unions[names] = union(
                span for name in dict.fromkeys(names) for span in self._spans.get(name, ())
            )
        return found


def counted(window: Window) -> Span:
    """Return the time for which a window counts: from the moment it was entered, where that is after it began."""
    start = window.start if window.entered is None else max(window.start, window.entered)
    return Span(start, window.end)


def _device_of(entity: str) -> tuple[str, ...]:
    """Return the device that `interface/<device>/<name>`, or another part, is below."""
    kind, _, rest = entity.partition("/")
    return (f"device/{rest.partition('/')[0]}",) if kind in PARTS else ()
