"""What a request asks of the time series: of whom, of which time, in which steps. What is wrong is a 400."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final, get_args

from aiohttp import web

from alerts.rules.measurements import MEASUREMENTS
from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import Parameter, one_of, time_parameter
from noc.availability.times import to_datetime
from noc.http.problems import ProblemError, bad_request
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.endpoints import Endpoint as AskedEndpoint
from noc.inventory.entities import Circuit, Service
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DEVICE_CLASSES
from noc.model.errors import TooManySeriesError, UsageError
from noc.model.finding import did_you_mean
from noc.model.instants import length_ms
from noc.model.series import BILLED, WHOLE, Aggregate, SeriesQuery
from noc.settings.schema import format_duration

AGGREGATES: Final[tuple[Aggregate, ...]] = get_args(Aggregate)
POINTS_AT_MOST: Final = 100_000
"""Numbers of one answer."""

RAW_SERIES_AT_MOST: Final = 1_000
"""Series of one answer in numbers as they were stored, beyond those of one device."""

FIELDS_AT_MOST: Final = 20
RAW_AT_MOST: Final = timedelta(hours=24)
"""The longest time of which numbers are given as they were stored."""

RANGE_AT_MOST: Final = timedelta(days=3660)
BY_DEFAULT: Final = timedelta(hours=6)
TAG: Final = "tag."
ALL: Final = "all"
STEPS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 180, 360, 720, 1440, 10080))

Where = Mapping[str, str]

_OF_PLACES: Final = {"device": "device", "site": "site", "region": "region", "device_class": "class"}

PLACES: Final = (
    Parameter("device", "Id of the device; or `endpoint/…`, `service/…`."),
    Parameter("entity", "The same as an entity: `device/…`, `interface/…`, `circuit/…`, `site/…`, `region/…`."),
    Parameter("site", "Of the devices of a site, by its id."),
    Parameter("region", "Of the devices of a region, by its id."),
    Parameter("class", "Of devices of this class.", {"type": "string", "enum": list(DEVICE_CLASSES)}),
    Parameter(TAG, "Only series with this value of a tag.", open_ended=True),
)
NUMBERS: Final = (
    *PLACES,
    Parameter("measurement", "Such as interface; `/series/names` lists them.", required=True),
    Parameter("field", f"Such as in_bps; at most {FIELDS_AT_MOST}.", required=True, repeated=True),
    time_parameter("from", "Beginning; default now-6h."),
    time_parameter("to", "End; default now."),
    Parameter(
        "step",
        "One number for each step: 5m, 1h; `all`: one for all of the time. Without, the numbers as stored, of 24 h at "
        "most.",
    ),
    one_of("aggregate", "How the numbers of a step become one; default mean. Each gives a series.", AGGREGATES),
)


def series_query(request: web.Request, sources: Sources) -> SeriesQuery:
    """Return what is asked. Raises ProblemError."""
    where = place(request, sources)
    if not where.keys() & {"device", "site", "region", "device_class"}:
        raise bad_request("/query/device", "is missing; or name an entity, a site, a region or a class")
    if "region" not in where and scope(request).regions is not None and not where.keys() & {"device", "site"}:
        raise bad_request("/query/region", "is missing: you may see some regions only; name one")
    fields = tuple(dict.fromkeys(query.many(request, "field", FIELDS_AT_MOST)))
    if not fields:
        raise bad_request("/query/field", "is missing; `/series/names` lists the fields")
    start_ms, end_ms = period(request, sources, BY_DEFAULT)
    step = _step(request, timedelta(milliseconds=end_ms - start_ms))
    asked = SeriesQuery(
        measurement=query.required(request, "measurement"),
        fields=fields,
        where=where,
        start=to_datetime(start_ms),
        stop=to_datetime(end_ms),
        step=step,
        aggregates=_aggregates(request, step),
    )
    if "device" in where:
        return asked  # its series are counted before they are read
    a_series = steps_in(asked) * len(asked.aggregates)
    return replace(asked, at_most=max(1, POINTS_AT_MOST // a_series) if a_series else RAW_SERIES_AT_MOST)


def place(request: web.Request, sources: Sources) -> dict[str, str]:
    """Return the tags that are asked for: of what the caller may see."""
    inventory, seen = sources.inventory(), scope(request)
    where = {name.removeprefix(TAG): _tag(request, name) for name in request.query if name.startswith(TAG)}
    given = query.text(request, "class")
    if given is not None:
        if given not in DEVICE_CLASSES:
            raise bad_request(
                "/query/class", f"'{given[:60]}' is no class of devices{did_you_mean(given[:60], DEVICE_CLASSES)}"
            )
        where["device_class"] = given
    if (entity := named.entity(request, inventory, seen)) is not None:
        where |= _of_entity(inventory, seen, entity)
    for kind, known in (("region", named.regions(inventory, seen)), ("site", named.sites(inventory, seen))):
        if (found := named.one_named(request, kind, kind, known)) is not None:
            where[kind] = found
    if (device := query.text(request, "device")) is not None:
        where["device"] = _owner(inventory, seen, device)
    return where


def _of_entity(inventory: Inventory, seen: Scope, entity: str) -> Where:
    kind, _, key = entity.partition("/")
    if not named.is_there(inventory, seen, entity):
        raise named.no_such_entity(inventory, seen, entity)
    found = inventory.entity(entity)
    if kind == "interface":
        device, _, name = key.partition("/")
        return {"device": device, "ifName": name}
    if isinstance(found, Circuit) and found.a is not None and found.a.interface is not None:
        return {"device": found.a.device, "ifName": found.a.interface}
    if isinstance(found, AskedEndpoint | Service):
        return {"device": entity}
    if kind in ("device", "site", "region"):
        return {kind: key}
    raise bad_request("/query/entity", f"a {kind} has no numbers of its own; ask for those of its devices")


def owner(request: web.Request, sources: Sources) -> str:
    """Return whose series `device` asks for."""
    return _owner(sources.inventory(), scope(request), query.required(request, "device"))


def _owner(inventory: Inventory, seen: Scope, given: str) -> str:
    """Return whose series are asked for: a device's id, or the entity of an end point or a service."""
    if isinstance(inventory.entity(given), AskedEndpoint | Service) and seen.sees(inventory, given):
        return given
    known = named.devices(inventory, seen)
    if given not in known:
        raise named.names_nothing("device", "device", given, known)
    return given


def period(request: web.Request, sources: Sources, by_default: timedelta) -> tuple[int, int]:
    """Return the time that is asked for, in milliseconds."""
    end_ms = query.time(request, "to", sources.clock)
    end_ms = query.now_ms(sources.clock) if end_ms is None else end_ms
    start_ms = query.time(request, "from", sources.clock)
    start_ms = end_ms - length_ms(by_default) if start_ms is None else start_ms
    if start_ms >= end_ms:
        raise bad_request("/query/from", "must be before `to`")
    if end_ms - start_ms > length_ms(RANGE_AT_MOST):
        raise bad_request("/query/from", f"the time up to `to` is longer than {RANGE_AT_MOST.days} days")
    return start_ms, end_ms


def _step(request: web.Request, length: timedelta) -> timedelta | None:
    if query.text(request, "step") == ALL:
        return WHOLE
    step = query.duration(request, "step")
    if step is None and length > RAW_AT_MOST:
        hours = RAW_AT_MOST // timedelta(hours=1)
        raise bad_request("/query/step", f"is needed for more than {hours} h; try step={rounded_up(length / 1_000)}")
    return step


def _aggregates(request: web.Request, step: timedelta | None) -> tuple[Aggregate, ...]:
    if "aggregate" not in request.query:
        return ("mean",)
    found = tuple(query.words(request, "aggregate", AGGREGATES))
    if step is None:
        raise bad_request("/query/step", f"is needed with `aggregate`; step={ALL} gives one number for all of the time")
    if "p95" in found and step != WHOLE and step % BILLED:
        raise bad_request("/query/step", "p95 is of 5-minute means: it takes whole multiples of 5m, or all")
    return found


def _tag(request: web.Request, name: str) -> str:
    value = query.required(request, name)
    tag = name.removeprefix(TAG)
    if (parameter := _OF_PLACES.get(tag)) is not None:  # a tag must not open what the parameter keeps closed
        raise bad_request(f"/query/{name}", f"is asked for by the parameter `{parameter}`")
    if not (name + value).isprintable() or "\\" in name + value:
        raise bad_request(f"/query/{name[:60]}", "holds a character that no tag has: stores make / of \\")
    return value


def steps_in(asked: SeriesQuery) -> int:
    """Return how many numbers a series may have; 0 where nobody knows before it is read."""
    if asked.step is None:
        return 0
    return 1 if asked.step == WHOLE else (asked.stop - asked.start) // asked.step + 2


def few_enough(asked: SeriesQuery, series: int, points: int) -> None:
    """Raise ProblemError where the numbers of so many series are too many for one answer."""
    if points > POINTS_AT_MOST:
        room = max(POINTS_AT_MOST // series - 2, 1)  # a series has a step more at either end
        step = (asked.stop - asked.start) / room
        raise bad_request(
            "/query/step",
            f"{points} numbers are more than the {POINTS_AT_MOST} of one answer; raise step, to {rounded_up(step)} or "
            "more, or narrow the query with tag.NAME=… or a shorter time",
        )


def rounded_up(step: timedelta) -> str:
    """Return the next longer usual step."""
    return format_duration(next((usual for usual in STEPS if usual >= step), STEPS[-1]))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what a store refuses into the answer for it."""
    try:
        yield
    except TooManySeriesError as error:
        raise _too_many(error) from error
    except UsageError as error:
        raise bad_request("/query/step", str(error)) from error


def _too_many(error: TooManySeriesError) -> ProblemError:
    return bad_request(
        "/query/measurement",
        f"more than {error.at_most} series match, too many for one answer; narrow the query by device, site or "
        "tag.NAME=…, or raise step",
    )


def check_known(measurement: str, fields: Collection[str], names: Mapping[str, Collection[str]]) -> None:
    """Raise ProblemError for a metric that nothing was found of and that noc doesn't write either.

    fields: without numbers. names: fields by measurement that the store has where it was asked.
    """
    known = MEASUREMENTS.get(measurement)
    if known is None and measurement not in names:
        every = {*MEASUREMENTS, *names}
        raise bad_request("/query/measurement", f"'{measurement[:60]}' is unknown{did_you_mean(measurement, every)}")
    listed = {*(known.fields if known else ()), *names.get(measurement, ())}
    for field in fields:
        if field not in listed:
            raise bad_request(
                "/query/field", f"'{field[:60]}' is no field of {measurement[:60]}{did_you_mean(field, listed)}"
            )


def interval_of(inventory: Inventory, measurement: str, owner: str) -> timedelta | None:
    """Return how often a number of a device or an end point is expected; None where it isn't known."""
    known = MEASUREMENTS.get(measurement)
    endpoint = inventory.entity(owner) if "/" in owner else None
    if isinstance(endpoint, AskedEndpoint):
        return endpoint.watch.interval
    device = inventory.devices.get(owner)
    if known is None or device is None:
        return None
    return device.watch.interval if known.rhythm == "interval" else device.watch.poll_interval
