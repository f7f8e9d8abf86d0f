"""Whose traps and syslog are believed, and what they speak of: the same at the centre and at a poller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.receivers._intake import Senders
from collectors.receivers._settings import ReceiverSettings
from collectors.receivers.trap import Accepts, accepts
from noc.app.gathering import Plan
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.compiled import Profile


def senders_of(inventory: Inventory, settings: ReceiverSettings) -> Senders:
    """Return who is known."""
    return Senders(inventory, settings.senders, frozenset(settings.relays))


def accepted_of(plan: Plan, settings: ReceiverSettings) -> Accepts:
    """Return whose traps are believed."""
    named = settings.trap.credentials
    logins = [login for name, login in plan.snmp.items() if named is None or name in named]
    return accepts(logins, any_community=named is None)


def names_of(profiles: Mapping[str, Profile]) -> Iterator[tuple[str, str]]:
    """Yield the names and OIDs of all objects that profiles ask for: traps carry them too."""
    for profile in profiles.values():
        yield from ((thing.name, thing.oid) for thing in profile.scalars)
        for table in profile.tables:
            yield from ((thing.name, thing.oid) for thing in table.columns)
