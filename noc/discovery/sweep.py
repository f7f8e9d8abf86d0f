"""The sweep: asks addresses at a bounded rate, follows neighbours, keeps what it found; can be gone on with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Final

from noc.clock import Clock
from noc.discovery.pace import Pace, paced
from noc.discovery.ranges import Addresses
from noc.model.discovery import Found

KEEP_EVERY_S: Final = 5.0
SPARED: Final = 20
"""So many times as long as keeping took, nothing is kept again."""
TELL_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one address. alive: something answered. found: a device; None where nothing tells what it is.

    wrong: log-ins that were not accepted. untried: sets of credentials that were left out. fault: why it could not be
    asked. octets: on the wire, both ways, with headers; those of pings and of TCP are reckoned.
    """

    alive: bool = False
    found: Found | None = None
    wrong: int = 0
    untried: tuple[str, ...] = ()
    fault: str | None = None
    octets: int = 0


@dataclass(slots=True)
class Tally:
    """What a sweep did. asked = silent + alive + faults. untried: addresses where credentials were left out.

    fault: why one of the `faults` could not be asked.
    """

    asked: int = 0
    alive: int = 0
    faults: int = 0
    found: int = 0
    by_snmp: int = 0
    wrong: int = 0
    untried: int = 0
    followed: int = 0
    fault: str | None = None

    @property
    def silent(self) -> int:
        """Return how many addresses gave no answer."""
        return self.asked - self.alive - self.faults

    def take(self, asked: Asked) -> None:
        """Count an address."""
        self.asked += 1
        self.alive += asked.alive
        self.wrong += asked.wrong
        self.untried += bool(asked.untried)
        if asked.fault is not None:
            self.faults, self.fault = self.faults + 1, asked.fault
        if asked.found is not None:
            self.found += 1
            self.by_snmp += "snmp" in asked.found.ways


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is. found: so many answers of devices. left_s: about."""

    done: int
    total: int
    found: int
    left_s: float


Ask = Callable[[str], Awaitable[Asked]]
Keep = Callable[[Sequence[Found], int], Awaitable[None]]


class Sweep:
    """Asks addresses. ask: one of them. keep: is given all that was found so far and the position from which a later
    sweep goes on, now and then and at the end. told: how far it is.
    """

    def __init__(
        self, ask: Ask, pace: Pace, clock: Clock, keep: Keep, told: Callable[[Progress], None] = lambda _: None
    ) -> None:
        self._ask = ask
        self._pace = pace
        self._clock = clock
        self._keep = keep
        self._told = told
        self._found: list[Found] = []
        self._done: set[int] = set()
        self.tally = Tally()
        self.position = 0

    async def run(self, addresses: Addresses, start: int = 0, follow: int = 0, at_most: int = 0) -> None:
        """Ask them all from a position on, then neighbours, `follow` steps far and at most so many.

        When it is cancelled, what was found by then is kept, and the cancellation goes on.
        """
        self.position = start
        try:
            await self._all(addresses.count - start, lambda index: self._swept(addresses, start + index), start)
            asked: set[str] = set()
            for _ in range(follow):
                near = self._neighbours(addresses, asked)[: max(0, at_most - len(asked))]
                asked.update(address for address, _ in near)
                await self._all(len(near), self._followed(near), 0)
        finally:
            await self._keep(self._found, self.position)

    async def _all(self, count: int, do: Callable[[int], Awaitable[None]], start: int) -> None:
        """Ask so many, keep and tell meanwhile. start: so many were done before."""
        began = self._clock.monotonic()
        keep_at, tell_at = began + KEEP_EVERY_S, began

        async def begun(index: int) -> None:
            nonlocal keep_at, tell_at
            now = self._clock.monotonic()
            if now >= keep_at:
                await self._keep(self._found, self.position)
                after = self._clock.monotonic()
                keep_at = after + max(KEEP_EVERY_S, SPARED * (after - now))
            if now >= tell_at:
                left_s = (now - began) / (index + 1) * (count - index - 1)
                self._told(Progress(start + index + 1, start + count, self.tally.found, left_s))
                tell_at = now + TELL_EVERY_S

        await paced(count, do, self._pace, self._clock, begun)

    async def _swept(self, addresses: Addresses, index: int) -> None:
        await self._one(addresses.at(index), None)
        self._done.add(index)
        while self.position in self._done:
            self._done.remove(self.position)
            self.position += 1

    def _followed(self, near: Sequence[tuple[str, str]]) -> Callable[[int], Awaitable[None]]:
        async def one(index: int) -> None:
            await self._one(*near[index])
            self.tally.followed += 1

        return one

    async def _one(self, address: str, heard_from: str | None) -> None:
        asked = await self._ask(address)
        self.tally.take(asked)
        if asked.found is not None:
            self._found.append(replace(asked.found, heard_from=heard_from))

    def _neighbours(self, addresses: Addresses, asked: Collection[str]) -> list[tuple[str, str]]:
        """Return the addresses of neighbours that were not asked yet, each with who hears it."""
        near: dict[str, str] = {}
        for found in self._found:
            for neighbour in found.neighbours:
                if neighbour.address is None or neighbour.address in addresses or neighbour.address in asked:
                    continue
                near.setdefault(neighbour.address, found.sys_name or found.address)
        return sorted(near.items(), key=lambda pair: (ip_address(pair[0]).version, int(ip_address(pair[0]))))
