"""What a poll by SNMP has read so far, and its questions: cells of any table, packed into as few GETs as they fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from noc.inventory.profiles.compiled import Object
from noc.model.reading import Failure, FailureKind, Index, PartFailure, Raw, SnmpAnswer
from noc.wire.errors import WireError
from noc.wire.snmp import Fault, SnmpSession

GIVE_UP: Final = 3
"""Faulty cells of one column, after which its other rows are not asked for."""

SCALARS: Final = ""
"""The table that scalars are cells of."""

_ENVELOPE_OCTETS: Final = 8  # tags and lengths, and some arcs of a name take two octets
_FAULTS: Final = {
    Fault.ERROR: "the agent answers with an error{where}",
    Fault.GARBAGE: "the agent's answer{where} can't be decoded: a value of no known type, or too large",
}


Cell = tuple[str, Index, dict[str, Raw], str]
"""Where a value belongs that is asked for: table, index of the row, the row (or the scalars), column. A plain tuple, as
there is one for each value."""


@dataclass(slots=True)
class Faults:
    """What an agent did not give of one column or scalar. unasked: cells that were not asked for after those."""

    cells: list[tuple[Index, Fault]] = field(default_factory=list)
    unasked: int = 0


class Talk:
    """A poll of one agent: scalars by name, tables by name with rows by index, marks by OID.

    asked: what goes into the next question, by OID; octets: of the answer that it will get.
    waiting: what was not read yet, for people; lost: tables that got no answer. missing: cells that the agent says it
    lacks; faults: those that it fails to give, by name. parts: what is missing of the answer, for people.
    """

    def __init__(self, session: SnmpSession, profile: str) -> None:
        self.session = session
        self.profile = profile
        self.scalars: dict[str, Raw] = {}
        self.marks: dict[str, Raw] = {}
        self.tables: dict[str, dict[Index, dict[str, Raw]]] = {}
        self.faults: dict[str, Faults] = {}
        self.parts: list[PartFailure] = []
        self.waiting: list[str] = []
        self.lost: set[str] = set()
        self.missing: list[Cell] = []
        self.scalar_names = "scalars"
        self.asked: dict[str, Cell] = {}
        self.octets = 0
        self._complete: list[str] = []

    def answer(self) -> SnmpAnswer:
        """Return all that was read so far."""
        tables = {name: {at: row for at, row in rows.items() if row} for name, rows in self.tables.items()}
        return SnmpAnswer(self.profile, dict(self.scalars), tables)

    def text(self, name: str) -> str | None:
        """Return a scalar as text."""
        value = self.scalars.get(name)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else None if value is None else str(value)

    def want(self, oid: str, cell: Cell, octets: int) -> bool:
        """Have a cell asked for. octets: of its varbind. Return whether it is time to `ask`."""
        self.asked[oid] = cell
        self.octets += octets
        return self.octets >= self.session.octets_per_answer or len(self.asked) >= self.session.oids_per_request

    async def ask(self, *, known: bool = False) -> None:
        """Ask for the cells that are wanted, and note those that have no answer. known: the agent had all of them.

        Raises WireError when the agent is gone.
        """
        asked, self.asked, self.octets = self.asked, {}, 0
        if asked:
            await self._ask(asked, known=known)
        for name in self._complete:
            self.waiting.remove(name)
        self._complete.clear()

    def all_wanted(self, table: str) -> None:
        """Note that a table waits for nothing but the next `ask`."""
        self._complete.append(self.label(table))

    async def _ask(self, asked: dict[str, Cell], *, known: bool = False) -> None:
        try:
            values = await self.session.get(list(asked), known=known)
        except WireError as error:
            if error.kind is not FailureKind.TIMEOUT or not self.session.answered:
                raise
            await self.session.check()
            by_table: dict[str, dict[str, Cell]] = {}
            for oid, cell in asked.items():
                by_table.setdefault(cell[0], {})[oid] = cell
            if len(by_table) > 1:
                for part in by_table.values():
                    await self._ask(part)
            else:
                self.lose(next(iter(by_table)), error.reason)
            return
        for oid, value in values.items():
            _, _, row, column = asked[oid]
            row[column] = value
        if len(values) < len(asked):
            self._note([(oid, cell) for oid, cell in asked.items() if oid not in values])

    def _note(self, without: list[tuple[str, Cell]]) -> None:
        for oid, cell in without:
            table, at, row, column = cell
            fault = self.session.faults.get(oid)
            if row is self.marks:
                continue
            if fault is None:
                self.missing.append(cell)
            else:
                self.faults.setdefault(_name(table, column), Faults()).cells.append((at, fault))

    def lose(self, table: str, reason: str) -> None:
        """Note that a table, or the scalars, got no answer; the rest of it is not asked for."""
        if table not in self.lost:
            self.lost.add(table)
            self.parts.append(PartFailure(self.label(table), reason))

    def label(self, table: str) -> str:
        """Return how a table is called for people."""
        return self.scalar_names if table == SCALARS else table

    def given_up(self, table: str, column: str) -> bool:
        """Return whether a column had so many faults that a further cell is not asked for, and count that cell."""
        # Asked for each cell of a table: mostly there are no faults at all.
        faults = self.faults.get(_name(table, column)) if self.faults else None
        if faults is None or len(faults.cells) < GIVE_UP:
            return False
        faults.unasked += 1
        return True

    def interrupted(self, failure: Failure) -> Failure | None:
        """Return the failure if nothing was read; else note what is missing and keep the rest."""
        if not self.scalars and not any(any(rows.values()) for rows in self.tables.values()):
            return failure
        if self.waiting:
            self.parts.append(PartFailure(", ".join(self.waiting), f"not read: {failure.reason}"))
        return None

    def tell_faults(self) -> None:
        """Note the single values that faults of the agent took away."""
        for what, faults in self.faults.items():
            rows = [dotted(index) for index, _ in faults.cells if index]
            more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
            where = f" for row{'s' * (len(rows) > 1)} {', '.join(rows[:5])}{more}" if rows else ""
            rest = f"; {faults.unasked} further rows were not asked for" if faults.unasked else ""
            self.parts.append(PartFailure(what, _FAULTS[faults.cells[0][1]].format(where=where) + rest))


def _name(table: str, column: str) -> str:
    return f"{table}.{column}" if table else column


def numbers(oid: str) -> tuple[int, ...]:
    """Return a dotted OID as numbers."""
    return tuple(map(int, oid.split(".")))


def dotted(index: Index) -> str:
    """Return the index of a row as in an OID; 0 for scalars."""
    return ".".join(map(str, index)) if index else "0"


def octets_of_name(thing: Object) -> int:
    """Return about how many octets the varbind of an object has beside its index and its value."""
    return _ENVELOPE_OCTETS + thing.oid.count(".")


def octets_of_index(index: Index) -> int:
    """Return how many octets an index takes in an OID (X.690, section 8.19)."""
    return sum(1 if number < 128 else (number.bit_length() + 6) // 7 for number in index)
