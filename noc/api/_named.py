"""Values of a query that name something: what names nothing is a 400 that tells the nearest name, never an empty list.

A name in a path that names nothing is a 404. What the caller may not see is answered as what isn't there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.http.problems import ProblemError, bad_request
from noc.http.scope import Scope
from noc.inventory.inventory import Inventory
from noc.model.finding import did_you_mean
from noc.model.part import owner_of

ENTITY_KINDS: Final = (
    *("device", "site", "region", "circuit", "service", "endpoint"),
    *("interface", "peer", "vrf", "tunnel", "probe", "poller"),
)
_IN_INVENTORY: Final = frozenset(ENTITY_KINDS) - {"poller"}
_OF_DEVICES: Final = {
    "peer": "peer/DEVICE/bgp:ADDRESS",
    **{kind: f"{kind}/DEVICE/NAME" for kind in ("interface", "vrf", "tunnel", "probe")},
}
NAMED_AT_MOST: Final = 100
"""Entities in one query."""

_LISTED_AT_MOST: Final = 10
_SHOWN: Final = 60


def one_named(request: web.Request, name: str, what: str, known: Iterable[str]) -> str | None:
    """Return a parameter that names one of what is known; None where it isn't given. Raises ProblemError (400).

    what: the word for one of them, `region`. known: those that the caller may see.
    """
    given = query.text(request, name)
    if given is None:
        return None
    names = known if isinstance(known, Collection) else set(known)
    if given not in names:
        raise names_nothing(name, what, given, names)
    return given


def names_nothing(name: str, what: str, given: str, known: Iterable[str]) -> ProblemError:
    """Return the error for a parameter whose value names nothing, with the nearest name, or all where they are few."""
    names = sorted(known)
    if not given:
        said = f"is empty; name a {what}, or leave the parameter out"
    else:
        said = f"there is no {what} '{given[:_SHOWN]}'{did_you_mean(given[:_SHOWN], names) or _listed(names)}"
    return bad_request(f"/query/{name}", said)


def _listed(names: list[str]) -> str:
    return f"; known: {', '.join(names)}" if 0 < len(names) <= _LISTED_AT_MOST else ""


def regions(inventory: Inventory, seen: Scope) -> list[str]:
    """Return the ids of the regions that a caller may see."""
    return [key for key in inventory.regions if seen.sees_region(key)]


def sites(inventory: Inventory, seen: Scope) -> Collection[str]:
    """Return the ids of the sites that a caller may see."""
    if seen.everything:
        return inventory.sites.keys()
    return [key for key, site in inventory.sites.items() if seen.sees_region(site.region)]


def devices(inventory: Inventory, seen: Scope) -> Collection[str]:
    """Return the ids of the devices that a caller may see."""
    if seen.everything:
        return inventory.devices.keys()
    return [key for key, one in inventory.devices.items() if seen.sees_region(inventory.sites[one.site].region)]


def region(request: web.Request, inventory: Inventory, seen: Scope) -> str | None:
    """Return the region that a query names, by its id; None where it names none."""
    return one_named(request, "region", "region", regions(inventory, seen))


def site(request: web.Request, inventory: Inventory, seen: Scope) -> str | None:
    """Return the site that a query names, by its id; None where it names none."""
    return one_named(request, "site", "site", sites(inventory, seen))


def entity(request: web.Request, inventory: Inventory, seen: Scope) -> str | None:
    """Return the entity that a query names; None where it names none. Of its kind, at least, there are some.

    Whether there is such a thing, or was, says `is_or_was`.
    """
    given = query.text(request, "entity")
    return None if given is None else _entity(inventory, seen, "entity", given)


async def entities(
    request: web.Request,
    inventory: Inventory,
    seen: Scope,
    history: Callable[[str], Awaitable[Sequence[object]]],
) -> list[str]:
    """Return the entities that a query names in `entity` and `entity__n`, checked; those of the first one.

    history: gives the beginning of that of an entity, as for `is_or_was`. Raises ProblemError (400).
    """
    for name in ("entity", "entity__n"):
        for given in query.many(request, name, NAMED_AT_MOST, least=0):
            found = _entity(inventory, seen, name, given)
            if not await is_or_was(inventory, seen, found, partial(history, found)):
                raise no_such_entity(inventory, seen, found, name)
    return request.query.getall("entity", [])


def _entity(inventory: Inventory, seen: Scope, name: str, given: str) -> str:
    where = f"/query/{name}"
    kind, slash, key = given.partition("/")
    if kind not in ENTITY_KINDS:
        if not slash and key == "" and kind in devices(inventory, seen):
            raise bad_request(where, f"write the kind before the id: device/{kind}")
        hint = did_you_mean(kind[:_SHOWN], ENTITY_KINDS) or f"; kinds: {', '.join(ENTITY_KINDS)}"
        raise bad_request(where, f"'{given[:_SHOWN]}' begins with no kind of entity{hint}")
    if not key or (kind in _OF_DEVICES and owner_of(given) is None):
        form = _OF_DEVICES.get(kind, f"{kind}/ID")
        raise bad_request(where, f"'{given[:_SHOWN]}' is no entity; write {form}")
    return given


def is_there(inventory: Inventory, seen: Scope, name: str) -> bool:
    """Return whether an entity is in the inventory, or belongs to a device that is, or is noc's own."""
    if name.partition("/")[0] not in _IN_INVENTORY:
        return seen.everything
    return inventory.entity(owner_of(name) or name) is not None and seen.sees(inventory, name)


async def is_or_was(
    inventory: Inventory, seen: Scope, name: str, history: Callable[[], Awaitable[Sequence[object]]]
) -> bool:
    """Return whether an entity is there, or has a history: of what is gone, for those who see everything.

    history: gives the beginning of it, and is asked only where that matters.
    """
    return is_there(inventory, seen, name) or (seen.everything and bool(await history()))


def no_such_entity(inventory: Inventory, seen: Scope, name: str, where: str = "entity") -> ProblemError:
    """Return the error for an entity that is neither in the inventory nor in any history. where: the parameter."""
    owner = owner_of(name)
    if owner is not None:
        return bad_request(
            f"/query/{where}",
            f"'{name[:_SHOWN]}' is of a device that there is not{_near(inventory, seen, owner)}",
        )
    return bad_request(f"/query/{where}", f"there is no '{name[:_SHOWN]}'{_near(inventory, seen, name)}")


def _near(inventory: Inventory, seen: Scope, name: str) -> str:
    kind, _, _ = name.partition("/")
    ids: dict[str, Iterable[str]] = {
        "region": inventory.regions,
        "site": inventory.sites,
        "device": inventory.devices,
        "circuit": inventory.circuits,
        "service": inventory.services,
        "endpoint": inventory.endpoints,
    }
    known = [one for one in (f"{kind}/{key}" for key in ids.get(kind, ())) if seen.sees(inventory, one)]
    return did_you_mean(name[:200], known)
