"""What is published of states on the pollers' broker, as data (contracts: `noc/v1/state/KIND/ID`). Pure.

    {"entity": "site/nairobi", "name": "Nairobi", "region": "africa", "site": null, "status": "down",
     "since": "2026-11-22T05:00:00.000Z", "incident": 7, "reason": "timeout"}

A region has `sites`, how many are in each status, instead of a status of its own; a poller has `group` and `version`.
incident: the open one of this entity itself, reason: what it knows of why; null where there is none.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from alerts.notifiers._facts import incident_data
from noc.availability.times import format_time
from noc.bus.topics import INCIDENT, STATE
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident
from noc.model.poller import PollerState, RemotePoller
from noc.model.present import StatusNow, Word

KINDS: Final = ("region", "site", "device", "circuit", "endpoint", "service", "poller")
"""Kinds of entities that are published."""

AT_ONCE: Final = 500
"""Entities that are looked at in one go, 2 ms."""

_OF_POLLERS: Final[Mapping[PollerState, Word]] = {"here": "up", "draining": "up", "gone": "down", "never": "unknown"}
_WORDS: Final[tuple[Word, ...]] = ("up", "down", "unreachable", "unknown")

Statuses = Callable[[str], StatusNow]


def state_topic(entity: str) -> str:
    """Return where an entity's state is published."""
    return f"{STATE}/{entity}"


def incident_topic(number: int | str) -> str:
    """Return where an incident is published."""
    return f"{INCIDENT}/{number}"


def states(
    inventory: Inventory, status: Statuses, own: Mapping[str, Incident], pollers: Iterable[RemotePoller]
) -> Iterator[dict[str, bytes]]:
    """Yield bodies by topic, AT_ONCE at a time. own: the open incident of each entity that has one."""
    part: dict[str, bytes] = {}
    for entity, document in _documents(inventory, status, own, pollers):
        part[state_topic(entity)] = _body(document)
        if len(part) >= AT_ONCE:
            yield part
            part = {}
    yield part


def incident_states(opened: Iterable[Incident]) -> dict[str, bytes]:
    """Return bodies by topic, of incidents that are open."""
    return {incident_topic(one.id): _body(dict(incident_data(one))) for one in opened}


def own_state(centre: str, since_ms: int | None) -> bytes:
    """Return the state of the centre itself. since_ms: when it began to publish; None: it does no longer."""
    at = None if since_ms is None else format_time(since_ms)
    return _body({"entity": f"poller/{centre}", "status": "unknown" if since_ms is None else "up", "since": at})


def _documents(
    inventory: Inventory, status: Statuses, own: Mapping[str, Incident], pollers: Iterable[RemotePoller]
) -> Iterator[tuple[str, dict[str, object]]]:
    for region in inventory.regions.values():
        counts = Counter(status(site.entity).status for site in inventory.sites_of(region.id))
        sites = {word: counts[word] for word in _WORDS}
        yield region.entity, {"entity": region.entity, "name": region.name, "sites": sites}
    for site in inventory.sites.values():
        yield site.entity, _one(site.entity, site.name, site.region, None, status(site.entity), own)
    for group in (inventory.devices, inventory.circuits, inventory.endpoints):
        for one in group.values():
            at = inventory.sites.get(one.site)
            yield (
                one.entity,
                _one(one.entity, one.name, None if at is None else at.region, one.site, status(one.entity), own),
            )
    for service in inventory.services.values():
        yield service.entity, _one(service.entity, service.name, None, None, status(service.entity), own)
    for poller in pollers:
        now = StatusNow("down" if poller.quarantine else _OF_POLLERS[poller.state], poller.since_ms)
        document = _one(poller.entity, poller.name, None, None, now, own)
        yield poller.entity, {**document, "group": poller.group, "version": poller.version or None}


def _one(
    entity: str, name: str, region: str | None, site: str | None, now: StatusNow, own: Mapping[str, Incident]
) -> dict[str, object]:
    incident = own.get(entity)
    return {
        "entity": entity,
        "name": name,
        "region": region,
        "site": site,
        "status": now.status,
        "since": None if now.since_ms is None else format_time(now.since_ms),
        "incident": None if incident is None else incident.id,
        "reason": None if incident is None else incident.facts.get("reason"),
    }


def _body(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
