"""Who is on call as JSON documents: for the command line, the API, and pages. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alerts.oncall import NEAR_MS, Duty, Shift, holes, on_call, timeline
from alerts.oncallclock import Span
from alerts.oncalltargets import Directory
from alerts.policies import Person
from noc.model.instants import from_ms
from noc.model.oncall import Handover, Override

Moment = Callable[[int], object]
"""How a document writes milliseconds of the Unix epoch."""


def oncall_document(
    directory: Directory, at_ms: int, moment: Moment, schedules: Sequence[str] | None = None
) -> dict[str, object]:
    """Return who is on call at a moment: {at, schedules, desks}. schedules: only these."""
    wanted = directory.settings.schedules if schedules is None else schedules
    desks = [] if schedules is not None else directory.desks_by_daylight(at_ms)
    return {
        "at": moment(at_ms),
        "schedules": [schedule_document(directory, name, at_ms, moment) for name in wanted],
        "desks": [_desk(directory, name, at_ms) for name in desks],
    }


def schedule_document(directory: Directory, name: str, at_ms: int, moment: Moment) -> dict[str, object]:
    """Return who is on call by a schedule at a moment, since and until when, and who is next.

    since, until, next: null where it is more than 35 days away. Raises KeyError for a schedule unknown.
    """
    rota, schedule = directory.rota, directory.settings.schedules[name]
    shift = on_call(rota, name, at_ms)
    is_far = shift is not None and shift.end_ms >= at_ms + NEAR_MS
    following = None if is_far else _following(directory, name, at_ms if shift is None else shift.end_ms, at_ms)
    return {
        "schedule": name,
        "name": schedule.name or name,
        "time_zone": str(schedule.time_zone),
        "covered": shift is not None or not holes(rota, name, at_ms, at_ms + 1, at_ms),
        "since": None if shift is None or shift.start_ms <= at_ms - NEAR_MS else moment(shift.start_ms),
        "until": None if shift is None or is_far else moment(shift.end_ms),
        "on_call": [] if shift is None else [_duty(directory, duty) for duty in shift.duties],
        "next": None if following is None else {"from": moment(following.start_ms), "people": list(following.people)},
    }


def shift_document(directory: Directory, shift: Shift, moment: Moment) -> dict[str, object]:
    """Return one shift."""
    return {
        "from": moment(shift.start_ms),
        "to": moment(shift.end_ms),
        "on_call": [_duty(directory, duty) for duty in shift.duties],
    }


def hole_document(span: Span, moment: Moment) -> dict[str, object]:
    """Return a time in which nobody is on call, and somebody should be."""
    return {"from": moment(span[0]), "to": moment(span[1])}


def override_document(override: Override, moment: Moment) -> dict[str, object]:
    """Return an override."""
    return {
        "id": override.id,
        "schedule": override.schedule,
        "from": moment(override.start_ms),
        "to": moment(override.end_ms),
        "person": override.person,
        "instead_of": override.instead_of,
        "why": override.why,
        "who": override.who,
        "made": moment(override.made_ms),
        "cancelled": None if override.cancelled_ms is None else moment(override.cancelled_ms),
        "cancelled_by": override.cancelled_by,
        "source": override.source or None,
    }


def person_document(key: str, person: Person, at_ms: int) -> dict[str, object]:
    """Return somebody of the phone list, with what their clock says then."""
    zone = person.time_zone
    return {
        "person": key,
        "name": person.name or key,
        "phone": person.phone,
        "email": person.email,
        "language": person.language,
        "time_zone": None if zone is None else str(zone),
        "local_time": None if zone is None else f"{from_ms(at_ms).astimezone(zone):%H:%M}",
    }


def handover_document(handover: Handover, moment: Moment) -> dict[str, object]:
    """Return a hand-over."""
    return {
        "id": handover.id,
        "schedule": handover.schedule,
        "at": moment(handover.at_ms),
        "outgoing": handover.outgoing,
        "incoming": handover.incoming,
        "text": handover.text,
        "incidents": [{"id": number, "owner": owner or None} for number, owner in sorted(handover.incidents.items())],
        "written": moment(handover.written_ms),
        "written_by": handover.written_by,
        "accepted": None if handover.accepted_ms is None else moment(handover.accepted_ms),
        "accepted_by": handover.accepted_by,
    }


def _duty(directory: Directory, duty: Duty) -> dict[str, object]:
    person = directory.settings.people.get(duty.person)
    return {
        "person": duty.person,
        "name": duty.person if person is None or person.name is None else person.name,
        "why": duty.why,
        "by": duty.by,
        "email": None if person is None else person.email,
        "phone": None if person is None else person.phone,
        "time_zone": None if person is None or person.time_zone is None else str(person.time_zone),
    }


def _following(directory: Directory, name: str, after_ms: int, known_ms: int) -> Shift | None:
    shifts = timeline(directory.rota, name, after_ms, after_ms + NEAR_MS, known_ms)
    return shifts[0] if shifts else None


def _desk(directory: Directory, name: str, at_ms: int) -> dict[str, object]:
    desk = directory.settings.desks[name]
    return {
        "desk": name,
        "name": desk.name or name,
        "time_zone": str(desk.time_zone),
        "local_time": f"{from_ms(at_ms).astimezone(desk.time_zone):%H:%M}",
        "daylight": directory.in_daylight(name, at_ms),
        "schedule": desk.schedule,
        "on_call": list(directory.people([f"desk/{name}"], at_ms)),
    }
