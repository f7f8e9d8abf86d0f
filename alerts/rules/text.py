"""What people write in `config/rules/*.yaml` (docs/extend/rule.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from datetime import timedelta
from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from alerts.rules.compiled import DownKind
from alerts.rules.exampletext import ExampleText
from alerts.rules.measurements import ASKED
from alerts.rules.runbook import is_url, is_within
from noc.inventory.layers import DeviceClass
from noc.inventory.values import Word
from noc.model.finding import did_you_mean
from noc.model.incident import Severity
from noc.model.snapshot import SENSOR_UNITS
from noc.settings.schema import Duration, Settings, format_duration, parse_duration

_Several = TypeVar("_Several", bound=Sized)

MAX_SUMMARY = 120


def _duration(value: object) -> timedelta:
    try:
        return parse_duration(value)
    except ValueError as error:
        hint = "; at once is 0s" if value == 0 else ""
        raise PydanticCustomError("duration", "{reason}", {"reason": f"{error}{hint}"}) from error


def _summary(text: str) -> str:
    if not text.strip() or text != text.strip() or not text.isprintable() or len(text) > MAX_SUMMARY:
        raise ValueError(f"must be one line of 1 to {MAX_SUMMARY} characters, without blanks at its ends")
    return text


def _url(text: str) -> str:
    if not is_url(text) and not is_within(text):
        raise ValueError(
            f"'{text[:60]}' is not a URL; write http:// or https:// and the rest, or an address within noc from / on, "
            "without blanks"
        )
    return text


def not_empty(several: _Several) -> _Several:
    """Return what is not empty. Raises ValueError where it is."""
    if not several:
        raise ValueError("must not be empty; leave the key out where all are meant")
    return several


def _listed(known: Iterable[str]) -> str:
    return f"there are: {', '.join(known)}"


Hold = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(format_duration, return_type=str)]
"""A duration that may be `0s`."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Names = Annotated[tuple[str, ...], AfterValidator(not_empty)]
Words = Annotated[tuple[Word, ...], AfterValidator(not_empty)]
Classes = Annotated[tuple[DeviceClass, ...], AfterValidator(not_empty)]


class RuleText(Settings):
    """What rules of all kinds have."""

    kind: Literal["down", "threshold", "expression", "event", "burn"]
    """What the rule looks for."""
    summary: Annotated[str, AfterValidator(_summary)]
    """What has happened, in a few English words, when the rule is raised."""
    severity: Severity
    """How grave it is."""
    hold: Hold = Field(alias="for")
    """How long it must last before the rule is raised; `0s`: at once."""
    classes: Classes | None = None
    """Only devices of these classes. Default, here and in the next six: all."""
    profiles: Names | None = None
    """Only devices with these profiles, also where it was found by itself. A rule of kind `down` knows only those that
    the inventory names."""
    regions: Names | None = None
    """Only in these regions."""
    site_classes: Words | None = None
    """Only at sites of these classes."""
    sites: Names | None = None
    """Only at these sites."""
    device_tags: Words | None = None
    """Only devices, end points or services that have one of these tags."""
    devices: Names | None = None
    """Only devices with such an id; `*` stands for anything, `?` for one character."""
    policy: Word | None = None
    """Name of the escalation policy. Default: that of the settings."""
    runbook: Annotated[str, AfterValidator(_url)] | None = None
    """Where it says what to do: a URL, or an address within noc (`/help/runbooks/lines#circuit-down`). Shown with the
    incident."""
    owner: Annotated[str, AfterValidator(_summary)] | None = None
    """Who looks after the rule: a team, a person, an address."""
    examples: tuple[ExampleText, ...] = ()
    """What `noc rules test` holds it to; they may also stand in `<rule>.examples.yaml` beside it."""
    enabled: bool = True
    """false: nothing is judged by it."""


class DownText(RuleText):
    """A rule of kind `down`: a device is down, by the one check that tells up from down, or a part of one, by what it
    tells itself, or a circuit.
    """

    of: Annotated[tuple[DownKind, ...], AfterValidator(not_empty)] = ("device",)
    """What may be down: `device`; `bgp`, `ospf`, `isis`, `ldp` (neighbours), `vrf`, `tunnel`, `probe`, `interface` of a
    device; `circuit`; `endpoint` and `service` of an application."""


class AboveText(Settings):
    """Limits for a number that must not be high."""

    raise_: Finite = Field(alias="raise")
    """Raised at this number or more."""
    clear: Finite
    """Cleared at this number or less; lower than `raise`, so that a number at the limit doesn't flap."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.clear >= self.raise_:
            raise ValueError(f"clear ({self.clear:g}) must be lower than raise ({self.raise_:g})")
        return self


class BelowText(Settings):
    """Limits for a number that must not be low."""

    raise_: Finite = Field(alias="raise")
    """Raised at this number or less."""
    clear: Finite
    """Cleared at this number or more; higher than `raise`."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.clear <= self.raise_:
            raise ValueError(f"clear ({self.clear:g}) must be higher than raise ({self.raise_:g})")
        return self


class ThresholdText(RuleText):
    """A rule of kind `threshold`: a number of a device is beyond a limit."""

    measurement: str
    """Measurement of the [time series](series.md)."""
    field: str
    """Its field."""
    unless: str | None = None
    """Another field of the measurement, which tells more: while it has a number, this rule doesn't hold, and what it
    raised is cleared."""
    degraded: bool = False
    """true: the device works, but worse than it should; the incident says `degraded`, and is listed apart from what is
    down."""
    tags: dict[str, str] = Field(default_factory=dict)
    """Only series whose tags are exactly these, such as `kind: charge`."""
    except_: dict[str, Names] = Field(default_factory=dict, alias="except")
    """Series that are left out, by a tag and what it may be like, such as `name: ["Fan 3 *"]`; `*` stands for anything,
    `?` for one character."""
    skip: tuple[Finite, ...] = ()
    """Numbers that say nothing, and neither raise nor clear: 3 is `unknown` among the statuses of sensors."""
    unit: str | None = None
    """Unit of the limits: a guard against a mistake, for the series has the unit that it has."""
    above: AboveText | None = None
    """Limits for a number that must not be high. A threshold has either this or `below`."""
    below: Annotated[BelowText | None, Field(validate_default=True)] = None
    """Limits for a number that must not be low."""
    stale: Duration | None = None
    """A longer gap between two numbers starts `for` anew; not less than twice the time between two polls of the
    device, which is three times by default. A gap never clears what is raised."""

    @field_validator("measurement")
    @classmethod
    def _known_measurement(cls, name: str) -> str:
        if name not in ASKED:
            raise ValueError(f"unknown measurement '{name}'{did_you_mean(name, ASKED)}; {_listed(ASKED)}")
        return name

    @field_validator("field", "unless")
    @classmethod
    def _known_field(cls, name: str | None, info: ValidationInfo) -> str | None:
        measurement = info.data.get("measurement")
        if name is None or measurement is None:
            return name
        fields = ASKED[measurement].fields
        if name not in fields:
            hint = did_you_mean(name, fields)
            raise ValueError(f"'{measurement}' has no field '{name}'{hint}; {_listed(fields)}")
        if info.field_name == "unless" and name == info.data.get("field"):
            raise ValueError(f"'{name}' is the field that the rule is about; name another one, or leave 'unless' out")
        return name

    @field_validator("tags", "except_")
    @classmethod
    def _there_are_such_tags(cls, tags: dict[str, _Several], info: ValidationInfo) -> dict[str, _Several]:
        measurement = info.data.get("measurement")
        known = ASKED[measurement].tags if measurement is not None else tuple(tags)
        for key in tags:
            if key not in known:
                listed = _listed(known) if known else "it has none"
                raise ValueError(f"'{measurement}' has no tag '{key}'{did_you_mean(key, known)}; {listed}")
        return tags

    @field_validator("tags")
    @classmethod
    def _known_tags(cls, tags: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        measurement = info.data.get("measurement")
        for key, value in tags.items():
            if (measurement, key) == ("noc_sensor", "kind") and value not in SENSOR_UNITS:
                hint = did_you_mean(value, SENSOR_UNITS)
                raise ValueError(f"no sensor is of kind '{value}'{hint}; {_listed(SENSOR_UNITS)}")
        return tags

    @field_validator("unit")
    @classmethod
    def _right_unit(cls, unit: str | None, info: ValidationInfo) -> str | None:
        data = info.data
        if unit is None or not {"measurement", "field", "tags"} <= data.keys():
            return unit
        right = unit_of(data["measurement"], data["field"], data["tags"])
        if right is None and data["measurement"] == "noc_sensor" and data["field"] == "value":
            return unit  # sensors of all kinds, of one that is told apart by its name
        if unit != right:
            raise ValueError(f"'{data['field']}' {f'is in {right}' if right else 'has no unit'}, not in '{unit}'")
        return unit

    @field_validator("below")
    @classmethod
    def _one_side(cls, below: BelowText | None, info: ValidationInfo) -> BelowText | None:
        if "above" in info.data and (info.data["above"] is None) == (below is None):
            raise ValueError("a threshold has either 'above' or 'below', with 'raise' and 'clear'")
        return below


def unit_of(measurement: str, field: str, tags: dict[str, str]) -> str | None:
    """Return the unit of a field; of a sensor's value that of its kind, None where no kind is given."""
    if (measurement, field) == ("noc_sensor", "value"):
        return SENSOR_UNITS.get(tags.get("kind", ""))
    return ASKED[measurement].fields[field]
