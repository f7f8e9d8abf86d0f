"""Profile text to compiled parts: names become objects with OIDs, once, with every error at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from noc.inventory.profiles.compiled import (
    Arithmetic,
    Condition,
    EntitySensorSpec,
    Expression,
    Find,
    First,
    IndexValue,
    Lookup,
    Match,
    Modified,
    Object,
    Plain,
    RecordSpec,
    SensorSpec,
    State,
    Text,
    Total,
    Value,
    as_text,
)
from noc.inventory.profiles.names import Names, Path
from noc.inventory.profiles.text import (
    ConditionText,
    EntitySensorText,
    ExpressionMap,
    ExpressionText,
    MatchText,
    ProfileText,
    RecordText,
    SensorText,
)
from noc.model.command import Platform
from noc.model.finding import Finding, did_you_mean
from noc.model.snapshot import RECORD_FIELDS, RECORD_MAIN_FIELD
from noc.settings.yamltext import Document

_PLACE = re.compile(r"\{([^{}]*)\}")
_LIKE_A_NAME = re.compile(r"[a-z]+[A-Z0-9]\w*")  # MIB objects are written so, words of people hardly ever
_NEAR = 0.8


_JUDGED = frozenset(RECORD_FIELDS) - {"processors", "memory", "storage", "neighbors", "qos_classes", "gateway_groups"}
"""Lists whose rows have a status of their own: each reading of them is evidence."""

_NOTHING = Object("", "0.0", "integer")
"""Stands for a name that is not known, in a profile that will be dropped."""


@dataclass(slots=True)
class Parts:
    """What one profile file says by itself, before inheritance."""

    matches: tuple[Match, ...]
    identity: dict[str, Expression]
    sensors: tuple[SensorSpec | EntitySensorSpec, ...]
    records: dict[str, tuple[RecordSpec, ...]]
    satellite: dict[str, Expression]
    used: dict[str, Object]
    cli: Platform | None = None


class Compiler:
    """Compiles one profile file. Findings are collected, not raised.

    sound: False when the file is wrong, or uses names of a MIB file that is.
    """

    def __init__(self, names: Names, document: Document) -> None:
        self._names = names
        self._document = document
        self.findings: list[Finding] = []
        self.sound = True
        self._used: dict[str, Object] = {}

    def compile(self, text: ProfileText) -> Parts:
        """Return the file's own parts; see `findings` for what is wrong with it."""
        identity: dict[str, Expression] = {}
        for name in ("vendor", "os", "device_class", "version", "model", "serial"):
            expression = getattr(text.identity, name)
            if expression is not None:
                identity[name] = self._label(expression, None, ("identity", name))
        return Parts(
            matches=tuple(self._match(match, ("match", n)) for n, match in enumerate(text.match)),
            identity=identity,
            sensors=tuple(self._sensor(sensor, ("sensors", n)) for n, sensor in enumerate(text.sensors)),
            records={
                name: tuple(self._record(name, row, ("records", name, n)) for n, row in enumerate(rows))
                for name, rows in text.records.items()
            },
            satellite={
                name: self._expression(value, None, ("satellite", name)) for name, value in text.satellite.items()
            },
            used=self._used,
            cli=text.cli,
        )

    def _error(self, path: Path, message: str) -> None:
        self.findings.append(self._document.place(*path).finding(message))
        self.sound = False

    def _match(self, text: MatchText, path: Path) -> Match:
        prefix = tuple(map(int, text.sys_object_id.split("."))) if text.sys_object_id else ()
        return Match(prefix, self._regex(text.sys_descr, (*path, "sys_descr")) if text.sys_descr else None, text.oid)

    def _regex(self, pattern: str, path: Path) -> re.Pattern[str] | None:
        try:
            return re.compile(pattern, re.ASCII)
        except re.error as error:
            self._error(path, f"not a regular expression: {error}")
            return None

    def _object(self, name: str, path: Path) -> Object | None:
        known = self._names.objects.get(name)
        if known is not None:
            self._used[name] = known
        elif name in self._names.lost:
            self.sound = False  # its MIB file has the finding
        else:
            hint = did_you_mean(name, [*self._names.objects, *self._names.lost])
            self._error(path, f"unknown MIB object '{name}'{hint}; define it under mib: or in mib/*.yaml")
        return known

    def _column(self, name: str, path: Path) -> Object:
        column = self._object(name, path)
        if column is not None and column.table is None:
            self._error(path, f"'{name}' is a scalar; here stands a column of a table")
        return column or _NOTHING

    def _named(self, name: str, table: str | None, path: Path) -> Value | IndexValue:
        if table is not None:
            if name == "index":
                return IndexValue(None)
            for position, part in enumerate(self._names.index.get(table, ())):
                if part.name == name:
                    return IndexValue(position)
        thing = self._object(name, path)
        if thing is not None and table is None and thing.table is not None:
            self._error(path, f"'{name}' is a column of {thing.table}, and here is no row: use lookup or find")
        return Value(thing or _NOTHING)

    def _expression(self, text: ExpressionText, table: str | None, path: Path) -> Expression:
        if isinstance(text, str):
            return self._template(text, table, path) if "{" in text else self._named(text, table, path)
        source = self._source(text, table, path)
        pattern = self._regex(text.pattern, (*path, "pattern")) if text.pattern else None
        if pattern is not None and pattern.groups < 1:
            self._error((*path, "pattern"), "the pattern needs a group: its first group is the value")
        skip = _words(text.skip)
        replace = self._replacements(text, path)
        mapping = self._map(text.shared_map, path) if text.shared_map is not None else text.map
        where = self._where(text.where, table, path)
        steps = (pattern, replace, mapping, text.otherwise, skip, text.scale, text.offset, text.decibels, where)
        modified = Modified(source, *steps)
        return source if modified == Modified(source) else modified

    def _map(self, name: str, path: Path) -> Mapping[str, Plain]:
        known = self._names.maps.get(name)
        if known is None and name in self._names.lost:
            self.sound = False
        elif known is None:
            hint = did_you_mean(name, self._names.maps)
            self._error((*path, "shared_map"), f"unknown map '{name}'{hint}; define it under maps: in mib/*.yaml")
        return known or {}

    def _replacements(self, text: ExpressionMap, path: Path) -> tuple[tuple[re.Pattern[str], str], ...]:
        replacements: list[tuple[re.Pattern[str], str]] = []
        for sought, instead in (text.replace or {}).items():
            place = (*path, "replace", sought)
            pattern = self._regex(sought, place)
            if pattern is None:
                continue
            try:
                pattern.sub(instead, "")  # reads the replacement, also without a match
            except (re.error, IndexError) as error:
                self._error(place, f"not a replacement: {error}")
                continue
            replacements.append((pattern, instead))
        return tuple(replacements)

    def _source(self, text: ExpressionMap, table: str | None, path: Path) -> Expression:
        if text.value is not None:
            return self._named(text.value, table, (*path, "value"))
        if text.index is not None:
            return IndexValue(None) if text.index is True else self._named(text.index, table, (*path, "index"))
        if text.text is not None:
            return self._template(text.text, table, (*path, "text"), text.with_ or {})
        if text.lookup is not None:
            target = self._column(text.lookup.value, (*path, "lookup", "value"))
            return Lookup(target, self._expression(text.lookup.by, table, (*path, "lookup", "by")))
        if text.find is not None:
            sought = self._column(text.find.value, (*path, "find", "value"))
            return Find(sought, self._where(text.find.where, sought.table, (*path, "find")))
        if text.total is not None:
            summed = self._column(text.total.value, (*path, "total", "value"))
            return Total(summed, self._expression(text.total.under, table, (*path, "total", "under")))
        if text.first is not None:
            return First(self._all(text.first, table, (*path, "first")))
        for operator in ("sum", "difference", "product", "quotient"):
            operands: Sequence[ExpressionText] | None = getattr(text, operator)
            if operands is not None:
                return Arithmetic(operator, self._all(operands, table, (*path, operator)))
        raise AssertionError("the schema lets no expression through without a source")

    def _all(self, texts: Iterable[ExpressionText], table: str | None, path: Path) -> tuple[Expression, ...]:
        return tuple(self._expression(text, table, (*path, position)) for position, text in enumerate(texts))

    def _template(
        self, text: str, table: str | None, path: Path, given: Mapping[str, ExpressionText] = MappingProxyType({})
    ) -> Text:
        parts: list[str | Expression] = []
        for position, piece in enumerate(_PLACE.split(text)):
            if position % 2 and piece in given:
                parts.append(self._expression(given[piece], table, (*path[:-1], "with", piece)))
            elif position % 2:
                parts.append(self._named(piece, table, path))
            elif piece:
                parts.append(piece)
        return Text(tuple(parts))

    def _condition(self, text: ConditionText, table: str | None, path: Path) -> Condition:
        among = text.is_ if text.is_ is not None else text.is_not or ()
        value = self._expression(text.value, table, (*path, "value"))
        return Condition(value, _words(among), text.is_ is None)

    def _where(self, texts: Iterable[ConditionText], table: str | None, path: Path) -> tuple[Condition, ...]:
        return tuple(self._condition(text, table, (*path, "where", n)) for n, text in enumerate(texts))

    def _sensor(self, text: SensorText, path: Path) -> SensorSpec | EntitySensorSpec:
        if text.entity_sensor is not None:
            return self._entity_sensor(text, text.entity_sensor, path)
        value_text = text.value if text.value is not None else ""
        before = len(self.findings)
        objects = tuple(self._mentioned(value_text, (*path, "value")))
        readable = len(self.findings) == before
        if len({thing.table for thing in objects}) > 1 and readable:
            self._error((*path, "value"), "the value of a sensor is made of columns of one table, or of scalars")
        table = objects[0].table if objects else None
        states = {key: State(*state) for key, state in text.states.items()} if text.states else None
        return SensorSpec(
            kind=text.kind or "",
            table=table,
            value=self._expression(value_text, table, (*path, "value")) if readable else Value(_NOTHING),
            objects=objects,
            name=self._label(text.name, table, (*path, "name")),
            states=states,
            limit_high=self._optional(text.limit_high, table, (*path, "limit_high")),
            limit_low=self._optional(text.limit_low, table, (*path, "limit_low")),
            where=self._where(text.where, table, path),
            flags=text.flags,
        )

    def _entity_sensor(self, text: SensorText, columns_text: EntitySensorText, path: Path) -> EntitySensorSpec:
        columns = {
            name: self._column(getattr(columns_text, name), (*path, "entity_sensor", name))
            for name in ("value", "type", "scale", "precision", "oper_status")
        }
        table = columns["value"].table or ""
        return EntitySensorSpec(
            table=table,
            **columns,
            name=self._label(text.name, table, (*path, "name")),
            limit_high=self._optional(text.limit_high, table, (*path, "limit_high")),
            limit_low=self._optional(text.limit_low, table, (*path, "limit_low")),
            where=self._where(text.where, table, path),
            skip=_words(columns_text.skip),
        )

    def _label(self, text: ExpressionText, table: str | None, path: Path) -> Expression:
        # A name may be plain words: `name: Battery temperature`, `vendor: Cisco`.
        if isinstance(text, str) and "{" not in text and not self._means_an_object(text):
            return Text((text,))
        return self._expression(text, table, path)

    def _means_an_object(self, text: str) -> bool:
        if text in self._names.objects or text in self._names.lost:
            return True
        return bool(_LIKE_A_NAME.fullmatch(text) and get_close_matches(text, self._names.objects, n=1, cutoff=_NEAR))

    def _mentioned(self, text: ExpressionText, path: Path) -> list[Object]:
        """Return the objects that make a sensor's value, in the order in which their OID stands for the sensor."""
        if isinstance(text, str) or text.value is not None:
            named = (
                self._object(text, path) if isinstance(text, str) else self._object(text.value or "", (*path, "value"))
            )
            return [] if named is None else [named]
        for branch in ("first", "sum", "difference", "product", "quotient"):
            operands: Sequence[ExpressionText] | None = getattr(text, branch)
            if operands is not None:
                # What another row gives has no OID in this one.
                own = [(n, one) for n, one in enumerate(operands) if isinstance(one, str) or not _elsewhere(one)]
                return [thing for n, one in own for thing in self._mentioned(one, (*path, branch, n))]
        self._error(path, "this value is a MIB object, or made of MIB objects by first or arithmetic")
        return []

    def _optional(self, text: ExpressionText | None, table: str | None, path: Path) -> Expression | None:
        return None if text is None else self._expression(text, table, path)

    def _record(self, list_name: str, text: RecordText, path: Path) -> RecordSpec:
        self._table(text.table, (*path, "table"))
        table = self._names.tables.get(text.table or "")
        if list_name in _JUDGED and table and (table.every or any(one.every for one in table.columns.values())):
            self._error((*path, "table"), f"'{text.table}' has 'every', but '{list_name}' are judged at each poll")
        self._table(text.unless, (*path, "unless"))
        known = RECORD_FIELDS[list_name]
        for name in text.fields:
            if name not in known:
                place = self._document.key_place(*path, "fields", name)
                hint = did_you_mean(name, known)
                self.findings.append(
                    place.finding(f"'{list_name}' has no field '{name}'{hint}; it has: {', '.join(known)}")
                )
                self.sound = False
        fields = {
            name: self._expression(value, text.table, (*path, "fields", name)) for name, value in text.fields.items()
        }
        main = RECORD_MAIN_FIELD.get(list_name, "")
        objects = self._mentioned(text.fields[main], (*path, "fields", main)) if main in text.fields else []
        return RecordSpec(text.table, fields, tuple(objects), self._where(text.where, text.table, path), text.unless)

    def _table(self, name: str | None, path: Path) -> None:
        """Check a table's name, and see to it that its rows are read."""
        if name is None:
            return
        table = self._names.tables.get(name)
        if table is not None:
            rows_from = next(
                (column for column in table.rows_from if column in table.columns), next(iter(table.columns))
            )
            self._object(rows_from, path)
        elif name in self._names.lost:
            self.sound = False
        else:
            self._error(path, f"unknown table '{name}'{did_you_mean(name, self._names.tables)}")


def _elsewhere(text: ExpressionMap) -> bool:
    return text.lookup is not None or text.find is not None


def _words(values: Iterable[Plain]) -> frozenset[str]:
    return frozenset(as_text(value) for value in values)


def merge(parents: Sequence[Parts], own: Parts) -> Parts:
    """Return a profile's parts with those it inherits: own first, so that they win where both read one object."""
    identity: dict[str, Expression] = {}
    satellite: dict[str, Expression] = {}
    used: dict[str, Object] = {}
    for parts in (*parents, own):
        identity |= parts.identity
        satellite |= parts.satellite
        used |= parts.used
    records: dict[str, tuple[RecordSpec, ...]] = {}
    for parts in (own, *parents):
        for name, rows in parts.records.items():
            known = records.get(name, ())
            records[name] = (*known, *(row for row in rows if row not in known))
    sensors: list[SensorSpec | EntitySensorSpec] = []
    for parts in (own, *parents):
        sensors += [sensor for sensor in parts.sensors if sensor not in sensors]
    cli = next((parts.cli for parts in (own, *parents) if parts.cli is not None), None)
    return Parts(own.matches, identity, tuple(sensors), records, satellite, used, cli)


def mapping_of(used: Mapping[str, Object]) -> dict[str, list[Object]]:
    """Return the columns that are used, by table, in the order of their OIDs."""
    tables: dict[str, list[Object]] = {}
    for thing in used.values():
        if thing.table is not None:
            tables.setdefault(thing.table, []).append(thing)
    for columns in tables.values():
        columns.sort(key=lambda thing: tuple(map(int, thing.oid.split("."))))
    return tables
