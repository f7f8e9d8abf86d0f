"""Evaluates a profile's expressions over what an agent answered. Pure."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from noc.inventory.profile import (
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
    Value,
)
from noc.model.reading import Index, SnmpAnswer
from noc.model.snapshot import Scalar
from noc.pipeline.values import number, value_of


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
            return "".join(part if isinstance(part, str) else show(evaluate(part, scope)) for part in parts).strip()
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
        case Modified():
            return _modified(expression, evaluate(expression.source, scope))


def row_index(scope: Scope) -> str:
    """Return the index of the row as dotted text; 0 for scalars."""
    return ".".join(map(str, scope.index)) if scope.table is not None else "0"


def oid_of(thing: Object, scope: Scope) -> str:
    """Return the OID that an object's value in this scope was read from."""
    return f"{thing.oid}.{row_index(scope)}"


def holds(conditions: Sequence[Condition], scope: Scope) -> bool:
    """Return whether a row meets all conditions."""
    return all(
        (show(evaluate(condition.value, scope)) in condition.among) != condition.negated for condition in conditions
    )


def number_of(value: Scalar) -> int | float | None:
    """Return the number that a value is or begins with."""
    return number(value.encode() if isinstance(value, str) else value)


def show(value: Scalar) -> str:
    """Return a value as text; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def tidy(value: float) -> int | float:
    """Return a number without the dust of binary fractions (65 × 0.1 is 6.5), whole numbers as int."""
    rounded = round(value, 9) if abs(value) >= 1e-6 else value
    return int(rounded) if rounded == int(rounded) and abs(rounded) < 2**53 else rounded


def _lookup(thing: Object, by: Scalar, scope: Scope) -> Scalar:
    if by is None or thing.table is None:
        return None
    try:
        index = tuple(map(int, show(by).split(".")))
    except ValueError:
        return None
    return Scope(scope.profile, scope.answer, thing.table, index).value(thing)


def _arithmetic(operator: str, operands: list[int | float | None]) -> int | float | None:
    if any(operand is None for operand in operands):
        return None
    values = [operand for operand in operands if operand is not None]
    if operator == "sum":
        return tidy(sum(values))
    if operator == "product":
        return tidy(math.prod(values))
    first, *rest = values
    if operator == "difference":
        return tidy(first - sum(rest))
    divisor = math.prod(rest)
    return tidy(first / divisor) if divisor else None


def _modified(step: Modified, value: Scalar) -> Scalar:
    if value is None:
        return None
    if step.pattern is not None:
        found = step.pattern.search(show(value))
        value = found[1] if found else None
        if value is None:
            return None
    if step.mapping is not None:
        value = step.mapping.get(show(value), step.otherwise)
    if value is None or show(value) in step.skip:
        return None
    if step.scale is None and step.offset is None:
        return value
    plain = number_of(value)
    if plain is None:
        return None
    return tidy(plain * (1 if step.scale is None else step.scale) + (step.offset or 0))


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
    if part.type == "integer":
        return rest.pop(0)
    if part.type == "ip":
        return _address(_pop(rest, 4))
    if part.type == "mac":
        return ":".join(f"{number:02x}" for number in _pop(rest, 6))
    if part.type == "inet":
        rest.pop(0)
        length = rest.pop(0) if rest else 0
        return _address(_pop(rest, length))
    if part.type == "string":
        return _characters(_pop(rest, rest.pop(0)))
    taken = _pop(rest, len(rest))
    return _characters(taken) if part.type == "implied" else ".".join(map(str, taken))


def _pop(rest: list[int], count: int) -> list[int]:
    taken = rest[:count]
    del rest[:count]
    return taken


def _characters(numbers: list[int]) -> str:
    return bytes(number for number in numbers if 0 <= number < 256).decode("utf-8", "replace")


def _address(numbers: list[int]) -> str | None:
    try:
        return str(ipaddress.ip_address(bytes(numbers[:16])))
    except ValueError:
        return None
