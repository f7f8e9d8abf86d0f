"""Which poller of a group asks which device. Pure.

Rendezvous hashing (Thaler, Ravishankar, "Using name-based mappings to increase hit rates", 1998): each device goes to
the poller that draws the highest number for it. So when one leaves only its own devices move, and they are spread over
all that stay; when it comes back exactly those return.

A newcomer takes its share from a moment that it names ahead, and the others let go of it at that moment: who asks at
which moment is the same for all that know who is there. Who is gone is gone at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Member:
    """A poller of a group. It takes its share from from_ms on, and until until_ms; None: it stays."""

    name: str
    from_ms: int
    until_ms: int | None = None

    def serves(self, at_ms: int) -> bool:
        """Return whether it takes its share at a moment."""
        return self.from_ms <= at_ms and (self.until_ms is None or at_ms < self.until_ms)


def owner(device: str, members: Iterable[Member], at_ms: int) -> str | None:
    """Return who asks a device at a moment; None where nobody is there."""
    serving = [member.name for member in members if member.serves(at_ms)]
    return max(serving, key=lambda name: (_drawn(name, device), name), default=None)


def share(poller: str, devices: Iterable[str], members: Iterable[Member], at_ms: int) -> frozenset[str]:
    """Return the devices that a poller asks at a moment."""
    serving = [member for member in members if member.serves(at_ms)]
    if poller not in {member.name for member in serving}:
        return frozenset()
    return frozenset(device for device in devices if owner(device, serving, at_ms) == poller)


def turning_points(members: Iterable[Member], now_ms: int) -> list[int]:
    """Return the moments after now at which somebody's share changes, ascending."""
    moments = {at_ms for one in members for at_ms in (one.from_ms, one.until_ms) if at_ms is not None}
    return sorted(at_ms for at_ms in moments if at_ms > now_ms)


def _drawn(name: str, device: str) -> bytes:
    return blake2b(f"{name}\0{device}".encode(), digest_size=8).digest()
