"""Circuits: the lines between sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, of_status
from noc.api._pages import filtered_page
from noc.api._shapes import Listing, Moment, Shape, Status, status_of
from noc.api.sites import STATUSES
from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.entities import Circuit, CircuitEnd, CircuitKind
from noc.inventory.inventory import Inventory

KINDS: tuple[CircuitKind, ...] = get_args(CircuitKind)

FILTERS = Filters(
    (
        By("id", "the id", "key", noun="circuit"),
        By("site", "the site, by its id,", "name"),
        By("region", "the region, by its id,", "name"),
        By("kind", "the kind", "word", KINDS),
        By("provider", "the provider, as the inventory names it,", "name"),
        By("provider_reference", "the provider's reference", "text"),
        By("name", "the name", "text"),
        By("capacity_bps", "the capacity", "number"),
        By("status", "the status now", "word", STATUSES),
        By("since", "the beginning of its status", "time"),
        By("use_pct", "the use, of its capacity,", "number"),
    )
)
LEAST = Parameter(
    "min_use_pct",
    "Only those that are as full as this, or fuller; as `use_pct__gte`.",
    {"type": "number", "minimum": 0, "maximum": 100},
)


class EndItem(Shape):
    """Where a circuit ends."""

    device: str
    interface: str


class ProbeItem(Shape):
    """What measures a circuit."""

    device: str
    name: str


class UseItem(Shape):
    """How full a circuit was when its end was read last."""

    in_bps: float | None
    """Bits per second towards its site."""
    out_bps: float | None
    use_pct: float | None
    """Of its capacity, the fuller way; null where the capacity isn't known."""
    at: Moment


class CircuitItem(Status):
    """A line between sites. Its status comes from its probe, or else from the interfaces at its ends."""

    id: str
    entity: str
    name: str
    kind: CircuitKind
    site: str
    region: str
    provider: str | None
    provider_reference: str | None
    """What the provider calls it."""
    capacity_bps: int | None
    use: UseItem | None
    """null where no end of it was read twice yet."""
    target_pct: float
    """The availability that is promised of it."""
    a: EndItem | None
    z: EndItem | None
    probe: ProbeItem | None


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of circuits."""

    async def listed(request: web.Request) -> Listing[CircuitItem]:
        inventory, seen = sources.inventory(), scope(request)
        least, fits = _least(request), _wanted(request, sources, inventory, seen)

        def wanted(key: str) -> bool:
            circuit = inventory.circuits[key]
            if not seen.sees(inventory, circuit.entity) or not fits(circuit):
                return False
            return least is None or (_use_pct(sources, circuit) or -1.0) >= least

        shown, more = filtered_page(sorted(inventory.circuits), query.cursor(request), query.limit(request), wanted)
        items = [_item(sources, inventory, inventory.circuits[key]) for key in shown]
        return Listing[CircuitItem](items=items, next=more)

    async def one(request: web.Request) -> CircuitItem:
        inventory, key = sources.inventory(), request.match_info["id"]
        circuit = inventory.circuits.get(key)
        if circuit is None or not scope(request).sees(inventory, circuit.entity):
            raise not_found(f"circuit '{key[:100]}'")
        return _item(sources, inventory, circuit)

    filters = (*FILTERS.parameters, LEAST, *PAGING)
    return [
        Endpoint(
            "GET",
            "/circuits",
            "All circuits, by id.",
            listed,
            Listing[CircuitItem],
            filters,
        ),
        Endpoint("GET", "/circuits/{id}", "One circuit.", one, CircuitItem, (path_id("circuit"),)),
    ]


def _wanted(request: web.Request, sources: Sources, inventory: Inventory, seen: Scope) -> Callable[[Circuit], bool]:
    return FILTERS.asked(
        request,
        sources.clock,
        {
            "id": lambda one: one.id,
            "site": lambda one: one.site,
            "region": lambda one: inventory.sites[one.site].region,
            "kind": lambda one: one.kind,
            "provider": lambda one: one.provider,
            "provider_reference": lambda one: one.provider_reference,
            "name": lambda one: one.name,
            "capacity_bps": lambda one: one.capacity,
            **of_status(sources.present, lambda one: one.entity),
            "use_pct": lambda one: _use_pct(sources, one),
        },
        {
            "id": lambda: (key for key, one in inventory.circuits.items() if seen.sees(inventory, one.entity)),
            "site": lambda: named.sites(inventory, seen),
            "region": lambda: named.regions(inventory, seen),
            "provider": lambda: _providers(inventory, seen),
        },
    )


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
        provider_reference=circuit.provider_reference,
        capacity_bps=circuit.capacity,
        use=_use(sources, circuit),
        target_pct=float(sources.objectives.targets.of(circuit.entity).percent),
        a=_end(circuit.a),
        z=_end(circuit.z),
        probe=None if probe is None else ProbeItem(device=probe.device, name=probe.name),
        status=now.status,
        since=now.since,
        seen=now.seen,
    )


def _end(end: CircuitEnd | None) -> EndItem | None:
    return None if end is None else EndItem(device=end.device, interface=end.interface)


def _use(sources: Sources, circuit: Circuit) -> UseItem | None:
    use = sources.use(circuit)
    return None if use is None else UseItem(in_bps=use.in_bps, out_bps=use.out_bps, use_pct=use.share, at=use.time_ms)


def _use_pct(sources: Sources, circuit: Circuit) -> float | None:
    use = sources.use(circuit)
    return None if use is None else use.share


def _providers(inventory: Inventory, seen: Scope) -> set[str]:
    return {one.provider for one in inventory.circuits.values() if one.provider and seen.sees(inventory, one.entity)}


def _least(request: web.Request) -> float | None:
    given = query.text(request, "min_use_pct")
    if given is None:
        return None
    try:
        found = float(given)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 100:
        raise bad_request("/query/min_use_pct", "must be a number from 0 to 100")
    return found
