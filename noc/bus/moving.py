"""How far an answer moved since its base, as few octets as it takes. Pure.

Numbers are one row of whole numbers, packed by noc.bus.integers: of each column that moved, how many columns further it
stands than the one before, and how far each of its rows moved; other values are told as they are.

Counters of interfaces are told twice by their agents, with 32 bits and with 64 (RFC 2863, section 3.1.6). Of the
former only is told what they moved beside the latter, modulo 2^32: mostly nothing, though both moved far.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.bus.cells import Cells, CellsError, Moved, Shape, replaced
from noc.model.reading import Raw

_LONG, _SHORT = "ifHC", "if"
_WRAPS: Final = 2**32
_HALF: Final = 2**31


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved. numbers: of columns of whole numbers. others: columns with the rows that have other values now."""

    numbers: tuple[int, ...] = ()
    others: tuple[Moved, ...] = ()

    @property
    def octets(self) -> int:
        """Return about how many octets they take."""
        return 3 * len(self.numbers) + sum(8 * len(one.rows) for one in self.others)


def moves(shape: Shape, cells: Cells, base: Cells) -> Moves:
    """Return what moved since a base of the same shape."""
    steps: dict[int, list[int]] = {}
    others: list[Moved] = []
    twins = _twins(shape, base)
    for place, (values, before) in enumerate(zip(cells, base, strict=True)):
        if place in twins and not _are_short(values):
            others.append(Moved(place, values, tuple(range(len(values)))))
        elif values != before or list(map(type, values)) != list(map(type, before)):
            if _are_whole(values) and _are_whole(before):
                steps[place] = [_whole(new) - _whole(old) for new, old in zip(values, before, strict=True)]
            else:
                others.append(_other(place, values, before))
    gone = {one.place for one in others}
    for place, twin in twins.items():
        if place not in gone and (place in steps or twin in steps):
            still = [0] * len(base[place])
            steps[place] = _beside(steps.get(place, still), steps.get(twin, still))
    return Moves(_written(steps), tuple(others))


def moved_on(shape: Shape, moved: Moves, base: Cells) -> Cells:
    """Return the values that moves lead to. Raises CellsError where they don't belong to such a base."""
    told = dict(_read(moved.numbers, base))
    cells = list(base)
    for place, found in told.items():
        cells[place] = _stepped(place, found, base[place])
    for place, twin in _twins(shape, base).items() if told else ():
        still = [0] * len(base[place])
        far = zip(base[place], told.get(place, still), told.get(twin, still), strict=True)
        cells[place] = tuple([(_whole(old) + own + other) % _WRAPS for old, own, other in far])
    for one in moved.others:
        if not 0 <= one.place < len(base):
            raise CellsError(f"there is no column {one.place}, the base has {len(base)}")
        cells[one.place] = replaced(one, cells[one.place])
    return tuple(cells)


def _written(steps: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    numbers: list[int] = []
    last = -1
    for place in sorted(steps):
        if any(steps[place]):
            numbers += (place - last, *steps[place])
            last = place
    return tuple(numbers)


def _twins(shape: Shape, base: Cells) -> dict[int, int]:
    """Return by the place of a column of 32 bits that of 64 bits which counts the same, both of numbers in the base."""
    longs: dict[str, list[int]] = {}
    for place, column in enumerate(shape.columns):
        if column.name.startswith(_LONG):
            longs.setdefault(_SHORT + column.name.removeprefix(_LONG), []).append(place)
    found: dict[int, int] = {}
    for place, column in enumerate(shape.columns):
        for twin in longs.get(column.name, ()):
            if shape.columns[twin].rows == column.rows and _are_whole(base[twin]) and _are_short(base[place]):
                found[place] = twin
    return found


def _are_whole(values: Sequence[Raw]) -> bool:
    return all(type(value) is int for value in values)


def _are_short(values: Sequence[Raw]) -> bool:
    return all(type(value) is int and 0 <= value < _WRAPS for value in values)


def _beside(steps: Sequence[int], others: Sequence[int]) -> list[int]:
    return [(own - other + _HALF) % _WRAPS - _HALF for own, other in zip(steps, others, strict=True)]


def _other(place: int, values: Sequence[Raw], before: Sequence[Raw]) -> Moved:
    pairs = enumerate(zip(values, before, strict=True))
    rows = tuple([row for row, (new, old) in pairs if new != old or type(new) is not type(old)])
    return Moved(place, tuple([values[row] for row in rows]), rows)


def _read(numbers: Sequence[int], base: Cells) -> Iterator[tuple[int, Sequence[int]]]:
    """Yield the columns that are told of as numbers, with how far their rows moved."""
    at, place = 0, -1
    while at < len(numbers):
        step, at = numbers[at], at + 1
        place += step
        if step < 1 or place >= len(base):
            raise CellsError(f"there is no column {place} behind the one before, the base has {len(base)}")
        found = numbers[at : at + len(base[place])]
        if len(found) < len(base[place]):
            raise CellsError(f"column {place}: {len(found)} numbers moved, of {len(base[place])} rows")
        at += len(found)
        yield place, found


def _stepped(place: int, steps: Sequence[int], before: tuple[Raw, ...]) -> tuple[Raw, ...]:
    if not _are_whole(before):
        raise CellsError(f"column {place}: numbers moved, where the base has other values")
    return tuple([_whole(old) + step for old, step in zip(before, steps, strict=True)])


def _whole(value: Raw) -> int:
    return value if isinstance(value, int) else 0
