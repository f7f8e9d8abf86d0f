"""What people do with an incident: functions over one transaction, the same for the daemon and the command line.

The command line works while the daemon does: what it writes is seen by the engine, which tells whoever is to be told.
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts import life
from alerts.lifesettings import PRIORITIES
from noc.availability.times import format_time
from noc.model.errors import ConflictError, UsageError
from noc.model.incident import Entry, EntryKind, Fact, Incident
from noc.state import incidents, outbox, tickets
from noc.state.database import Transaction

WHO_AT_MOST = 200
TEXT_AT_MOST = 4_000


async def acknowledge(
    connection: Transaction, number: int, now_ms: int, who: str, note: str = "", until_ms: int | None = None
) -> bool:
    """Say "I own it": nobody is called any more. False: somebody else owns it already, and nothing is changed.

    until_ms: from then on nobody owns it, and people are called anew; None: it lasts. Who owns it already may say for
    how long anew. Raises LookupError where there is no such incident, ConflictError where it is resolved, UsageError
    where that time has passed.
    """
    found = await _known(connection, number)
    _not_over(found)
    _to_come(until_ms, now_ms)
    who = _short(who, WHO_AT_MOST)
    if found.acknowledged_ms is None:
        await incidents.acknowledge(connection, number, now_ms, who)
    elif found.acknowledged_by != who or until_ms == found.acknowledged_until_ms:
        return False
    await incidents.put(connection, number, {"acknowledged_until_ms": until_ms, "life_ms": now_ms})
    await outbox.drop_calls(connection, now_ms, number)
    until: dict[str, Fact] = {} if until_ms is None else {"until_ms": until_ms}
    await _record(connection, number, now_ms, "acknowledged", who, {**_text(note), **until})
    return True


async def own(
    connection: Transaction, number: int, now_ms: int, who: str, note: str = "", until_ms: int | None = None
) -> None:
    """Take an incident over, from whoever owns it. Raises as `acknowledge`."""
    found = await _known(connection, number)
    if found.acknowledged_ms is None or found.acknowledged_by == _short(who, WHO_AT_MOST):
        await acknowledge(connection, number, now_ms, who, note, until_ms)
        return
    _not_over(found)
    _to_come(until_ms, now_ms)
    values = {"acknowledged_by": _short(who, WHO_AT_MOST), "acknowledged_until_ms": until_ms, "life_ms": now_ms}
    await incidents.put(connection, number, values)
    said: dict[str, Fact] = {"from": found.acknowledged_by, "to": _short(who, WHO_AT_MOST), **_text(note)}
    await _record(connection, number, now_ms, "handed_over", who, said)


async def start(connection: Transaction, number: int, now_ms: int, who: str, note: str = "") -> bool:
    """Say that work has begun; who begins owns it. False: work has begun already, and nothing is changed.

    Raises LookupError where there is no such incident, ConflictError where it is resolved, or somebody else's.
    """
    found = await _known(connection, number)
    _not_over(found)
    if found.acknowledged_ms is None:
        await acknowledge(connection, number, now_ms, who)
    elif found.acknowledged_by != _short(who, WHO_AT_MOST):
        raise ConflictError(f"incident {number} is {found.acknowledged_by}'s; take it over first (own)")
    elif found.progress_ms is not None:
        return False
    await incidents.put(connection, number, {"progress_ms": now_ms})
    await _record(connection, number, now_ms, "in_progress", who, _text(note))
    return True


async def reopen(connection: Transaction, number: int, now_ms: int, who: str, note: str = "") -> None:
    """Make a resolved incident new again: people are called anew.

    Raises LookupError where there is no such incident; ConflictError where it is not resolved, or closed, or became one
    of another, or another one of its rule and entity is open.
    """
    found = await _known(connection, number)
    if found.resolved_ms is None:
        raise ConflictError(f"incident {number} is not resolved; nothing was changed")
    if found.closed_ms is not None:
        raise ConflictError(f"incident {number} is closed, since {format_time(found.closed_ms)}; it stays so")
    if found.parent is not None:
        raise ConflictError(f"incident {number} became one of incident {found.parent}; look there")
    other = await incidents.open_of(connection, found.rule, found.entity)
    if other is not None:
        raise ConflictError(f"incident {other.id} of the same is open; nothing was changed")
    await life.reopen(connection, found, now_ms, who=_short(who, WHO_AT_MOST), facts={"why": "by_hand", **_text(note)})


async def close(connection: Transaction, number: int, now_ms: int, who: str, note: str = "") -> None:
    """Close a resolved incident: nothing of it changes any more but its notes.

    Raises LookupError where there is no such incident, ConflictError where it is not resolved, or closed already.
    """
    found = await _known(connection, number)
    if found.resolved_ms is None:
        raise ConflictError(f"incident {number} is not resolved; resolve it first")
    if found.closed_ms is not None:
        raise ConflictError(f"incident {number} is closed, since {format_time(found.closed_ms)}; nothing was changed")
    await incidents.put(connection, number, {"closed_ms": now_ms, "life_ms": None})
    await _record(connection, number, now_ms, "closed", who, {"why": "by_hand", **_text(note)})


async def major(
    connection: Transaction, number: int, now_ms: int, who: str, note: str = "", *, is_major: bool = True
) -> bool:
    """Declare a major incident, or take that back. False: it is so already. Raises LookupError, ConflictError."""
    found = await _known(connection, number)
    _not_over(found)
    if (found.major_ms is not None) == is_major:
        return False
    await incidents.put(connection, number, {"major_ms": now_ms if is_major else None, "life_ms": now_ms})
    said: dict[str, Fact] = {"is": "major" if is_major else "not major", **_text(note)}
    await _record(connection, number, now_ms, "major", who, said)
    return True


async def status_update(connection: Transaction, number: int, now_ms: int, who: str, text: str) -> None:
    """Say how it stands: the newest update stands on top of the incident.

    Of a major incident, all who were called hear of it, and who subscribed (alerts/majorincidents.py). Raises
    LookupError.
    """
    found = await _known(connection, number)
    await _record(connection, number, now_ms, "update", who, _text(text))
    if found.major_ms is not None:
        await incidents.put(connection, number, {"life_ms": now_ms})


async def prioritise(connection: Transaction, number: int, now_ms: int, who: str, priority: int, note: str) -> bool:
    """Set the priority of an incident by hand: it stays so until it is released. False: it is so already.

    The engine sets the targets of that priority. Raises LookupError, ConflictError where it is resolved, UsageError
    where there is no such priority, or no word on why.
    """
    found = await _known(connection, number)
    _not_over(found)
    if not 1 <= priority <= PRIORITIES:
        raise UsageError(f"there is no priority {priority}; write 1, the highest, to {PRIORITIES}")
    if not note.strip():
        raise UsageError("a priority that is set by hand needs a note; say why")
    if found.priority == priority and found.priority_by is not None:
        return False
    name = _short(who, WHO_AT_MOST)
    await incidents.put(connection, number, {"priority": priority, "priority_by": name, "life_ms": now_ms})
    await incidents.put(connection, number, {"respond_by_ms": None})
    said: dict[str, Fact] = {"why": "by_hand", "priority": priority, "was": found.priority, **_text(note)}
    await _record(connection, number, now_ms, "priority", who, said)
    return True


async def release_priority(connection: Transaction, number: int, now_ms: int, who: str, note: str = "") -> bool:
    """Let noc work out the priority again, which the engine does. False: nobody had set it by hand.

    Raises LookupError, ConflictError where it is resolved.
    """
    found = await _known(connection, number)
    _not_over(found)
    if found.priority_by is None:
        return False
    await incidents.put(connection, number, {"priority_by": None, "respond_by_ms": None, "life_ms": now_ms})
    said: dict[str, Fact] = {"why": "released", "was": found.priority, **_text(note)}
    await _record(connection, number, now_ms, "priority", who, said)
    return True


async def add_ticket(
    connection: Transaction, number: int, now_ms: int, who: str, channel: str, reference: str, url: str | None = None
) -> int:
    """Say by which number another system knows an incident; return noc's own of that ticket. Raises LookupError."""
    await _known(connection, number)
    made = await tickets.put(connection, number, channel, reference, "open", now_ms, url)
    await _record(connection, number, now_ms, "ticket", who, {"channel": channel, "reference": reference, "url": url})
    return made


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
    if incident.parent is not None:
        raise ConflictError(f"incident {incident.id} became one of incident {incident.parent}; do it there")
    if incident.resolved_ms is not None:
        since, who = format_time(incident.resolved_ms), incident.resolved_by or "itself"
        raise ConflictError(f"incident {incident.id} is resolved, since {since}, by {who}; nothing was changed")


def _to_come(until_ms: int | None, now_ms: int) -> None:
    if until_ms is not None and until_ms <= now_ms:
        raise UsageError(f"{format_time(until_ms)} has passed; an acknowledgement ends later than now")


async def _record(
    connection: Transaction, number: int, now_ms: int, kind: EntryKind, who: str, facts: Mapping[str, Fact]
) -> None:
    await incidents.record(connection, [Entry(number, now_ms, kind, _short(who, WHO_AT_MOST), facts)])


def _text(text: str) -> dict[str, Fact]:
    return {"text": _short(text, TEXT_AT_MOST)} if text else {}


def _short(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"
