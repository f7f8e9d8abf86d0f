"""One device: who it is, what it does, charts, sensors, the last changes of its state, what is open."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from noc.http.live import is_topic
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.entities import Device
from noc.model.errors import StoreError
from noc.model.series import SeriesName, SeriesQuery
from noc.model.snapshot import Interface, Sensor, Snapshot
from noc.model.transition import Transition
from noc.state import events, incidents, ledger
from noc.web import words
from noc.web.charts import charts_of
from noc.web.pages import WebPages
from noc.web.paging import page_of
from noc.web.tongue import say
from noc.web.views.parts import parts_of
from noc.web.views.problems import rows_of
from noc.web.views.satellite import degraded, link_of

log = logging.getLogger(__name__)

INTERFACES_A_PAGE: Final = 50
CHANGES: Final = 15
EVENTS: Final = 10
TROUBLE: Final = say("The store of time series can't be asked now; charts and rates are missing.")
RANGES: Final = ("1h", "6h", "24h", "7d", "30d")

_SENSOR_ORDER: Final = ("critical", "warning", "unknown", "ok")
_FIELDS: Final = ("in_bps", "out_bps", "in_pct", "out_pct", "in_errors_ps", "out_errors_ps")
_POLLS_TO_LOOK_BACK: Final = 3

Rates = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Port:
    """An interface with its newest rates, by field; those that aren't known are left out."""

    interface: Interface
    rates: Rates

    @property
    def name(self) -> str:
        """Return what the device calls it."""
        return self.interface.name or self.interface.descr or str(self.interface.if_index)

    @property
    def word(self) -> str:
        """Return its state in a word: what is switched off by people is `off`, and no fault."""
        return "off" if self.interface.admin_status == "down" else self.interface.oper_status or "unknown"

    @property
    def errors(self) -> float | None:
        """Return packets with errors a second, both ways."""
        known = [self.rates[name] for name in ("in_errors_ps", "out_errors_ps") if name in self.rates]
        return sum(known) if known else None


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a device."""
    sources = pages.sources
    inventory = sources.inventory()
    key = request.match_info["device"]
    device = inventory.devices.get(key)
    if device is None or not scope(request).sees(inventory, device.entity):
        raise not_found(f"device {key[:100]}")
    snapshot = sources.present.snapshot(device.entity)
    if snapshot is None:
        sources.look(device.entity)
    async with sources.database.read() as connection:
        records = await ledger.newest(connection, CHANGES, device.entity)
        entities = [device.entity, *(one.part.entity for one in sources.present.parts(device.entity))]
        found = await incidents.page(connection, state="unresolved", entities=entities)
        told = await events.page(connection, device=device.entity, limit=EVENTS)
    names, rates, trouble = await _numbers(sources, device)
    ports = page_of(_ports(snapshot, rates), request, INTERFACES_A_PAGE)
    interface = request.query.get("interface") or _busiest(ports.items)
    sensor = request.query.get("sensor")
    return pages.show(
        request,
        "device.html",
        topics=tuple(topic for topic in (device.entity, "statuses", "incidents") if is_topic(topic)),
        device=device,
        site=inventory.sites[device.site],
        region=inventory.region_of(device),
        status=sources.present.status(device.entity),
        snapshot=snapshot,
        ports=ports,
        interface=interface,
        sensors=_sensors(snapshot),
        parts=parts_of(sources.present.parts(device.entity)),
        link=link_of(snapshot),
        is_degraded=device.entity in degraded(found),
        twins=[one for one in sources.engine_twins(device.entity) if scope(request).sees(inventory, one)],
        failing=[one for one in sources.polls(device.entity) if not one.ok],
        places=sorted(sources.places(device.entity).items()),
        charts=charts_of(device.id, names, interface, sensor, _unit(snapshot, sensor)),
        trouble=trouble,
        ranges=RANGES,
        range=request.query.get("range", "6h"),
        changes=_changes(records),
        incidents=rows_of(found, inventory),
        events=[one.event for one in told],
    )


async def _numbers(sources: Sources, device: Device) -> tuple[tuple[SeriesName, ...], dict[str, Rates], str]:
    """Return the names of the series, the newest rates by interface, and what is wrong with the store."""
    stop = sources.clock.now()
    look_back = max(_POLLS_TO_LOOK_BACK * device.watch.poll_interval, timedelta(minutes=1))
    query = SeriesQuery("interface", _FIELDS, {"device": device.id}, stop - look_back, stop)
    try:
        names = await sources.series.names({"device": device.id})
        series = (await sources.series.read(query)).series
    except StoreError as error:
        log.warning("%s: its numbers can't be shown: %s", device.entity, error)
        return (), {}, TROUBLE
    rates: dict[str, dict[str, float]] = {}
    for one in series:
        name = one.tags.get("ifName") or one.tags.get("ifDescr", "")
        rates.setdefault(name, {})[one.field] = one.values[-1]
    return names, dict(rates), ""


def _ports(snapshot: Snapshot | None, rates: Mapping[str, Rates]) -> list[Port]:
    interfaces = () if snapshot is None else snapshot.interfaces
    return [Port(one, rates.get(one.name or one.descr or "", {})) for one in interfaces]


def _busiest(ports: Sequence[Port]) -> str | None:
    """Return the interface with the most traffic: what people look for first."""
    known = [port for port in ports if "in_bps" in port.rates or "out_bps" in port.rates]
    busiest = max(known, key=lambda port: port.rates.get("in_bps", 0) + port.rates.get("out_bps", 0), default=None)
    return None if busiest is None else busiest.name


def _sensors(snapshot: Snapshot | None) -> list[Sensor]:
    sensors = [] if snapshot is None else list(snapshot.sensors)
    return sorted(sensors, key=lambda sensor: _SENSOR_ORDER.index(sensor.status))


def _unit(snapshot: Snapshot | None, oid: str | None) -> str:
    units = (one.unit for one in (() if snapshot is None else snapshot.sensors) if one.oid == oid)
    return words.unit(next(units, None) or "")


def _changes(records: list[ledger.Record]) -> list[Transition]:
    return [ledger.transition_of(record) for record in reversed(records) if record.kind == "transition"]
