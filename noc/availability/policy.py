"""What the arithmetic needs to know beside the evidence: frozen values, standard library only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

from noc.availability.spans import ALWAYS, Span, Spans

DEFAULT_CONFIRM_DOWN = 3
DEFAULT_CONFIRM_UP = 1
STALE_INTERVALS = 3
SKEW_INTERVALS = 1

_USUAL: Final = Fraction(1)
"""The weight of who has none: made once, as it is asked for of everybody."""


@dataclass(frozen=True, slots=True)
class ProbePolicy:
    """How results of one entity are judged. Durations in milliseconds.

    stale_after: a result speaks for so long. skew: how far apart simultaneous probes of two entities may be.
    confirm_down, confirm_up: so many equal results in a row change the state.
    """

    stale_after: int
    skew: int
    confirm_down: int = DEFAULT_CONFIRM_DOWN
    confirm_up: int = DEFAULT_CONFIRM_UP

    def __post_init__(self) -> None:
        if self.stale_after <= 0 or self.skew < 0 or self.confirm_down < 1 or self.confirm_up < 1:
            raise ValueError(f"stale_after and both confirm_ must be positive, skew not negative: {self}")

    @classmethod
    def probed_every(
        cls, interval: int, confirm_down: int = DEFAULT_CONFIRM_DOWN, confirm_up: int = DEFAULT_CONFIRM_UP
    ) -> ProbePolicy:
        """Return the defaults for an interval between probes, in milliseconds."""
        return cls(STALE_INTERVALS * interval, SKEW_INTERVALS * interval, confirm_down, confirm_up)


@dataclass(frozen=True, slots=True)
class Window:
    """Planned maintenance of an entity and everything below it, in `[start, end)`; times in milliseconds.

    entered: when somebody wrote it down; None means in advance.
    """

    entity: str
    start: int
    end: int
    entered: int | None = None
    who: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The time that figures are given for, `[start, end)`, in milliseconds. Raises ValueError where it is empty."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError("a period must end after it begins")

    @property
    def spans(self) -> Spans:
        """The period as a set of time."""
        return (Span(self.start, self.end),)


@dataclass(frozen=True, slots=True)
class Policy:
    """How figures are worked out for a whole network.

    probe: for entities that `probes` doesn't name. upstream: entity to devices and sites, all of which must fail
    before the entity's fault is elsewhere. sites: site to edge devices. regions: region to sites. in_service: when an
    entity counts; always, where it isn't named. weights: what a site (or, with no sites, a device) counts in sums; 1,
    where it isn't named. end: until when evidence was gathered, in milliseconds; None: until the last result.
    named: entities that count although nothing else here names them. paths: site to entities of which one that fails
    leaves the site degraded, though up; its edge devices, where the site isn't named. below: site to what else is below
    it, in its windows and its corrections, beside its edge devices.
    """

    probe: ProbePolicy
    probes: Mapping[str, ProbePolicy] = field(default_factory=dict)
    upstream: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sites: Mapping[str, Sequence[str]] = field(default_factory=dict)
    regions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    windows: Sequence[Window] = ()
    in_service: Mapping[str, Spans] = field(default_factory=dict)
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    end: int | None = None
    named: frozenset[str] = frozenset()
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)
    below: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def probe_of(self, entity: str) -> ProbePolicy:
        """Return how results of an entity are judged."""
        return self.probes.get(entity, self.probe)

    def service_of(self, entity: str) -> Spans:
        """Return when an entity counts."""
        return self.in_service.get(entity, ALWAYS)

    def weight_of(self, entity: str) -> Fraction:
        """Return what an entity counts in sums."""
        return self.weights.get(entity, _USUAL)

    def entities(self) -> set[str]:
        """Return every entity that the policy names, of every kind."""
        found = set(self.named)
        for group in (self.upstream, self.sites, self.regions):
            found.update(group, *group.values())
        found.update(window.entity for window in self.windows)
        found.update(self.probes, self.in_service, self.weights)
        return found
