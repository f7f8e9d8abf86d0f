"""Evaluates a profile's expressions over what an agent answered, whatever that is: no answer raises. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from noc.inventory.profiles.compiled import (
    Arithmetic,
    Condition,
    Expression,
    Find,
    First,
    IndexPart,
    IndexValue,
    Lookup,
    Modified,
    Object,
    Profile,
    Text,
    Total,
    Value,
    as_text,
)
from noc.model.reading import Index, SnmpAnswer
from noc.model.snapshot import Scalar
from noc.pipeline.arithmetic import combined, decibels, scaled
from noc.pipeline.values import number, value_of

# InetAddressType: 1 ipv4, 2 ipv6, 3 ipv4z, 4 ipv6z, 16 dns
_INET_OCTETS: Final = {1: 4, 2: 16, 3: 4, 4: 16}
_DNS: Final = 16
_MAC_OCTETS: Final = 6


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is evaluated: an answer, and a row of one of its tables (or none, for scalars)."""

    profile: Profile
    answer: SnmpAnswer
    table: str | None = None
    index: Index = ()

    def value(self, thing: Object) -> Scalar:
        """Return an object's value: the scalar's, or the column's in the row with this index; None if absent."""
        if thing.table is None:
            return value_of(self.answer.scalars.get(thing.name), thing)
        return value_of(self.answer.tables.get(thing.table, {}).get(self.index, {}).get(thing.name), thing)


def rows(profile: Profile, answer: SnmpAnswer, table: str) -> Iterator[Scope]:
    """Yield a scope for each row of a table, in the order of the indexes."""
    for index in sorted(answer.tables.get(table, {})):
        yield Scope(profile, answer, table, index)


def evaluate(expression: Expression, scope: Scope) -> Scalar:
    """Return the value of an expression; None when what it needs is not there."""
    match expression:
        case Value(thing):
            return scope.value(thing)
        case IndexValue(part):
            return _index_value(scope, part)
        case Text(parts):
            return "".join(part if isinstance(part, str) else as_text(evaluate(part, scope)) for part in parts).strip()
        case First(choices):
            return next((value for choice in choices if (value := evaluate(choice, scope)) not in (None, "")), None)
        case Arithmetic(operator, operands):
            return _arithmetic(operator, [number_of(evaluate(operand, scope)) for operand in operands])
        case Lookup(thing, by):
            return _lookup(thing, evaluate(by, scope), scope)
        case Find(thing, where):
            found = rows(scope.profile, scope.answer, thing.table or "")
            values = (row.value(thing) for row in found if holds(where, row))
            return next((value for value in values if value not in (None, "")), None)
        case Total(thing, under):
            return _total(thing, evaluate(under, scope), scope)
        case Modified():
            if expression.where and not holds(expression.where, scope):
                return None
            return _modified(expression, evaluate(expression.source, scope))


def row_index(scope: Scope) -> str:
    """Return the index of the row as dotted text; 0 for scalars."""
    return ".".join(map(str, scope.index)) if scope.table is not None else "0"


def oid_of(thing: Object, scope: Scope) -> str:
    """Return the OID that an object's value in this scope was read from."""
    return thing.oid if thing.bare else f"{thing.oid}.{row_index(scope)}"


def holds(conditions: Sequence[Condition], scope: Scope) -> bool:
    """Return whether a row meets all conditions."""
    return all(
        (as_text(evaluate(condition.value, scope)) in condition.among) != condition.negated for condition in conditions
    )


def number_of(value: Scalar) -> int | float | None:
    """Return the number that a value is or begins with."""
    return number(value.encode() if isinstance(value, str) else value)


def _lookup(thing: Object, by: Scalar, scope: Scope) -> Scalar:
    index = _index_of(by)
    if index is None or thing.table is None:
        return None
    return Scope(scope.profile, scope.answer, thing.table, index).value(thing)


def _total(thing: Object, under: Scalar, scope: Scope) -> int | float | None:
    beginning = _index_of(under)
    if beginning is None or thing.table is None:
        return None
    below = (row for row in rows(scope.profile, scope.answer, thing.table) if row.index[: len(beginning)] == beginning)
    numbers = (number_of(row.value(thing)) for row in below)
    return combined("sum", [number for number in numbers if number is not None])


def _index_of(value: Scalar) -> Index | None:
    """Return the index that dotted text or a number means."""
    try:
        return None if value is None else tuple(map(int, as_text(value).split(".")))
    except ValueError:
        return None


def _arithmetic(operator: str, operands: list[int | float | None]) -> int | float | None:
    values = [operand for operand in operands if operand is not None]
    return combined(operator, values) if len(values) == len(operands) else None


def _modified(step: Modified, value: Scalar) -> Scalar:
    if value is None:
        return None
    if step.pattern is not None:
        found = step.pattern.search(as_text(value))
        value = found[1] if found else None
        if value is None:
            return None
    for pattern, instead in step.replace:
        value = pattern.sub(instead, as_text(value))
    if step.mapping is not None:
        value = step.mapping.get(as_text(value), step.otherwise)
    if value is None or as_text(value) in step.skip:
        return None
    if step.scale is None and step.offset is None and not step.decibels:
        return value
    plain = number_of(value)
    if plain is not None:
        plain = scaled(plain, step.scale, step.offset)
    return decibels(plain) if step.decibels and plain is not None else plain


def _index_value(scope: Scope, part: int | None) -> Scalar:
    if part is None:
        return ".".join(map(str, scope.index))
    table = next((table for table in scope.profile.tables if table.name == scope.table), None)
    values = index_values(table.index, scope.index) if table is not None else []
    return values[part] if part < len(values) else None


def index_values(parts: Sequence[IndexPart], index: Index) -> list[Scalar]:
    """Return what the parts of an index mean (RFC 2578, section 7.7); shorter when the index is too short."""
    values: list[Scalar] = []
    rest = list(index)
    for part in parts:
        if not rest:
            break
        values.append(_take(part, rest))
    return values


def _take(part: IndexPart, rest: list[int]) -> Scalar:
    match part.type:
        case "integer":
            return rest.pop(0)
        case "ip":
            return _address(_pop(rest, 4))
        case "ipv6":
            return _address(_pop(rest, 16))
        case "mac":
            octets = _pop(rest, _MAC_OCTETS)
            whole = len(octets) == _MAC_OCTETS and max(octets) < 256
            return bytes(octets).hex(":") if whole else None
        case "inet":
            kind = rest.pop(0)
            return _inet(kind, _pop(rest, rest.pop(0) if rest else 0))
        case "string":
            return _characters(_pop(rest, rest.pop(0)))
        case "implied":
            return _characters(_pop(rest, len(rest)))
        case "rest":
            return ".".join(map(str, _pop(rest, len(rest))))


def _inet(kind: int, octets: list[int]) -> str | None:
    """Return an InetAddress (RFC 4001) by its InetAddressType; the zone of a scoped address is left out."""
    if kind == _DNS:
        return _characters(octets)
    length = _INET_OCTETS.get(kind)
    return None if length is None or len(octets) < length else _address(octets[:length])


def _pop(rest: list[int], count: int) -> list[int]:
    taken = rest[:count]
    del rest[:count]
    return taken


def _characters(numbers: list[int]) -> str:
    return bytes(number for number in numbers if 0 <= number < 256).decode("utf-8", "replace")


def _address(numbers: list[int]) -> str | None:
    try:
        return str(ipaddress.ip_address(bytes(numbers)))
    except ValueError:
        return None
