"""What an SNMP agent answered, as the difference to an answer that the other side has. Pure.

From one poll to the next an agent's rows, names and types stay, errors stay 0, counters move a little. So of each
column only what moved is sent (noc.bus.moving). An answer of another shape (rows came or went) has no difference: it is
sent whole. `Moved` and `applied` are the form that frames of version 1 have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from noc.bus import integers
from noc.bus.integers import IntegersError
from noc.model.reading import Index, Raw, Row, SnmpAnswer


class CellsError(ValueError):
    """A difference that doesn't belong to the answer it is said to differ from."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of rows that have the same ones; of scalars, which have no index, the only row is `()`.

    A row without any has one column without a name.
    """

    table: str
    name: str
    rows: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer has, but for its values. columns: in a fixed order. empty: tables that were read, without rows."""

    profile: str
    columns: tuple[Column, ...]
    empty: tuple[str, ...] = ()


Cells = tuple[tuple[Raw, ...], ...]
"""The values of each column of a shape, row by row."""

SCALARS: Final = ""
"""The name of the table that scalars stand in."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved in a column. place: of the column.

    values: with `rows`, what these rows are now; without, octets of noc.bus.integers: how far each row moved.
    """

    place: int
    values: bytes | tuple[Raw, ...]
    rows: tuple[int, ...] = ()


def laid_out(answer: SnmpAnswer) -> tuple[Shape, Cells]:
    """Return an answer as columns: the same for answers that differ in values alone."""
    columns: list[Column] = []
    cells: list[tuple[Raw, ...]] = []
    for table, rows in _tables(answer):
        for names, indexes in _alike(rows).items():
            some = [rows[index] for index in indexes]
            for name in names or ("",):
                columns.append(Column(table, name, indexes))
                cells.append(tuple([row.get(name) for row in some]))
    empty = tuple(sorted(name for name, rows in answer.tables.items() if not rows))
    return Shape(answer.profile, tuple(columns), empty), tuple(cells)


def answered(shape: Shape, cells: Cells, ages_s: Mapping[str, float]) -> SnmpAnswer:
    """Return the answer that columns hold."""
    scalars: dict[str, Raw] = {}
    tables: dict[str, dict[Index, dict[str, Raw]]] = {name: {} for name in shape.empty}
    for column, values in zip(shape.columns, cells, strict=True):
        if column.table == SCALARS:
            scalars[column.name] = values[0]
            continue
        rows = tables.setdefault(column.table, {})
        for index, value in zip(column.rows, values, strict=True):
            row = rows.setdefault(index, {})
            if column.name:
                row[column.name] = value
    found: dict[str, Mapping[Index, Row]] = {name: dict(sorted(rows.items())) for name, rows in tables.items()}
    return SnmpAnswer(shape.profile, scalars, found, dict(ages_s))


def applied(moved: Iterable[Moved], base: Cells) -> Cells:
    """Return the values that a difference leads to. Raises CellsError."""
    cells = list(base)
    for one in moved:
        if not 0 <= one.place < len(base):
            raise CellsError(f"there is no column {one.place}, the base has {len(base)}")
        before = base[one.place]
        cells[one.place] = _stepped(one, before) if isinstance(one.values, bytes) else replaced(one, before)
    return tuple(cells)


def _stepped(moved: Moved, before: tuple[Raw, ...]) -> tuple[Raw, ...]:
    try:
        steps = integers.unpack(moved.values if isinstance(moved.values, bytes) else b"", len(before))
    except IntegersError as error:
        raise CellsError(f"column {moved.place}: {error}") from None
    whole = [value for value in before if type(value) is int]
    if len(steps) != len(whole) or len(whole) != len(before):
        said = f"{len(steps)} numbers moved, of {len(before)} rows {len(whole)} have one"
        raise CellsError(f"column {moved.place}: {said}")
    return tuple([old + step for old, step in zip(whole, steps, strict=True)])


def replaced(moved: Moved, before: tuple[Raw, ...]) -> tuple[Raw, ...]:
    """Return a column with rows that have other values. Raises CellsError where it hasn't such rows."""
    after = list(before)
    if len(moved.rows) != len(moved.values):
        raise CellsError(f"column {moved.place}: {len(moved.rows)} rows have {len(moved.values)} values")
    for row, value in zip(moved.rows, moved.values, strict=True):
        if not 0 <= row < len(after):
            raise CellsError(f"column {moved.place} has no row {row}")
        after[row] = value
    return tuple(after)


def _tables(answer: SnmpAnswer) -> Iterator[tuple[str, Mapping[Index, Row]]]:
    if answer.scalars:
        yield SCALARS, {(): answer.scalars}
    for name in sorted(answer.tables):
        yield name, answer.tables[name]


def _alike(rows: Mapping[Index, Row]) -> dict[tuple[str, ...], tuple[Index, ...]]:
    """Return the indexes of rows that have the same columns."""
    found: dict[tuple[str, ...], list[Index]] = {}
    for index in sorted(rows):
        found.setdefault(tuple(sorted(rows[index])), []).append(index)
    return {names: tuple(indexes) for names, indexes in found.items()}
