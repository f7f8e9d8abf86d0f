"""What people write in `config/profiles/*.yaml` and `config/profiles/mib/*.yaml` (docs/extend/profile.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sized
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from noc.inventory.profiles.compiled import IndexType, Plain, ValueType
from noc.model.command import Platform
from noc.model.finding import did_you_mean
from noc.model.snapshot import RECORD_FIELDS, SATELLITE_FIELDS, SENSOR_UNITS, SensorStatus
from noc.settings.schema import Duration, Settings

_Several = TypeVar("_Several", bound=Sized)
_MAX_ARC = 2**32 - 1  # RFC 2578, section 3.5
_ARITHMETIC = ("sum", "difference", "product", "quotient")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def _oid(text: str) -> str:
    parts = text.split(".")
    if len(parts) < 2 or not all(
        part.isascii() and part.isdigit() and len(part) <= 10 and int(part) <= _MAX_ARC for part in parts
    ):
        raise ValueError(f"'{text}' is not an OID: write numbers and dots, without a leading dot")
    return text


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' is not a name: it begins with a letter, and has letters, digits, - and _ alone")
    return text


def _not_empty(several: _Several) -> _Several:
    if not several:
        raise ValueError("must not be empty: a table has an index and columns")
    return several


def _one_of(what: str, known: Iterable[str]) -> AfterValidator:
    names = tuple(known)

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"unknown {what} '{name}'{did_you_mean(name, names)}; there are: {', '.join(names)}")
        return name

    return AfterValidator(check)


def _branch(text: object) -> str:
    return "Map" if isinstance(text, dict | ExpressionMap) else "Text"


Oid = Annotated[str, AfterValidator(_oid)]
Name = Annotated[str, AfterValidator(_name)]
Kind = Annotated[str, _one_of("kind", SENSOR_UNITS)]
ListName = Annotated[str, _one_of("list", RECORD_FIELDS)]
SatelliteField = Annotated[str, _one_of("field", SATELLITE_FIELDS)]


class ColumnText(Settings):
    """A column of a table."""

    id: int = Field(ge=1)
    type: ValueType = "integer"
    every: Duration | None = None
    """Read no more often than this; the last value is kept meanwhile. Default: what the table says."""


class IndexText(Settings):
    """A part of a table's index."""

    name: Name
    type: IndexType = "integer"


class TableText(Settings):
    """A table of a MIB module."""

    oid: Oid
    """OID of the entry (the table's OID and 1)."""
    index: Annotated[tuple[IndexText, ...], AfterValidator(_not_empty)]
    rows_from: tuple[Name, ...] = ()
    """Columns whose walk tells which rows exist; by default the first column that a profile asks for."""
    columns: Annotated[dict[Name, ColumnText], AfterValidator(_not_empty)]
    every: Duration | None = None
    """Read no more often than this: rows that seldom change. Default: at each poll."""
    at_most: Annotated[int, Field(ge=1, le=20_000)] | None = None
    """Rows: a larger table is left out, and told. Default: as many as a real table may have, 20,000."""


class ScalarText(Settings):
    """A scalar of a MIB module."""

    oid: Oid
    """Without the `.0` at the end."""
    type: ValueType = "integer"
    bare: bool = False
    """The agent answers without the `.0`, against RFC 2578."""
    every: Duration | None = None
    """Read no more often than this; the last value is kept meanwhile. Default: at each poll."""


class MibText(Settings):
    """One MIB module, as far as profiles use it."""

    title: str = ""
    source: str = ""
    scalars: dict[Name, ScalarText] = Field(default_factory=dict)
    tables: dict[Name, TableText] = Field(default_factory=dict)
    maps: dict[Name, dict[str, Plain]] = Field(default_factory=dict)
    """What numbers or words mean, for all profiles: `map` names them."""


class LookupText(Settings):
    """A value in another row."""

    value: Name
    by: ExpressionText


class FindText(Settings):
    """A value in the first row that meets the conditions."""

    value: Name
    where: tuple[ConditionText, ...]


class TotalText(Settings):
    """The sum of a column over the rows whose index begins with a value: prefixes of a peer in all address families."""

    value: Name
    under: ExpressionText


class ExpressionMap(Settings):
    """A value with its source and what is done to it, in this order: pattern, replace, map, skip, scale, offset,
    decibels.
    """

    value: Name | None = None
    index: Name | Literal[True] | None = None
    text: str | None = None
    with_: dict[Name, ExpressionText] | None = Field(default=None, alias="with")
    """Values for places in `text` that no MIB name fills: `{text: "{port} of {card}", with: {card: ...}}`."""
    first: tuple[ExpressionText, ...] | None = None
    sum: tuple[ExpressionText, ...] | None = None
    difference: tuple[ExpressionText, ...] | None = None
    product: tuple[ExpressionText, ...] | None = None
    quotient: tuple[ExpressionText, ...] | None = None
    lookup: LookupText | None = None
    find: FindText | None = None
    total: TotalText | None = None
    pattern: str | None = None
    replace: dict[str, str] | None = None
    """Regular expressions with what stands in place of all that they match, one after the other."""
    map: dict[str, Plain] | None = None
    shared_map: Name | None = None
    """The name of a map that a MIB file has under `maps`."""
    otherwise: Plain | None = None
    """What a value that `map` doesn't name becomes; without it, nothing."""
    skip: tuple[Plain, ...] = ()
    scale: float | None = None
    offset: float | None = None
    decibels: bool = False
    """Ten times the decimal logarithm: dBm out of milliwatts. Nothing of what isn't above 0."""
    where: tuple[ConditionText, ...] = ()
    """Conditions without which there is no value."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = ("value", "index", "text", "first", *_ARITHMETIC, "lookup", "find", "total")
        given = [name for name in sources if getattr(self, name) is not None]
        if len(given) != 1:
            listed = " and ".join(given) or "nothing"
            raise ValueError(f"an expression has one source of {', '.join(sources)}; here: {listed}")
        if self.map is not None and self.shared_map is not None:
            raise ValueError("an expression has one map: either 'map' or 'shared_map'")
        if self.otherwise is not None and self.map is None and self.shared_map is None:
            raise ValueError("'otherwise' goes with 'map' or 'shared_map'")
        if self.with_ is not None and self.text is None:
            raise ValueError("'with' goes with 'text'")
        return self


ExpressionText = Annotated[Annotated[str, Tag("Text")] | Annotated[ExpressionMap, Tag("Map")], Discriminator(_branch)]
"""A name (`ifDescr`), text with places (`Fan {index}`), or a mapping."""


class ConditionText(Settings):
    """Which rows count."""

    value: ExpressionText
    is_: tuple[Plain, ...] | None = Field(default=None, alias="is")
    is_not: tuple[Plain, ...] | None = None

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.is_ is None) == (self.is_not is None):
            raise ValueError("a condition has either 'is' or 'is_not'")
        return self


class EntitySensorText(Settings):
    """The columns of a table in the manner of ENTITY-SENSOR-MIB."""

    value: Name
    type: Name
    scale: Name
    precision: Name
    oper_status: Name
    skip: tuple[Plain, ...] = ()
    """Raw values that mean "not measured": the sensor is there, and has no value."""


class SensorText(Settings):
    """A sensor: for each row when its value is a column, one when it is a scalar."""

    kind: Kind | None = None
    value: ExpressionText | None = None
    entity_sensor: EntitySensorText | None = None
    name: ExpressionText
    states: dict[str, tuple[str, SensorStatus]] | None = None
    flags: bool = False
    """The value is a sum of flags: `states` are those that it is made of, and 0 none of them."""
    limit_high: ExpressionText | None = None
    limit_low: ExpressionText | None = None
    where: tuple[ConditionText, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.entity_sensor is None) == (self.value is None):
            raise ValueError("a sensor has either 'value' or 'entity_sensor'")
        if (self.value is None) != (self.kind is None):
            raise ValueError("'kind' goes with 'value'; with 'entity_sensor' the device tells the kind")
        if (self.kind == "state") != (self.states is not None):
            raise ValueError("a sensor of kind 'state' has 'states', and no other kind has them")
        if self.flags and not all(key.isdigit() for key in self.states or ("none",)):
            raise ValueError("'flags' goes with 'states' whose keys are numbers")
        return self


class RecordText(Settings):
    """Rows of a list: for each row of `table`, or one record of scalars."""

    table: Name | None = None
    fields: dict[str, ExpressionText]
    where: tuple[ConditionText, ...] = ()
    unless: Name | None = None
    """Leave these out when that table has rows (an older table that a newer one repeats)."""


class MatchText(Settings):
    """One way to recognise a device; all that is given must fit."""

    sys_object_id: Oid | None = None
    """This OID, or any below it."""
    sys_descr: str | None = None
    """A regular expression that is found in sysDescr."""
    oid: Oid | None = None
    """An object (with its index) that such a device has. By itself it is asked for only where no other match decides;
    with the others, of the devices that they fit."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.sys_object_id is None and self.sys_descr is None and self.oid is None:
            raise ValueError("a match names sys_object_id, sys_descr or both, or oid")
        return self


class IdentityText(Settings):
    """How to read who the device is. Text that is no MIB name stands for itself: `vendor: Cisco`."""

    vendor: ExpressionText | None = None
    os: ExpressionText | None = None
    device_class: ExpressionText | None = None
    version: ExpressionText | None = None
    model: ExpressionText | None = None
    serial: ExpressionText | None = None


class ProfileText(Settings):
    """One profile: a device family, or (without `match`) a fragment that others extend."""

    title: str
    extends: tuple[Name, ...] = ()
    match: tuple[MatchText, ...] = ()
    identity: IdentityText = IdentityText()
    sensors: tuple[SensorText, ...] = ()
    records: dict[ListName, tuple[RecordText, ...]] = Field(default_factory=dict)
    satellite: dict[SatelliteField, ExpressionText] = Field(default_factory=dict)
    cli: Platform | None = None
    """What command line the family has, where it is asked by SSH: `cli/*.yaml` says what."""
    mib: MibText = MibText()
    """Objects of this family alone; shared ones stand in `mib/*.yaml`."""
