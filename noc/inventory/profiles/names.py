"""The MIB names that profiles may use: which object a name means, and which table it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from noc.inventory.profiles.compiled import IndexPart, Object, Plain
from noc.inventory.profiles.text import MibText, TableText
from noc.model.finding import Finding, did_you_mean
from noc.settings.yamltext import Data, Document

Path = tuple[str | int, ...]


@dataclass(slots=True)
class Names:
    """All MIB names of the files that were read.

    lost: names of modules with errors. Who uses one is broken too, which needs no finding of its own.
    """

    objects: dict[str, Object] = field(default_factory=dict)
    tables: dict[str, TableText] = field(default_factory=dict)
    index: dict[str, tuple[IndexPart, ...]] = field(default_factory=dict)
    maps: dict[str, Mapping[str, Plain]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)

    def add(self, mib: MibText, document: Document, path: Path) -> list[Finding]:
        """Take in a module's names; a name with two meanings is a finding."""
        findings: list[Finding] = []
        for name, scalar in mib.scalars.items():
            thing = Object(name, scalar.oid, scalar.type, bare=scalar.bare, every_s=_seconds(scalar.every))
            findings += self._put(thing, document, (*path, "scalars", name))
        for name, table in mib.tables.items():
            findings += self._table(name, table, document, (*path, "tables", name))
        for name, mapping in mib.maps.items():
            if self.maps.setdefault(name, mapping) != mapping:
                message = f"map '{name}' has other values in another file; one name has one meaning"
                findings.append(document.key_place(*path, "maps", name).finding(message))
        return findings

    def lose(self, data: Data, path: tuple[str, ...]) -> None:
        """Note the names that a file with errors would have given, as far as its data shows them."""
        for key in path:
            data = _mapping(data).get(key)
        scalars, tables, maps = (_mapping(_mapping(data).get(key)) for key in ("scalars", "tables", "maps"))
        self.lost |= scalars.keys() | tables.keys() | maps.keys()
        for table in tables.values():
            self.lost |= _mapping(_mapping(table).get("columns")).keys()

    def _table(self, name: str, table: TableText, document: Document, path: Path) -> list[Finding]:
        index = tuple(IndexPart(part.name, part.type) for part in table.index)
        known = self.tables.setdefault(name, table)
        if (known.oid, self.index.setdefault(name, index)) != (table.oid, index):
            message = f"table '{name}' is {known.oid} in another file, and {table.oid} with its index here"
            return [document.key_place(*path).finding(f"{message}; one name has one meaning")]
        findings: list[Finding] = []
        for column, text in table.columns.items():
            every_s = _seconds(text.every or table.every)
            thing = Object(column, f"{table.oid}.{text.id}", text.type, name, every_s=every_s)
            if every_s and text.type in _COUNTERS:
                message = f"'{column}' is a counter, which is read at each poll; leave 'every' out"
                findings.append(document.key_place(*path, "columns", column).finding(message))
            findings += self._put(thing, document, (*path, "columns", column))
        findings += [
            document.place(*path, "rows_from", position).finding(
                f"'{column}' is not a column of {name}{did_you_mean(column, table.columns)}"
            )
            for position, column in enumerate(table.rows_from)
            if column not in table.columns
        ]
        return findings

    def _put(self, thing: Object, document: Document, path: Path) -> list[Finding]:
        known = self.objects.setdefault(thing.name, thing)
        if known == thing:
            return []
        message = f"'{thing.name}' is {_shown(known)} in another file, and {_shown(thing)} here"
        return [document.key_place(*path).finding(f"{message}; one name has one meaning")]


def _shown(thing: Object) -> str:
    return f"{thing.oid} ({thing.type})"


def _mapping(data: Data) -> dict[str, Data]:
    return data if isinstance(data, dict) else {}


_COUNTERS: Final = ("counter32", "counter64")


def _seconds(every: timedelta | None) -> float:
    return 0.0 if every is None else every.total_seconds()
