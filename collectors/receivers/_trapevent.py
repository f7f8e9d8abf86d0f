"""A trap or an inform as an Event. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from collectors.receivers._facts import Facts, put_varbind
from noc.inventory.events.compiled import EventBook, Meaning
from noc.model.errors import NocError
from noc.model.event import TEXT_AT_MOST, Event, clean
from noc.wire.ber import Oid, Pdu, TrapV1, VarBind

_SYS_UP_TIME: Final = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_TRAP_OID: Final = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
_TRAP_ADDRESS: Final = (1, 3, 6, 1, 6, 3, 18, 1, 3, 0)
_OF_THE_FRAME: Final = frozenset(
    {_SYS_UP_TIME, _TRAP_OID, _TRAP_ADDRESS, (1, 3, 6, 1, 6, 3, 18, 1, 4, 0), (1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0)}
)
"""Varbinds that say nothing of what happened (RFC 3584, section 3.1)."""

_STANDARD: Final = (1, 3, 6, 1, 6, 3, 1, 1, 5)
_ENTERPRISE_SPECIFIC: Final = 6
NAME_AT_MOST: Final = 200


class NoTrapError(NocError):
    """A PDU that is no trap. The text says why."""


@dataclass(frozen=True, slots=True)
class Notification:
    """What a trap of any version says. agent: the address that a relay passes on; None where none is said."""

    oid: Oid
    varbinds: tuple[VarBind, ...]
    agent: str | None = None


def notification_of(pdu: Pdu | TrapV1) -> Notification:
    """Return what a PDU notifies of. Raises NoTrapError."""
    if isinstance(pdu, TrapV1):
        generic = pdu.generic_trap
        if 0 <= generic < _ENTERPRISE_SPECIFIC:
            oid: Oid = (*_STANDARD, generic + 1)
        elif generic == _ENTERPRISE_SPECIFIC and pdu.specific_trap >= 0:
            oid = (*pdu.enterprise, 0, pdu.specific_trap)  # RFC 3584, section 3.1
        else:
            raise NoTrapError(f"generic-trap {generic}, specific-trap {pdu.specific_trap}: there is no such trap")
        agent = None if pdu.agent_address == "0.0.0.0" else pdu.agent_address  # noqa: S104 not bound
        return Notification(oid, pdu.varbinds, agent)
    oids = [one.value for one in pdu.varbinds if one.oid == _TRAP_OID]
    if not oids or not isinstance(oids[0], tuple):
        raise NoTrapError("there is no snmpTrapOID among its varbinds")
    agents = [one.value for one in pdu.varbinds if one.oid == _TRAP_ADDRESS]
    agent = agents[0] if agents and isinstance(agents[0], str) else None
    return Notification(oids[0], tuple(one for one in pdu.varbinds if one.oid not in _OF_THE_FRAME), agent)


def event_of(
    notification: Notification,
    book: EventBook,
    source: str,
    device: str,
    now_ms: int,
    interface: Callable[[str, int], str | None],
) -> tuple[Event, Meaning]:
    """Return the event and what it means. interface: the name of a device's interface by ifIndex."""
    name, meaning = book.trap(notification.oid)
    facts = Facts()
    for varbind in notification.varbinds:
        put_varbind(facts, varbind, book)
    if_index = facts.found.get("if_index")
    if "interface" not in facts.found and isinstance(if_index, int):
        known = interface(device, if_index)
        if known is not None:
            facts.put("interface", known)
    for key, value in meaning.facts.items():
        facts.put(key, value)
    event = Event(
        source=source,
        device=device,
        kind="trap",
        name=clean(name, NAME_AT_MOST),
        event_class=meaning.event_class,
        severity=meaning.severity_of(facts.found.get("state"), "warning"),
        first_ms=now_ms,
        last_ms=now_ms,
        facts=facts.found,
        text=clean(", ".join(f"{key}: {value}" for key, value in facts.found.items()), TEXT_AT_MOST),
    )
    return event, meaning
