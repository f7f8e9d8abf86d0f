"""How many sites are in which state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

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


def overview(inventory: Inventory, present: Present, may_see: Scope) -> Overview:
    """Return the numbers of the sites that a caller may see."""
    return counted(
        present.status(site.entity).status for site in inventory.sites.values() if may_see.sees_region(site.region)
    )


def counted(words: Iterable[Word]) -> Overview:
    """Return how often each state is named."""
    numbers = Counter(words)
    return Overview(numbers.total(), tuple((word, numbers[word]) for word in WORDS))
