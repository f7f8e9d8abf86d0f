"""Reads a policy of `noc availability replay`: YAML to `Policy`, every mistake with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, model_validator

from noc.availability.entities import KINDS, PROBED, check_entity
from noc.availability.policy import (
    DEFAULT_CONFIRM_DOWN,
    DEFAULT_CONFIRM_UP,
    SKEW_INTERVALS,
    STALE_INTERVALS,
    Policy,
    ProbePolicy,
    Window,
)
from noc.availability.spans import BEGINNING, FOREVER, union
from noc.availability.times import parse
from noc.availability.unreachable import CircleError, dependencies, in_order
from noc.model.errors import InputError
from noc.model.finding import Finding, did_you_mean
from noc.model.instants import length_ms
from noc.settings import yamltext
from noc.settings.schema import Settings, parse_duration, validate
from noc.settings.yamltext import Document, Place

MAX_CONFIRM: Final = 1_000_000


def _milliseconds(value: object) -> int:
    return length_ms(parse_duration(value))


def _positive_milliseconds(value: object) -> int:
    milliseconds = _milliseconds(value)
    if not milliseconds:
        raise ValueError("a duration must be longer than zero")
    return milliseconds


def _weight(value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number, not {value!r}")  # noqa: TRY004 pydantic turns ValueErrors into findings
    if value < 0:
        raise ValueError(f"must not be negative, as {value} is")
    return Fraction(str(value))


def _text(value: object) -> str:
    """Take numbers too: who and why may be the number of a ticket."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be text")  # noqa: TRY004 as above
    return str(value)


def _check_order(start: int, end: int) -> None:
    if start >= end:
        raise ValueError("'to' must be later than 'from'")


def _or_empty(empty: object) -> BeforeValidator:
    """Take a key with nothing behind it as an empty list or mapping."""
    return BeforeValidator(lambda value: empty if value is None else value)


def _name_of(*kinds: str) -> AfterValidator:
    return AfterValidator(lambda name: check_entity(name, kinds))


_Time: TypeAlias = Annotated[int, PlainValidator(parse)]
_Duration: TypeAlias = Annotated[int, PlainValidator(_positive_milliseconds)]
_Confirm: TypeAlias = Annotated[int, Field(ge=1, le=MAX_CONFIRM)]
_Device: TypeAlias = Annotated[str, _name_of("device")]
_Site: TypeAlias = Annotated[str, _name_of("site")]
_Region: TypeAlias = Annotated[str, _name_of("region")]
_Failing: TypeAlias = Annotated[str, _name_of("device", "site")]
_Judged: TypeAlias = Annotated[str, _name_of(*PROBED, "site")]
_Named: TypeAlias = Annotated[str, _name_of(*KINDS)]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_List: TypeAlias = Annotated[list[_Value], _or_empty([])]
_Mapping: TypeAlias = Annotated[dict[_Key, _Value], _or_empty({})]


class _Probe(Settings):
    interval: _Duration | None = None
    confirm_down: _Confirm | None = None
    confirm_up: _Confirm | None = None
    stale_after: _Duration | None = None
    skew: Annotated[int, PlainValidator(_milliseconds)] | None = None

    @property
    def stale_after_ms(self) -> int | None:
        """As written, or from the interval."""
        return self.stale_after or (STALE_INTERVALS * self.interval if self.interval else None)

    @property
    def skew_ms(self) -> int | None:
        """As written, or from the interval."""
        if self.skew is not None:
            return self.skew
        return SKEW_INTERVALS * self.interval if self.interval else None


class _Default(_Probe):
    @model_validator(mode="after")
    def _is_enough(self) -> _Default:
        if self.stale_after_ms is None or self.skew_ms is None:
            raise ValueError("missing key 'interval': how often is an entity probed? (10s)")
        return self


class _Dates(Settings):
    start: _Time | None = Field(default=None, alias="from")
    end: _Time | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _is_forward(self) -> _Dates:
        if self.start is not None and self.end is not None:
            _check_order(self.start, self.end)
        return self

    @property
    def span(self) -> tuple[int, int]:
        """From the beginning and for ever, where an end is left open."""
        return BEGINNING if self.start is None else self.start, FOREVER if self.end is None else self.end


class _Exception(_Probe):
    in_service: _List[_Dates] = Field(default_factory=list)
    weight: Annotated[Fraction, PlainValidator(_weight)] | None = None


class _Maintenance(Settings):
    entity: _Named
    start: _Time = Field(alias="from")
    end: _Time = Field(alias="to")
    entered: _Time | None = None
    who: Annotated[str, PlainValidator(_text)] = ""
    why: Annotated[str, PlainValidator(_text)] = ""

    @model_validator(mode="after")
    def _is_forward(self) -> _Maintenance:
        _check_order(self.start, self.end)
        return self


class _File(Settings):
    probe: _Default
    upstream: _Mapping[_Judged, _List[_Failing]] = Field(default_factory=dict)
    sites: _Mapping[_Site, _List[_Device]] = Field(default_factory=dict)
    regions: _Mapping[_Region, _List[_Site]] = Field(default_factory=dict)
    below: _Mapping[_Site, _List[_Named]] = Field(default_factory=dict)
    paths: _Mapping[_Site, _List[_Judged]] = Field(default_factory=dict)
    maintenance: _List[_Maintenance] = Field(default_factory=list)
    entities: _Mapping[_Judged, Annotated[_Exception, _or_empty({})]] = Field(default_factory=dict)
    end: _Time | None = None


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy, and what looks wrong in its file but isn't refused."""

    policy: Policy
    warnings: Sequence[Finding]


def read_policy(path: Path) -> PolicyFile:
    """Read a policy. Raises InputError with every finding."""
    return _checked(yamltext.read(path))


def parse_policy(text: str, file: str) -> PolicyFile:
    """Read a policy from YAML text; file is what messages call it. Raises InputError with every finding."""
    return _checked(yamltext.parse(text, file))


def _checked(document: Document) -> PolicyFile:
    policy = _policy(validate(_File, document))
    try:
        in_order(dependencies(policy.upstream, policy.sites))
    except CircleError as error:
        raise InputError([_circle(error, document, policy)]) from error
    return PolicyFile(policy, list(_undefined(document, policy)))


def _policy(file: _File) -> Policy:
    probe = _probe(_Probe(), file.probe)
    return Policy(
        probe=probe,
        probes={name: _probe(exception, file.probe) for name, exception in file.entities.items()},
        upstream=file.upstream,
        sites=file.sites,
        regions=file.regions,
        below=file.below,
        paths=file.paths,
        windows=tuple(
            Window(window.entity, window.start, window.end, window.entered, window.who, window.why)
            for window in file.maintenance
        ),
        in_service={
            name: union(dates.span for dates in exception.in_service)
            for name, exception in file.entities.items()
            if exception.in_service
        },
        weights={name: exc.weight for name, exc in file.entities.items() if exc.weight is not None},
        end=file.end,
    )


def _probe(exception: _Probe, default: _Probe) -> ProbePolicy:
    """Return an exception's own values, then those that its own interval gives, then the default's."""
    stale_after = exception.stale_after_ms or default.stale_after_ms
    skew = default.skew_ms if exception.skew_ms is None else exception.skew_ms
    if stale_after is None or skew is None:
        raise ValueError("the default policy gives neither an interval nor both durations")
    return ProbePolicy(
        stale_after,
        skew,
        exception.confirm_down or default.confirm_down or DEFAULT_CONFIRM_DOWN,
        exception.confirm_up or default.confirm_up or DEFAULT_CONFIRM_UP,
    )


def _circle(error: CircleError, document: Document, policy: Policy) -> Finding:
    place = document.key_place("upstream", next(name for name in error.chain if name in policy.upstream))
    links = [
        f"{name} has the {'upstream' if following in policy.upstream.get(name, ()) else 'edge device'} {following}"
        for name, following in pairwise(error.chain)
    ]
    return place.finding(f"a circle in upstream: {error}; {', '.join(links)}; take one of these out")


def _undefined(document: Document, policy: Policy) -> Iterator[Finding]:
    """Yield a warning where a site or region is named that has no line of its own."""
    named: list[tuple[str, Place]] = [
        *((name, document.key_place("upstream", name)) for name in policy.upstream),
        *((name, document.key_place("entities", name)) for name in policy.probes),
        *((window.entity, document.place("maintenance", i, "entity")) for i, window in enumerate(policy.windows)),
    ]
    for group, owners in (("upstream", policy.upstream), ("regions", policy.regions)):
        for owner, names in owners.items():
            named += [(name, document.place(group, owner, index)) for index, name in enumerate(names)]
    known = {"site": policy.sites, "region": policy.regions}
    for name, place in named:
        kind, _, rest = name.partition("/")
        if name not in known.get(kind, (name,)):
            # Compared without the kind, which makes all names look alike.
            nearest = did_you_mean(rest, [other.partition("/")[2] for other in known[kind]])
            meaning = "no devices, and is unknown" if kind == "site" else "no sites"
            message = f"{name} is not among `{kind}s`{nearest}: it has {meaning}"
            yield replace(place.finding(message), level="warning")
