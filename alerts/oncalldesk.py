"""What people change about who is on call: functions over one transaction, for the daemon and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from alerts.oncall import DAY_MS, Shift, on_call, timeline
from alerts.oncallcalendar import Read
from alerts.oncallnow import known
from alerts.oncalltargets import Directory
from noc.availability.times import format_time
from noc.model.errors import ConflictError, UsageError
from noc.model.finding import did_you_mean
from noc.model.oncall import Handover, Override
from noc.state import handovers, incidents, overrides
from noc.state.database import Transaction

LONG_AT_MOST_MS: Final = 92 * DAY_MS
TEXT_AT_MOST: Final = 8_000
WHY_AT_MOST: Final = 1_000
AROUND_MS: Final = 8 * DAY_MS
"""So far around now a hand-off is looked for that somebody wants to hand over at."""


def check_schedule(directory: Directory, name: str) -> None:
    """Raise UsageError, with the nearest name, where there is no schedule of a name."""
    if name not in directory.settings.schedules:
        known_ones = directory.settings.schedules
        hint = did_you_mean(name, known_ones) or f"; there are {', '.join(known_ones) or 'none'}"
        raise UsageError(f"there is no schedule '{name[:60]}' in alerts.schedules{hint}")


def check_person(directory: Directory, name: str) -> None:
    """Raise UsageError, with the nearest name, where there is nobody of a key."""
    if name not in directory.settings.people:
        hint = did_you_mean(name, directory.settings.people)
        raise UsageError(f"there is nobody '{name[:60]}' in alerts.people{hint}")


async def override(connection: Transaction, directory: Directory, asked: Override, now_ms: int) -> Override:
    """Put somebody on call for a while. Raises UsageError where that can't be."""
    check_schedule(directory, asked.schedule)
    check_person(directory, asked.person)
    if asked.instead_of is not None:
        check_person(directory, asked.instead_of)
    if asked.instead_of == asked.person:
        raise UsageError(f"'{asked.person}' can't stand in for themselves")
    if asked.start_ms >= asked.end_ms:
        raise UsageError("an override ends after it begins")
    if asked.end_ms <= now_ms:
        raise UsageError(f"an override that ended at {format_time(asked.end_ms)} changes nothing any more")
    if asked.end_ms - asked.start_ms > LONG_AT_MOST_MS:
        raise UsageError("an override is for 92 days at most; what holds for longer belongs into the schedule's layers")
    return await overrides.add(connection, replace(asked, why=asked.why[:WHY_AT_MOST], made_ms=now_ms))


async def cancel(connection: Transaction, number: int, who: str, now_ms: int) -> Override:
    """Cancel an override. Raises LookupError where there is none, ConflictError where it is cancelled or over."""
    found = await overrides.get(connection, number)
    if found is None:
        raise LookupError(f"there is no override {number}")
    if found.cancelled_ms is not None:
        raise ConflictError(
            f"override {number} was cancelled at {format_time(found.cancelled_ms)}, nothing was changed"
        )
    if found.end_ms <= now_ms:
        raise ConflictError(f"override {number} was over at {format_time(found.end_ms)}, nothing was changed")
    await overrides.cancel(connection, number, who, now_ms)
    return replace(found, cancelled_ms=now_ms, cancelled_by=who)


async def take(
    connection: Transaction, schedule: str, source: str, shifts: Sequence[Read], who: str, now_ms: int
) -> tuple[int, int]:
    """Make overrides of a calendar's shifts that are not over; those of it that it tells no more are cancelled.

    source: which calendar; the same one again changes only what changed in it. Return how many are new, and cancelled.
    """
    prefix = f"{schedule}:{source}"[:80]
    before = {(one.source, one.end_ms, one.person): one for one in await overrides.of_source(connection, prefix)}
    told = {(f"{prefix}#{one.uid}", one.end_ms, one.person): one for one in shifts if one.end_ms > now_ms}
    gone = [one for key, one in before.items() if key not in told and one.end_ms > now_ms]
    for one in gone:
        await overrides.cancel(connection, one.id, who, now_ms)
    new = [(key[0], shift) for key, shift in told.items() if key not in before]
    for name, shift in new:
        made = Override(
            0, schedule, shift.start_ms, shift.end_ms, shift.person, None, f"calendar {source}", who, now_ms
        )
        await overrides.add(connection, replace(made, source=name))
    return len(new), len(gone)


def hand_off(directory: Directory, schedule: str, now_ms: int) -> tuple[Shift, Shift] | None:
    """Return the shifts before and after the hand-off nearest to now; None where there is none near."""
    # Of the plan: until the incoming accept, the outgoing stay on call.
    planned = directory.settings.schedules[schedule].model_copy(update={"hand_over": False})
    plan = replace(directory.rota, schedules={schedule: planned}, kept={})
    shifts = timeline(plan, schedule, now_ms - AROUND_MS, now_ms + AROUND_MS, now_ms)
    pairs = [
        (before, after)
        for before, after in pairwise(shifts)
        if before.end_ms == after.start_ms and set(before.people) != set(after.people)
    ]
    return min(pairs, key=lambda pair: abs(pair[1].start_ms - now_ms), default=None)


async def write_handover(
    connection: Transaction, directory: Directory, schedule: str, who: str, text: str, now_ms: int
) -> Handover:
    """Write down what the outgoing hand over at the nearest hand-off, with all open incidents and their owners.

    who: the outgoing person. Raises UsageError where they hand over nothing there.
    """
    check_schedule(directory, schedule)
    directory = await known(connection, directory, now_ms)
    pair = hand_off(directory, schedule, now_ms)
    if pair is None:
        raise UsageError(f"schedule '{schedule}' has no hand-off within a week of now; there is nothing to hand over")
    outgoing, incoming = pair
    person = _person_of(directory, who)
    if person not in outgoing.people:
        names = ", ".join(outgoing.people)
        raise UsageError(f"at {format_time(incoming.start_ms)} {names} hands over, not '{who[:60]}'; say who with --by")
    to = next((name for name in incoming.people if name not in outgoing.people), incoming.people[0])
    for one in await handovers.near(connection, incoming.start_ms - 1, schedule):
        if (one.at_ms, one.outgoing) == (incoming.start_ms, person) and one.accepted_ms is not None:
            raise ConflictError(f"hand-over {one.id} of it was accepted at {format_time(one.accepted_ms)}")
    still_open = handovers.owners(await incidents.all_open(connection))
    written = Handover(0, schedule, incoming.start_ms, person, to, text[:TEXT_AT_MOST], still_open, now_ms, who)
    return await handovers.write(connection, written)


async def accept_handover(
    connection: Transaction, directory: Directory, number: int, who: str, now_ms: int
) -> tuple[Handover, list[int]]:
    """Accept a hand-over: the incoming are responsible, and own what the outgoing owned. Return it and these incidents.

    Raises LookupError where there is none, UsageError where it is somebody else's, ConflictError where it is accepted.
    """
    found = await handovers.get(connection, number)
    if found is None:
        raise LookupError(f"there is no hand-over {number}")
    shift = on_call(directory.rota, found.schedule, found.at_ms) if found.schedule in directory.rota.schedules else None
    person = _person_of(directory, who)
    may = {found.incoming, *(() if shift is None else shift.people)} - {found.outgoing}
    if person not in may:
        raise UsageError(f"hand-over {number} is for {', '.join(sorted(may))}, not '{who[:60]}'; say who with --by")
    found = replace(found, incoming=person)
    owned = await handovers.accept(connection, found, person, now_ms)
    if owned is None:
        raise ConflictError(f"hand-over {number} is accepted already; nothing was changed")
    return replace(found, accepted_ms=now_ms, accepted_by=person), owned


def _person_of(directory: Directory, who: str) -> str:
    """Return the key of a person by key, name or address of e-mail; the text itself where nobody is meant."""
    for key, person in directory.settings.people.items():
        if who.casefold() in {text.casefold() for text in (key, person.name, person.email) if text}:
            return key
    return who
