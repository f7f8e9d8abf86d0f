"""The byte budget of one line: what may run now, so that no hour takes more than it holds. Pure.

Four ranks, the first is served first: liveness, status and interfaces, sensors and records, rediscovery. Each rank may
spend what the ranks before it don't need (by what their checks took so far), and within that is stretched evenly over
the hour: of a rank that needs twice what there is, every second run is left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

HOUR_S: Final = 3_600.0
_MINUTE_S: Final = 60.0
SLOTS: Final = 61  # the minute under way and the 60 before it: never less than an hour

_NEW_SHARE: Final = 0.25
"""Of the last run in what runs of its kind are believed to take."""


class Rank(IntEnum):
    """What is served first."""

    LIVENESS = 0
    STATUS = 1
    RECORDS = 2
    REDISCOVERY = 3


@dataclass(slots=True)
class Need:
    """What a check takes. octets: of one run, by rank, each beside the ranks before it; interval_s: between runs.

    credit: by rank, how much of its next run a stretched check has saved up. learnt: ranks that have run.
    """

    interval_s: float
    octets: dict[Rank, float]
    credit: dict[Rank, float] = field(default_factory=dict)
    learnt: set[Rank] = field(default_factory=set)

    def an_hour(self, rank: Rank) -> float:
        """Return the octets that runs take in an hour, as it is reckoned."""
        return self.octets.get(rank, 0.0) * (SLOTS + 1) * _MINUTE_S / self.interval_s

    def learn(self, rank: Rank, octets: float) -> None:
        """Take what a run took of this rank alone; the first run, and a costlier one, count at once."""
        before = self.octets.get(rank, 0.0) if rank in self.learnt else 0.0
        self.learnt.add(rank)
        self.octets[rank] = max(octets, before + (octets - before) * _NEW_SHARE)


class Budget:
    """The budget of a site or a circuit. limit: octets an hour."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.needs: dict[str, Need] = {}
        self._spent: deque[tuple[int, list[int]]] = deque()
        self._held: dict[str, list[int]] = {}
        self._beside: dict[int, int] = {}

    def take(self, needs: dict[str, Need]) -> None:
        """Take what all checks need; of those that are gone, nothing is kept."""
        self.needs = needs
        self._held = {key: held for key, held in self._held.items() if key in needs}

    def spent(self, now_s: float) -> int:
        """Return the octets of the last hour."""
        self._forget(now_s)
        return sum(sum(octets) for _, octets in self._spent) + self._others(now_s)

    def beside(self, minutes: Mapping[int, int]) -> None:
        """Take what others spent of the budget, by minute of the Unix epoch, in place of what they had until now."""
        self._beside = dict(minutes)

    def minutes(self, now_s: float) -> Iterator[tuple[int, ...]]:
        """Yield minutes of the Unix epoch, each with the octets of every rank; what is held counts as spent now."""
        self._forget(now_s)
        yield from ((minute, *octets) for minute, octets in self._spent)
        yield from ((int(now_s // _MINUTE_S), *octets) for octets in self._held.values())

    def take_up(self, minutes: Iterable[tuple[int, ...]], now_s: float) -> None:
        """Go on from minutes that an earlier run spent, before anything is spent in this one.

        One that is still to come, as after a clock that went back, counts as this one.
        """
        spent: dict[int, list[int]] = {}
        for minute, *octets in minutes:
            known = spent.setdefault(min(minute, int(now_s // _MINUTE_S)), [0] * len(Rank))
            known[:] = [one + other for one, other in zip(known, octets, strict=True)]
        self._spent = deque(sorted(spent.items()))
        self._forget(now_s)

    def room(self, key: str, rank: Rank, now_s: float) -> int:
        """Return the octets that a run of a check may take now, if it asks up to this rank."""
        self._forget(now_s)
        used = [0] * len(Rank)
        for octets in (*(octets for _, octets in self._spent), *self._held.values()):
            used = [one + other for one, other in zip(used, octets, strict=True)]
        used[Rank.REDISCOVERY] += self._others(now_s)
        own = self.needs[key].octets
        room, before, beside = float(self.limit), 0.0, 0.0
        for step in Rank:
            if step > rank:
                break
            # What the ranks before need in an hour is theirs; of this run their part does not count here.
            room = min(room, self.limit - before - sum(used[step:]) + beside)
            before += self._an_hour(step)
            beside += own.get(step, 0.0)
        return max(0, int(room))

    def turn(self, key: str, rank: Rank) -> bool:
        """Return whether it is the turn of a check, of a rank that is stretched where it needs more than there is."""
        need = self.needs[key]
        wanted = self._an_hour(rank)
        free = self.limit - sum(self._an_hour(step) for step in Rank if step < rank)
        share = 1.0 if wanted <= 0 else max(0.0, min(1.0, free / wanted))
        credit = min(need.credit.get(rank, 1.0) + share, 2.0)
        need.credit[rank] = credit - 1.0 if credit >= 1.0 else credit
        return credit >= 1.0

    def hold(self, key: str, rank: Rank, octets: int) -> None:
        """Keep octets for a run that begins."""
        self._held[key] = self._split(key, rank, octets)

    def settle(self, key: str, rank: Rank, octets: int, now_s: float) -> None:
        """Take what a run took; what was kept for it is free again."""
        self._held.pop(key, None)
        minute = int(now_s // _MINUTE_S)
        if not self._spent or self._spent[-1][0] != minute:
            self._spent.append((minute, [0] * len(Rank)))
        split = self._split(key, rank, octets)
        self._spent[-1][1][:] = [one + other for one, other in zip(self._spent[-1][1], split, strict=True)]

    def _split(self, key: str, rank: Rank, octets: int) -> list[int]:
        """Return how much of a run each rank has: those before what they are believed to take, the last the rest."""
        split, own = [0] * len(Rank), self.needs[key].octets if key in self.needs else {}
        for step in Rank:
            part = octets if step == rank else min(octets, int(own.get(step, 0.0)))
            split[step] = part
            octets -= part
            if step == rank:
                break
        return split

    def _an_hour(self, rank: Rank) -> float:
        return sum(need.an_hour(rank) for need in self.needs.values())

    def _others(self, now_s: float) -> int:
        oldest = _oldest(now_s)
        return sum(octets for minute, octets in self._beside.items() if minute >= oldest)

    def _forget(self, now_s: float) -> None:
        oldest = _oldest(now_s)
        while self._spent and self._spent[0][0] < oldest:
            self._spent.popleft()


def _oldest(now_s: float) -> int:
    """Return the first minute of the hour that ends now."""
    return int(now_s // _MINUTE_S) - SLOTS + 1
