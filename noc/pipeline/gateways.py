"""Gateways that stand in for each other (HSRP, VRRP): two that are active, or none, by what several devices tell. Pure.

One device tells its own role alone. Those of one site that name the same protocol, group and address are one group. It
is wrong when every member was heard twice while it was so: roles may change between the polls of two devices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from noc.inventory.profiles.compiled import as_text
from noc.model.snapshot import Scalar

ACTIVE: Final = "active"
WAITING: Final = frozenset({"standby", "backup", "listen", "speak"})
"""Roles of a member that could take over."""

LOOKS: Final = 2
"""So often each member must have been heard while it was so."""

FORGET_MS: Final = 3_600_000
"""A member that was not heard for so long says nothing any more."""

Wrong = Literal["split", "none"]
"""Two are active, so that hosts reach now one and now the other; or none is, so that nobody is reached."""

Row = Mapping[str, Scalar]


class Group(NamedTuple):
    """A group of gateways at a site."""

    site: str
    protocol: str
    number: str
    address: str


class Verdict(NamedTuple):
    """What is now certain of a group. wrong: None where it is well again. members: of it, with their roles."""

    group: Group
    wrong: Wrong | None
    since_ms: int
    members: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Known:
    """A group. roles: by device, with the time of the last look. heard: how often each was while it looks wrong.

    awaited: members from before a start that were not heard since; until then nothing is over.
    """

    roles: dict[str, tuple[str, int]] = field(default_factory=dict)
    looks: Wrong | None = None
    since_ms: int = 0
    heard: dict[str, int] = field(default_factory=dict)
    told: Wrong | None = None
    awaited: set[str] = field(default_factory=set)
    await_until_ms: int = 0


class Gateways:
    """Remembers the groups of all sites."""

    def __init__(self) -> None:
        self._groups: dict[Group, _Known] = {}
        self._of: dict[str, frozenset[Group]] = {}

    def take(self, device: str, site: str, rows: Iterable[Row], time_ms: int) -> list[Verdict]:
        """Take the groups that a device tells of, all of them; return what changes. device: the id."""
        told = dict(_told(site, rows))
        found: list[Verdict] = []
        for group in self._of.get(device, frozenset()) - told.keys():
            found += self._left(group, device, time_ms)
        for group, role in told.items():
            known = self._groups.setdefault(group, _Known())
            known.roles[device] = role, time_ms
            found += _judge(group, known, device, time_ms)
        self._of[device] = frozenset(told)
        if not told:
            del self._of[device]
        return found

    def forget(self, device: str, time_ms: int) -> list[Verdict]:
        """Drop a device that left; return what changes by that."""
        groups = self._of.pop(device, frozenset())
        return [verdict for group in groups for verdict in self._left(group, device, time_ms)]

    def keep(self, devices: Collection[str], time_ms: int) -> list[Verdict]:
        """Forget all devices but these; return what changes by that."""
        return [change for device in self._of.keys() - set(devices) for change in self.forget(device, time_ms)]

    def adopt(self, group: Group, wrong: Wrong, members: Collection[str], since_ms: int, now_ms: int) -> None:
        """After a start: what was told of a group before, so that its end is told too."""
        known = self._groups.setdefault(group, _Known())
        known.told = known.looks = wrong
        known.since_ms, known.awaited, known.await_until_ms = since_ms, set(members), now_ms + FORGET_MS

    def _left(self, group: Group, device: str, time_ms: int) -> list[Verdict]:
        known = self._groups[group]
        known.roles.pop(device, None)
        known.heard.pop(device, None)
        found = list(_judge(group, known, None, time_ms))
        if not known.roles and known.told is None:
            del self._groups[group]
        return found


def _told(site: str, rows: Iterable[Row]) -> Iterator[tuple[Group, str]]:
    for row in rows:
        address, role = as_text(row["address"]), as_text(row["state"])
        if address not in ("", "0.0.0.0") and role:  # noqa: S104 no address that is listened on
            yield Group(site, as_text(row["protocol"]), as_text(row["group"]), address), role


def _looks(known: _Known) -> Wrong | None:
    roles = [role for role, _ in known.roles.values()]
    active = roles.count(ACTIVE)
    if active > 1:
        return "split"
    # One that waits alone may wait for a gateway that noc doesn't poll.
    return "none" if not active and len(roles) > 1 and all(role in WAITING for role in roles) else None


def _judge(group: Group, known: _Known, device: str | None, time_ms: int) -> Iterator[Verdict]:
    known.awaited.discard(device or "")
    known.roles = {name: one for name, one in known.roles.items() if time_ms - one[1] <= FORGET_MS}
    looks = _looks(known)
    if looks != known.looks:
        known.looks, known.since_ms, known.heard = looks, time_ms, {}
    if device is not None:
        known.heard[device] = known.heard.get(device, 0) + 1
    if looks == known.told:
        return
    if looks is None or all(known.heard.get(name, 0) >= LOOKS for name in known.roles):
        if known.awaited and time_ms < known.await_until_ms:
            return
        known.told = looks
        members = tuple(sorted((name, role) for name, (role, _) in known.roles.items()))
        yield Verdict(group, looks, known.since_ms, members)
