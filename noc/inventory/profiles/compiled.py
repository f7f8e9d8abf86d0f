"""Compiled profiles: a device family as frozen data, names already turned into OIDs.

`text` is what people write, `compile` turns it into this, `load` finds the one for a device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from noc.model.command import Platform
from noc.model.snapshot import Scalar, SensorStatus

ValueType = Literal[
    "string",
    "integer",
    "signed32",
    "unsigned32",
    "number",
    "counter32",
    "counter64",
    "timeticks",
    "truth",
    "mac",
    "ip",
    "oid",
    "hex",
    "dotted",
    "ntp",
]
"""How a raw value is read. `number` also reads numbers out of text; `signed32` undoes the wrap of a Gauge32 below 0,
`unsigned32` that of an Integer32 above 2^31; `hex` writes octets or a number in hexadecimal; `dotted` reads four
numbers out of 32 bits, as in 3.6.0.45; `ntp` reads seconds out of four octets, the upper two whole, signed."""

IndexType = Literal["integer", "ip", "ipv6", "inet", "string", "implied", "mac", "rest"]
"""How a part of a table's index is read (RFC 2578, section 7.7). `ipv6`: 16 octets without their length; `inet`:
InetAddressType and InetAddress."""

Plain = str | int | float | bool
"""What people write as a value."""


def as_text(value: Scalar) -> str:
    """Return a value as text, in which values are compared and mapped: `true`, `12`, `12.5`; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


@dataclass(frozen=True, slots=True)
class Object:
    """A named MIB object: a scalar (table is None) or a column. bare: a scalar that agents have without its `.0`.

    every_s: seconds for which a value is good, so that it is asked for no more often; 0: at each poll.
    """

    name: str
    oid: str
    type: ValueType
    table: str | None = None
    bare: bool = False
    every_s: float = 0.0


@dataclass(frozen=True, slots=True)
class IndexPart:
    """One part of a table's index."""

    name: str
    type: IndexType


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it is asked for.

    oid: of the entry. rows_from: the columns whose walk tells which rows exist; columns: all that are wanted.
    at_most: rows; a larger table is left out, and told. None: as many as a real table may have.
    """

    name: str
    oid: str
    index: tuple[IndexPart, ...]
    rows_from: tuple[Object, ...]
    columns: tuple[Object, ...]
    at_most: int | None = None


# --- expressions: how a value is made of what was read -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """The value of an object: in the row at hand, or the scalar."""

    object: Object


@dataclass(frozen=True, slots=True)
class IndexValue:
    """A part of the row's index, by its position; None: the whole index as dotted text."""

    part: int | None


@dataclass(frozen=True, slots=True)
class Text:
    """Text with places: literals and expressions in turn."""

    parts: tuple[str | Expression, ...]


@dataclass(frozen=True, slots=True)
class First:
    """The first alternative that gives a value."""

    choices: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """sum, difference, product or quotient; None where an operand is missing or a divisor is 0."""

    operator: Literal["sum", "difference", "product", "quotient"]
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value in another row: the row of the object's table whose index `by` gives (dotted text or integer)."""

    object: Object
    by: Expression


@dataclass(frozen=True, slots=True)
class Find:
    """A value in the first row of the object's table that meets the conditions."""

    object: Object
    where: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a column over the rows whose index begins with what `under` gives; None where none has a number."""

    object: Object
    under: Expression


@dataclass(frozen=True, slots=True)
class Modified:
    """A value after scaling, mapping, or the first group of a pattern; None when a step doesn't apply.

    replace: patterns, each with what stands in place of all that it matches. where: conditions without which there is
    no value.
    """

    source: Expression
    pattern: re.Pattern[str] | None = None
    replace: tuple[tuple[re.Pattern[str], str], ...] = ()
    mapping: Mapping[str, Plain] | None = None
    otherwise: Plain | None = None
    skip: frozenset[str] = frozenset()
    scale: float | None = None
    offset: float | None = None
    decibels: bool = False
    where: tuple[Condition, ...] = ()


Expression = Value | IndexValue | Text | First | Arithmetic | Lookup | Find | Total | Modified


@dataclass(frozen=True, slots=True)
class Condition:
    """A row counts only if the value is (or is not) among these, compared as text."""

    value: Expression
    among: frozenset[str]
    negated: bool


@dataclass(frozen=True, slots=True)
class State:
    """What one integer of an enumeration means."""

    text: str
    status: SensorStatus


@dataclass(frozen=True, slots=True)
class SensorSpec:
    """A sensor for each row of a table, or one of a scalar.

    states: by the value as text; `otherwise` stands for all values that it doesn't name. flags: the value is a sum of
    states.
    """

    kind: str
    table: str | None
    value: Expression
    objects: tuple[Object, ...]
    name: Expression
    states: Mapping[str, State] | None = None
    limit_high: Expression | None = None
    limit_low: Expression | None = None
    where: tuple[Condition, ...] = ()
    flags: bool = False


@dataclass(frozen=True, slots=True)
class EntitySensorSpec:
    """Sensors whose kind, scale and precision stand in columns beside the value (RFC 3433 and Cisco's forerunner).

    skip: raw values that mean that nothing was measured.
    """

    table: str
    value: Object
    type: Object
    scale: Object
    precision: Object
    oper_status: Object
    name: Expression
    limit_high: Expression | None = None
    limit_low: Expression | None = None
    where: tuple[Condition, ...] = ()
    skip: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """Rows of one of the lists of a Snapshot. table None: one record, made of scalars.

    objects: those that make the main value, whose OID the record carries.
    """

    table: str | None
    fields: Mapping[str, Expression]
    objects: tuple[Object, ...] = ()
    where: tuple[Condition, ...] = ()
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """One way to recognise a device: all that is given must fit. prefix: of sysObjectID, as integers.

    oid: an object that only such a device has, for agents that tell nothing of themselves, or no more than their
    operating system.
    """

    prefix: tuple[int, ...] = ()
    descr: re.Pattern[str] | None = None
    oid: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A device family."""

    name: str
    title: str
    matches: tuple[Match, ...]
    identity: Mapping[str, Expression]
    scalars: tuple[Object, ...]
    tables: tuple[Table, ...]
    sensors: tuple[SensorSpec | EntitySensorSpec, ...] = ()
    records: Mapping[str, tuple[RecordSpec, ...]] = field(default_factory=dict)
    satellite: Mapping[str, Expression] = field(default_factory=dict)
    cli: Platform | None = None
