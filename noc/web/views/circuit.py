"""One circuit: its ends, why it is what it is, how full it is, what was promised of it, who to call."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from noc.http.problems import not_found
from noc.http.reasons import sentence
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.http.why import live_of, why_of
from noc.i18n.language import language
from noc.i18n.marking import say
from noc.inventory.entities import Circuit, CircuitEnd, Device
from noc.inventory.inventory import Inventory
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.series import SeriesName
from noc.pipeline.circuituse import ends_of
from noc.web.charts import Chart, charts_of_circuit
from noc.web.circuitrows import PROBED, CircuitRow, probed, region_of
from noc.web.pages import WebPages, spoken_of
from noc.web.places import url_of
from noc.web.ranges import RANGES, shown
from noc.web.views.device import TROUBLE
from noc.web.views.problems import rows_of
from noc.web.views.satellite import Terminal, Told, degraded, on_way, terminals_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class End:
    """Where a circuit ends. device: None where the inventory lacks it. word: the state of its interface."""

    name: str
    end: CircuitEnd
    device: Device | None
    status: StatusNow | None
    word: str
    alias: str

    @property
    def url(self) -> str | None:
        """Return the address of the charts of the interface."""
        if self.device is None:
            return None
        return f"{url_of('device', self.device.id)}?interface={quote(self.end.interface, safe='')}"


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page."""
    sources, circuit = pages.sources, asked_for(pages, request)
    inventory, seen = sources.inventory(), scope(request)
    why = await why_of(sources, seen, circuit.entity)
    spoken = language(spoken_of(request))
    mine = [one for one in why.incidents if one.entity == circuit.entity]
    worse = degraded(why.incidents)
    row = CircuitRow(
        circuit,
        inventory.sites[circuit.site],
        region_of(circuit, inventory),
        why.now,
        sources.use(circuit),
        probed(circuit, sources.present),
        circuit.entity in worse or on_way(circuit, inventory, worse),
    )
    charts, trouble = await _charts(sources, circuit, inventory)
    return pages.show(
        request,
        "circuit.html",
        topics=live_of(why),
        row=row,
        circuit=circuit,
        why=why,
        said=sentence(why.reason, spoken, pages.times(request).written_ms),
        ends=[_end(sources, inventory, name, end) for name, end in _named(circuit) if end is not None],
        probe_rows=[(name, row.probe[field], unit) for field, name, unit in PROBED if field in row.probe],
        terminals=_terminals(sources, inventory, circuit, worse),
        incidents=rows_of(mine, inventory),
        charts=charts,
        marks=f"/api/v1/marks?entity={quote(circuit.entity, safe='')}",
        trouble=trouble,
        ranges=RANGES,
        shown=shown(request.query, pages.times(request), to_ms(sources.clock.now())),
        now_ms=to_ms(sources.clock.now()),
    )


def asked_for(pages: WebPages, request: web.Request) -> Circuit:
    """Return the circuit that a request is about. Raises ProblemError (404)."""
    inventory, key = pages.sources.inventory(), request.match_info["circuit"]
    circuit = inventory.circuits.get(key)
    if circuit is None or not scope(request).sees(inventory, circuit.entity):
        raise not_found(f"circuit {key[:100]}")
    return circuit


def _named(circuit: Circuit) -> tuple[tuple[str, CircuitEnd | None], ...]:
    return ((say("End at the site"), circuit.a), (say("Far end"), circuit.z))


def _end(sources: Sources, inventory: Inventory, name: str, end: CircuitEnd) -> End:
    device = inventory.devices.get(end.device)
    if device is None:
        return End(name, end, None, None, "", "")
    snapshot = sources.present.snapshot(device.entity)
    ports = () if snapshot is None else snapshot.interfaces
    port = next((one for one in ports if end.interface in (one.name, one.descr)), None)
    word = "" if port is None else "off" if port.admin_status == "down" else port.oper_status or "unknown"
    return End(name, end, device, sources.present.status(device.entity), word, "" if port is None else port.alias or "")


def _terminals(
    sources: Sources, inventory: Inventory, circuit: Circuit, worse: frozenset[str]
) -> Sequence[tuple[Terminal, list[Told]]]:
    """Return the satellite terminals that a circuit of that kind runs over: those that its router hangs on."""
    router = None if circuit.kind != "satellite" or circuit.a is None else inventory.devices.get(circuit.a.device)
    if router is None:
        return []
    names = dict.fromkeys((router.entity, *router.upstream))
    devices = [one for name in names if isinstance(one := inventory.entity(name), Device) and one.site == circuit.site]
    return [(one, list(one.link.rows)) for one in terminals_of(devices, sources.present, worse)]


async def _charts(sources: Sources, circuit: Circuit, inventory: Inventory) -> tuple[list[Chart], str]:
    """Return the charts of a circuit, and what is wrong with the store."""
    ends = ends_of(circuit)
    devices = [one.device for one in (circuit.probe, *ends[:1]) if one is not None]
    terminals = [one.device.id for one, _ in _terminals(sources, inventory, circuit, frozenset())]
    names: dict[str, tuple[SeriesName, ...]] = {}
    try:
        for device in dict.fromkeys((*devices, *terminals)):
            names[device] = await sources.series.names({"device": device})
    except StoreError as error:
        log.warning("%s: its numbers can't be shown: %s", circuit.entity, error)
        return [], TROUBLE
    return charts_of_circuit(circuit, names, terminals), ""
