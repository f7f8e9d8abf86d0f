"""Circuits: the lines between sites."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, one_of, path_id
from noc.api._pages import filtered_page
from noc.api._shapes import Listing, Shape, Status, status_of
from noc.api.sites import STATUSES
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.entities import Circuit, CircuitEnd, CircuitKind
from noc.inventory.inventory import Inventory

KINDS: tuple[CircuitKind, ...] = get_args(CircuitKind)

FILTERS = (
    Parameter("site", "Only those of this site, by its id."),
    Parameter("region", "Only those of this region, by its id."),
    one_of("kind", "Only those that run over this.", KINDS),
    one_of("status", "Only those that are this now.", STATUSES),
)


class EndItem(Shape):
    """Where a circuit ends."""

    device: str
    interface: str


class ProbeItem(Shape):
    """What measures a circuit."""

    device: str
    name: str


class CircuitItem(Status):
    """A line between sites. Its status comes from its probe, or else from the interfaces at its ends."""

    id: str
    entity: str
    name: str
    kind: CircuitKind
    site: str
    region: str
    provider: str | None
    capacity_bps: int | None
    a: EndItem | None
    z: EndItem | None
    probe: ProbeItem | None


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of circuits."""

    async def listed(request: web.Request) -> Listing[CircuitItem]:
        inventory, seen = sources.inventory(), scope(request)
        site, region = named.site(request, inventory, seen), named.region(request, inventory, seen)
        kinds, statuses = query.words(request, "kind", KINDS), query.words(request, "status", STATUSES)

        def wanted(key: str) -> bool:
            circuit = inventory.circuits[key]
            place = inventory.sites[circuit.site].region
            if not seen.sees_region(place) or region not in (None, place) or site not in (None, circuit.site):
                return False
            return circuit.kind in kinds and sources.present.status(circuit.entity).status in statuses

        shown, more = filtered_page(sorted(inventory.circuits), query.cursor(request), query.limit(request), wanted)
        items = [_item(sources, inventory, inventory.circuits[key]) for key in shown]
        return Listing[CircuitItem](items=items, next=more)

    async def one(request: web.Request) -> CircuitItem:
        inventory, key = sources.inventory(), request.match_info["id"]
        circuit = inventory.circuits.get(key)
        if circuit is None or not scope(request).sees(inventory, circuit.entity):
            raise not_found(f"circuit '{key[:100]}'")
        return _item(sources, inventory, circuit)

    return [
        Endpoint("GET", "/circuits", "All circuits, by id.", listed, Listing[CircuitItem], (*FILTERS, *PAGING)),
        Endpoint("GET", "/circuits/{id}", "One circuit.", one, CircuitItem, (path_id("circuit"),)),
    ]


def _item(sources: Sources, inventory: Inventory, circuit: Circuit) -> CircuitItem:
    now, probe = status_of(sources.present, circuit.entity), circuit.probe
    return CircuitItem(
        id=circuit.id,
        entity=circuit.entity,
        name=circuit.name,
        kind=circuit.kind,
        site=circuit.site,
        region=inventory.sites[circuit.site].region,
        provider=circuit.provider,
        capacity_bps=circuit.capacity,
        a=_end(circuit.a),
        z=_end(circuit.z),
        probe=None if probe is None else ProbeItem(device=probe.device, name=probe.name),
        status=now.status,
        since=now.since,
        seen=now.seen,
    )


def _end(end: CircuitEnd | None) -> EndItem | None:
    return None if end is None else EndItem(device=end.device, interface=end.interface)
