"""How many sites are in which state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from noc.clock import Clock
from noc.http.scope import Scope
from noc.inventory.inventory import Inventory
from noc.model.present import Present, Word

WORDS: Final[tuple[Word, ...]] = ("down", "unreachable", "unknown", "up")
"""The states of a site or a device, the worst first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """How many of `total` are in each state."""

    total: int
    numbers: tuple[tuple[Word, int], ...]

    def number(self, word: Word) -> int:
        """Return how many are in a state."""
        return dict(self.numbers).get(word, 0)


FRESH_FOR_S: Final = 1.0


class DeviceCounts:
    """How many devices of each site are in which state, counted once a second at most, for all who look."""

    def __init__(self, present: Present, clock: Clock) -> None:
        self._present = present
        self._clock = clock
        self._counted_s = 0.0
        self._counted_for: Inventory | None = None
        self._counts: dict[str, Overview] = {}

    def of(self, inventory: Inventory) -> Mapping[str, Overview]:
        """Return the numbers by id of the site."""
        now_s = self._clock.monotonic()
        if self._counted_for is not inventory or now_s - self._counted_s >= FRESH_FOR_S:
            self._counts = {key: devices_of(inventory, self._present, key) for key in inventory.sites}
            self._counted_for, self._counted_s = inventory, now_s
        return self._counts


def devices_of(inventory: Inventory, present: Present, site: str) -> Overview:
    """Return how many devices of a site are in each state."""
    return counted(present.status(device.entity).status for device in inventory.devices_of(site))


def overview(inventory: Inventory, present: Present, may_see: Scope) -> Overview:
    """Return the numbers of the sites that a caller may see."""
    return counted(
        present.status(site.entity).status for site in inventory.sites.values() if may_see.sees_region(site.region)
    )


def counted(words: Iterable[Word]) -> Overview:
    """Return how often each state is named."""
    numbers = Counter(words)
    return Overview(numbers.total(), tuple((word, numbers[word]) for word in WORDS))
