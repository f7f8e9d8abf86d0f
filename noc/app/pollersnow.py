"""How remote pollers stand, and who of a group polls how much: from what the daemon wrote down of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.app.probeplan import PREFIX
from noc.bus.shares import Member, owner
from noc.model.poller import PollerState, RemotePoller

Standing = PollerState | Literal["quarantined"]

_ALWAYS: Final = 0


@dataclass(frozen=True, slots=True)
class PollerNow:
    """A poller. devices, endpoints: how many are its share now."""

    known: RemotePoller
    devices: int
    endpoints: int = 0

    @property
    def state(self) -> Standing:
        """Return how it stands, in a word."""
        return "quarantined" if self.known.quarantine else self.known.state

    @property
    def is_wrong(self) -> bool:
        """Return whether somebody should look at it."""
        return self.state in ("gone", "quarantined")


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group. devices, endpoints: in its scope. serving: names of those that poll. blind_ms: since when nobody does;
    None: somebody does, or nobody ever did.
    """

    name: str
    devices: int
    pollers: tuple[str, ...]
    serving: tuple[str, ...]
    blind_ms: int | None
    endpoints: int = 0

    @property
    def is_blind(self) -> bool:
        """Return whether nobody polls what there is."""
        return bool(self.devices or self.endpoints) and not self.serving


@dataclass(frozen=True, slots=True)
class Moves:
    """What another membership would move. devices: of the group, end points too. before, after: how many of them each
    poller has; moved: which one (a device by its id, or endpoint/ID), from, to.
    """

    group: str
    devices: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    moved: tuple[tuple[str, str | None, str | None], ...]


def serves(known: RemotePoller) -> bool:
    """Return whether a poller takes its share."""
    return known.state == "here" and not known.quarantine and not known.drain


def standings(
    pollers: Iterable[RemotePoller], groups: Mapping[str, Collection[str]]
) -> tuple[list[PollerNow], list[GroupNow]]:
    """Return how pollers and groups stand. groups: what each shares, devices by id and end points as endpoint/ID."""
    of_group: dict[str, list[RemotePoller]] = {name: [] for name in groups}
    for known in sorted(pollers, key=lambda one: one.name):
        of_group.setdefault(known.group, []).append(known)
    rows, sums = [], []
    for name, members in of_group.items():
        serving, keys = [one.name for one in members if serves(one)], groups.get(name, ())
        endpoints = [key for key in keys if key.startswith(PREFIX)]
        held, asked = Counter(owners(keys, serving).values()), Counter(owners(endpoints, serving).values())
        rows += [PollerNow(one, held[one.name] - asked[one.name], asked[one.name]) for one in members]
        names, devices = tuple(one.name for one in members), len(keys) - len(endpoints)
        sums.append(GroupNow(name, devices, names, tuple(serving), _blind(members), len(endpoints)))
    return sorted(rows, key=lambda row: row.known.name), sorted(sums, key=lambda one: one.name)


def owners(devices: Iterable[str], serving: Sequence[str]) -> dict[str, str | None]:
    """Return who polls each device while these pollers serve."""
    members = [Member(name, _ALWAYS) for name in serving]
    return {device: owner(device, members, _ALWAYS + 1) for device in devices}


def moves(group: str, devices: Collection[str], before: Sequence[str], after: Sequence[str]) -> Moves:
    """Return what would move if others served than do now."""
    ordered = sorted(devices)
    old, new = owners(ordered, before), owners(ordered, after)
    held, then = Counter(old.values()), Counter(new.values())
    return Moves(
        group,
        len(ordered),
        {name: held[name] for name in sorted({*before, *after})},
        {name: then[name] for name in sorted({*before, *after})},
        tuple((device, old[device], new[device]) for device in ordered if old[device] != new[device]),
    )


def _blind(members: Iterable[RemotePoller]) -> int | None:
    """Return since when nobody of a group serves; None where somebody does, or none was ever there."""
    if any(serves(one) for one in members):
        return None
    return max((one.since_ms for one in members if one.state != "never"), default=None)
