"""Bases: answers that both sides have, from which the next ones differ. Pure.

A base is known by a digest of what it says: whose answer it is, its rows and values. The poller makes a new one where
rows came or went, and when counters have moved on; the centre keeps those in use, and asks for what it lacks.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from noc.bus.cells import Cells, Column, Shape, laid_out
from noc.bus.moving import Moves, moved_on, moves
from noc.bus.packing import Named, Whole, cells_of, packed, squeezed, swollen, unpacked
from noc.model.instants import to_us
from noc.model.reading import Engine, Index, Reading, SnmpAnswer

DIGEST_OCTETS: Final = 8
"""Of a million bases two have the same digest once in 10^7 fleets."""

REBASED_AFTER: Final = 12
"""Polls: differences grow as counters move on."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose answer a base is. check: its key; at_us: when it was asked, of the Unix epoch. engine: of SNMPv3."""

    check: str = ""
    address: str = ""
    at_us: int = 0
    engine: Engine | None = None


NOBODYS: Final = Whose()


@dataclass(frozen=True, slots=True)
class Base:
    """An answer that others differ from. Those of version 1 don't say whose they are."""

    digest: bytes
    shape: Shape
    cells: Cells
    whose: Whose = NOBODYS


NOTHING: Final = Moves()


@dataclass(frozen=True, slots=True)
class Told:
    """What is to be sent of an answer. fresh: the base is new.

    before: the base that a new one differs from, if there is one, and how far it moved since. moves: from the base to
    the answer; where the base is new they are the same. is_whole: the tables without rows that the base has were read.
    """

    base: Base
    moves: Moves = NOTHING
    fresh: bool = False
    before: tuple[Base, Moves] | None = None
    is_whole: bool = False


def based_on(shape: Shape, cells: Cells, whose: Whose) -> Base:
    """Return the base that an answer makes."""
    return Base(_digest(named(shape, cells, whose)), shape, cells, whose)


def named(shape: Shape, cells: Cells, whose: Whose) -> Named:
    """Return a base as it is sent whole."""
    sets: dict[tuple[Index, ...], int] = {}
    columns = tuple([(one.table, one.name, sets.setdefault(one.rows, len(sets))) for one in shape.columns])
    engine = None if whose.engine is None else (whose.engine.id, whose.engine.boots, whose.engine.time_s)
    of = (whose.check, whose.address, whose.at_us, engine)
    return Named(shape.profile, shape.empty, tuple(sets), columns, cells, *of)


def whole(base: Base) -> Named:
    """Return a base as it is sent whole."""
    return named(base.shape, base.cells, base.whose)


def from_whole(said: Whole | Named) -> Base:
    """Return the base that was sent whole. Raises PackingError."""
    return _base(_digest(said), said)


def onward(before: Base, at_us: int, engine: Engine | None, moved: Moves) -> Base:
    """Return the base that another one became. Raises CellsError where the moves don't belong to it."""
    whose = Whose(before.whose.check, before.whose.address, at_us, engine)
    return based_on(before.shape, moved_on(before.shape, moved, before.cells), whose)


class Writing:
    """The poller's side: gives of each answer what is to be sent."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Base, int]] = {}

    def take(self, check: str, reading: Reading, answer: SnmpAnswer) -> Told:
        """Return what is to be sent of an answer. check: its key, for each check has its own shapes."""
        shape, cells = laid_out(answer)
        base, uses = self._of.get(check, (None, 0))
        if base is None or not _is_alike(base, shape, reading):
            fresh = based_on(shape, cells, _whose(check, reading))
            self._of[check] = (fresh, 1)
            return Told(fresh, fresh=True, is_whole=bool(shape.empty))
        is_whole, moved = bool(shape.empty), moves(base.shape, cells, base.cells)
        if uses >= REBASED_AFTER:
            fresh = based_on(base.shape, cells, _whose(check, reading))
            self._of[check] = (fresh, 1)
            return Told(fresh, fresh=True, before=(base, moved), is_whole=is_whole)
        self._of[check] = (base, uses + 1)
        return Told(base, moved, is_whole=is_whole)

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

    def keep(self, said: Whole | Named) -> None:
        """Keep a base."""
        octets = packed(said)
        digest = _digest_of(octets)
        if digest in self._bases:
            self._bases.move_to_end(digest)
            return
        self._bases[digest] = octets = squeezed(octets)
        self.octets += len(octets)
        while len(self._bases) > self._at_most:
            self.octets -= len(self._bases.popitem(last=False)[1])

    def of(self, digest: bytes) -> Base | None:
        """Return a base; None where it isn't there: it has to be asked for."""
        octets = self._bases.get(digest)
        if octets is None:
            return None
        self._bases.move_to_end(digest)
        said: Whole | Named = unpacked(swollen(octets), Whole | Named)  # type: ignore[arg-type] # a union is no type
        return _base(digest, said)


def _is_alike(base: Base, shape: Shape, reading: Reading) -> bool:
    """Return whether an answer may differ from a base by its values alone.

    Tables without rows are read when all is looked for, and not by polls that ask for what is known.
    """
    if shape.columns != base.shape.columns or shape.profile != base.shape.profile:
        return False
    is_same = reading.address == base.whose.address and _start(reading.engine) == _start(base.whose.engine)
    return is_same and shape.empty in ((), base.shape.empty)


def _start(engine: Engine | None) -> tuple[str, int] | None:
    return None if engine is None else (engine.id, engine.boots)


def _whose(check: str, reading: Reading) -> Whose:
    return Whose(check, reading.address, to_us(reading.started_at), reading.engine)


def _digest(said: Whole | Named) -> bytes:
    return _digest_of(packed(said))


def _digest_of(octets: bytes) -> bytes:
    return blake2b(octets, digest_size=DIGEST_OCTETS).digest()


def _base(digest: bytes, said: Whole | Named) -> Base:
    columns = tuple([Column(table, name, said.rows[number]) for table, name, number in said.columns])
    whose = _whose_of(said) if isinstance(said, Named) else NOBODYS
    return Base(digest, Shape(said.profile, columns, said.empty), cells_of(said.cells), whose)


def _whose_of(said: Named) -> Whose:
    engine = None if said.engine is None else Engine(*said.engine)
    return Whose(said.check, said.address, said.at_us, engine)
