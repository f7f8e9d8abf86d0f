"""Profile text to compiled parts: names become objects with OIDs, once, with every error at its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from noc.inventory.profile import (
    Arithmetic,
    Condition,
    EntitySensorSpec,
    Expression,
    Find,
    First,
    IndexPart,
    IndexValue,
    Lookup,
    Match,
    Modified,
    Object,
    RecordSpec,
    SensorSpec,
    State,
    Text,
    Value,
)
from noc.inventory.profile_schema import (
    ConditionText,
    ExpressionMap,
    ExpressionText,
    MatchText,
    MibText,
    ProfileText,
    RecordText,
    SensorText,
    TableText,
)
from noc.model.finding import Finding, did_you_mean
from noc.model.snapshot import RECORD_MAIN_FIELD
from noc.settings.yamltext import Document

Path = tuple[str | int, ...]
_PLACE = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Names:
    """All MIB names that profiles may use."""

    objects: dict[str, Object] = field(default_factory=dict)
    tables: dict[str, TableText] = field(default_factory=dict)
    index: dict[str, tuple[IndexPart, ...]] = field(default_factory=dict)

    def add(self, mib: MibText, document: Document, path: Path) -> list[Finding]:
        """Take in a module's names; a name with two meanings is a finding."""
        findings: list[Finding] = []

        def put(thing: Object, *where: str | int) -> None:
            known = self.objects.setdefault(thing.name, thing)
            if known != thing:
                place = document.key_place(*path, *where)
                findings.append(place.finding(f"'{thing.name}' is {known.oid} in another file, and {thing.oid} here"))

        for name, scalar in mib.scalars.items():
            put(Object(name, scalar.oid, scalar.type), "scalars", name)
        for name, table in mib.tables.items():
            self.tables[name] = table
            self.index[name] = tuple(IndexPart(part.name, part.type) for part in table.index)
            for column, text in table.columns.items():
                put(Object(column, f"{table.oid}.{text.id}", text.type, name), "tables", name, "columns", column)
            findings += [
                document.place(*path, "tables", name, "rows_from", position).finding(
                    f"'{column}' is not a column of {name}{did_you_mean(column, table.columns)}"
                )
                for position, column in enumerate(table.rows_from)
                if column not in table.columns
            ]
        return findings


@dataclass(slots=True)
class Parts:
    """What one profile file says by itself, before inheritance."""

    matches: tuple[Match, ...]
    identity: dict[str, Expression]
    sensors: tuple[SensorSpec | EntitySensorSpec, ...]
    records: dict[str, tuple[RecordSpec, ...]]
    satellite: dict[str, Expression]
    used: dict[str, Object]


class Compiler:
    """Compiles one profile file. Findings are collected, not raised."""

    def __init__(self, names: Names, document: Document) -> None:
        self._names = names
        self._document = document
        self.findings: list[Finding] = []
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
        )

    def _error(self, path: Path, message: str) -> None:
        self.findings.append(self._document.place(*path).finding(message))

    def _match(self, text: MatchText, path: Path) -> Match:
        prefix = tuple(map(int, text.sys_object_id.split("."))) if text.sys_object_id else ()
        return Match(prefix, self._regex(text.sys_descr, (*path, "sys_descr")) if text.sys_descr else None)

    def _regex(self, pattern: str, path: Path) -> re.Pattern[str] | None:
        try:
            return re.compile(pattern, re.ASCII)
        except re.error as error:
            self._error(path, f"not a regular expression: {error}")
            return None

    def _object(self, name: str, path: Path) -> Object:
        known = self._names.objects.get(name)
        if known is None:
            hint = did_you_mean(name, self._names.objects)
            self._error(path, f"unknown MIB object '{name}'{hint}; define it under mib: or in mib/*.yaml")
            return Object(name, "0.0", "integer")
        self._used[name] = known
        return known

    def _named(self, name: str, table: str | None, path: Path) -> Value | IndexValue:
        if table is not None:
            if name == "index":
                return IndexValue(None)
            for position, part in enumerate(self._names.index.get(table, ())):
                if part.name == name:
                    return IndexValue(position)
        return Value(self._object(name, path))

    def _expression(self, text: ExpressionText, table: str | None, path: Path) -> Expression:
        if isinstance(text, str):
            return self._template(text, table, path) if "{" in text else self._named(text, table, path)
        source = self._source(text, table, path)
        pattern = self._regex(text.pattern, (*path, "pattern")) if text.pattern else None
        if pattern is not None and pattern.groups < 1:
            self._error((*path, "pattern"), "the pattern needs a group: its first group is the value")
        skip = frozenset(str(value) for value in text.skip)
        modified = Modified(source, pattern, text.map, text.otherwise, skip, text.scale, text.offset)
        return source if modified == Modified(source) else modified

    def _source(self, text: ExpressionMap, table: str | None, path: Path) -> Expression:
        if text.value is not None:
            return self._named(text.value, table, (*path, "value"))
        if text.index is not None:
            return IndexValue(None) if text.index is True else self._named(text.index, table, (*path, "index"))
        if text.text is not None:
            return self._template(text.text, table, (*path, "text"))
        if text.lookup is not None:
            target = self._object(text.lookup.value, (*path, "lookup", "value"))
            return Lookup(target, self._expression(text.lookup.by, table, (*path, "lookup", "by")))
        if text.find is not None:
            sought = self._object(text.find.value, (*path, "find", "value"))
            return Find(sought, self._where(text.find.where, sought.table, (*path, "find")))
        if text.first is not None:
            return First(self._all(text.first, table, (*path, "first")))
        for operator in ("sum", "difference", "product", "quotient"):
            operands: Sequence[ExpressionText] | None = getattr(text, operator)
            if operands is not None:
                return Arithmetic(operator, self._all(operands, table, (*path, operator)))
        raise AssertionError("the schema lets no expression through without a source")

    def _all(self, texts: Iterable[ExpressionText], table: str | None, path: Path) -> tuple[Expression, ...]:
        return tuple(self._expression(text, table, (*path, position)) for position, text in enumerate(texts))

    def _template(self, text: str, table: str | None, path: Path) -> Text:
        parts: list[str | Expression] = []
        for position, piece in enumerate(_PLACE.split(text)):
            if position % 2:
                parts.append(self._named(piece, table, path))
            elif piece:
                parts.append(piece)
        return Text(tuple(parts))

    def _condition(self, text: ConditionText, table: str | None, path: Path) -> Condition:
        among = text.is_ if text.is_ is not None else text.is_not or ()
        value = self._expression(text.value, table, (*path, "value"))
        return Condition(value, frozenset(str(word) for word in among), text.is_ is None)

    def _where(self, texts: Iterable[ConditionText], table: str | None, path: Path) -> tuple[Condition, ...]:
        return tuple(self._condition(text, table, (*path, "where", n)) for n, text in enumerate(texts))

    def _sensor(self, text: SensorText, path: Path) -> SensorSpec | EntitySensorSpec:
        if text.entity_sensor is not None:
            columns = {
                name: self._object(getattr(text.entity_sensor, name), (*path, "entity_sensor", name))
                for name in ("value", "type", "scale", "precision", "oper_status")
            }
            table = columns["value"].table
            if table is None:
                self._error((*path, "entity_sensor", "value"), "the value of an entity sensor is a column")
            return EntitySensorSpec(
                table=table or "",
                **columns,
                name=self._expression(text.name, table, (*path, "name")),
                limit_high=self._optional(text.limit_high, table, (*path, "limit_high")),
                limit_low=self._optional(text.limit_low, table, (*path, "limit_low")),
                where=self._where(text.where, table, path),
            )
        value_text = text.value if text.value is not None else ""
        objects = tuple(self._mentioned(value_text, (*path, "value")))
        tables = {thing.table for thing in objects}
        if len(tables) != 1:
            self._error((*path, "value"), "the value of a sensor is made of columns of one table, or of scalars")
        table = objects[0].table if objects else None
        states = {key: State(*state) for key, state in text.states.items()} if text.states else None
        return SensorSpec(
            kind=text.kind or "",
            table=table,
            value=self._expression(value_text, table, (*path, "value")),
            objects=objects,
            name=self._label(text.name, table, (*path, "name")),
            states=states,
            limit_high=self._optional(text.limit_high, table, (*path, "limit_high")),
            limit_low=self._optional(text.limit_low, table, (*path, "limit_low")),
            where=self._where(text.where, table, path),
        )

    def _label(self, text: ExpressionText, table: str | None, path: Path) -> Expression:
        # A name may be plain words: `name: Battery temperature`, `vendor: Cisco`.
        if isinstance(text, str) and "{" not in text and text not in self._names.objects:
            return Text((text,))
        return self._expression(text, table, path)

    def _mentioned(self, text: ExpressionText, path: Path) -> list[Object]:
        """Return the objects that make a sensor's value, in the order in which their OID stands for the sensor."""
        if isinstance(text, str):
            return [self._object(text, path)]
        if text.value is not None:
            return [self._object(text.value, (*path, "value"))]
        for branch in ("first", "sum", "difference", "product", "quotient"):
            operands: Sequence[ExpressionText] | None = getattr(text, branch)
            if operands is not None:
                return [
                    thing
                    for n, operand in enumerate(operands)
                    for thing in self._mentioned(operand, (*path, branch, n))
                ]
        self._error(path, "the value of a sensor is an object, or made of objects")
        return []

    def _optional(self, text: ExpressionText | None, table: str | None, path: Path) -> Expression | None:
        return None if text is None else self._expression(text, table, path)

    def _record(self, list_name: str, text: RecordText, path: Path) -> RecordSpec:
        for name in ("table", "unless"):
            table = getattr(text, name)
            if table is not None and table not in self._names.tables:
                self._error((*path, name), f"unknown table '{table}'{did_you_mean(table, self._names.tables)}")
        fields = {
            name: self._expression(value, text.table, (*path, "fields", name)) for name, value in text.fields.items()
        }
        main = RECORD_MAIN_FIELD.get(list_name, "")
        objects = self._mentioned(text.fields[main], (*path, "fields", main)) if main in text.fields else []
        return RecordSpec(text.table, fields, tuple(objects), self._where(text.where, text.table, path), text.unless)


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
    return Parts(own.matches, identity, tuple(sensors), records, satellite, used)


def mapping_of(used: Mapping[str, Object]) -> dict[str, list[Object]]:
    """Return the columns that are used, by table, in the order of their OIDs."""
    tables: dict[str, list[Object]] = {}
    for thing in used.values():
        if thing.table is not None:
            tables.setdefault(thing.table, []).append(thing)
    for columns in tables.values():
        columns.sort(key=lambda thing: tuple(map(int, thing.oid.split("."))))
    return tables
