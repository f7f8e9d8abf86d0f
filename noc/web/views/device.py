"""One device: who it is, what it does, charts, sensors, the last changes of its state, what is open."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web

from noc.http.live import is_topic
from noc.http.problems import not_found
from noc.http.reasons import sentence
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.http.why import reason_now
from noc.i18n.language import language
from noc.i18n.marking import say
from noc.inventory.entities import Device
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.model.present import PollNow
from noc.model.series import WHOLE, SeriesName, SeriesQuery
from noc.model.snapshot import Sensor, Snapshot
from noc.model.transition import Transition
from noc.state import configurations, events, incidents, ledger, notes
from noc.web import words
from noc.web.charts import charts_of
from noc.web.pages import WebPages, spoken_of
from noc.web.ports import Rates, rates_of
from noc.web.ranges import RANGES, shown
from noc.web.views.parts import parts_of
from noc.web.views.problems import rows_of
from noc.web.views.satellite import degraded, link_of
from noc.web.whyurl import why_url

log = logging.getLogger(__name__)

NEIGHBOURS: Final = 100
CHANGES: Final = 15
EVENTS: Final = 10
TROUBLE: Final = say("The store of time series can't be asked now; charts and rates are missing.")

_SENSOR_ORDER: Final = ("critical", "warning", "unknown", "ok")
_POLLS_TO_LOOK_BACK: Final = 3
_DAY: Final = timedelta(days=1)
_RATES: Final = ("in_bps", "out_bps")


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a device."""
    sources, device = pages.sources, asked_for(pages, request)
    inventory, spoken = sources.inventory(), language(spoken_of(request))
    snapshot = sources.present.snapshot(device.entity)
    if snapshot is None:
        sources.look(device.entity)
    async with sources.database.read() as connection:
        records = await ledger.newest(connection, CHANGES, device.entity)
        entities = [device.entity, *(one.part.entity for one in sources.present.parts(device.entity))]
        found = await incidents.page(connection, state="unresolved", entities=entities)
        told = await events.page(connection, device=device.entity, limit=EVENTS)
        known = await notes.of(connection, [device.entity, f"site/{device.site}"], to_ms(sources.clock.now()))
        copies = await configurations.versions(connection, device.id, 1)
    names, busiest, trouble = await _numbers(sources, device)
    changes = _changes(records)
    reason = reason_now(sources, scope(request), device.entity, changes[0].reason if changes else "")
    interface = request.query.get("interface") or busiest
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
        said=sentence(reason, spoken, pages.times(request).written_ms),
        liveness=_liveness(sources, device),
        neighbours=() if snapshot is None else snapshot.records.get("neighbors", ())[:NEIGHBOURS],
        notes=known,
        name_of=await pages.called(),
        changed=copies[0] if copies else None,
        why_url=why_url,
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
        shown=shown(request.query, pages.times(request), to_ms(sources.clock.now())),
        changes=changes,
        marks=f"/api/v1/marks?entity={quote(device.entity, safe='')}",
        incidents=rows_of(found, inventory),
        events=[one.event for one in told],
    )


async def _numbers(sources: Sources, device: Device) -> tuple[tuple[SeriesName, ...], str, str]:
    """Return the names of the series, the busiest interface, and what is wrong with the store."""
    stop = sources.clock.now()
    look_back = max(_POLLS_TO_LOOK_BACK * device.watch.poll_interval, timedelta(minutes=1))
    query = SeriesQuery("interface", _RATES, {"device": device.id}, stop - look_back, stop)
    try:
        names = await sources.series.names({"device": device.id})
        rates = rates_of((await sources.series.read(query)).series)
        if not rates:  # it is down, or was read once: what it had when it was read last
            day = replace(query, start=stop - _DAY, step=WHOLE, aggregates=("last",))
            rates = rates_of((await sources.series.read(day)).series)
    except StoreError as error:
        log.warning("%s: its numbers can't be shown: %s", device.entity, error)
        return (), "", TROUBLE
    return names, _busiest(rates), ""


def _busiest(rates: Mapping[str, Rates]) -> str:
    """Return the interface with the most traffic: what people look for first."""
    return max(rates, key=lambda name: sum(rates[name].values()), default="")


def asked_for(pages: WebPages, request: web.Request) -> Device:
    """Return the device that a request is about. Raises ProblemError (404)."""
    inventory, key = pages.sources.inventory(), request.match_info["device"]
    device = inventory.devices.get(key)
    if device is None or not scope(request).sees(inventory, device.entity):
        raise not_found(f"device {key[:100]}")
    return device


def _liveness(sources: Sources, device: Device) -> PollNow | None:
    """Return how the check went last that tells up from down."""
    kinds = {"snmp": "uptime"}
    wanted = kinds.get(device.watch.liveness.check, device.watch.liveness.check)
    return next((one for one in sources.polls(device.entity) if one.check == wanted), None)


def _sensors(snapshot: Snapshot | None) -> list[Sensor]:
    sensors = [] if snapshot is None else list(snapshot.sensors)
    return sorted(sensors, key=lambda sensor: _SENSOR_ORDER.index(sensor.status))


def _unit(snapshot: Snapshot | None, oid: str | None) -> str:
    units = (one.unit for one in (() if snapshot is None else snapshot.sensors) if one.oid == oid)
    return words.unit(next(units, None) or "")


def _changes(records: list[ledger.Record]) -> list[Transition]:
    return [ledger.transition_of(record) for record in reversed(records) if record.kind == "transition"]
