"""Bases: answers that both sides have, from which the next ones differ. Pure.

A base is known by a digest of what it says. The poller makes a new one where rows came or went, and when counters have
moved on; the centre keeps those in use, and asks for what it lacks.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from noc.bus.cells import Cells, Column, Moved, Shape, difference, laid_out
from noc.bus.packing import Whole, cells_of, packed, squeezed, swollen, unpacked
from noc.model.reading import Index, SnmpAnswer

DIGEST_OCTETS: Final = 8
"""Of a million bases two have the same digest once in 10^7 fleets."""

REBASED_AFTER: Final = 12
"""Polls: differences grow as counters move on."""


@dataclass(frozen=True, slots=True)
class Base:
    """An answer that others differ from."""

    digest: bytes
    shape: Shape
    cells: Cells


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be sent of an answer. fresh: the base is new. before: the base that a new one differs from, if any.

    moved: from the base to the answer; where the base is new they are the same.
    """

    base: Base
    moved: tuple[Moved, ...] = ()
    fresh: bool = False
    before: Base | None = None


def based_on(shape: Shape, cells: Cells) -> Base:
    """Return the base that an answer makes."""
    return Base(blake2b(packed(whole(shape, cells)), digest_size=DIGEST_OCTETS).digest(), shape, cells)


def whole(shape: Shape, cells: Cells) -> Whole:
    """Return a base as it is sent whole."""
    sets: dict[tuple[Index, ...], int] = {}
    columns = tuple([(one.table, one.name, sets.setdefault(one.rows, len(sets))) for one in shape.columns])
    return Whole(shape.profile, shape.empty, tuple(sets), columns, cells)


def from_whole(said: Whole) -> Base:
    """Return the base that was sent whole. Raises PackingError."""
    return based_on(_shape(said), cells_of(said.cells))


class Writing:
    """The poller's side: gives of each answer what is to be sent."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Base, int]] = {}

    def take(self, check: str, answer: SnmpAnswer) -> Told:
        """Return what is to be sent of an answer. check: its key, for each check has its own shapes."""
        shape, cells = laid_out(answer)
        base, uses = self._of.get(check, (None, 0))
        if base is None or base.shape != shape or uses >= REBASED_AFTER:
            fresh = based_on(shape, cells)
            self._of[check] = (fresh, 1)
            return Told(fresh, fresh=True, before=base if base is not None and base.shape == shape else None)
        self._of[check] = (base, uses + 1)
        return Told(base, difference(cells, base.cells))

    def forget(self, check: str) -> None:
        """Drop the base of a check that is no longer made."""
        self._of.pop(check, None)


class Keeping:
    """The centre's side: bases by digest. at_most: so many are kept, the least used go first.

    They are kept as they would be sent, an eighth of what they take as objects: of a device a base is looked at once a
    poll.
    """

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._bases: OrderedDict[bytes, bytes] = OrderedDict()
        self.octets = 0
        """Of all that are kept."""

    def __len__(self) -> int:
        return len(self._bases)

    def keep(self, base: Base) -> None:
        """Keep a base."""
        if base.digest in self._bases:
            self._bases.move_to_end(base.digest)
            return
        self._bases[base.digest] = octets = squeezed(packed(whole(base.shape, base.cells)))
        self.octets += len(octets)
        while len(self._bases) > self._at_most:
            self.octets -= len(self._bases.popitem(last=False)[1])

    def of(self, digest: bytes) -> Base | None:
        """Return a base; None where it isn't there: it has to be asked for."""
        octets = self._bases.get(digest)
        if octets is None:
            return None
        self._bases.move_to_end(digest)
        said = unpacked(swollen(octets), Whole)
        return Base(digest, _shape(said), cells_of(said.cells))


def _shape(said: Whole) -> Shape:
    columns = tuple([Column(table, name, said.rows[number]) for table, name, number in said.columns])
    return Shape(said.profile, columns, said.empty)
