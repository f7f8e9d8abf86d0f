"""What people do with an incident: functions over one transaction, the same for the daemon and the command line.

The command line works while the daemon does: what it writes is seen by the engine, which tells whoever is to be told.
"""

from __future__ import annotations

from collections.abc import Mapping

from noc.availability.times import format_time
from noc.model.errors import ConflictError
from noc.model.incident import Entry, EntryKind, Fact, Incident
from noc.state import incidents, outbox
from noc.state.database import Transaction

WHO_AT_MOST = 200
TEXT_AT_MOST = 4_000


async def acknowledge(connection: Transaction, number: int, now_ms: int, who: str, note: str = "") -> bool:
    """Say "I own it": nobody is called any more. False: somebody owns it already, and nothing is changed.

    Raises LookupError where there is no such incident, ConflictError where it is resolved.
    """
    _not_over(await _known(connection, number))
    if not await incidents.acknowledge(connection, number, now_ms, _short(who, WHO_AT_MOST)):
        return False
    await outbox.drop_calls(connection, now_ms, number)
    await _record(connection, number, now_ms, "acknowledged", who, _text(note))
    return True


async def note(connection: Transaction, number: int, now_ms: int, who: str, text: str) -> None:
    """Add a line to the timeline, also after it is resolved: causes are found later.

    Raises LookupError where there is no such incident.
    """
    await _known(connection, number)
    await _record(connection, number, now_ms, "note", who, _text(text))


async def resolve(connection: Transaction, number: int, now_ms: int, who: str, note: str = "") -> bool:
    """Close it by hand, also while its rule is still raised. False: another process did so at this very moment.

    Raises LookupError where there is no such incident, ConflictError where it is resolved already.
    """
    _not_over(await _known(connection, number))
    if not await incidents.resolve(connection, number, now_ms, _short(who, WHO_AT_MOST)):
        return False
    await outbox.drop_calls(connection, now_ms, number)
    await _record(connection, number, now_ms, "resolved", who, {"why": "by_hand", **_text(note)})
    return True


async def _known(connection: Transaction, number: int) -> Incident:
    found = await incidents.get(connection, number)
    if found is None:
        raise LookupError(f"there is no incident {number}")
    return found


def _not_over(incident: Incident) -> None:
    if incident.resolved_ms is not None:
        since, who = format_time(incident.resolved_ms), incident.resolved_by or "itself"
        raise ConflictError(f"incident {incident.id} is resolved, since {since}, by {who}; nothing was changed")


async def _record(
    connection: Transaction, number: int, now_ms: int, kind: EntryKind, who: str, facts: Mapping[str, Fact]
) -> None:
    await incidents.record(connection, [Entry(number, now_ms, kind, _short(who, WHO_AT_MOST), facts)])


def _text(text: str) -> dict[str, Fact]:
    return {"text": _short(text, TEXT_AT_MOST)} if text else {}


def _short(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"
